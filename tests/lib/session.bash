# For tests of running pens: `load ../lib/session`, after common.
#
#   session_servers        in setup_file: TLS servers for allowed.test,
#                          other.test and evil.test, their files in $SERVERS
#   session OPTION…        pen-sni --control in the background, in it a shell
#                          that takes commands; its name in $SESSION, the
#                          socket in $SOCKET, the pid in $PID, the log in $LOG
#   inside COMMAND         runs it there; $output and $status as bats' run
#   session_end            ends it and waits
#   say REQUEST…           what the socket answers, in $output

session_servers() {
	local mode
	export SERVERS=$BATS_FILE_TMPDIR
	for mode in https echo; do
		"$ROOT/tests/lib/tls_server.py" "$SERVERS/$mode" --mode $mode \
			--name allowed.test --name other.test \
			--name evil.test </dev/zero \
			>"$SERVERS/$mode.ready" 2>/dev/null 3>&- &
		echo $! >>"$SERVERS/pids"
	done
	for mode in https echo; do
		until_true grep -q ready "$SERVERS/$mode.ready"
	done
	cp "$SERVERS/https/ca.pem" "$SERVERS/ca.pem"
}

session_servers_end() {
	xargs kill <"$BATS_FILE_TMPDIR/pids"
}

server_port() {
	cut -d' ' -f2 "$SERVERS/$1.ready"
}

get() {
	echo "curl -sS --max-time 20 --cacert $SERVERS/ca.pem"
}

session() {
	local commands=$T/commands.$RANDOM
	unshare -Urn true 2>/dev/null || skip_missing "user namespaces"
	echo nameserver 127.0.0.1 >"$T/resolv"
	LOG=$T/log
	mkfifo "$commands"
	pen-sni --control --log "$LOG" "$@" "$PROBE/sni_handover" "$T/resolv" \
		bash -c 'while IFS= read -r line; do
				out=${line%% *}
				bash -c "${line#* }" >"$out.text" 2>&1
				echo $? >"$out.status.part"
				mv "$out.status.part" "$out.status"
			done' <"$commands" 3>&- &
	PID=$!
	SESSION=$PID
	SOCKET=$XDG_RUNTIME_DIR/pen/$SESSION/control
	exec 8>"$commands"
	until_true test -S "$SOCKET"
	inside true
}

inside() {
	local out=$T/inside.$RANDOM$RANDOM
	echo "$out ${1//$'\n'/;}" >&8
	until_true test -e "$out.status"
	output=$(<"$out.text")
	# shellcheck disable=SC2034 # as bats' run has it
	status=$(<"$out.status")
}

session_end() {
	exec 8>&-
	wait "$PID" || :
	until_true test ! -e "${SOCKET%/*}"
}

say() {
	expect 0 "$ROOT/tests/lib/control_client.py" "$SOCKET" say "$@"
}
