# pen-ns(1): written by completions/generate from src/pen-ns/opts.def

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
_pen_ns_arguments() {
	case $1 in
	--ro-bind) want=(-f -f) ;;
	--ro-bind-try) want=(-f -f) ;;
	--bind) want=(-f -f) ;;
	--bind-try) want=(-f -f) ;;
	--dev-bind) want=(-f -f) ;;
	--dev-bind-try) want=(-f -f) ;;
	--bind-fd) want=(-W\ \'\' -f) ;;
	--ro-bind-fd) want=(-W\ \'\' -f) ;;
	--tmpfs) want=(-f) ;;
	--size) want=(-W\ \'\') ;;
	--perms) want=(-W\ \'\') ;;
	--proc) want=(-f) ;;
	--dev) want=(-f) ;;
	--mqueue) want=(-f) ;;
	--overlay-src) want=(-f) ;;
	--overlay) want=(-f -f -f) ;;
	--tmp-overlay) want=(-f) ;;
	--ro-overlay) want=(-f) ;;
	--draft-tree) want=(-f -W\ \'\') ;;
	--draft) want=(-W\ \'\' -f -f) ;;
	--draft-link) want=(-W\ \'\' -f -f) ;;
	--draft-size) want=(-W\ \'\') ;;
	--at-end) want=(-W\ \'\' -W\ \'\') ;;
	--watch) want=(-W\ \'\' -W\ \'\') ;;
	--dir) want=(-f) ;;
	--file) want=(-W\ \'\' -f) ;;
	--bind-data) want=(-W\ \'\' -f) ;;
	--ro-bind-data) want=(-W\ \'\' -f) ;;
	--symlink) want=(-f -f) ;;
	--chmod) want=(-W\ \'\' -f) ;;
	--remount-ro) want=(-f) ;;
	--mask) want=(-f) ;;
	--copy) want=(-f) ;;
	--cgroup) want=(-f) ;;
	--chdir) want=(-d) ;;
	--hostname) want=(-W\ \'\') ;;
	--setenv) want=(-v -W\ \'\') ;;
	--unsetenv) want=(-v) ;;
	--uid) want=(-W\ \'\') ;;
	--gid) want=(-W\ \'\') ;;
	--cap-add) want=(-W\ \'\') ;;
	--cap-drop) want=(-W\ \'\') ;;
	--seccomp) want=(-W\ \'\') ;;
	--add-seccomp-fd) want=(-W\ \'\') ;;
	--exec-label) want=(-W\ \'\') ;;
	--file-label) want=(-W\ \'\') ;;
	--processes) want=(-W\ \'\') ;;
	--socket-dir) want=(-d) ;;
	--keep-fd) want=(-W\ \'\') ;;
	--sync-fd) want=(-W\ \'\') ;;
	--lock-file) want=(-f) ;;
	--block-fd) want=(-W\ \'\') ;;
	--userns-block-fd) want=(-W\ \'\') ;;
	--info-fd) want=(-W\ \'\') ;;
	--json-status-fd) want=(-W\ \'\') ;;
	--argv0) want=(-W\ \'\') ;;
	--userns) want=(-W\ \'\') ;;
	--userns2) want=(-W\ \'\') ;;
	--pidns) want=(-W\ \'\') ;;
	--args) want=(-W\ \'\') ;;
	*) want=() ;;
	esac
}

_pen_ns() {
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
		_pen_ns_arguments "${words[i]}"
		if ((i + ${#want[@]} >= n)); then
			reply=${want[n - i - 1]:-}
			((i = n))
			break
		fi
		((i += ${#want[@]}))
	done
	# --name=value is a word of its own
	if ((i == n)) && [[ -z ${reply:-} && $cur == --*=* ]]; then
		_pen_ns_arguments "${cur%%=*}"
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
		reply="-W '--ro-bind --ro-bind-try --bind --bind-try --dev-bind
		--dev-bind-try --bind-fd --ro-bind-fd --system --tmpfs --size
		--perms --proc --dev --mqueue --overlay-src --overlay
		--tmp-overlay --ro-overlay --draft-tree --draft --draft-link
		--draft-size --at-end --watch --dir --file --bind-data
		--ro-bind-data --symlink --chmod --remount-ro --mask --copy
		--cgroup --chdir --hostname --setenv --unsetenv --clearenv
		--uid --gid --cap-add --cap-drop --seccomp --add-seccomp-fd
		--exec-label --file-label --processes --socket-dir --keep-fd
		--sync-fd --lock-file --block-fd --userns-block-fd --info-fd
		--json-status-fd --argv0 --new-session --die-with-parent
		--as-pid-1 --unshare-user --unshare-user-try --unshare-ipc
		--unshare-pid --unshare-uts --unshare-cgroup
		--unshare-cgroup-try --unshare-net --unshare-all --share-net
		--userns --userns2 --pidns --disable-userns
		--assert-userns-disabled --nested --args --level-prefix --help
		--version'"
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

complete -F _pen_ns pen-ns
