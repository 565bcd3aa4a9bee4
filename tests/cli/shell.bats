#!/usr/bin/env bats
# shell/: agents that are typed by name, in bash, zsh and fish.

load ../lib/common
load ../lib/home

setup() {
	scratch
	mkdir "$HOME/bin"
	agent "$HOME/bin/claude"
	PATH=$HOME/bin:$PATH
}

# agent FILE : a program that says where it runs
agent() {
	mkdir -p "$(dirname "$1")"
	cat >"$1" <<-'END'
		#!/bin/sh
		if [ -e /run/pen/pen-filter ]; then where=PEN; else where=BARE; fi
		echo "$where ${0##*/}$(printf ' <%s>' "$@")"
		exit "${EXIT:-0}"
	END
	chmod +x "$1"
}

shells='bash zsh fish'

# sourced SHELL SCRIPT [ARG…] : the script after the integration, without rc files
sourced() {
	local sh=$1 text=$2
	shift 2
	plain "$sh" "source ${FILE:-$B/shell/pen.$sh}
$text" "$@"
}

plain() {
	local sh=$1 text=$2
	shift 2
	case $sh in
	bash) bash --noprofile --norc -c "$text" bash "$@" ;;
	zsh) zsh -f -c "$text" zsh "$@" ;;
	fish) fish --no-config -c "$text" "$@" ;;
	esac
}

# prefix : pen installed in $T/p, where it may be broken
prefix() {
	make -s -C "$ROOT" PREFIX="$T/p" install
}

# --- in a pen, or not at all

@test "an agent's name runs it in a pen, and NAME-raw does not" {
	local sh
	for sh in $shells; do
		expect 0 sourced $sh 'claude a "b  c" "" --x'
		[ "$output" = "PEN claude <a> <b  c> <> <--x>" ]
		expect 0 sourced $sh 'claude-raw a "b  c" "" --x'
		[ "$output" = "BARE claude <a> <b  c> <> <--x>" ]
		expect 0 plain $sh claude # the control
		[ "$output" = "BARE claude <>" ]
	done
}

@test "options of the agent are not those of pen" {
	local sh
	for sh in $shells; do
		expect 0 sourced $sh 'claude --help --print --version'
		[ "$output" = "PEN claude <--help> <--print> <--version>" ]
	done
}

@test "the exit status, stdin and stdout are the agent's" {
	printf '#!/bin/sh\ncat; exit 7\n' >"$HOME/bin/claude"
	local sh
	for sh in $shells; do
		echo through >in
		run --separate-stderr sourced $sh 'claude <in'
		[ "$status" -eq 7 ]
		[ "$output" = through ]
		# shellcheck disable=SC2154 # set by run
		[ -z "$stderr" ]
	done
}

@test "an agent that is not on PATH has no function" {
	local sh
	for sh in $shells; do
		expect 127 sourced $sh codex
		lacks pen:
		expect 127 sourced $sh codex-raw
	done
}

