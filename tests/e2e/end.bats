#!/usr/bin/env bats
# What pen says at the end of a run is seen, in pen and in pen-shell, whatever
# the run left of the terminal: tests/cli/pen-ns-end.bats has the controls.

load ../lib/common

setup() {
	scratch
	export TERM=xterm-256color LC_ALL=C.UTF-8
	git init -q .
}

# told BY WHAT : a run in the pen of BY that leaves WHAT is told about
told() {
	rm -rf .idea
	expect 0 "$ROOT/tests/lib/seen.py" "$1" sh -c "mkdir .idea
		echo x >.idea/workspace.xml; printf '$2'"
	has .idea
	has "terminal: 0"
}

@test "after an open string, concealed text, another character set or screen" {
	local by s
	for by in pen pen-shell; do
		for s in '\033P' '\033_Gq=1' '\302\235' '\033[?2l' '\033[8m\0337' \
			'\033)0\016' '\033[?1049h\033[8m' '\033[2;3r' '\033[5i' \
			'\033]8;;http://a.example/\033\\' '\033[?1047h\033^'; do
			told "$by" "$s" || { echo "$by after $s" >&2; return 1; }
		done
	done
}

@test "after output was stopped, and made to fail where it would wait" {
	local by
	for by in pen pen-shell; do
		rm -rf .idea
		expect 0 "$ROOT/tests/lib/seen.py" "$by" /usr/bin/python3 -c 'if 1:
			import os, termios
			os.mkdir(".idea"); open(".idea/workspace.xml", "w").close()
			os.set_blocking(2, False)
			termios.tcflow(1, termios.TCOOFF)'
		has .idea
		has "terminal: 0"
	done
}

# begins SCRIPT : a run of it in the background, RUN, in a repository with a hook
# that waits at its end
begins() {
	rm -f .git/hooks/*
	echo 'echo mine' >.git/hooks/post-merge
	mkfifo "$T/never"
	exec {never}<>"$T/never"
	pen --offline sh -c "$1"'
		echo >ready
		exec cat' 3>&- <"$T/never" >"$T/out" 2>&1 &
	RUN=$!
	until_true test -e ready
	RUNS=$(echo "$HOME"/.local/state/pen/projects/*/runs)
}

# ends STATUS : the run does
ends() {
	local status=0
	wait "$RUN" || status=$?
	[ "$status" -eq "$1" ]
}

drafts='echo "echo held" >.git/hooks/pre-commit
	rm .git/hooks/post-merge
	git config alias.st "!echo evil"
	git remote add other https://example.org/other.git'

# copied : whether the copy of the drafts has the last of them, and the others
copied() {
	grep -qs other "$RUNS"/*/layer/links/*/config &&
		[ -c "$(echo "$RUNS"/*/layer/t*/up/.git/hooks/post-merge)" ]
}

@test "a run that is killed with all that serves it leaves its drafts" {
	local all
	begins "$drafts"
	until_true copied
	mapfile -t all < <(family "$RUN")
	[ "${#all[@]}" -gt 4 ] # two of them of pen-watch
	kill -KILL "${all[@]}"
	ends 137
	until_true none_of "${all[@]}"
	[ "$(ls .git/hooks)" = post-merge ]
	expect 0 pen-review --list
	has 'was killed'
	has 'created  .git/hooks/pre-commit'
	has 'removed  .git/hooks/post-merge'
	has '.git/config alias.st'
	[ "$(git remote)" = other ] # which is data
	[ -z "$(ls "$RUNS")" ]
	expect 0 pen-review --keep .git/hooks
	[ "$(sh .git/hooks/pre-commit)" = held ]
	[ ! -e .git/hooks/post-merge ]
}

# in_layer NAME : whether the copy of the drafts has that hook
in_layer() {
	[ -e "$(echo "$RUNS"/*/layer/t*/up/.git/hooks/"$1")" ]
}

# kilobytes DIR
kilobytes() {
	du -sk "$1" | cut -f1
}

