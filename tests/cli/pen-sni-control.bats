# pen-sni --control: the socket, what it answers, and what a live rule does.
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
	CLIENT=$ROOT/tests/lib/control_client.py
	PIN=(--connect-to ":443:127.0.0.1:$(server_port https)")
}

teardown() {
	exec 8>&-
}

# ---- the session -----------------------------------------------------------

@test "the session's directory is the user's alone, named after the chain, and goes with it" {
	session
	[ "$(stat -c %a "$XDG_RUNTIME_DIR/pen")" = 700 ]
	[ "$(stat -c %a "${SOCKET%/*}")" = 700 ]
	[ "$(stat -c %a "$SOCKET")" = 600 ]
	[ "$(ls -A "${SOCKET%/*}")" = control ]
	session_end
	[ -z "$(ls -A "$XDG_RUNTIME_DIR/pen")" ]
}

@test "without XDG_RUNTIME_DIR it is below XDG_STATE_HOME, else in ~/.local/state" {
	unset XDG_RUNTIME_DIR
	expect 0 env XDG_STATE_HOME="$T/state" pen-sni --control \
		ls "$T/state/pen/run"
	[[ $output =~ ^[0-9]+$ ]]
	expect 0 pen-sni --control ls "$HOME/.local/state/pen/run"
	[[ $output =~ ^[0-9]+$ ]]
	until_true rmdir "$HOME/.local/state/pen/run"
	run -125 env -u HOME pen-sni --control true
	has "there is no place for the session"
	has "hint: set HOME"
}

@test "a directory of the sessions that others can write is refused" {
	mkdir -m 777 "$XDG_RUNTIME_DIR/pen"
	chmod 777 "$XDG_RUNTIME_DIR/pen"
	run -125 pen-sni --control true
	has "cannot open the directory of the sessions"
	rmdir "$XDG_RUNTIME_DIR/pen"
	ln -s "$T" "$XDG_RUNTIME_DIR/pen"
	run -125 pen-sni --control true
	has "cannot open the directory of the sessions"
}

@test "an XDG_RUNTIME_DIR that is not the user's is said, and another place taken" {
	local other
	for other in /run "$T/nowhere" /etc/passwd relative; do
		XDG_RUNTIME_DIR=$other expect 0 pen-sni --control \
			ls "$HOME/.local/state/pen/run"
		has "pen-sni: XDG_RUNTIME_DIR '$other' is not a directory of yours"
		has "the session is in '$HOME/.local/state/pen/run'"
		until_true rmdir "$HOME/.local/state/pen/run"
	done
}

@test "whatever the umask, the session can be entered, and goes with the chain" {
	local mask
	for mask in 0177 0777 0377; do
		rm -rf "$XDG_RUNTIME_DIR/pen"
		expect 0 bash -c "umask $mask; exec pen-sni --control sh -c \
			'umask; ls $XDG_RUNTIME_DIR/pen'"
		has "$mask"
		[[ ${lines[1]} =~ ^[0-9]+ ]]
		[ "$(stat -c %a "$XDG_RUNTIME_DIR/pen")" = 700 ]
		until_true rmdir "$XDG_RUNTIME_DIR/pen"
	done
}

@test "what is wrong with the session's directory names it" {
	touch "$XDG_RUNTIME_DIR/pen"
	run -125 pen-sni --control true
	has "'$XDG_RUNTIME_DIR/pen': "
	rm "$XDG_RUNTIME_DIR/pen"
	mkdir -m 500 "$XDG_RUNTIME_DIR/pen"
	run -125 pen-sni --control true
	has "cannot make the session '$XDG_RUNTIME_DIR/pen/"
	[ -z "$(ls -A "$XDG_RUNTIME_DIR/pen")" ]
}

@test "a path longer than a socket's is no obstacle" {
	XDG_RUNTIME_DIR=$T/$(printf 'x%.0s' {1..200})
	mkdir "$XDG_RUNTIME_DIR"
	session
	say status
	has "\"session\":\"$SESSION\""
	session_end
}

@test "what a killed proxy left is removed by the next session" {
	local proxy dir
	session
	dir=${SOCKET%/*}
	proxy=$(ps -o pid= --ppid "$PID" | tr -d ' ')
	kill -KILL "$proxy"
	until_true grep -q '^State:.Z' "/proc/$proxy/status"
	[ -e "$dir" ]
	mkdir "$XDG_RUNTIME_DIR/pen/999999999"
	exec 8>&-
	wait "$PID" || :
	expect 0 pen-sni --control ls "$XDG_RUNTIME_DIR/pen"
	[[ $output =~ ^[0-9]+$ ]]
	[ ! -e "$dir" ]
}

@test "--listen has a control socket too, and no program to stop" {
	local pid
	pen-sni --listen 127.0.0.1:0 --control 3>&- &
	pid=$!
	SOCKET=$XDG_RUNTIME_DIR/pen/$pid/control
	until_true test -S "$SOCKET"
	say status stop
	has '"ports":"443"'
	has '"error":"this session runs no program"'
	kill $pid
	wait $pid || :
	until_true test ! -e "${SOCKET%/*}"
}

# ---- what it answers -------------------------------------------------------

@test "status tells what the session is" {
	session --agent claude --project /src/thing --allow tcp://allowed.test:5432
	say status
	jq -e '.ok and .agent == "claude" and .project == "/src/thing" and
		.session == "'"$SESSION"'" and .ports == "22,80,443,5432" and
		.refusals == 0 and (.since | startswith("20"))' <<<"$output"
}

@test "what is refused is counted by name and port, with the rule that would allow it" {
	session "${PIN[@]}" --allow allowed.test
	inside "$ROOT/tests/lib/sni_client.py ask evil.test A"
	inside "$(get) --connect-to evil.test:443:allowed.test:443 https://evil.test/"
	[ "$status" -eq 35 ]
	inside "$(get) --connect-to evil.test:443:allowed.test:443 https://evil.test/"
	say denied
	jq -se '.[-1].ok and (.[:-1] | length == 2 and
		any(.name == "evil.test" and .port == 0 and .count == 1 and .allow == "evil.test") and
		any(.name == "evil.test" and .port == 443 and .count == 2))' <<<"$output"
	say status
	jq -e '.refusals == 3' <<<"$output"
}

@test "of more than 256 refused names those seen longest ago are forgotten" {
	session
	inside "$ROOT/tests/lib/sni_client.py flood x .evil.test 300"
	[ "$output" = NXDOMAIN=300 ]
	say denied
	jq -se '.[-1].ok and (.[:-1] | length == 256 and
		any(.name == "x299.evil.test") and all(.name != "x0.evil.test"))' <<<"$output"
}

@test "events are the lines of the log, as they are written" {
	local pid
	session
	"$CLIENT" "$SOCKET" watch >"$T/events" 3>&- 8>&- &
	pid=$!
	until_true test -s "$T/events"
	inside "$ROOT/tests/lib/sni_client.py ask evil.test A"
	say "allow session other.test"
	session_end
	wait $pid
	diff <(tail -n +2 "$T/events") "$LOG"
	jq -se 'any(.name == "evil.test") and
		any(.kind == "control" and .verdict == "allow" and .rule == "other.test")' "$LOG"
}

@test "what the user changes is logged, also in a flood" {
	session
	inside "$ROOT/tests/lib/sni_client.py flood x .evil.test 2000"
	say "allow session other.test"
	jq -se 'any(.kind == "control" and .rule == "other.test")' "$LOG"
}

# ---- live rules ------------------------------------------------------------

@test "a name that is allowed live works at once, until it is taken back" {
	session "${PIN[@]}"
	inside "$(get) https://allowed.test/hi"
	[ "$status" -eq 6 ]
	say "allow session allowed.test"
	inside "$(get) https://allowed.test/hi"
	has "hello from allowed.test"
	say rules
	has '{"verdict":"allow","rule":"allowed.test"}'
	say "undo https://Allowed.Test"
	inside "$(get) https://allowed.test/hi"
	[ "$status" -eq 6 ]
	say rules
	[ "$output" = '{"ok":true}' ]
}

@test "a live rule with a lifetime ends by itself" {
	session "${PIN[@]}" --allow other.test
	say "allow 1s allowed.test" "deny 1s other.test"
	inside "$(get) https://other.test/"
	[ "$status" -eq 6 ]
	has_no_rule() { say rules && [ "$output" = '{"ok":true}' ]; }
	until_true has_no_rule
	inside "$(get) https://allowed.test/"
	[ "$status" -eq 6 ]
	inside "$(get) https://other.test/"
	[ "$status" -eq 0 ]
}

@test "a live deny is for new connections at once, and cuts those that are open" {
	session --allow tcp://allowed.test:9 --allow other.test "${PIN[@]}" \
		--connect-to "allowed.test:9:127.0.0.1:$(server_port echo)"
	inside "exec 7<>/dev/tcp/allowed.test/9
		echo ping >&7
		read -ru 7 line
		echo \$line >$T/echoed
		read -ru 7 || echo cut" &
	until_true grep -qs ping "$T/echoed"
	say "deny session allowed.test"
	wait $!
	jq -se 'any(.kind == "close" and .name == "allowed.test" and .why == "denied")' "$LOG"
	inside "exec 7<>/dev/tcp/allowed.test/9"
	[ "$status" -ne 0 ]
	inside "$(get) https://other.test/"
	has "hello from other.test"
}

@test "allow takes the place of the same live deny, and the other way around" {
	session "${PIN[@]}"
	say "deny session allowed.test" "allow session allowed.test" rules
	has '{"verdict":"allow","rule":"allowed.test"}'
	lacks '"verdict":"deny"'
	inside "$(get) https://allowed.test/"
	[ "$status" -eq 0 ]
	say "deny session allowed.test" rules
	lacks '"verdict":"allow"'
	inside "$(get) https://allowed.test/"
	[ "$status" -eq 6 ]
}

@test "what could not work is refused: a port without a socket, a name that is denied" {
	session --deny evil.test
	say "allow session allowed.test:8443"
	has "that port has no socket in this session"
	say "allow session evil.test"
	has "a rule of the configuration denies it"
	say "allow session 10.0.0.1"
	has "it is not a host name"
	say "allow 25h allowed.test" "allow always allowed.test" "allow allowed.test" "allow session"
	lacks '"ok":true'
	say "undo allowed.test"
	has "there is no such live rule"
}

# ---- hostile and slow clients ----------------------------------------------

@test "requests that are malformed or too long are refused, and nothing else happens" {
	session
	expect 0 "$CLIENT" "$SOCKET" bytes 00 ff "$(printf 'status\n' | xxd -p)" \
		"$(printf ' status' | xxd -p)" "$(printf 'status ' | xxd -p)"
	lacks '"ok":true'
	expect 0 "$CLIENT" "$SOCKET" long 513
	has "the request is too long"
	expect 0 "$CLIENT" "$SOCKET" long 100000
	has "the request is too long"
	say status
	has '"ok":true'
}

@test "clients that read nothing hold nothing up, and there are 16 at most" {
	local pid
	session "${PIN[@]}" --allow allowed.test
	mkfifo "$T/hold"
	"$CLIENT" "$SOCKET" mute 10 <"$T/hold" >"$T/ready" 3>&- 8>&- &
	pid=$!
	exec 7>"$T/hold"
	until_true grep -q ready "$T/ready"
	inside "$ROOT/tests/lib/sni_client.py flood x .evil.test 2000"
	[ "$output" = NXDOMAIN=2000 ]
	inside "$(get) https://allowed.test/"
	[ "$status" -eq 0 ]
	expect 0 "$CLIENT" "$SOCKET" held 16
	[ "$output" = 6 ]
	exec 7>&-
	wait $pid
	say status
	has '"ok":true'
}