@test "an agent of pen.conf has its functions without an edit here" {
	mkdir -p "$HOME/.config/pen"
	agent "$HOME/bin/mine"
	agent "$HOME/bin/a.b+c"
	agent "$HOME/bin/second"
	agent "$HOME/bin/commented"
	cat >"$HOME/.config/pen/pen.conf" <<-'END'
		# agent commented { }
		profile x { network = offline } agent mine{}
		agent
		  "a.b+c"
		{ allow = {} } agent	'second' {}
	END
	local sh
	for sh in $shells; do
		expect 0 sourced $sh 'mine; a.b+c; second; commented; mine-raw'
		[ "$output" = "PEN mine <>
PEN a.b+c <>
PEN second <>
BARE commented <>
BARE mine <>" ]
	done
}

@test "a section's words on lines of their own, in a long pen.conf, are found" {
	mkdir -p "$HOME/.config/pen"
	agent "$HOME/bin/first"
	agent "$HOME/bin/last"
	agent "$HOME/bin/wrong"
	{
		printf 'agent\n\n# agent wrong {\n\n\tfirst\n//\n\n{\n}\n'
		printf 'profile p%d {\n\tallow = {"agent.example.org"}\n}\n' \
			{1..100}
		printf 'agent\n  "last"\n  {\n}\n/* agent wrong {\n} */\n'
	} >"$HOME/.config/pen/pen.conf"
	local sh
	for sh in $shells; do
		expect 1 sourced $sh 'pen-off 2>/dev/null; pen-status'
		has 'first: not in a pen'
		has 'last: not in a pen'
		lacks 'wrong: '
	done
}

@test "pen is gone: an error that names NAME-raw, and not the agent" {
	prefix
	rm "$T/p/bin/pen"
	local sh
	for sh in $shells; do
		FILE=$T/p/share/pen/shell/pen.$sh
		expect 127 sourced $sh claude
		lacks BARE
		has "pen: cannot start 'claude' in a pen: there is no"
		has "claude-raw runs it without a pen"
		expect 0 sourced $sh claude-raw
		[ "$output" = "BARE claude <>" ]
	done
}

@test "pen is broken: an error that names NAME-raw, and not the agent" {
	prefix
	local sh broken
	for broken in 'exit 125' 'exit 127' 'exit 126' 'kill -SEGV $$' 'exit 1'; do
		printf '#!/bin/sh\n%s\n' "$broken" >"$T/p/bin/pen"
		for sh in $shells; do
			FILE=$T/p/share/pen/shell/pen.$sh
			run sourced $sh claude
			[ "$status" -ne 0 ]
			lacks BARE
			[[ $broken != *12* ]] ||
				has "claude-raw runs it without a pen"
		done
	done
	for broken in '#!/no/such/interpreter' $'\x7fELF'; do
		echo "$broken" >"$T/p/bin/pen"
		for sh in $shells; do
			FILE=$T/p/share/pen/shell/pen.$sh
			run sourced $sh claude
			[ "$status" -ge 126 ]
			lacks BARE
			has "claude-raw runs it without a pen"
		done
	done
	chmod -x "$T/p/bin/pen"
	for sh in $shells; do
		FILE=$T/p/share/pen/shell/pen.$sh expect 127 sourced $sh claude
		lacks BARE
	done
}

@test "pen refuses: its own error, and one line that names NAME-raw" {
	cd "$HOME"
	local sh
	for sh in $shells; do
		expect 125 sourced $sh claude
		has "cannot be the project: it is the home directory"
		has "hint: if 'claude' was not started, see above; claude-raw runs it without a pen"
		lacks BARE
	done
	cd src/project
	mkdir -p "$HOME/.config/pen"
	echo 'agent claude { alow = {} }' >"$HOME/.config/pen/pen.conf"
	for sh in $shells; do
		expect 125 sourced $sh claude
		has "pen.conf:1"
		lacks BARE
	done
}

@test "PEN=1 in the environment does not turn it off" {
	export PEN=1
	local sh
	for sh in $shells; do
		expect 0 sourced $sh claude
		[ "$output" = "PEN claude <>" ]
	done
}

@test "inside a pen it is as if it were not there" {
	local sh
	for sh in $shells; do
		expect 0 pen --ro "$HOME/bin" --ro "$B" --ro "$ROOT/shell" \
			--ro "$ROOT/agents" --env ASAN_OPTIONS \
			"$sh" -c "source $B/shell/pen.$sh; claude x; pen-status; pen-prompt"
		[ "$output" = "PEN claude <x>
this shell is in a pen
in pen" ]
	done
}

# --- what a shell does with names

@test "an alias of the same name ends in a pen too" {
	agent "$HOME/opt/cl"
	local sh text expand
	for sh in bash zsh; do
		for text in 'claude --x' "$HOME/opt/cl --x" 'A=1 claude --x' \
			"A=1 B=2 $HOME/opt/cl --x" '~/opt/cl --x'; do
			expand=:
			[ $sh = zsh ] || expand='shopt -s expand_aliases'
			# before, and (as the next prompt sees it) after
			expect 0 plain $sh "$expand
				alias claude='$text'
				source $B/shell/pen.$sh
				eval claude y"
			[[ $output == "PEN cl"*" <--x> <y>" ]]
			expect 0 sourced $sh "$expand
				alias claude='$text'
				_pen_refresh
				eval claude y"
			[[ $output == "PEN cl"*" <--x> <y>" ]]
			expect 0 sourced $sh "$expand
				alias claude='$text'
				_pen_refresh
				eval claude-raw y"
			[[ $output == "BARE cl"* ]]
		done
		for text in 'true; claude-raw' 'claude-raw | cat' 'sudo claude'; do
			run plain $sh "$expand
				alias claude='$text'
				source $B/shell/pen.$sh
				eval claude y"
			lacks BARE
		done
		expect 0 plain $sh "$expand
			alias claude='date; $HOME/opt/cl'
			source $B/shell/pen.$sh
			eval claude y"
		has "pen: warning: the alias 'claude' is more than a command, and was dropped"
		has "PEN claude <y>"
	done
	expect 0 plain zsh "alias -g claude='$HOME/opt/cl --x'
		source $B/shell/pen.zsh
		eval claude y"
	has 'PEN cl <--x> <y>'
}

@test "aliases of the words that it uses itself change nothing" {
	local sh words='local printf shift return command hash declare eval complete
		case for while mapfile shopt unset typeset functions emulate zmodload'
	for sh in bash zsh; do
		expect 0 plain $sh "$([ $sh = zsh ] || echo shopt -s expand_aliases)
			for w in $(echo $words); do alias \$w='echo OOPS'; done
			source $B/shell/pen.$sh
			claude a; claude-raw b; pen-status
			alias local"
		[[ $output == "PEN claude <a>
BARE claude <b>
on: "*"claude: in a pen
"*local=*"echo OOPS'" ]]
	done
	expect 0 sourced bash 'shopt -q expand_aliases; echo $?'
	[ "$output" = 1 ]
}

@test "an alias of fish of the same name ends in a pen too" {
	agent "$HOME/opt/cl"
	local text
	for text in 'claude --x' "$HOME/opt/cl --x" 'A=1 claude --x'; do
		expect 0 plain fish "alias claude '$text'
			source $B/shell/pen.fish
			claude y"
		[[ $output == "PEN cl"*" <--x> <y>" ]]
		expect 0 sourced fish "alias claude='$text'
			emit fish_prompt
			claude y"
		[[ $output == "PEN cl"*" <--x> <y>" ]]
	done
	expect 0 plain fish "alias claude 'date; $HOME/opt/cl'
		source $B/shell/pen.fish
		claude y"
	has "was dropped"
	has "PEN claude <y>"
}

@test "a function of the same name that was there before does not run it" {
	local sh
	for sh in bash zsh; do
		expect 0 plain $sh "claude() { command claude; }
			source $B/shell/pen.$sh; claude"
		[ "$output" = "PEN claude <>" ]
	done
	expect 0 plain fish "function claude; command claude; end
		source $B/shell/pen.fish; claude"
	[ "$output" = "PEN claude <>" ]
}

@test "quoted, in subshells, pipelines, substitutions and in the background" {
	local sh
	for sh in bash zsh; do
		expect 0 sourced $sh '\claude 1
			"claude" 2
			(claude 3)
			echo 4 | claude 4 | cat
			echo "$(claude 5)"
			claude 6 & wait $!
			if claude 7; then :; fi
			{ claude 8; } 2>&1
			eval claude 9
			f() { claude "$@"; }; f 10'
		[ "$(grep -c '^PEN claude' <<<"$output")" -eq 10 ]
		lacks BARE
	done
	expect 0 sourced fish '"claude" 1
		begin; claude 2; end
		echo 3 | claude 3 | cat
		echo (claude 4)
		claude 5 & wait
		if claude 6; true; end
		eval claude 7
		function f; claude $argv; end; f 8'
	[ "$(grep -c '^PEN claude' <<<"$output")" -eq 8 ]
	lacks BARE
}

@test "a name that is hashed already is in a pen too" {
	local sh
	for sh in bash zsh; do
		expect 0 plain $sh "claude >/dev/null; hash claude
			source $B/shell/pen.$sh; claude"
		[ "$output" = "PEN claude <>" ]
		expect 0 sourced $sh 'hash claude; claude'
		[ "$output" = "PEN claude <>" ]
	done
}

@test "bash: no name is left hashed, so that a shim that comes is found" {
	mkdir "$HOME/first"
	PATH=$HOME/first:$PATH
	expect 0 sourced bash 'claude-raw
		sed s/BARE/SHIM/ "$HOME/bin/claude" >"$HOME/first/claude"
		chmod +x "$HOME/first/claude"
		command claude'
	[ "$output" = "BARE claude <>
SHIM claude <>" ]
	# the control
	rm "$HOME/first/claude"
	expect 0 plain bash 'hash claude
		cp /bin/true "$HOME/first/claude"
		command claude'
	[ "$output" = "BARE claude <>" ]
	rm "$HOME/first/claude"
	expect 0 plain bash "set +h; source $B/shell/pen.bash; claude"
	[ "$output" = "PEN claude <>" ]
}

@test "under set -eu and the like it works, and the agent's failure counts" {
	local o
	expect 0 plain bash "set -euo pipefail; set -ET; shopt -s inherit_errexit
		trap 'echo ERR' ERR
		source $B/shell/pen.bash
		source $B/shell/pen.bash
		pen-off; pen-on; pen-status >/dev/null
		claude; echo after"
	[ "${lines[*]: -2}" = "PEN claude <> after" ]
	lacks ERR
	expect 7 env EXIT=7 bash --norc -c "set -eu; source $B/shell/pen.bash
		claude-raw; echo after"
	lacks after
	for o in 'set -f' 'set -k' 'set -a' 'shopt -s failglob nullglob dotglob' \
		'shopt -s nocasematch extglob globstar' "IFS=/pc" 'set -o noclobber' \
		'set -- a b' 'unset HOME XDG_CONFIG_HOME' 'shopt -u sourcepath'; do
		expect 0 plain bash "$o
			HOME=\${HOME-$HOME}
			export HOME
			source $B/shell/pen.bash
			claude a"
		[ "$output" = "PEN claude <a>" ]
	done
}

@test "under zsh's options it works, and leaves them as they were" {
	local o
	for o in ksh_arrays sh_word_split glob_subst no_unset err_exit null_glob \
		no_nomatch sh_glob ignore_braces ignore_close_braces \
		csh_junkie_quotes rc_quotes posix_identifiers posix_builtins \
		warn_create_global no_function_argzero all_export \
		extended_glob no_glob ksh_glob posix_aliases no_alias_func_def \
		typeset_silent path_dirs no_rcs csh_null_glob no_short_loops \
		no_multi_func_def err_return local_options no_equals \
		case_glob rematch_pcre bash_rematch no_case_match; do
		expect 0 plain zsh "setopt $o
			setopt >$T/before
			source $B/shell/pen.zsh
			source $B/shell/pen.zsh
			setopt >$T/after
			claude a
			[[ a == b ]] || pen-status >/dev/null"
		[ "$output" = "PEN claude <a>" ]
		cmp "$T/before" "$T/after"
	done
	expect 0 zsh --emulate sh -f -c ". $B/shell/pen.zsh; claude a"
	[ "$output" = "PEN claude <a>" ]
	expect 0 zsh --emulate ksh -f -c ". $B/shell/pen.zsh; claude a"
	[ "$output" = "PEN claude <a>" ]
}

@test "it can be read twice, by a relative name, and from anywhere" {
	local sh
	for sh in $shells; do
		expect 0 sourced $sh "source $B/shell/pen.$sh; claude"
		[ "$output" = "PEN claude <>" ]
		expect 0 plain $sh "cd $B/shell; source ./pen.$sh; cd $PWD; claude"
		[ "$output" = "PEN claude <>" ]
		expect 0 plain $sh "cd $B; source shell/pen.$sh; cd $PWD; claude"
		[ "$output" = "PEN claude <>" ]
	done
}

@test "a current directory of any name is data" {
	local sh name
	for name in '$(touch x)' '`touch x`' -x $'new\nline' $'\e[31mred' '*' \
		"it's" 'a"b' '%n' ' '; do
		mkdir -p -- "$HOME/src/$name"
		cd -- "$HOME/src/$name"
		for sh in $shells; do
			expect 0 sourced $sh "source $B/shell/pen.$sh; claude"
			[ "$output" = "PEN claude <>" ]
			expect 0 sourced $sh "pen-chain --offline claude"
			[ "$output" = "PEN claude <>" ]
		done
		[ ! -e x ]
	done
	run find "$HOME" -name x
	[ -z "$output" ]
}

@test "a mistake in pen.conf is said, and the agents before it are kept" {
	mkdir -p "$HOME/.config/pen"
	agent "$HOME/bin/mine"
	printf 'agent mine {}\nagent other { alow = {} }\n' \
		>"$HOME/.config/pen/pen.conf"
	local sh
	for sh in $shells; do
		expect 1 sourced $sh 'pen-off 2>/dev/null; pen-status'
		has "pen.conf:2: "
		has 'mine: not in a pen'
		has 'claude: not in a pen'
	done
}

@test "without pen the agents that are shipped have functions, and it is said" {
	prefix
	mkdir -p "$HOME/.config/pen"
	: >"$HOME/.config/pen/pen.conf"
	local sh broken
	for broken in 'exit 125' 'kill -SEGV $$'; do
		printf '#!/bin/sh\n%s\n' "$broken" >"$T/p/bin/pen"
		for sh in $shells; do
			FILE=$T/p/share/pen/shell/pen.$sh
			run sourced $sh claude
			[ "$status" -ne 0 ]
			has "warning: pen does not tell its agents"
			lacks BARE
		done
	done
}

@test "reading it starts pen once, what pen --shell prints nothing, and exports nothing" {
	local sh line
	for sh in $shells; do
		mkdir -p "$HOME/.config/pen"
		echo 'agent mine { }' >"$HOME/.config/pen/pen.conf"
		plain "$sh" env >before
		sourced "$sh" env >after
		# fish has no order of its own
		diff <(grep -vE '^(SHLVL|_)=' before | sort) \
			<(grep -vE '^(SHLVL|_)=' after | sort)
		case $sh in
		bash) set -- bash --norc -c ;;
		zsh) set -- zsh -f -c ;;
		fish) set -- fish --no-config -c ;;
		esac
		strace -fqq -e trace=execve -o trace \
			"$@" "source $B/shell/pen.$sh; echo done"
		[ "$(grep -c execve trace)" -eq 2 ]
		grep -q 'execve.*"--list", "agents"' trace
		line=$(pen --shell $sh)
		strace -fqq -e trace=execve,fork,vfork -o trace "$@" "$line"
		[ "$(grep -c execve trace)" -eq 1 ]
		[ "$(cut -d' ' -f1 trace | sort -u | wc -l)" -eq 1 ]
	done
}

@test "where its own files are not, it says that nothing runs in a pen" {
	local sh
	for sh in $shells; do
		cp "$B/shell/pen.$sh" "$T/moved"
		FILE=$T/moved expect 0 sourced $sh true
		has "pen: there are no agents beside "
		has "nothing runs in a pen"
	done
}

# --- pen --shell

@test "pen --shell prints what each shell reads" {
	expect 0 bash --norc -c 'eval "$(pen --shell bash)"; claude'
	[ "$output" = "PEN claude <>" ]
	expect 0 zsh -f -c 'eval "$(pen --shell zsh)"; claude'
	[ "$output" = "PEN claude <>" ]
	expect 0 fish --no-config -c 'pen --shell fish | source; claude'
	[ "$output" = "PEN claude <>" ]
	expect 125 pen --shell sh
	has "'sh' is none of bash, zsh and fish"
}

@test "pen --shell works from a place of any name" {
	local name=$'a b\n'"it's"' $(touch x) \'
	mkdir "$T/$name"
	cp -rL "$B/bin" "$T/$name"
	cp -rL "$B/shell" "$T/$name"
	cp -rL "$B/agents" "$T/$name"
	PATH=$T/$name/bin:$HOME/bin:/usr/bin:/bin
	expect 0 bash --norc -c 'eval "$(pen --shell bash)"; claude; pen-status'
	has "PEN claude <>"
	lacks $'a b\n'
	expect 0 zsh -f -c 'eval "$(pen --shell zsh)"; claude; pen-status'
	has "PEN claude <>"
	lacks $'a b\n'
	expect 0 fish --no-config -c 'pen --shell fish | source; claude; pen-status'
	has "PEN claude <>"
	[ ! -e x ]
}

@test "pen --shell without its files is an error" {
	mkdir -p "$T/q/bin"
	cp "$B"/bin/pen* "$T/q/bin"
	expect 125 "$T/q/bin/pen" --shell bash
	has "cannot read '$T/q/share/pen/shell/pen.bash'"
}

# --- pen-on, pen-off, pen-status, pen-prompt

@test "pen-off and pen-on are for this shell" {
	local sh
	for sh in $shells; do
		expect 0 sourced $sh 'claude 1; pen-off; claude 2; pen-on; claude 3'
		[ "$output" = "PEN claude <1>
pen: off in this shell: agents run without a pen until pen-on
BARE claude <2>
PEN claude <3>" ]
		expect 0 sourced $sh "pen-off; $sh -c 'source $B/shell/pen.$sh; claude'"
		has "PEN claude"
	done
}

@test "pen-status says what would happen, and fails when agents are bare" {
	local sh
	for sh in $shells; do
		expect 0 sourced $sh pen-status
		has "on: "
		has "claude: in a pen"
		lacks codex
		expect 1 sourced $sh 'pen-off 2>/dev/null; pen-status'
		has "off in this shell: pen-on turns it on again"
		has "claude: not in a pen"
	done
	for sh in bash zsh; do
		expect 0 sourced $sh 'claude() { :; }; pen-status'
		has "claude: another function, not in a pen"
	done
	expect 0 sourced fish 'function claude; end; pen-status'
	has "claude: another function, not in a pen"
}

@test "pen-prompt is a word for the prompt" {
	local sh
	for sh in $shells; do
		expect 0 sourced $sh 'pen-prompt; echo; pen-off 2>/dev/null; pen-prompt'
		[ "$output" = "pen
PEN OFF" ]
	done
}

@test "pen-prompt tells how much is held back" {
	local sh
	git init -q .
	pen sh -c 'printf "#!/bin/sh\n" >.git/hooks/pre-commit' 2>/dev/null
	for sh in $shells; do
		expect 0 sourced $sh 'pen-prompt'
		[ "$output" = "pen [1 held]" ]
	done
	cd "$HOME/src/sibling"
	expect 0 sourced bash 'pen-prompt'
	[ "$output" = pen ]
}

@test "pen-prompt in a prompt follows pen-off and pen-on" {
	local sh
	for sh in $shells; do
		home fresh $sh
		case $sh in
		bash) echo "PS1='\$(pen-prompt) \w \$ '" ;;
		zsh) echo "setopt prompt_subst; PROMPT='\$(pen-prompt) %~ %# '" ;;
		fish) echo "function fish_prompt; pen-prompt; echo ' ~> '; end" ;;
		esac >>"$(rc $sh)"
		expect 0 typed_in $sh <<-'END'
			expect pen ~
			send pen-off\r
			expect PEN OFF ~
			send pen-on\r
			expect pen ~
			send exit 0\r
			end 0
		END
	done
}

# --- pen-chain

@test "pen-chain runs the chain, and print shows it" {
	export LOGNAME=somebody
	local sh
	for sh in $shells; do
		expect 0 pen --print --offline claude a "b  c"
		local want=$output
		expect 0 sourced $sh 'pen-chain print --offline claude a "b  c"'
		diff <(grep -v -e --log -e SHLVL <<<"$want") \
			<(grep -v -e --log -e SHLVL <<<"$output")
		expect 3 env EXIT=3 "$sh" -c "source $B/shell/pen.$sh
			pen-chain --env EXIT claude a 'b  c'"
		[ "$output" = "PEN claude <a> <b  c>" ]
		expect 0 sourced $sh 'pen-chain -- --offline claude x'
		[ "$output" = "PEN claude <x>" ]
	done
}

@test "pen-chain: a link is left out, changed, replaced, or added" {
	local sh
	for sh in $shells; do
		expect 0 sourced $sh 'pen-chain grep Seccomp: /proc/self/status'
		has 2
		expect 0 sourced $sh \
			'pen-chain without pen-filter -- grep Seccomp: /proc/self/status'
		has 0
		expect 0 sourced $sh "pen-chain with pen-ns --dir '/a  b' -- \
			with pen-ns --setenv X \"it's\" -- \
			sh -c 'ls -d /a*; echo \$X'"
		[ "$output" = "/a  b
it's" ]
		expect 0 sourced $sh \
			'pen-chain before pen-filter env ADDED=1 -- sh -c "echo \$ADDED"'
		[ "$output" = 1 ]
		expect 0 sourced $sh \
			'pen-chain instead pen-filter env INSTEAD=1 -- sh -c "echo \$INSTEAD; grep Seccomp: /proc/self/status"'
		has 1
		has 0
		expect 0 sourced $sh 'pen-chain without pen-ns -- \
			without pen-sni -- without pen-net -- cat '"$HOME/.ssh/id_ed25519"
		[ "$output" = PLANTED-KEY ]
	done
}

@test "pen-chain edits the first link where state is missing, too" {
	local sh
	for sh in $shells; do
		HOME=$T/$sh
		mkdir -p "$HOME/src"
		cd "$HOME/src"
		expect 0 sourced $sh \
			'pen-chain print before pen-sni nice -- --agent codex true'
		[[ $output == '(umask 077; set -C'*$')\nnice '* ]]
		expect 0 sourced $sh 'pen-chain without pen-sni -- \
			without pen-net -- --agent codex sh -c "ls -d ~/.codex"'
		[ "$output" = "$HOME/.codex" ]
	done
}

@test "pen-chain: what is not a link or not an edit runs nothing" {
	local sh edit
	PATH=$HOME/bin:$BIN:/usr/bin:/bin
	for sh in $shells; do
		for edit in 'without pen-no --' 'without claude --' 'without pen-ns x --' \
			'with pen-ns --' 'instead pen-ns' 'before'; do
			run sourced $sh "pen-chain $edit claude"
			[ "$status" -eq 125 ]
			lacks claude\ \<
		done
		expect 127 sourced $sh 'pen-chain without pen-filter -- no-such-program'
		lacks BARE
	done
}

# --- at a real prompt

# typed SHELL : plays stdin (see tests/lib/ns_tty.py) at an interactive shell
# whose rc file reads the integration
typed() {
	export TERM=dumb PS1='ready> '
	case $1 in
	bash)
		printf '%s\n' "PS1='ready> '" "${2-}" \
			"source $B/shell/pen.bash" >"$HOME/.bashrc"
		python3 "$ROOT/tests/lib/ns_tty.py" bash --noediting
		;;
	zsh)
		printf '%s\n' "PS1='ready> '" "unsetopt zle prompt_cr prompt_sp" \
			"source $B/shell/pen.zsh" >"$HOME/.zshrc"
		python3 "$ROOT/tests/lib/ns_tty.py" zsh
		;;
	fish)
		mkdir -p "$HOME/.config/fish"
		printf '%s\n' 'function fish_prompt; echo -n "ready> "; end' \
			'function fish_greeting; end' \
			"source $B/shell/pen.fish" >"$HOME/.config/fish/config.fish"
		TERM=xterm python3 "$ROOT/tests/lib/ns_tty.py" fish
		;;
	esac
}

