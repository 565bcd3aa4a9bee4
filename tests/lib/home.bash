# Loaded after common: homes as people have them, and a shell at whose prompt a
# name is typed.

# rc SHELL : the file that an interactive one reads
rc() {
	case $1 in
	bash) echo "$HOME/.bashrc" ;;
	zsh) echo "$HOME/.zshrc" ;;
	fish) echo "$HOME/.config/fish/config.fish" ;;
	esac
}

# home fresh|cluttered SHELL : the rc file that reads the integration is all that
# there is of the shell, or comes after what such files collect over the years.
# A cluttered PATH has things by the agents' names that are not programs.
home() {
	local rc dir
	rc=$(rc "$2")
	mkdir -p "${rc%/*}"
	: >"$rc"
	if [ "$1" = cluttered ]; then
		mkdir -p "$HOME/dirs/claude" "$HOME/dirs/codex" "$HOME/flat"
		for dir in claude codex; do
			ln -sf /no/such/program "$HOME/dirs/$dir/$dir"
			printf 'not a program\n' >"$HOME/flat/$dir"
		done
		"clutter_$2" >>"$rc"
	fi
	echo "source $B/shell/pen.$2" >>"$rc"
}

clutter_bash() {
	cat <<-'END'
		case $- in *i*) ;; *) return ;; esac
		shopt -s histappend autocd cdspell extglob nullglob dotglob globstar
		shopt -s nocaseglob nocasematch checkhash
		set -o vi -o noclobber -o notify
		alias ls='ls --color=auto' grep='grep --color=auto' cat='cat -v'
		alias ..='cd ..' rm='rm -i' sudo='sudo ' echo='echo -e'
		alias local='local -x' printf='echo' hash='hash -r' declare='typeset -x'
		alias claude='claude --verbose' cx='codex'
		cd() { builtin cd "$@" && ls >/dev/null; }
		prompt_time() { SECONDS=0; }
		PROMPT_COMMAND='printf "\033]0;%s\007" "$PWD"; prompt_time;'
		trap 'last=$BASH_COMMAND' DEBUG
		command_not_found_handle() { echo "no $1 here" >&2; return 127; }
		CDPATH=.:~/src LESS=-FRX IFS=$' \t\n'
		PATH=~/dirs:relative:.:~/dirs/claude:~/flat:/no/such:$PATH:~/flat:
		PS1='\[\e[1;32m\]\u@\h\[\e[0m\]:\w$(command -v git >/dev/null && echo +)\$ '
	END
}

clutter_zsh() {
	cat <<-'END'
		autoload -Uz compinit && compinit -u -D
		setopt auto_cd correct share_history extended_glob prompt_subst
		setopt interactive_comments no_case_glob glob_dots no_clobber null_glob
		setopt sh_word_split auto_pushd pushd_ignore_dups no_beep long_list_jobs
		bindkey -v
		alias ls='ls --color=auto' grep='grep --color=auto' cat='cat -v'
		alias -g G='| grep' L='| less'
		alias -s md=less
		alias rm='rm -i' sudo='sudo ' local='typeset' print='echo'
		alias claude='claude --verbose' cx='codex'
		cd() { builtin cd "$@" && ls >/dev/null }
		precmd() { print -Pn '\e]0;%~\a' }
		preexec() { print -Pn '\e]0;%~\a' }
		command_not_found_handler() { echo "no $1 here" >&2; return 127 }
		typeset -U path
		path=(~/dirs relative . ~/dirs/claude ~/flat /no/such $path)
		HISTFILE=~/.zsh_history HISTSIZE=1000 SAVEHIST=1000 KEYTIMEOUT=1
		PROMPT='%F{green}%n@%m%f:%~$(command -v git >/dev/null && echo +)%# '
	END
}

clutter_fish() {
	cat <<-'END'
		fish_vi_key_bindings
		alias ls 'ls --color=auto'
		alias claude 'claude --verbose'
		abbr -a cx codex
		function cd; builtin cd $argv; and ls >/dev/null; end
		function fish_command_not_found; echo "no $argv[1] here" >&2; end
		function on_pwd --on-variable PWD; set -g last_pwd $PWD; end
		set -gx PATH ~/dirs relative . ~/dirs/claude ~/flat /no/such $PATH
		set -U fish_features stderr-nocaret qmark-noglob
		function fish_right_prompt; date +%H:%M; end
	END
}

# typed_in SHELL : plays stdin, as tests/lib/shell_tty.py has it, at its prompt
typed_in() {
	local args=(-i)
	[ "$1" != bash ] || args=(--noprofile -i)
	TERM=xterm LANG=C.UTF-8 TTY_PATIENCE=${TTY_PATIENCE:-40} /usr/bin/python3 \
		"$ROOT/tests/lib/shell_tty.py" "$1" "${args[@]}"
}
