#!/usr/bin/env bats
# What git outside gives out or checks out and no git status shows: objects that
# are not what their names say, and refs that a run made or moved.

load ../lib/common
load ../lib/report

setup() {
	scratch
	git config --global user.name A
	git config --global user.email a@example.org
	project
	git checkout -qb dev
	echo 'all: ; true' >Makefile
	seq 2000 >numbers
	git add -A
	git commit -qm dev
	git checkout -q main
	id=$(git rev-parse dev:Makefile)
	loose=.git/objects/${id:0:2}/${id:2}
	forged='not what its name says'
}

# forge FILE TEXT : a loose object with that content
forge() {
	mkdir -p "${1%/*}"
	rm -f "$1"
	python3 -c 'import sys, zlib
text = sys.argv[2].encode()
open(sys.argv[1], "wb").write(zlib.compress(b"blob %d\0" % len(text) + text))' "$@"
}

# told PATH : as what its name does not say
told() {
	[[ $REPORT == *"git obeys it: $1: $forged"* ]] || {
		echo "$REPORT" >&2
		return 1
	}
}

@test "a loose object of a branch that is not checked out, overwritten" {
	begin
	forge "$loose" $'all: ; evil\n'
	[ "$(git show dev:Makefile)" = 'all: ; evil' ]
	end
	told "$loose"
}

@test "and in a repository below, and in one without .git" {
	git init -q sub
	git -C sub commit -q --allow-empty -m x
	git clone -q --bare . bare.git
	begin
	forge "sub/$loose" evil
	forge "bare.git/${loose#.git/}" evil
	[ "$(git -C sub cat-file blob "$id")" = evil ]
	[ "$(git -C bare.git cat-file blob "$id")" = evil ]
	end
	told "sub/$loose"
	told "bare.git/${loose#.git/}"
}

@test "a directory of objects that was made elsewhere and moved there" {
	forge "data/${loose##*objects/}" evil
	begin
	rm -r "${loose%/*}"
	mv "data/${id:0:2}" .git/objects/
	[ "$(git show dev:Makefile)" = evil ]
	end
	told "$loose"
	begin
	end
	forge "data/${loose##*objects/}" more # before the other's inode is free
	rm -r "${loose%/*}"
	begin
	mv "data/${id:0:2}" .git/objects/
	[ "$(git show dev:Makefile)" = more ]
	end
	told "$loose"
}

# pack OBJECT=ID… : a pack whose index says that each object has that id
pack() {
	python3 - "$@" <<-'END'
		import hashlib, os, struct, sys, zlib
		body = b"PACK" + struct.pack(">II", 2, len(sys.argv) - 1)
		rows = []
		for a in sys.argv[1:]:
		    text, name = a.rsplit("=", 1)
		    text = text.encode()
		    assert len(text) < 16
		    z = bytes([3 << 4 | len(text)]) + zlib.compress(text)
		    rows.append((bytes.fromhex(name), zlib.crc32(z), len(body)))
		    body += z
		body += hashlib.sha1(body).digest()
		rows.sort()
		fan = b"".join(struct.pack(">I", sum(r[0][0] <= i for r in rows)) for i in range(256))
		index = b"\377tOc" + struct.pack(">I", 2) + fan
		index += b"".join(r[0] for r in rows)
		index += b"".join(struct.pack(">I", r[1]) for r in rows)
		index += b"".join(struct.pack(">I", r[2]) for r in rows) + body[-20:]
		index += hashlib.sha1(index).digest()
		stem = ".git/objects/pack/pack-" + body[-20:].hex()
		open(stem + ".pack", "wb").write(body)
		open(stem + ".idx", "wb").write(index)
		print(stem)
	END
}

@test "a pack that has another object under a name" {
	begin
	rm -f "$loose"
	local stem
	stem=$(pack "evil=$id")
	[ "$(git show dev:Makefile)" = evil ]
	end
	told "$stem.idx"
	told "$stem.pack"
}