@test "an agent that comes to PATH has its function at the next prompt" {
	local sh
	for sh in $shells; do
		rm -f "$HOME/bin/codex"
		expect 0 typed $sh <<-END
			expect ready>
			send cp $HOME/bin/claude $HOME/bin/codex\r
			expect ready>
			send codex now\r
			expect PEN codex <now>
			expect ready>
			send exit\r
			end 0
		END
	done
}

@test "the links come first, though a later line of the rc file puts something before them" {
	local sh s=$HOME/.local/share/pen/shims
	pen-shim --install claude 2>/dev/null
	for sh in $shells; do
		home fresh $sh
		mkdir -p "$HOME/later"
		cp "$HOME/bin/claude" "$HOME/later/claude"
		case $sh in
		fish) echo "set -gx PATH $HOME/later \$PATH" ;;
		*) echo "PATH=$HOME/later:\$PATH" ;;
		esac >>"$(rc $sh)"
		expect 0 typed_in $sh <<-END
			send env claude now\r
			expect PEN claude <now>
			send command claude then\r
			expect PEN claude <then>
			send exit 0\r
			end 0
		END
	done
	[ -L "$s/claude" ]
}

@test "pen-status names what hides a link, and so does pen-shim --list" {
	local sh
	pen-shim --install claude 2>/dev/null
	mkdir "$HOME/later"
	cp "$HOME/bin/claude" "$HOME/later/claude"
	for sh in $shells; do
		expect 0 sourced $sh pen-status
		lacks hidden
		case $sh in
		fish) set -- "set PATH $HOME/later \$PATH" ;;
		*) set -- "PATH=$HOME/later:\$PATH" ;;
		esac
		expect 0 sourced $sh "$1; pen-status; pen-shim --list"
		has "claude: in a pen"
		has "claude: its link, for other programs, is hidden by"
		has $'claude\t'"$HOME/later/claude"$'\thidden by '"$HOME/later/claude"
	done
}

