# pen-sni --ask: what no rule speaks of waits for an answer.
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
	[ ! -e "$T/listener" ] || kill "$(<"$T/listener")" 2>/dev/null || :
}

# listen : somebody who can be asked; the questions go to $T/asked
listen() {
	rm -f "$T/asked"
	"$CLIENT" "$SOCKET" listen >"$T/asked" 3>&- 8>&- &
	echo $! >"$T/listener"
	until_true grep -qs '"ok":true' "$T/asked"
}

# question NAME : the number of the open question about it, in $ID
question() {
	until_true grep -q "\"kind\":\"ask\",.*\"name\":\"$1\"" "$T/asked"
	ID=$(jq -r "select(.kind == \"ask\" and .name == \"$1\").id" "$T/asked" | tail -1)
}

# fetch NAME : in the background, its result in $T/NAME
fetch() {
	rm -f "$T/$1"
	inside "($(get) https://$1/ >$T/$1.part 2>&1; mv $T/$1.part $T/$1) &"
}

@test "without a listener a name that no rule allows is refused at once" {
	session --ask "${PIN[@]}"
	inside "$(get) https://allowed.test/"
	[ "$status" -eq 6 ]
}

@test "the connection waits for the answer, and once allows nothing else" {
	session --ask "${PIN[@]}"
	listen
	fetch allowed.test
	question allowed.test
	jq -se 'any(.kind == "ask" and .port == 443 and .rule == "allowed.test" and .seconds > 50)' "$T/asked"
	say "answer $ID once"
	until_true grep -qs "hello from allowed.test" "$T/allowed.test"
	until_true grep -q '"kind":"answered".*"verdict":"allow"' "$T/asked"
	say rules
	[ "$output" = '{"ok":true}' ]
	fetch allowed.test
	until_true grep -q '"id":2' "$T/asked"
	say "answer 2 deny"
	until_true grep -qs "curl:" "$T/allowed.test"
}

@test "an answer for the session is a live rule, and is not asked again" {
	session --ask "${PIN[@]}"
	listen
	fetch allowed.test
	question allowed.test
	say "answer $ID session"
	until_true grep -qs "hello" "$T/allowed.test"
	inside "$(get) https://allowed.test/"
	has "hello from allowed.test"
	say rules
	has '{"verdict":"allow","rule":"allowed.test"}'
	[ "$(grep -c '"kind":"ask"' "$T/asked")" -eq 1 ]
}

@test "a limit that is used up is asked about, and allowed once more" {
	session --ask "${PIN[@]}" --allow allowed.test --limit allowed.test=4K
	listen
	inside "head -c 9000 /dev/zero | $(get) --data-binary @- https://allowed.test/sum"
	[ "$status" -ne 0 ]
	fetch allowed.test
	question allowed.test
	jq -se 'any(.kind == "ask" and .why == "its limit is used up")' "$T/asked"
	# another change of the rules is no answer to that
	say "allow session other.test"
	say "answer $ID once"
	until_true grep -qs "hello from allowed.test" "$T/allowed.test"
	inside "head -c 9000 /dev/zero | $(get) --data-binary @- https://allowed.test/sum"
	[ "$status" -ne 0 ]
	fetch allowed.test
	until_true grep -q '"id":2' "$T/asked"
	say "answer 2 deny"
	until_true grep -qs "curl:" "$T/allowed.test"
}

@test "no is for the session: it is not asked again" {
	session --ask "${PIN[@]}"
	listen
	fetch allowed.test
	question allowed.test
	say "answer $ID deny"
	until_true grep -qs "curl:" "$T/allowed.test"
	inside "$(get) https://allowed.test/"
	[ "$status" -eq 6 ]
	[ "$(grep -c '"kind":"ask"' "$T/asked")" -eq 1 ]
	jq -se 'any(.verdict == "deny" and .kind == "control" and .rule == "allowed.test")' "$LOG"
}

@test "connections to the same name ask one question" {
	session --ask "${PIN[@]}"
	listen
	inside "for i in 1 2 3 4; do $(get) https://allowed.test/ >>$T/four & done; wait" &
	question allowed.test
	# the second asks nothing more: three have come while the first waited
	held() { [ "$(jq -s 'map(select(.verdict == "held")) | length' "$LOG")" -ge 1 ]; }
	until_true held
	connected() { say status; [ "$(jq .connections <<<"$output")" -eq 4 ]; }
	until_true connected
	say "answer $ID once"
	served() { [ "$(grep -c "hello from allowed.test" "$T/four")" -eq 4 ]; }
	until_true served
	[ "$(grep -c '"kind":"ask"' "$T/asked")" -eq 1 ]
}

