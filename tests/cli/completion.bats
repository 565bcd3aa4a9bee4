#!/usr/bin/env bats
# completions/: what Tab inserts and shows, in real shells on a terminal.

load ../lib/common

setup() {
	scratch
	PATH=$BIN:/usr/bin:/bin
	mkdir -p "$HOME/.config/pen" "$HOME/.local/state/pen/log" some-dir
	cat >"$HOME/.config/pen/pen.conf" <<-'END'
		profile untrusted { network = offline }
		agent zagent {}
	END
	echo '{"kind":"dns","verdict":"refused","allow":"refused.example.org"}' \
		>"$HOME/.local/state/pen/log/x.jsonl"
}

# tab SHELL [RC] : plays stdin at a shell that has the completions of the tree,
# where pen and the others only print what they are called with, and the command
# zzz has completions of its own
tab() {
	local c=$ROOT/completions t
	export TERM=xterm
	case $1 in
	bash)
		{
			echo "PS1='ready> '"
			echo "bind 'set enable-bracketed-paste off'"
			[ -e "$T/plain" ] ||
				echo '. /usr/share/bash-completion/bash_completion'
			printf ". '%s'\n" "$c"/*.bash
			echo 'zzz() { printf " <%s>" zzz "$@"; echo; }'
			echo 'complete -W "first second --option" zzz'
			for t in "$c"/*.bash; do
				t=$(basename "$t" .bash)
				echo "$t() { printf ' <%s>' $t \"\$@\"; echo; }"
			done
			echo "${2-}"
		} >"$HOME/.bashrc"
		python3 "$ROOT/tests/lib/ns_tty.py" bash --noprofile
		;;
	zsh)
		{
			echo "PS1='ready> '; fpath=('$c' \$fpath)"
			echo 'autoload -Uz compinit; compinit -u -D'
			echo 'zzz() { printf " <%s>" zzz "$@"; echo; }'
			echo '_zzz() { compadd first second --option }'
			echo 'compdef _zzz zzz'
			for t in "$c"/_*; do
				t=$(basename "$t"); t=${t#_}
				echo "$t() { printf ' <%s>' $t \"\$@\"; echo; }"
			done
			echo "${2-}"
		} >"$HOME/.zshrc"
		python3 "$ROOT/tests/lib/ns_tty.py" zsh -d
		;;
	fish)
		mkdir -p "$HOME/.config/fish"
		{
			echo 'function fish_prompt; echo -n "ready> "; end'
			echo 'function fish_greeting; end'
			printf "source '%s'\n" "$c"/*.fish
			echo 'function zzz; printf " <%s>" zzz $argv; echo; end'
			echo 'complete -c zzz -f -a "first second --option"'
			for t in "$c"/*.fish; do
				t=$(basename "$t" .fish)
				echo "function $t; printf ' <%s>' $t \$argv; echo; end"
			done
			echo "${2-}"
		} >"$HOME/.config/fish/config.fish"
		python3 "$ROOT/tests/lib/ns_tty.py" fish
		;;
	esac
}

# inserts SHELL TYPED… -- WORD… : after what is typed (\t is Tab) and Return,
# the command gets these words
inserts() {
	local sh=$1 typed=$2 want
	shift 2
	printf -v want ' <%s>' "$@"
	expect 0 tab "$sh" <<-END
		size 40 200
		expect ready>
		send $typed\r
		expect $want
		send exit 0\r
		end 0
	END
}

# for_each TYPED WORD… : the same in every shell
for_each() {
	local sh
	for sh in bash zsh fish; do
		inserts $sh "$@"
	done
}

@test "Tab completes the options of every command" {
	for_each 'pen --pub\t1 x' pen --publish 1 x
	for_each 'pen-ns --clear\tx' pen-ns --clearenv x
	for_each 'pen-sni --lis\ta' pen-sni --listen a
	for_each 'pen-policy --expo\t1' pen-policy --export 1
	for_each 'pen-shim --ins\tx' pen-shim --install x
}

@test "Tab shows the options with what they do" {
	expect 0 tab zsh <<-'END'
		size 60 150
		expect ready>
		send pen --\t
		expect no network at all
		send \x15exit 0\r
		end 0
	END
	# fish shows four lines at first, and all of them at the second
	expect 0 tab fish <<-'END'
		size 60 150
		expect ready>
		send pen --\t\t
		expect no network at all
		send \x03\x15exit 0\r
		end 0
	END
	expect 0 tab bash <<-'END'
		size 60 150
		expect ready>
		send pen --\t\t
		expect --offline
		send \x15exit 0\r
		end 0
	END
}

@test "every option of every command is offered" {
	local def tool option
	for def in "$ROOT"/src/pen*/opts.def; do
		tool=$(basename "$(dirname "$def")")
		run fish --no-config -c \
			"source $ROOT/completions/$tool.fish; complete -C '$tool --'"
		for option in $(sed -n 's/^OPT(\([^,]*\),.*/\1/p' "$def"); do
			has "--$option"
		done
	done
}

@test "agents are offered as the command, those of pen.conf too" {
	for_each 'pen opencod\tx' pen opencode x
	for_each 'pen --agent zag\tx' pen --agent zagent x
	for_each 'pen zag\tx' pen zagent x
	for_each 'pen-shim --install zag\tx' pen-shim --install zagent x
}