@test "an agent that comes later gets its link, where there are links, and not again" {
	local sh s=$HOME/.local/share/pen/shims
	for sh in $shells; do
		rm -f "$HOME/bin/codex"
		expect 0 typed $sh <<-END
			expect ready>
			send cp $HOME/bin/claude $HOME/bin/codex\r
			expect ready>
			send exit\r
			end 0
		END
		[ ! -e "$s" ]
		pen-shim --install claude 2>/dev/null
		rm -f "$HOME/bin/codex"
		expect 0 typed $sh <<-END
			expect ready>
			send cp $HOME/bin/claude $HOME/bin/codex\r
			expect 'codex' is new
			expect ready>
			send env codex now\r
			expect PEN codex <now>
			expect ready>
			send pen-shim --remove codex\r
			expect ready>
			send exit\r
			end 0
		END
		expect 0 typed $sh <<-END
			expect ready>
			send exit\r
			end 0
		END
		[ ! -e "$s/codex" ]
		rm -r "$s"
	done
}

@test "an agent that came while no shell was there gets its link at the next prompt" {
	local sh s=$HOME/.local/share/pen/shims
	for sh in $shells; do
		pen-shim --install claude 2>/dev/null
		agent "$HOME/bin/codex"
		expect 0 typed $sh <<-END
			expect 'codex' is new
			expect ready>
			send env codex now\r
			expect PEN codex <now>
			expect ready>
			send exit\r
			end 0
		END
		[ "$(ls "$s" | xargs)" = "claude codex" ]
		rm -r "$s" "$HOME/bin/codex"
	done
}

