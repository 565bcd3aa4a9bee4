# pen-key(1): written by completions/generate from src/pen-key/opts.def

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
_pen_key_arguments() {
	case $1 in
	--upstream) want=(-W\ \'\') ;;
	--header) want=(-W\ \'\') ;;
	--from) want=(-W\ \'\') ;;
	--refresh) want=(-W\ \'\') ;;
	--client-id) want=(-W\ \'\') ;;
	--lock) want=(-d) ;;
	--command) want=(-W\ \'\') ;;
	--api) want=(-W\ \'anthropic\ openai\ gemini\') ;;
	--pass) want=(-W\ \'\' -f) ;;
	--repository) want=(-W\ \'\') ;;
	--push) want=(-W\ \'\') ;;
	--budget) want=(-W\ \'\') ;;
	--placeholder) want=(-W\ \'\') ;;
	--connect-to) want=(-W\ \'\') ;;
	--upstream-proxy) want=(-W\ \'\') ;;
	--hold) want=(-W\ \'\') ;;
	--log) want=(-f) ;;
	--listen) want=(-W\ \'\') ;;
	--serve) want=(-W\ \'\') ;;
	*) want=() ;;
	esac
}

_pen_key() {
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
		[[ ${words[i]} == -* ]] || break
		[[ ${words[i]} != -- ]] || { ((++i)); break; }
		_pen_key_arguments "${words[i]}"
		if ((i + ${#want[@]} >= n)); then
			reply=${want[n - i - 1]:-}
			((i = n))
			break
		fi
		((i += ${#want[@]}))
	done
	# --name=value is a word of its own
	if ((i == n)) && [[ -z ${reply:-} && $cur == --*=* ]]; then
		_pen_key_arguments "${cur%%=*}"
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
		reply="-W '--upstream --header --from --refresh --client-id --lock
		--command --api --pass --repository --push --budget
		--placeholder --private --connect-to --upstream-proxy --hold
		--log --listen --serve --help --version'"
	else
		reply="-c -W ''"
	fi
	eval "reply=($reply)"
	mapfile -t COMPREPLY < <(compgen "${reply[@]}" -- "$cur")
	# give back only what follows the last =, : or @ of the word
	reply=${COMP_WORDS[COMP_CWORD]}
	[[ $reply != [=:@] ]] || reply=
	COMPREPLY=("${COMPREPLY[@]#"${cur%"$reply"}"}")
}

complete -F _pen_key pen-key
