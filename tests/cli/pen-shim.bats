#!/usr/bin/env bats
# pen-shim: an agent's name on PATH, for whatever starts it.

load ../lib/common

setup() {
	scratch
	mkdir "$HOME/bin"
	cat >"$HOME/bin/claude" <<-'END'
		#!/bin/sh
		if [ -e /run/pen/pen-filter ]; then where=PEN; else where=BARE; fi
		echo "$where ${0##*/}$(printf ' <%s>' "$@")"
		exit "${EXIT:-0}"
	END
	chmod +x "$HOME/bin/claude"
	SHIMS=$HOME/.local/share/pen/shims
	# a PATH without the tester's own
	PATH=$BIN:$HOME/bin:/usr/bin:/bin
}

with_shims() {
	pen-shim --install "$@" 2>/dev/null
	PATH=$SHIMS:$PATH
}

# --- called by a link

@test "whatever starts an agent by its name starts it in a pen" {
	expect 0 env claude # the control
	[ "$output" = "BARE claude <>" ]
	with_shims claude
	expect 0 env claude a "b  c" "" --x
	[ "$output" = "PEN claude <a> <b  c> <> <--x>" ]
	printf 'all:\n\t@claude make\n' >Makefile
	expect 0 make
	[ "$output" = "PEN claude <make>" ]
	expect 0 sh -c 'claude sh; command claude command'
	[ "$output" = "PEN claude <sh>
PEN claude <command>" ]
	expect 0 python3 -c \
		'import subprocess; subprocess.run(["claude", "python"], check=True)'
	[ "$output" = "PEN claude <python>" ]
	expect 0 xargs claude <<<x
	[ "$output" = "PEN claude <x>" ]
	expect 0 env -i ${ASAN_OPTIONS:+ASAN_OPTIONS="$ASAN_OPTIONS"} \
		HOME="$HOME" PATH="$PATH" claude cron
	[ "$output" = "PEN claude <cron>" ]
	expect 0 "$SHIMS/claude" --version
	[ "$output" = "PEN claude <--version>" ]
}

@test "in shells with the functions, so do command claude and env claude" {
	with_shims claude
	PATH=${PATH#"$SHIMS:"} # the functions put it back
	local sh
	for sh in bash zsh fish; do
		expect 0 "$sh" -c "source $B/shell/pen.$sh
			claude 1
			command claude 2
			env claude 3
			claude-raw 4"
		[ "$output" = "PEN claude <1>
PEN claude <2>
PEN claude <3>
BARE claude <4>" ]
	done
}

@test "the exit status is the agent's, and so are stdin and stdout" {
	printf '#!/bin/sh\ncat; exit 7\n' >"$HOME/bin/claude"
	with_shims claude
	run --separate-stderr env claude <<<through
	[ "$status" -eq 7 ]
	[ "$output" = through ]
	# shellcheck disable=SC2154 # set by run
	[ -z "$stderr" ]
}

@test "pen passes over the links, wherever they are on PATH" {
	with_shims claude
	expect 0 pen claude
	[ "$output" = "PEN claude <>" ]
	expect 0 pen --print claude
	lacks pen-shim
	has api.anthropic.com
}

@test "it never finds itself or another pen-shim" {
	with_shims claude
	mkdir -p "$T/other/bin" "$T/a" "$T/b"
	cp "$ROOT/bin/pen-shim" "$T/other/bin/"
	ln -s "$T/other/bin/pen-shim" "$T/a/claude"
	ln -s "$SHIMS/claude" "$T/b/claude"
	ln -s "$T/b/claude" "$T/b/relative"
	PATH=$T/a:$T/b:$SHIMS:$T/a:$BIN:$HOME/bin:/usr/bin:/bin
	expect 0 "$SHIMS/claude"
	[ "$output" = "PEN claude <>" ]
	expect 0 "$T/b/claude"
	[ "$output" = "PEN claude <>" ]
	expect 0 pen claude
	[ "$output" = "PEN claude <>" ]
	rm "$HOME/bin/claude"
	expect 127 "$SHIMS/claude"
	has "pen-shim: cannot run 'claude': it is not installed"
	has "hint: PATH leads to no other 'claude' than pen-shim's links"
	expect 127 pen claude
}

@test "a project's ./claude does not win" {
	with_shims claude
	printf '#!/bin/sh\necho PROJECT\n' >claude
	chmod +x claude
	PATH=.::$PATH
	expect 0 "$SHIMS/claude"
	[ "$output" = "PEN claude <>" ]
}

@test "without pen the agent does not run" {
	mkdir -p "$T/alone"
	cp "$ROOT/bin/pen-shim" "$T/alone/"
	expect 0 "$T/alone/pen-shim" --install claude
	expect 127 "$SHIMS/claude"
	has "cannot run 'claude' in a pen: there is no '$T/alone/pen'"
	has "hint: install pen again; '$HOME/bin/claude' runs it without a pen"
	lacks BARE
	printf '#!/bin/sh\nexit 125\n' >"$T/alone/pen"
	chmod +x "$T/alone/pen"
	expect 125 "$SHIMS/claude"
	lacks BARE
}

@test "pen's refusal is the end of it" {
	with_shims claude
	cd "$HOME"
	expect 125 env claude
	has "it is the home directory"
	lacks BARE
}

@test "inside a pen the link runs the agent as it is" {
	with_shims claude
	expect 0 pen --ro "$SHIMS" --ro "$BIN" --ro "$ROOT/bin" \
		--ro "$HOME/bin" sh -c 'type claude; claude x' sh
	has "$SHIMS/claude"
	has "PEN claude <x>"
	PEN=1 expect 0 env claude # outside, the variable alone does nothing
	[ "$output" = "PEN claude <>" ]
}

@test "a current directory of any name is data" {
	with_shims claude
	local name
	for name in '$(touch x)' -x $'new\nline' $'\e[31m' '*'; do
		mkdir -p -- "$HOME/src/$name"
		cd -- "$HOME/src/$name"
		expect 0 env claude
		[ "$output" = "PEN claude <>" ]
		[ ! -e x ]
	done
}

@test "it runs under dash, busybox sh and bash" {
	local sh
	for sh in dash 'busybox sh' bash; do
		# shellcheck disable=SC2086 # a command and its argument
		expect 0 $sh "$BIN/pen-shim" --install claude
		# shellcheck disable=SC2086
		expect 0 $sh "$SHIMS/claude" x
		[ "$output" = "PEN claude <x>" ]
		# shellcheck disable=SC2086
		expect 0 $sh "$BIN/pen-shim" --remove
	done
}

# --- looking after links

@test "--install makes links, and says what is missing until they work" {
	expect 0 pen-shim --install claude codex
	has "pen-shim: warning: 'claude' is still '$HOME/bin/claude'"
	has "hint: put $SHIMS first on PATH"
	has "pen-shim: warning: PATH leads to no 'codex' yet"
	[ "$(readlink "$SHIMS/claude")" = "$BIN/pen-shim" ]
	PATH=$SHIMS:$PATH
	expect 0 pen-shim --install claude
	[ -z "$output" ]
}

@test "--list prints each link and what it leads to" {
	expect 0 pen-shim --list
	[ -z "$output" ]
	with_shims claude codex
	expect 0 pen-shim --list
	[ "$output" = $'claude\t'"$HOME/bin/claude"$'\ncodex\t(not installed)' ]
}

@test "--remove removes the links named, or all of its own, and nothing else" {
	with_shims claude codex gemini
	expect 0 pen-shim --remove codex
	[ "$(ls "$SHIMS" | xargs)" = "claude gemini" ]
	# noted for the shells, until it is wanted again
	[ -e "$SHIMS/.codex" ]
	expect 0 pen-shim --install codex
	[ ! -e "$SHIMS/.codex" ]
	expect 0 pen-shim --remove codex
	: >"$SHIMS/mine"
	ln -s "$T/other/pen-shim" "$SHIMS/others"
	expect 125 pen-shim --remove mine
	has "cannot remove '$SHIMS/mine': it is not a link to pen-shim"
	expect 125 pen-shim --remove nothing
	expect 0 pen-shim --remove
	[ "$(ls "$SHIMS" | xargs)" = "mine others" ]
	rm "$SHIMS"/*
	expect 0 pen-shim --install claude
	expect 0 pen-shim --remove
	[ ! -e "$SHIMS" ]
}

@test "--dir is another place for the links" {
	expect 0 pen-shim --install --dir "$T/some where" claude
	expect 0 pen-shim --list --dir="$T/some where"
	has "claude"
	expect 0 "$T/some where/claude"
	[ "$output" = "PEN claude <>" ]
	cd "$T"
	expect 0 pen-shim --remove --dir "some where"
	[ ! -e "$T/some where" ]
}

@test "what is there already is not replaced, and no name is a path" {
	mkdir -p "$SHIMS"
	cp "$HOME/bin/claude" "$SHIMS/claude"
	expect 125 pen-shim --install claude
	has "cannot make '$SHIMS/claude': something else is there"
	local name
	for name in '' ../x /x -x 'a b' pen pen-ns $'a\nb' '$(touch x)'; do
		expect 125 pen-shim --install -- "$name"
		has "it is not the name of an agent"
	done
	[ ! -e x ]
}

@test "--install without names is for all agents on PATH, those of pen.conf too" {
	mkdir -p "$HOME/.config/pen" "$HOME/more"
	echo 'agent mine {}' >"$HOME/.config/pen/pen.conf"
	printf '#!/bin/sh\n' >"$HOME/more/mine"
	cp "$HOME/more/mine" "$HOME/more/codex"
	cp "$HOME/more/mine" "$HOME/more/no-agent"
	chmod +x "$HOME/more"/*
	PATH=$HOME/more:$BIN:/usr/bin:/bin
	expect 0 pen-shim --install --dir "$T/all"
	[ "$(ls "$T/all")" = "codex
mine" ]
	PATH=$BIN:/usr/bin:/bin
	expect 125 pen-shim --install --dir "$T/none"
	has "there is no agent on PATH"
	[ ! -e "$T/none" ]
}

@test "wrong options: 125; --help and --version" {
	expect 125 pen-shim
	has "nothing to do"
	expect 125 pen-shim --no-such-option
	has "unknown option '--no-such-option'"
	expect 125 pen-shim --install --remove x
	has "--install and --remove exclude each other"
	expect 125 pen-shim --list x
	expect 125 pen-shim --dir
	expect 0 pen-shim --help
	has "--dir DIR"
	expect 0 pen-shim --version
	[[ $output == "pen-shim "[0-9]* ]]
}