@test "Ctrl-C, Ctrl-Z and fg reach the agent" {
	cat >"$HOME/bin/claude" <<-'END'
		#!/bin/sh
		trap 'echo interrupted; exit 9' INT
		trap 'echo resumed' CONT
		echo started
		until read -r line; do :; done
		echo "got $line"
	END
	local sh
	for sh in $shells; do
		expect 0 typed $sh <<-'END'
			expect ready>
			send claude\r
			expect started
			send \x03
			expect interrupted
			expect ready>
			send claude\r
			expect started
			send \x1a
			expect ready>
			send fg\r
			expect resumed
			send hello\r
			expect got hello
			expect ready>
			send exit\r
			end 0
		END
	done
}

@test "bash: PROMPT_COMMAND of others is kept, and so is \$? at the prompt" {
	local before
	for before in 'PROMPT_COMMAND="echo others;"' \
		'PROMPT_COMMAND=("echo others" true)' 'unset PROMPT_COMMAND'; do
		[[ $before != *unset* ]] || before+='; echo others'
		expect 0 typed bash "$before" <<-'END'
			expect others
			expect ready>
			send (exit 3)\r
			expect ready>
			send (exit 4); echo $?\r
			expect 4
			expect ready>
			send source ~/.bashrc; echo "${PROMPT_COMMAND[@]}" | grep -o _pen_refresh | wc -l\r
			expect \n1\r
			expect ready>
			send exit 0\r
			end 0
		END
	done
	expect 0 typed bash 'set -u; unset PROMPT_COMMAND' <<-'END'
		expect ready>
		never unbound
		send echo "${PROMPT_COMMAND}x"\r
		expect _pen_refreshx
		send exit 0\r
		end 0
	END
	expect 0 typed bash "PS1='st=\$? ready> '" <<-'END'
		expect ready>
		send (exit 3)\r
		expect st=3 ready>
		send exit 0\r
		end 0
	END
}

