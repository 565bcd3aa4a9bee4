#!/usr/bin/env bats
# What one run or a project leaves behind for the next pen to follow: links in
# the place of state, and in what is shown.  That a link leads somewhere outside
# is the control of each.

load ../lib/common
load ../lib/escape

setup() {
	scratch
	git init -q .
	KEY=$HOME/.ssh/id_ed25519
}

# refuses LINK ARGUMENTS… : pen says that it is one, and shows nothing
refuses() {
	local link=$1
	shift
	[ -L "$link" ]
	expect 125 pen "${PENNED[@]}" "$@" bash -c \
		"cat '$KEY' $link $link/* ; echo >>'$KEY'; ls -a $link/"
	has "'$link' is a symbolic link where a run can make one"
	has 'hint: remove that link, or name what it leads to'
	lacks PLANTED
	[ "$(cat "$KEY")" = PLANTED-KEY ]
}

# leads LINK : it does lead to the keys, outside
leads() {
	outside "cat $1 $1/* 2>/dev/null"
	has PLANTED-KEY
}

@test "a state file that a run replaced by a link shows no key" {
	export CLAUDE_CONFIG_DIR=$HOME/.claude
	# a draft cannot be replaced, what is no draft can
	expect 1 pen --agent claude sh -c 'cd ~/.claude && rm .claude.json'
	rm "$HOME/.claude/.claude.json"
	ln -s ../.ssh/id_ed25519 "$HOME/.claude/.claude.json"
	leads "$HOME/.claude/.claude.json"
	refuses "$HOME/.claude/.claude.json" --agent claude
}

@test "a link that dangles makes nothing where it leads" {
	export CLAUDE_CONFIG_DIR=$HOME/.claude
	mkdir "$HOME/.claude"
	local target
	for target in "$HOME/.ssh/made" ../.ssh/rc; do
		ln -sf "$target" "$HOME/.claude/.claude.json"
		outside "echo LEAKED >~/.claude/.claude.json; cat ~/.ssh/made \
			~/.ssh/rc 2>/dev/null; rm -f ~/.ssh/made ~/.ssh/rc"
		has LEAKED
		refuses "$HOME/.claude/.claude.json" --agent claude
		[ ! -e "$HOME/.ssh/made" ]
		[ ! -e "$HOME/.ssh/rc" ]
	done
}

@test "state below other state is not made through a link of the run's" {
	mkdir -p "$HOME/.config/pen" "$HOME/.robot"
	echo 'agent robot { state = {"~/.robot/", "~/.robot/a/b/"} }' \
		>"$HOME/.config/pen/pen.conf"
	ln -s "$HOME/.ssh" "$HOME/.robot/a"
	leads "$HOME/.robot/a"
	refuses "$HOME/.robot/a" --agent robot
	[ ! -e "$HOME/.ssh/b" ]
	rm "$HOME/.robot/a"
	expect 0 pen --agent robot sh -c ': >~/.robot/a/b/fine'
	[ -e "$HOME/.robot/a/b/fine" ]
}

@test "state that is named in the project is not where its links lead" {
	export CODEX_HOME=$PWD/.codexhome
	ln -s "$HOME/.ssh" .codexhome
	leads "$CODEX_HOME"
	refuses "$CODEX_HOME" --agent codex
	rm .codexhome
	expect 0 pen --agent codex sh -c ': >.codexhome/fine'
	[ -e .codexhome/fine ]
}

@test "--ro and --rw of the project's links show nothing of what they lead to" {
	ln -s "$HOME/.ssh" vendor
	ln -s "$KEY" file
	mkdir sub
	ln -s "$HOME/.ssh" sub/deep
	leads "$PWD/vendor"
	refuses "$PWD/vendor" --ro vendor
	refuses "$PWD/vendor" --rw "$PWD/vendor/."
	refuses "$PWD/file" --ro file
	refuses "$PWD/sub/deep" --ro sub/deep/id_ed25519
	mkdir real
	echo fine >real/file
	expect 0 pen --ro real cat real/file
	[ "$output" = fine ]
}

@test "a link in another directory that is shown writable is not followed" {
	mkdir "$HOME/scratch"
	ln -s "$HOME/.ssh" "$HOME/scratch/link"
	leads "$HOME/scratch/link"
	refuses "$HOME/scratch/link" --rw "$HOME/scratch" --ro "$HOME/scratch/link"
	# by another name, and in another order
	ln -s scratch "$HOME/alias"
	refuses "$HOME/scratch/link" --ro "$HOME/alias/link" --rw "$HOME/alias"
	# a link of the user's own that leads through one of a run's
	ln -s scratch/link "$HOME/mine"
	refuses "$HOME/scratch/link" --rw "$HOME/scratch" --ro "$HOME/mine"
}

