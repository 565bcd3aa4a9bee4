#!/usr/bin/env bats
# pen --audit: a run that may reach every name, and what it needed.

load ../lib/common
load ../lib/session

setup_file() {
	session_servers
}

teardown_file() {
	session_servers_end
}

setup() {
	scratch
	cp "$SERVERS/ca.pem" .
	OPTIONS=(--audit --connect-to ":443:127.0.0.1:$(server_port https)")
}

@test "a run's list is printed at its end, and allows the run" {
	run -0 --separate-stderr pen "${OPTIONS[@]}" curl -sS --cacert ca.pem \
		https://allowed.test/hi
	[[ $output == "hello from allowed.test"* ]]
	[[ $stderr == *"--audit: every name that no rule denies is let through"* ]]
	[[ $stderr == *"this run could reach every name"* ]]
	mkdir -p "$HOME/.config/pen"
	sed -n '/^profile/,$p' <<<"$stderr" >"$HOME/.config/pen/pen.conf"
	run -0 pen "${OPTIONS[@]:1}" curl -sS --cacert ca.pem https://allowed.test/
	has "hello from allowed.test"
	run -0 pen "${OPTIONS[@]}" curl -sS --cacert ca.pem https://allowed.test/
	has "nothing was needed that was not allowed"
}

@test "the exit status is the program's, and so are the signals" {
	run -7 pen "${OPTIONS[@]}" sh -c 'exit 7'
	run -137 pen "${OPTIONS[@]}" sh -c 'kill -KILL $$'
	run -127 env PATH="$BIN:/usr/bin:/bin" pen "${OPTIONS[@]}" no-such-program
	pen "${OPTIONS[@]}" bash -c 'trap "exit 9" TERM
		sleep infinity & echo >begun; wait' 3>&- 2>"$T/err" &
	local pid=$! ended=0
	until_true test -s begun
	kill -TERM $pid
	wait $pid || ended=$?
	[ "$ended" -eq 9 ]
	grep -q "it reached none\|nothing was needed" "$T/err"
}

@test "the program ends with the one that waits for it" {
	mkfifo fifo
	pen "${OPTIONS[@]}" sh -c 'echo >begun; read -r _ <fifo' 3>&- 2>/dev/null &
	local pid=$! child
	until_true test -s begun
	child=$(ps -o pid= --ppid $pid | head -1 | tr -d ' ')
	kill -KILL $pid
	until_true test ! -e "/proc/$child"
}

@test "who listed the refused system calls is missed" {
	mkfifo fifo
	pen "${OPTIONS[@]}" sh -c 'echo >begun; read -r _ <fifo' 3>&- 2>"$T/err" &
	local pid=$!
	until_true test -s begun
	pkill -KILL -P $pid -x pen-policy
	echo >fifo
	wait $pid
	grep -q "system calls is not whole" "$T/err"
}

@test "system calls that were refused are listed, and refused all the same" {
	local probe=$PROBE/sys_probe
	OPTIONS+=(--ro "$PROBE" --env ASAN_OPTIONS)
	# outside it works
	run -0 "$probe" ptrace
	[ "$output" = ok ]
	run -0 --separate-stderr pen "${OPTIONS[@]}" "$probe" ptrace
	[ "$output" = EPERM ]
	[[ $stderr == *$'\n# debug = true    # ptrace: 1'* ]]
	# as pen.conf text, with its "# " taken away
	mkdir -p "$HOME/.config/pen"
	{
		echo 'profile default {'
		sed -n 's/^# \(debug = true.*\)/\1/p' <<<"$stderr"
		echo '}'
	} >"$HOME/.config/pen/pen.conf"
	run -0 --separate-stderr pen "${OPTIONS[@]}" "$probe" ptrace
	[ "$output" = ok ]
	[[ $stderr != *"# ptrace"* ]]
}

@test "--audit is for the allowlist" {
	run -125 pen --audit --offline true
	has "--audit is for network = allowlist"
}