@test "holes and hard links take no more of the disk than drafts may" {
	local i
	mkdir -p "$HOME/.config/pen"
	echo 'profile default { draft_size = 1M }' >"$HOME/.config/pen/pen.conf"
	# shellcheck disable=SC2016
	begins 'for i in 1 2 3 4 5; do truncate -s 600K .git/hooks/f$i; done
		ln .git/hooks/f5 .git/hooks/f6
		echo >ready
		while read -r i; do echo >.git/hooks/$i; done'
	for i in a b c; do
		echo $i >&"$never"
		until_true in_layer $i
	done
	[ "$(kilobytes "$RUNS")" -lt 1200 ]
	kill "$RUN"
	ends 143
	[ "$(kilobytes "${RUNS%/*}")" -lt 1200 ]
	expect 0 pen-review --list
	has 'created  .git/hooks/c'
	has "is larger than a draft can be"
}

# filtered : how many of the run's pen-watch have a filter
filtered() {
	local p n=0
	for p in $(family "$RUN"); do
		grep -qs '^Name:.pen-watch' "/proc/$p/status" &&
			grep -qs '^Seccomp:.2' "/proc/$p/status" && ((++n))
	done
	echo "$n"
}

@test "what copies drafts is confined" {
	begins "$drafts"
	until_true copied
	[ "$(filtered)" = 1 ]
	kill "$RUN"
	ends 143
	needs_landlock 3 6.2
	expect 0 strace -qq -f -e trace=landlock_add_rule,landlock_restrict_self \
		-o "$T/trace" pen --offline true
	# the layer, and what there is of the run; nobody else has two
	awk '/_rule/ { n[$1]++ } /restrict_self.*= 0/ && n[$1] == 2 { found = 1 }
		END { exit !found }' "$T/trace"
}

@test "the next run has what one wrote whose first process was killed" {
	begins "$drafts"
	kill -KILL "$RUN"
	ends 137
	expect 0 pen --offline sh -c 'sh .git/hooks/pre-commit; git st; ls .git/hooks'
	has 'was killed'
	has $'held\nevil\npre-commit'
	[ "$(ls .git/hooks)" = post-merge ]
	[ -z "$(ls "$RUNS")" ]
}

@test "a run that goes on keeps its drafts while others begin and are reviewed" {
	begins 'echo held >.git/hooks/pre-commit'
	expect 0 pen --offline true
	lacks killed
	expect 0 pen-review --list
	lacks pre-commit
	[ -e "$RUNS"/*/manifest.json ]
	kill "$RUN"
	ends 143
	expect 0 pen-review --list
	has pre-commit
	[ -z "$(ls "$RUNS")" ]
}

@test "what pen makes for an agent is no change, while another agent's run goes on" {
	begins 'echo a >of-the-first'
	# the first run of codex here
	expect 0 pen --offline --agent codex sh -c 'echo b >of-the-second'
	lacks obeys
	# the control: what it writes there itself is told
	expect 0 pen --offline --agent codex sh -c 'echo x >~/.codex/prompts/x.md'
	has '.codex/prompts/'
	expect 0 pen-review --list
	kill "$RUN"
	ends 143
}

@test "a disk that the run filled is told at the end, and to the next run" {
	unshare -Urm true 2>/dev/null || skip_missing "user namespaces"
	# shellcheck disable=SC2016
	run -7 unshare -Urm bash -c 'mount -t tmpfs -o size=16m none "$HOME" &&
		mkdir "$HOME/p" && cd "$HOME/p" && git init -q . || exit 99
		pen sh -c "echo kept >.git/hooks/pre-push" 2>/dev/null || exit 98
		pen sh -c "echo lost >.git/hooks/pre-commit
			head -c 64M /dev/zero >filler; exit 7"
		status=$?
		rm filler
		pen true || exit 97
		pen-review --list
		exit $status'
	has "cannot write the drafts in '$HOME/.local/state/pen/projects/"
	has 'No space left on device'
	has 'hint: free space there; what the run changed of them is lost'
	has 'what the run left is not accounted for'
	has 'was killed, or had no room for its account: '
	has 'held     created  .git/hooks/pre-push'
	lacks pre-commit
}

@test "a pen that has not locked its run yet loses it to no other" {
	strace -f -qq -o trace -e trace=flock -e inject=flock:delay_enter=2000000 \
		pen true 3>&- &
	local first=$!
	until_true eval 'ls "$HOME"/.local/state/pen/projects/*/runs/*/manifest.json'
	expect 0 pen true
	wait "$first"
}
