# git's index, as pen and pen-ns read it.
load ../lib/common

setup() {
	scratch
	git config --global user.name t
	git config --global user.email t@example.org
}

# tree FORMAT : a repository with files and two gitlinks
tree() {
	git init -q --object-format="$1" .
	mkdir -p a/b
	: | tee a/file a/b/c file >/dev/null
	git init -q --object-format="$1" a/link
	git init -q --object-format="$1" "$(printf 'z\033')"
	git -C a/link commit -q --allow-empty -m x
	git -C z* commit -q --allow-empty -m x
	git add . 2>/dev/null
}

# agrees [LINE] : with git, about the gitlinks, and a file before the last
agrees() {
	expect 0 "$PROBE/unit/gitindex" list .git/index
	[ "$output" = "a/link${1:+
$1}
$(printf 'z\033')" ]
}

@test "gitlinks are found in every version of the index" {
	tree sha1
	agrees
	local v
	for v in 4 2 3; do
		git update-index --index-version "$v"
		agrees
	done
	git update-index --skip-worktree file
	agrees 'file is marked 1'
	git update-index --no-skip-worktree file
	git update-index --assume-unchanged file
	agrees 'file is marked 1'
	git update-index --no-assume-unchanged file
	agrees
}

@test "what a monitor of the file system told git is read as git reads it" {
	git init -q .
	local v f
	for f in {1..200}; do : >"f$f"; done
	# it names the files that changed since the token: none, then these
	cat >"$T/monitor" <<-'END'
		#!/bin/sh
		printf 'token\0'
		[ ! -e .git/changed ] || printf 'f7\0f130\0f131\0'
	END
	chmod +x "$T/monitor"
	git add .
	git config core.fsmonitor "$T/monitor"
	for v in 1 2; do
		git config core.fsmonitorHookVersion "$v"
		rm -f .git/changed
		git update-index --fsmonitor
		git status --porcelain >/dev/null
		for f in f7 f130 f131; do echo more >$f; done
		touch .git/changed
		git status --porcelain >/dev/null
		git update-index --force-write-index
		expect 0 "$PROBE/unit/gitindex" list .git/index
		equals "$output" "$(git ls-files -f | sed -n 's/^h \(.*\)/\1 is marked 2/p')"
		[ "$(grep -c marked <<<"$output")" -eq 197 ]
		for f in f7 f130 f131; do : >$f; done
	done
}

@test "and with SHA-256" {
	tree sha256
	agrees
	git update-index --index-version 4
	agrees
}

@test "and where git wrote a table of blocks" {
	git init -q .
	git config index.threads 4
	git config index.recordOffsetTable true
	git config index.recordEndOfIndexEntries true
	local f
	for f in {1..300}; do : >"f$f"; done
	git init -q link
	git -C link commit -q --allow-empty -m x
	git add . 2>/dev/null
	expect 0 grep -c IEOT .git/index || git update-index --force-write-index
	expect 0 "$PROBE/unit/gitindex" list .git/index
	[ "$output" = link ]
}

@test "a split index is said to be one" {
	tree sha1
	git update-index --split-index
	expect 0 "$PROBE/unit/gitindex" list .git/index
	has "(split)"
}

@test "what git could read in two ways is refused" {
	expect 0 "$PROBE/unit/gitindex" malformed
}

@test "the fuzzer's corpus of indexes passes" {
	expect 0 "$PROBE/unit/gitindex" "$ROOT"/tests/fuzz/corpus/gitindex/*
}
