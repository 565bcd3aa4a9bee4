# pen-watch(1): written by completions/generate from src/pen-watch/opts.def

_pen_now() {
	local log=${XDG_STATE_HOME:-$HOME/.local/state}/pen/log
	case $1 in
	agents | profiles) command pen --list "$1" 2>/dev/null ;;
	rules) command pen --list groups 2>/dev/null ;;
	sessions) command pen-ctl ls 2>/dev/null | command sed '1d; s/ .*//' ;;
	logs) command pen-log --list 2>/dev/null | command sed '1d; s/ .*//' ;;
	esac
	case $1 in
	rules | refused)
		command find "$log" -name '*.jsonl' -mtime -2 -exec sed -nE \
			's|.*"allow":"([A-Za-z0-9.*:/_-]+)".*|\1|p' {} + \
			2>/dev/null | command sort -u
		;;
	esac
}

# Sets want to what compgen is told for each argument of the option $1.
_pen_watch_arguments() {
	case $1 in
	--jail) want=(-W\ \'\') ;;
	--events) want=(-W\ \'\') ;;
	--args) want=(-W\ \'\') ;;
	--draft-link) want=(-W\ \'\' -f -f) ;;
	--draft) want=(-f) ;;
	--forbid) want=(-f) ;;
	--notice) want=(-f) ;;
	--below) want=(-d -f) ;;
	--quota) want=(-W\ \'\' -d) ;;
	--mirror) want=(-d) ;;
	--room) want=(-d) ;;
	*) want=() ;;
	esac
}

_pen_watch() {
	local line=$COMP_LINE cur='' words=() at=() want=() i=0 n reply seen=0
	# bash has split the line at = and : too; put those words together
	for ((n = 0; n <= COMP_CWORD; n++)); do
		cur=${COMP_WORDS[n]}
		if ((n)) && [[ $line != [[:blank:]]* ]]; then
			words[${#words[@]}-1]+=$cur
		else
			words+=("$cur") at+=("$n")
			line=${line#"${line%%[![:blank:]]*}"}
		fi
		line=${line#"$cur"}
	done
	n=$((${#words[@]} - 1)) cur=${words[n]}
	while ((++i < n)); do
		[[ ${words[i]} == -* ]] || { ((++seen)); continue; }
		[[ ${words[i]} != -- ]] || { ((++i)); break; }
		_pen_watch_arguments "${words[i]}"
		if ((i + ${#want[@]} >= n)); then
			reply=${want[n - i - 1]:-}
			((i = n))
			break
		fi
		((i += ${#want[@]}))
	done
	# --name=value is a word of its own
	if ((i == n)) && [[ -z ${reply:-} && $cur == --*=* ]]; then
		_pen_watch_arguments "${cur%%=*}"
		[[ ${#want[@]} -ne 1 ]] || reply=${want[0]} cur=${cur#*=}
	fi
	COMPREPLY=()
	if ((i < n)); then
		if declare -F _comp_command_offset >/dev/null; then
			_comp_command_offset "${at[i]}"
		elif declare -F _command_offset >/dev/null; then
			_command_offset "${at[i]}"
		else
			compopt -o default
		fi
		return
	elif [[ -n ${reply:-} ]]; then
		[[ $reply != -[df] ]] || compopt -o filenames
	elif [[ $cur == -* && ${words[i - 1]} != -- ]]; then
		reply="-W '--jail --events --args --draft-link --draft --forbid --notice
		--below --quota --mirror --room --help --version'"
	elif ((seen)); then
		reply="-W ''"
	else
		reply="-W ''"
	fi
	eval "reply=($reply)"
	mapfile -t COMPREPLY < <(compgen "${reply[@]}" -- "$cur")
	# give back only what follows the last =, : or @ of the word
	reply=${COMP_WORDS[COMP_CWORD]}
	[[ $reply != [=:@] ]] || reply=
	COMPREPLY=("${COMPREPLY[@]#"${cur%"$reply"}"}")
}

complete -F _pen_watch pen-watch
