# pen-bwrap(1): written by completions/generate from src/pen-bwrap/opts.def

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
_pen_bwrap_arguments() {
	case $1 in
	--args) want=(-W\ \'\') ;;
	--chdir) want=(-d) ;;
	--hostname) want=(-W\ \'\') ;;
	--uid) want=(-W\ \'\') ;;
	--gid) want=(-W\ \'\') ;;
	--userns) want=(-W\ \'\') ;;
	--userns2) want=(-W\ \'\') ;;
	--pidns) want=(-W\ \'\') ;;
	--block-fd) want=(-W\ \'\') ;;
	--info-fd) want=(-W\ \'\') ;;
	--json-status-fd) want=(-W\ \'\') ;;
	--seccomp) want=(-W\ \'\') ;;
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
	--setenv) want=(-v -W\ \'\') ;;
	--unsetenv) want=(-v) ;;
	--cap-add) want=(-W\ \'\') ;;
	--cap-drop) want=(-W\ \'\') ;;
	--add-seccomp-fd) want=(-W\ \'\') ;;
	--exec-label) want=(-W\ \'\') ;;
	--file-label) want=(-W\ \'\') ;;
	--processes) want=(-W\ \'\') ;;
	--socket-dir) want=(-d) ;;
	--keep-fd) want=(-W\ \'\') ;;
	--sync-fd) want=(-W\ \'\') ;;
	--lock-file) want=(-f) ;;
	--userns-block-fd) want=(-W\ \'\') ;;
	--argv0) want=(-W\ \'\') ;;
	*) want=() ;;
	esac
}

_pen_bwrap() {
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
		_pen_bwrap_arguments "${words[i]}"
		if ((i + ${#want[@]} >= n)); then
			reply=${want[n - i - 1]:-}
			((i = n))
			break
		fi
		((i += ${#want[@]}))
	done
	# --name=value is a word of its own
	if ((i == n)) && [[ -z ${reply:-} && $cur == --*=* ]]; then
		_pen_bwrap_arguments "${cur%%=*}"
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
		reply="-W '--not-a-security-boundary --args --chdir --hostname --uid --gid
		--userns --userns2 --pidns --block-fd --info-fd
		--json-status-fd --seccomp --ro-bind --ro-bind-try --bind
		--bind-try --dev-bind --dev-bind-try --bind-fd --ro-bind-fd
		--system --tmpfs --size --perms --proc --dev --mqueue
		--overlay-src --overlay --tmp-overlay --ro-overlay --draft-tree
		--draft --draft-link --draft-size --at-end --watch --dir --file
		--bind-data --ro-bind-data --symlink --chmod --remount-ro
		--mask --copy --cgroup --setenv --unsetenv --clearenv --cap-add
		--cap-drop --add-seccomp-fd --exec-label --file-label
		--processes --socket-dir --keep-fd --sync-fd --lock-file
		--userns-block-fd --argv0 --new-session --die-with-parent
		--as-pid-1 --unshare-user --unshare-user-try --unshare-ipc
		--unshare-pid --unshare-uts --unshare-cgroup
		--unshare-cgroup-try --unshare-net --unshare-all --share-net
		--disable-userns --assert-userns-disabled --nested
		--level-prefix --help --version'"
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

complete -F _pen_bwrap pen-bwrap