@test "in a fresh home and in a cluttered one, typed by name" {
	local sh kind
	agent "$HOME/bin/codex"
	for kind in fresh cluttered; do
		for sh in $shells; do
			home $kind $sh
			expect 0 typed_in $sh <<-'END'
				send claude "b  c"\r
				expect PEN claude
				expect <b  c>
				send codex now\r
				expect PEN codex <now>
				send claude-raw now\r
				expect BARE claude
				send pen-status\r
				expect claude: in a pen
				expect codex: in a pen
				send exit 0\r
				end 0
			END
		done
	done
}

@test "pen and its pages are found after the functions were read, from any prefix" {
	local sh
	make -s -C "$ROOT" PREFIX="$T/p" install
	for sh in bash 'zsh -f' 'fish --no-config'; do
		# shellcheck disable=SC2086 # a shell and its option
		PATH=/usr/bin:/bin expect 0 $sh -c ". '$T/p/share/pen/shell/pen.${sh%% *}'
			command -v pen; man -w pen"
		[ "${lines[0]}" = "$T/p/bin/pen" ]
		[ "${lines[1]}" = "$T/p/share/man/man1/pen.1" ]
		# what was found before is found first
		PATH=$HOME/bin:/usr/bin:/bin
		printf '#!/bin/sh\n' >"$HOME/bin/pen-log"
		chmod +x "$HOME/bin/pen-log"
		# shellcheck disable=SC2086 # a shell and its option
		expect 0 $sh -c ". '$T/p/share/pen/shell/pen.${sh%% *}'
			command -v pen-log"
		[ "$output" = "$HOME/bin/pen-log" ]
	done
}
