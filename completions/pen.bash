# pen(1): written by completions/generate from src/pen/opts.def

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
_pen_arguments() {
	case $1 in
	--agent) want=(-W\ \'\$\(_pen_now\ agents\)\') ;;
	--profile) want=(-W\ \'\$\(_pen_now\ profiles\)\') ;;
	--project) want=(-d) ;;
	--project-anyway) want=(-d) ;;
	--allow) want=(-W\ \'\$\(_pen_now\ rules\)\') ;;
	--deny) want=(-W\ \'\$\(_pen_now\ rules\)\') ;;
	--private) want=(-W\ \'\') ;;
	--env) want=(-v) ;;
	--ro) want=(-f) ;;
	--rw) want=(-f) ;;
	--dev) want=(-W\ \'\') ;;
	--publish) want=(-W\ \'\') ;;
	--reach) want=(-W\ \'\') ;;
	--connect-to) want=(-W\ \'\') ;;
	--memory) want=(-W\ \'\') ;;
	--cpu) want=(-W\ \'\') ;;
	--time) want=(-W\ \'\') ;;
	--processes) want=(-W\ \'\') ;;
	--proxy) want=(-W\ \'\') ;;
	--shell) want=(-W\ \'bash\ zsh\ fish\') ;;
	--list) want=(-W\ \'agents\ profiles\ groups\ programs\') ;;
	--edit) want=(-W\ \'add\ remove\' -W\ \'allow\ deny\ env\ ro\ rw\ publish\ reach\ state\ protect\ mask\' -W\ \'\') ;;
	--config) want=(-f) ;;
	*) want=() ;;
	esac
}

_pen() {
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
		_pen_arguments "${words[i]}"
		if ((i + ${#want[@]} >= n)); then
			reply=${want[n - i - 1]:-}
			((i = n))
			break
		fi
		((i += ${#want[@]}))
	done
	# --name=value is a word of its own
	if ((i == n)) && [[ -z ${reply:-} && $cur == --*=* ]]; then
		_pen_arguments "${cur%%=*}"
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
		reply="-W '--agent --profile --project --project-anyway --allow --deny
		--private --ask --audit --env --ro --rw --dev --gpu --publish
		--reach --connect-to --memory --cpu --time --processes --proxy
		--open --offline --debug --nested --perf --sockets --overlay
		--no-overlay --no-key --new-remotes --no-ask --print
		--print=conf --shell --list --edit --config --help --version'"
	else
		reply="-c -W '\$(_pen_now agents)'"
	fi
	eval "reply=($reply)"
	mapfile -t COMPREPLY < <(compgen "${reply[@]}" -- "$cur")
	# give back only what follows the last =, : or @ of the word
	reply=${COMP_WORDS[COMP_CWORD]}
	[[ $reply != [=:@] ]] || reply=
	COMPREPLY=("${COMPREPLY[@]#"${cur%"$reply"}"}")
}

complete -F _pen pen