@test "profiles, groups and names that were refused are offered" {
	for_each 'pen --profile unt\tx' pen --profile untrusted x
	for_each 'pen --allow ref\tx' pen --allow refused.example.org x
	for_each 'pen --allow @crat\tx' pen --allow @crates x
	for_each 'pen --allow @np\tx' pen --allow @npm x
	for_each 'pen-sni --deny ref\tx' pen-sni --deny refused.example.org x
}

@test "paths are offered where an option takes one" {
	for_each 'pen --rw som\tx' pen --rw some-dir/x
	for_each 'pen --project some-d\tx' pen --project some-dir/x
	for_each 'pen-ns --ro-bind som\tx som\ty' pen-ns --ro-bind some-dir/x some-dir/y
	for_each 'pen --shell fi\tx' pen --shell fish x
}

@test "after the command word its own completions are offered" {
	for_each 'pen --offline zzz fir\tx' pen --offline zzz first x
	for_each 'pen-ns --ro-bind a b zzz --opt\tx' pen-ns --ro-bind a b zzz --option x
	for_each 'pen-filter -- zzz sec\tx' pen-filter -- zzz second x
	for_each 'pen pen-ns --clear\tx' pen pen-ns --clearenv x
}

@test "bash without bash-completion completes what it can" {
	: >"$T/plain"
	inserts bash 'pen --pub\t1 x' pen --publish 1 x
	inserts bash 'pen --ro som\tx' pen --ro some-dir/x
	inserts bash 'pen zzz som\tx' pen zzz some-dir/x
}

@test "a name with = and : is completed as one word" {
	inserts bash 'pen --profile=unt\tx' pen --profile=untrusted x
	inserts bash 'pen --print=c\t x' pen --print=conf x
	inserts zsh 'pen --print=c\t x' pen --print=conf x
}

# shadowed SHELL : what an rc file has, for an agent with its own completions
shadowed() {
	case $1 in
	bash) echo 'complete -W "resume --continue" claude' ;;
	zsh) echo '_claude() { compadd resume --continue }; compdef _claude claude' ;;
	fish) echo "complete -c claude -f -a 'resume --continue'" ;;
	esac
	echo "source '$B/shell/pen.$1'"
}

@test "the functions keep the agent's own completions" {
	mkdir -p "$HOME/bin"
	printf '#!/bin/sh\nprintf " <%%s>" "$@"; echo\n' >"$HOME/bin/claude"
	chmod +x "$HOME/bin/claude"
	PATH=$HOME/bin:$PATH
	local sh name
	for sh in bash zsh fish; do
		for name in claude claude-raw; do
			expect 0 tab $sh "$(shadowed $sh)" <<-END
				size 40 200
				expect ready>
				send $name res\tx\r
				expect  <resume> <x>
				send exit 0\r
				end 0
			END
		done
	done
}

@test "zsh and fish find the completions of any prefix by the functions alone" {
	local sh p=$T/prefix
	make -s -C "$ROOT" PREFIX="$p" install
	echo "PS1='ready> '; PATH=$p/bin:/usr/bin:/bin
		autoload -Uz compinit; compinit -u -D
		. $p/share/pen/shell/pen.zsh
		pen() { printf ' <%s>' pen \"\$@\"; echo }" >"$HOME/.zshrc"
	mkdir -p "$HOME/.config/fish"
	echo "function fish_prompt; echo -n 'ready> '; end
		set PATH $p/bin /usr/bin /bin
		source $p/share/pen/shell/pen.fish
		function pen; printf ' <%s>' pen \$argv; echo; end" \
		>"$HOME/.config/fish/config.fish"
	for sh in 'zsh -d' fish; do
		# shellcheck disable=SC2086 # a command and its argument
		expect 0 env TERM=xterm python3 "$ROOT/tests/lib/ns_tty.py" $sh <<-'END'
			size 40 200
			expect ready>
			send pen --pub\t1\r
			expect <pen> <--publish> <1>
			send exit 0\r
			end 0
		END
	done
}

@test "bash and fish find the completions of ~/.local by themselves" {
	make -s -C "$ROOT" PREFIX="$HOME/.local" install
	PATH=$HOME/.local/bin:/usr/bin:/bin
	echo "PS1='ready> '; . /usr/share/bash-completion/bash_completion
		pen() { printf ' <%s>' pen \"\$@\"; echo; }" >"$HOME/.bashrc"
	mkdir -p "$HOME/.config/fish"
	echo 'function fish_prompt; echo -n "ready> "; end
		function pen; printf " <%s>" pen $argv; echo; end' \
		>"$HOME/.config/fish/config.fish"
	# fish 3.3 does not look there
	[[ $(fish --version) != *' 3.3'* ]] ||
		echo 'source ~/.local/share/pen/shell/pen.fish' \
			>>"$HOME/.config/fish/config.fish"
	local sh
	for sh in 'bash --noprofile' fish; do
		# shellcheck disable=SC2086 # a command and its argument
		expect 0 env TERM=xterm python3 "$ROOT/tests/lib/ns_tty.py" $sh <<-'END'
			size 40 200
			expect ready>
			send pen --pub\t1\r
			expect <pen> <--publish> <1>
			send exit 0\r
			end 0
		END
	done
}