@test "a live allow or deny answers what is open" {
	session --ask "${PIN[@]}"
	listen
	fetch allowed.test
	fetch other.test
	question allowed.test
	question other.test
	say "allow session *.test.example" "allow 10m allowed.test" "deny session other.test"
	until_true grep -qs "hello" "$T/allowed.test"
	until_true grep -qs "curl:" "$T/other.test"
}

@test "what a rule denies is not asked about" {
	session --ask --deny evil.test "${PIN[@]}"
	listen
	inside "$(get) https://evil.test/"
	[ "$status" -eq 6 ]
	lacks '"kind":"ask"'
	run -1 grep '"kind":"ask"' "$T/asked"
}

@test "SSH and plain HTTP are asked about too, by their own rules" {
	session --ask --connect-to ":22:127.0.0.1:$(server_port echo)" \
		--connect-to ":80:127.0.0.1:$(server_port echo)"
	listen
	inside "exec 7<>/dev/tcp/allowed.test/22
		echo ping >&7
		read -ru 7 line
		echo \$line >$T/ssh" &
	question allowed.test
	grep -q '"rule":"ssh://allowed.test"' "$T/asked"
	say "answer $ID once"
	until_true grep -qs ping "$T/ssh"
	inside "exec 7<>/dev/tcp/other.test/80
		printf 'GET / HTTP/1.1\r\nHost: other.test\r\n\r\n' >&7
		read -ru 7 line
		echo \$line >$T/http" &
	question other.test
	grep -q '"rule":"http://other.test"' "$T/asked"
	say "answer $ID once"
	until_true grep -qs GET "$T/http"
}

@test "a new listener is told what is open, and answers are checked" {
	session --ask "${PIN[@]}"
	listen
	fetch allowed.test
	question allowed.test
	kill "$(<"$T/listener")"
	listen
	grep -q '"name":"allowed.test"' "$T/asked"
	say "answer 99 once"
	has "there is no such question"
	say "answer $ID for-ever" "answer $ID" "answer x once" "answer $ID once x"
	lacks '"ok":true'
	say "answer $ID once"
	until_true grep -qs hello "$T/allowed.test"
}

@test "more than 32 questions at a time are refused" {
	session --ask "${PIN[@]}"
	listen
	inside "for i in {1..40}; do $(get) https://n\$i.test/ & done; wait" &
	refused() {
		[ "$(grep -c '"kind":"tls","verdict":"refused"' "$LOG")" -eq 8 ]
	}
	until_true refused
	[ "$(grep -c '"kind":"ask"' "$T/asked")" -eq 32 ]
	session_end
}

@test "--ask needs a control socket, and asks only then" {
	run -125 pen-sni --ask true
	has "--ask needs --control"
	session
	say ask
	has "this session asks nothing"
}

# ---- audit -----------------------------------------------------------------

@test "--audit lets every name through that no rule denies, and logs the rules" {
	session --audit --deny evil.test "${PIN[@]}" \
		--connect-to ":80:127.0.0.1:$(server_port echo)" \
		--connect-to ":22:127.0.0.1:$(server_port echo)"
	inside "$(get) https://allowed.test/"
	has "hello from allowed.test"
	inside "$(get) https://evil.test/"
	[ "$status" -eq 6 ]
	inside "exec 7<>/dev/tcp/other.test/22; echo ping >&7; read -ru 7 l; echo \$l"
	[ "$output" = ping ]
	inside "exec 7<>/dev/tcp/other.test/80
		printf 'GET / HTTP/1.1\r\nHost: other.test\r\n\r\n' >&7
		read -ru 7 l; echo \$l"
	has "GET / HTTP/1.1"
	jq -se '[.[] | select(.kind == "audit") | .rule] ==
		["allowed.test", "ssh://other.test", "http://other.test"]' "$LOG"
	run -0 pen-log --audited "$LOG"
	[ "$output" = "# what was needed and not allowed, for pen.conf(5):
profile default {
	allow += {\"allowed.test\"}
	allow += {\"http://other.test\"}
	allow += {\"ssh://other.test\"}
}" ]
}

@test "--audit is a warning, and no way to what is private" {
	expect 0 pen-sni --audit true
	has "every name that no rule denies is let through"
	session --audit
	inside "$(get) https://localhost.evil.test/"
	[ "$status" -ne 0 ]
	jq -se 'any(.kind == "tls" and .verdict != "allowed")' "$LOG"
}