@test "a link of another run's, elsewhere, is not where state is" {
	# ~/.codex is kept in a repository of dotfiles, where a run makes a link
	mkdir -p "$HOME/dotfiles/codex"
	ln -s dotfiles/codex "$HOME/.codex"
	expect 0 pen --agent codex sh -c ': >~/.codex/fine'
	[ -e "$HOME/dotfiles/codex/fine" ]
	expect 0 pen --project "$HOME/dotfiles" sh -c \
		'rm -r codex && ln -s ../.ssh codex'
	leads "$HOME/.codex"
	refuses "$HOME/dotfiles/codex" --agent codex
}

@test "a state directory swapped for a link during launch shows no key" {
	mkdir -p "$HOME/.codex" "$HOME/w"
	export CODEX_HOME=$HOME/w/codex
	mkdir "$CODEX_HOME"
	echo harmless >"$CODEX_HOME/id_ed25519"
	victim bash -c 'cd "$1" && while :; do
		mv codex aside; ln -s "$2" codex
		rm codex; mv aside codex
	done' - "$HOME/w" "$HOME/.ssh"
	# control: whoever goes by the path meets the link
	leaks() {
		[ "$(cat "$CODEX_HOME/id_ed25519" 2>/dev/null)" = PLANTED-KEY ]
	}
	until_true leaks
	local i
	for i in {1..30}; do
		run pen "${PENNED[@]}" --rw "$HOME/w" --agent codex \
			sh -c 'cat $CODEX_HOME/id_ed25519'
		lacks PLANTED
	done
}

@test "a script's #! line shows no key, wherever the script is" {
	local script
	mkdir "$HOME/scratch" "$HOME/bin"
	for script in "$PWD/script" "$HOME/scratch/script" "$HOME/bin/script"; do
		printf '#!%s\n' "$KEY" >"$script"
		chmod +x "$script"
		outside "cat \$(sed -n 's/^#!//p' $script)"
		has PLANTED-KEY
		expect 0 pen --rw "$HOME/scratch" --print "$script"
		lacks .ssh
	done
	# one that is no script any more when it starts
	printf '#!/bin/sh\ncat %s\n' "$KEY" >two
	chmod +x two
	printf '#!%s\n' "$KEY" | tee one >swapped
	chmod +x one swapped
	victim bash -c 'while :; do
		ln -f one x; mv -f x swapped; ln -f two x; mv -f x swapped
	done'
	until_true bash -c './swapped 2>/dev/null | grep -q PLANTED'
	local i
	for i in {1..30}; do
		run pen "${PENNED[@]}" ./swapped
		lacks PLANTED
	done
}

@test "a link of the project's to a program shows nothing of it" {
	mkdir -p "$HOME/tools/node_modules/x" "$HOME/tools/node_modules/y"
	printf '#!/bin/sh\necho LEAKED\n' >"$HOME/tools/node_modules/x/run"
	echo PLANTED >"$HOME/tools/node_modules/y/data"
	chmod +x "$HOME/tools/node_modules/x/run"
	ln -s "$HOME/tools/node_modules/x/run" run
	outside ./run
	has LEAKED
	expect 0 pen --print ./run
	lacks "--ro-bind $HOME/tools"
	has "is not shown"
	# nor one that a run made in the agent's state, on PATH
	mkdir -p "$HOME/.claude/bin"
	ln -s "$HOME/tools/node_modules/x/run" "$HOME/.claude/bin/run"
	PATH=$HOME/.claude/bin:$PATH expect 0 pen --agent claude --print run
	lacks "--ro-bind $HOME/tools"
	has "is not shown"
	# the control: the user's own link
	ln -s "$HOME/tools/node_modules/x/run" "$HOME/run"
	expect 0 pen --print "$HOME/run"
	has "--ro-bind $HOME/tools/node_modules"
}

teardown() {
	victims_end
}

# policy FILE : what a run of the project would put there is not obeyed
policy() {
	local file=$1 text="profile default { ro = {\"$HOME/.ssh\"} }"
	expect 125 pen "${PENNED[@]}" sh -c "mkdir -p $(dirname "$file")
		echo '$text' >$file"
	has "cannot be the project: pen keeps its own files in"
	[ ! -e "$file" ] || expect 1 grep ssh "$file"
	# the control: written outside, it is obeyed
	mkdir -p "$(dirname "$file")"
	echo "$text" >"$file"
	expect 0 pen --project "$HOME/src/sibling" cat "$KEY"
	has PLANTED-KEY
}

@test "a run in a repository of dotfiles cannot write the next pen's policy" {
	mkdir -p "$HOME/dotfiles/config"
	cd "$HOME/dotfiles"
	git init -q .
	ln -s dotfiles/config "$HOME/.config"
	policy config/pen/pen.conf
	rm -r "$HOME/.config" config/pen
	mkdir -p "$HOME/.config/pen" pen
	echo 'profile default {}' >pen/pen.conf
	ln -s "$PWD/pen/pen.conf" "$HOME/.config/pen/pen.conf"
	policy pen/pen.conf
}
