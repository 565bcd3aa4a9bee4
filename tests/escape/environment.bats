#!/usr/bin/env bats
# Attacks through the environment: what crosses into the pen, and what the
# caller's environment could do to the chain itself.

load ../lib/common
load ../lib/escape

setup() {
	scratch
}

teardown() {
	victims_end
}

@test "what makes programs load other code does not cross" {
	echo 'echo LEAKED' >"$T/rc"
	BASH_ENV=$T/rc attack ':'
	PYTHONSTARTUP=$T/rc attack 'env | sed s/PYTHONSTARTUP/LEAKED/'
	GIT_SSH_COMMAND=x attack 'env | sed s/GIT_SSH_COMMAND/LEAKED/'
	NODE_OPTIONS='--no-warnings' attack 'env | sed s/NODE_OPTIONS/LEAKED/'
	LD_LIBRARY_PATH=/nowhere attack 'env | sed s/LD_LIBRARY_PATH/LEAKED/'
	helper() {
		echo LEAKED
	}
	export -f helper
	attack helper
}

@test "the first process's environment holds nothing of the caller's" {
	export SECRET=LEAKED
	victim sleep infinity
	attack "tr '\\0' '\\n' </proc/$VICTIM/environ"
	refused 'tr "\0" "\n" </proc/1/environ'
	lacks PATH=
	lacks "$HOME"
}

@test "the first process's command line names nothing of the host" {
	victim sleep infinity
	attack "tr '\\0' ' ' </proc/$VICTIM/cmdline | sed s/sleep/LEAKED/"
	refused 'tr "\0" " " </proc/1/cmdline'
	lacks "$BIN"
	lacks "$HOME"
	lacks --bind
	refused 'cat /proc/1/comm /proc/1/stat | sed s/project/LEAKED/'
}

@test "the chain's own variables end before the program, all but PEN" {
	export PEN_SNI_FD=0 PEN_SNI_UPSTREAM_AUTH=u:p PEN_ANYTHING=x
	attack 'env | grep ^PEN_ | sed "s/^/LEAKED /"'
	inside 'env | grep ^PEN'
	has PEN=1
}

@test "variables that look like the chain's do not weaken a pen" {
	export PEN_DISABLE=1 PEN_NO_FILTER=1 PEN_OFFLINE=0 PEN_SNI_FD=1 \
		PEN_PROJECT=/ PEN=1
	attack 'cat ~/.ssh/id_ed25519 | sed s/PLANTED/LEAKED/'
	attack 'grep -q "Seccomp:.2" /proc/self/status || echo LEAKED'
}

@test "a terminal description in a secret directory does not open it" {
	export TERM=id_ed25519 TERMINFO=$HOME/.ssh
	attack 'cat ~/.ssh/id_ed25519 | sed s/PLANTED/LEAKED/'
	export TERM=../../.ssh TERMINFO=$HOME
	attack 'cat ~/.ssh/id_ed25519 | sed s/PLANTED/LEAKED/'
	unset TERMINFO
	export TERMINFO_DIRS=$HOME/.ssh TERM=../.ssh/id_ed25519
	attack 'cat ~/.ssh/id_ed25519 | sed s/PLANTED/LEAKED/'
}

@test "a locale, a time zone or a shell that names a path does not open it" {
	export TZ=:$HOME/.ssh/id_ed25519 SHELL=$HOME/.ssh/id_ed25519 \
		LANG=../../.ssh LC_ALL=C
	attack 'cat ~/.ssh/id_ed25519 | sed s/PLANTED/LEAKED/'
}

@test "PATH: no key directory becomes visible by being named in it" {
	cp "$HOME/.ssh/id_ed25519" "$HOME/.ssh/tool"
	chmod +x "$HOME/.ssh/tool"
	PATH=$PATH:$HOME/.ssh attack \
		'cat ~/.ssh/id_ed25519 | sed s/PLANTED/LEAKED/'
}

@test "the project's programs do not become links of the chain" {
	local name
	for name in pen-sni pen-net pen-ns pen-filter pasta nft sh bash; do
		printf '#!/bin/sh\n: >"%s/owned"\n' "$T" >"$name"
		chmod +x "$name"
	done
	PATH=.:$PATH run -0 pasta
	[ -e "$T/owned" ]
	rm "$T/owned"
	local path
	for path in ".:$PATH" ":$PATH" "$PATH:." "$PWD:$PATH"; do
		PATH=$path run "$BIN/pen" /bin/true
		[ "$status" -eq 0 ] || has pen
		[ ! -e "$T/owned" ]
		PATH=$path run "$BIN/pen" --reach 1 /bin/true
		[ ! -e "$T/owned" ]
	done
}

@test "a HOME that is not the user's is refused" {
	local home
	for home in '' . relative / /etc /nowhere; do
		HOME=$home expect 125 pen true
		has pen:
	done
}