@test "a pack's index that leads elsewhere" {
	git gc -q
	local index
	index=$(echo .git/objects/pack/*.idx)
	begin
	python3 - "$index" "$id" "$(git rev-parse dev:numbers)" <<-'END'
		import os, struct, sys
		p = bytearray(open(sys.argv[1], "rb").read())
		n = struct.unpack(">I", p[1028:1032])[0]
		ids = [bytes(p[1032 + 20 * i:1052 + 20 * i]) for i in range(n)]
		at = [1032 + 24 * n + 4 * ids.index(bytes.fromhex(a)) for a in sys.argv[2:]]
		p[at[0]:at[0] + 4] = p[at[1]:at[1] + 4]
		os.unlink(sys.argv[1])
		open(sys.argv[1], "wb").write(p)
	END
	[ "$(git show dev:Makefile | wc -l)" -eq 2000 ]
	end
	told "$index"
}

@test "a commit-graph that gives a commit another tree" {
	begin
	git commit-graph write --reachable
	local graph=.git/objects/info/commit-graph
	python3 - "$graph" "$(git rev-parse 'dev^{tree}')" \
		"$(git rev-parse 'main^{tree}')" <<-'END'
		import os, sys
		p = open(sys.argv[1], "rb").read()
		was, now = (bytes.fromhex(a) for a in sys.argv[2:])
		assert was in p
		os.unlink(sys.argv[1])
		open(sys.argv[1], "wb").write(p.replace(was, now))
	END
	[ -z "$(git log --oneline dev -- Makefile)" ]
	[ -n "$(git -c core.commitGraph=false log --oneline dev -- Makefile)" ]
	end
	told "$graph"
}

@test "a multi-pack-index that leads elsewhere" {
	git gc -q
	begin
	git multi-pack-index write
	local midx=.git/objects/pack/multi-pack-index
	python3 - "$midx" "$id" "$(git rev-parse dev:numbers)" <<-'END'
		import os, struct, sys
		p = bytearray(open(sys.argv[1], "rb").read())
		at = {p[12 + 12 * i:16 + 12 * i].decode(): struct.unpack(">Q", p[16 + 12 * i:24 + 12 * i])[0] for i in range(p[6])}
		n = struct.unpack(">I", p[at["OIDF"] + 1020:at["OIDF"] + 1024])[0]
		ids = [bytes(p[at["OIDL"] + 20 * i:at["OIDL"] + 20 * i + 20]) for i in range(n)]
		a, b = (at["OOFF"] + 8 * ids.index(bytes.fromhex(x)) for x in sys.argv[2:])
		p[a:a + 8] = p[b:b + 8]
		os.unlink(sys.argv[1])
		open(sys.argv[1], "wb").write(p)
	END
	[ "$(git show dev:Makefile | wc -l)" -eq 2000 ]
	end
	told "$midx"
}

@test "objects that are links" {
	mkdir elsewhere
	begin
	rm "$loose"
	forge "elsewhere/x" evil
	ln -s ../../../elsewhere/x "$loose"
	[ "$(git show dev:Makefile)" = evil ]
	end
	[[ $REPORT == *"git obeys it: $loose: a symbolic link"* ]]
}

@test "an object in packed-refs that replaces another" {
	begin
	git replace "$id" "$(echo evil | git hash-object -w --stdin)"
	git pack-refs --all
	[ ! -e ".git/refs/replace/$id" ]
	[ "$(git show dev:Makefile)" = evil ]
	end
	[[ $REPORT == *"git obeys it: .git/refs/replace/$id"* ]]
}

@test "git's own work is none of that: commits, gc, graphs, fetches, SHA-256" {
	local format=(sha1) f
	git init -q --object-format=sha256 "$T/x" && format+=(sha256)
	for f in "${format[@]}"; do
		rm -rf "$P" "$STATE/last.list"
		git init -q -b main --object-format="$f" "$P"
		cd "$P"
		local n
		for n in 1 2 3; do
			seq "$n" 3000 >numbers
			git add -A
			git commit -qm "$n"
		done
		git clone -q . "$T/clone-$f"
		git -C "$T/clone-$f" commit -q --allow-empty -m more
		begin
		seq 4 3000 >numbers
		git commit -qam 4
		git tag -a -m x v1
		git repack -q
		git fetch -q "$T/clone-$f" main:other
		git gc -q --aggressive
		git commit-graph write --reachable --split
		git multi-pack-index write
		seq 5 3000 >numbers
		git commit -qam 5
		git commit-graph write --reachable --split
		git fsck --no-dangling
		end
		[ -z "$REPORT" ]
		run -0 pen-review --project "$P" --list
		[[ $output != *"$forged"* ]]
		[[ $output != *'not whole'* ]]
	done
}

# brings REF WHAT… : they are told as what the ref has
brings() {
	local ref=$1 what
	shift
	for what; do
		[[ $REPORT == *" obeys it: $what on $ref"* ]] || {
			echo "$REPORT" >&2
			return 1
		}
	done
}

# on BRANCH FILE… : a commit on it that has these, and back
on() {
	local branch=$1 file
	git checkout -q "$branch" 2>/dev/null || git checkout -qb "$branch"
	shift
	for file; do
		mkdir -p "$(dirname "$file")"
		echo evil >"$file"
		git add -f "$file"
	done
	git commit -qm evil
	git checkout -q main
}

@test "what tools obey and a run committed to another branch is told" {
	begin
	on dev .envrc .vscode/a/b .vscode/c sub/Makefile
	end
	brings dev .envrc .vscode/
	listed 'obeyed created .envrc (direnv: on refs/heads/dev)'
	listed 'obeyed created sub/Makefile (make: on refs/heads/dev)'
}

@test "and to a new one, a remote's, a tag and a stash" {
	git update-ref refs/remotes/origin/main main
	begin
	on new .envrc
	on work .husky/pre-push
	git update-ref refs/remotes/origin/main work
	git branch -qD work
	on work .mcp.json
	git tag -a -m x v1 work
	git branch -qD work
	git pack-refs --all
	mkdir .zed
	echo evil >.zed/settings.json
	git add .zed
	git stash -q
	at_end=nothing end
	listed 'obeyed created .envrc (direnv: on refs/heads/new)'
	listed 'obeyed created .husky/ (husky: on refs/remotes/origin/main)'
	listed 'obeyed created .mcp.json (Claude Code: on refs/tags/v1)'
	listed 'obeyed created .zed/ (Zed: on refs/stash)'
}

@test "branches and reflogs of a repository below are in the list" {
	git init -q below
	git -C below commit -q --allow-empty -m one
	git -C below branch old
	begin
	git -C below commit-tree -m two "HEAD^{tree}" >"$T/commit"
	git -C below branch -f old "$(cat "$T/commit")"
	git -C below branch new
	end
	run -0 pen-review --list
	has ' below/.git/refs/heads/old '
	has 'changed  below/.git/logs/refs/heads/old '
	has 'created  below/.git/refs/heads/new '
}

@test "refs that tools keep for themselves are listed, and no news" {
	begin
	on work .envrc
	git update-ref refs/tool/1 work
	git branch -qD work
	end
	[[ $REPORT != *envrc* ]]
	listed 'obeyed created .envrc (direnv: on refs/tool/1)'
}

@test "and what was committed and taken out of the work tree again" {
	begin
	echo evil >.envrc
	git add .envrc
	git commit -qm evil
	rm .envrc
	end
	brings main .envrc
	git checkout -q .
	[ "$(cat .envrc)" = evil ]
}

@test "a branch of the host's, source code and what is in the work tree say nothing" {
	git checkout -q dev
	echo 'good' >.envrc
	git add -A
	git commit -qm envrc
	git checkout -q main
	begin
	git branch -q copy dev
	git checkout -qb mine dev
	echo x >src.c
	git add -A
	git commit -qm x
	git tag t
	git checkout -q main
	end
	[ -z "$REPORT" ]
	begin
	echo evil >.envrc
	git add -A
	git commit -qm evil
	end
	[[ $REPORT == *'direnv obeys it: .envrc'* ]]
	[[ $REPORT != *' on main'* ]]
}

# hides FILE : from git status, and that is told
hides() {
	[ -z "$(git status --porcelain -- "$1")" ]
	end
	[[ $REPORT == *"obeys it: $1: git status does not show it"* ]] || {
		echo "$REPORT" >&2
		return 1
	}
}

# tracked : files that the run changes
tracked() {
	git checkout -q dev
	mkdir -p .husky
	echo good >.husky/pre-commit
	git add -A
	git commit -qm more --allow-empty
	begin
}

@test "changes that flags of the index hide from git status" {
	local flag
	for flag in assume-unchanged skip-worktree; do
		tracked
		git update-index "--$flag" Makefile numbers
		echo 'all: ; evil' >Makefile
		hides Makefile
		echo 1 >numbers
		[[ $REPORT != *numbers* ]]
		git update-index "--no-$flag" Makefile numbers
		git checkout -q .
		git reset -q --hard
		rm "$STATE/last.list"
	done
	# that the user had set
	git update-index --assume-unchanged numbers
	begin
	echo 2 >numbers
	hides numbers
}

@test "and in a repository below" {
	git init -q sub
	echo one >sub/Makefile
	git -C sub add -A
	begin
	echo evil >sub/Makefile
	git -C sub update-index --assume-unchanged Makefile
	[ -z "$(git -C sub status --porcelain | grep -v '^A ' || :)" ]
	end
	[[ $REPORT == *'obeys it: sub/Makefile: git status does not show it'* ]]
}

@test "changes that the times and sizes in the index hide from git status" {
	tracked
	echo 'all: ; evil' >Makefile
	touch -d '2020-01-01' Makefile
	git update-index --cacheinfo "100644,$id,Makefile"
	# the entry's times, inode, owner and size are those of the file
	python3 - .git/index Makefile <<-'END'
		import hashlib, os, struct, sys
		p = bytearray(open(sys.argv[1], "rb").read()[:-20])
		at = p.index(b"Makefile\0") - 62
		s = os.stat("Makefile")
		p[at:at + 40] = struct.pack(">10I", *(x & 0xffffffff for x in (
		    s.st_ctime_ns // 10**9, s.st_ctime_ns % 10**9, s.st_mtime_ns // 10**9,
		    s.st_mtime_ns % 10**9, s.st_dev, s.st_ino, s.st_mode, s.st_uid,
		    s.st_gid, s.st_size)))
		open(sys.argv[1], "wb").write(p + hashlib.sha1(p).digest())
	END
	hides Makefile
}

@test "what a monitor of the file system is said to have seen hides changes" {
	tracked
	printf '#!/bin/sh\nprintf "token\\0"\n' >"$T/monitor"
	chmod +x "$T/monitor"
	git config core.fsmonitor "$T/monitor"
	git update-index --fsmonitor
	git status --porcelain >/dev/null
	echo 'all: ; evil' >Makefile
	hides Makefile
}

@test "an index that says of a directory that it is another" {
	tracked
	mkdir sub
	echo good >sub/Makefile
	git add -A
	git commit -qm sub
	begin
	echo evil >sub/Makefile
	git add sub
	local good evil
	good=$(git rev-parse HEAD:sub)
	evil=$(git rev-parse "$(git write-tree):sub")
	[ -n "$(git status --porcelain)" ]
	python3 - .git/index "$evil" "$good" <<-'END'
		import hashlib, sys
		p = open(sys.argv[1], "rb").read()[:-20]
		was, now = (bytes.fromhex(a) for a in sys.argv[2:])
		assert was in p
		p = p.replace(was, now)
		open(sys.argv[1], "wb").write(p + hashlib.sha1(p).digest())
	END
	[ -z "$(git status --porcelain)" ]
	end
	told .git/index
}

@test "git's own work with the index is none of that" {
	tracked
	git config core.autocrlf true
	local n
	for n in 1 2 3; do
		mkdir -p "d$n/e/long-name" sparse
		seq "$n" 3000 >numbers
		printf 'a\r\nb\r\n' >"d$n/e/crlf"
		echo "$n" | tee "d$n/e/long-name/x" sparse/x >"d$n/y"
		ln -sf "$n" "d$n/link"
		git add -A
		git commit -qm "$n"
		seq "$((n + 1))" 3000 >numbers
		git add -A
		: >numbers
	done
	git rm -qr d1
	git add -N numbers
	git mv d2 d4
	git reset -q --hard
	git sparse-checkout set --no-cone '/*' '!sparse'
	git merge -q main
	git stash -q || :
	git checkout -q main
	git checkout -q dev
	git update-index --index-version 4
	git status >/dev/null
	printf '*.pth filter=lfs\n' >.gitattributes
	end
	[[ $REPORT == *'git obeys it: .gitattributes'* ]]
	[[ $REPORT != *'does not show'* ]]
	[[ $REPORT != *"$forged"* ]]
	[[ $REPORT != *'not whole'* ]]
}

@test "files that a filter makes other than git has them are no news" {
	git config filter.up.clean 'tr a-z A-Z'
	git config filter.up.smudge 'tr A-Z a-z'
	printf '*.up filter=up\n' >.gitattributes
	git add -A
	git commit -qm filter
	begin
	echo one >one.up
	git add one.up
	[ -z "$(git status --porcelain | grep -v '^A ' || :)" ]
	[ "$(git cat-file blob :one.up)" = ONE ]
	end
	[ -z "$REPORT" ]
}

@test "objects that are borrowed, history that is cut, and tags of files are no news" {
	git config --global protocol.file.allow always
	local way
	for way in --shared '--no-local --depth=1 --no-single-branch'; do
		# shellcheck disable=SC2086 # words
		git clone -q $way "$P" "$T/clone$way"
		(
			P=$T/clone$way
			cd "$P"
			rm -f "$STATE/last.list"
			begin
			echo more >file
			git commit -qam more
			git tag -a -m x blob HEAD:file
			git -C "$HOME/src/project" commit -q --allow-empty -m later
			git fetch -q --depth=1 2>/dev/null || git fetch -q
			git fsck --no-dangling
			end
			# where history is cut is told
			[ "$(grep -c 'obeys it' <<<"$REPORT")" -eq "$(grep -c 'obeys it: .git/shallow$' <<<"$REPORT")" ]
			[[ $REPORT != *'not whole'* ]] || { echo "$REPORT" >&2; exit 1; }
			echo evil >.envrc
			git add .envrc
			git commit -qm evil
			git reset -q --hard HEAD^
			git branch evil HEAD@{1}
			end
			brings evil .envrc
		)
	done
}

@test "more branches than are looked through make the account not whole" {
	begin
	local i tree
	for i in {1..600}; do
		mkdir -p ".v/$i"
		echo "$i" >".v/$i/.envrc"
	done
	git add -A
	git commit -qm x
	git branch many
	git reset -q --hard HEAD^
	end
	[[ $REPORT == *"not whole: not all that the run's branches have"* ]]
}
