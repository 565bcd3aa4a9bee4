# pen-sni: names, server names, addresses and bytes.  tests/lib/sni_handover.c
# plays pen-net.
load ../lib/common

setup_file() {
	local mode
	export SERVERS=$BATS_FILE_TMPDIR
	for mode in https http sum send echo mute; do
		"$ROOT/tests/lib/tls_server.py" "$SERVERS/$mode" --mode $mode \
			--name allowed.test --name other.test \
			--name a.wild.test --name evil.test </dev/zero \
			>"$SERVERS/$mode.ready" 2>/dev/null 3>&- &
		echo $! >>"$SERVERS/pids"
	done
	for mode in https http sum send echo mute; do
		until_true grep -q ready "$SERVERS/$mode.ready"
	done
	cp "$SERVERS/https/ca.pem" "$SERVERS/ca.pem"
}

teardown_file() {
	xargs kill <"$BATS_FILE_TMPDIR/pids"
}

setup() {
	scratch
	unshare -Urn true 2>/dev/null || skip_missing "user namespaces"
	SNI=$ROOT/tests/lib/sni_client.py
	LOG=$T/log
	echo nameserver 127.0.0.1 >"$T/resolv"
}

teardown() {
	[ ! -e "$T/peers" ] || kill $(<"$T/peers") 2>/dev/null || :
	[ ! -e "$T/dns.pid" ] || kill "$(<"$T/dns.pid")"
}

port() {
	cut -d' ' -f2 "$SERVERS/$1.ready"
}

# sni OPTION… -- PROG… : in the chain, with port 443 pinned to the https server
sni() {
	local options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	"${STARTER:-pen-sni}" --connect-to ":443:127.0.0.1:$(port https)" \
		--log "$LOG" "${options[@]}" -- \
		"$PROBE/sni_handover" "$T/resolv" "$@"
}

get() {
	echo "curl -sS --max-time 20 --cacert $SERVERS/ca.pem"
}

# logged FILTER : some line of the log satisfies this jq condition
logged() {
	jq -es "any(.[]; $1)" "$LOG" >/dev/null || {
		echo "no line with $1 in:" >&2
		cat "$LOG" >&2
		return 1
	}
}

dns_server() {
	rm -f "$T/dns.ready" # an earlier server's would be read
	"$SNI" serve "$T/asked" "$@" >"$T/dns.ready" 3>&- &
	echo $! >"$T/dns.pid"
	until_true grep -qs ready "$T/dns.ready"
	DNS=127.0.0.1:$(cut -d' ' -f2 "$T/dns.ready")
}

# ---- names -----------------------------------------------------------------

@test "an allowed name is reached, and both decisions and the end are logged" {
	expect 0 sni --allow allowed.test -- $(get) https://allowed.test/hi
	has "hello from allowed.test: GET /hi"
	logged '.kind == "dns" and .verdict == "allowed" and .name == "allowed.test" and .rule == "allowed.test"'
	logged '.kind == "tls" and .verdict == "allowed" and .address == "127.0.0.1" and .port == 443'
	logged '.kind == "close" and .up > 100 and .down > 100'
}

@test "a wildcard allows what is below it and not the suffix itself" {
	expect 0 sni --allow '*.wild.test' -- $(get) https://a.wild.test/
	has "hello from a.wild.test"
	expect 6 sni --allow '*.wild.test' -- $(get) https://wild.test/
	expect 6 sni --allow '*.wild.test' -- $(get) https://xwild.test/
}

@test "any other name does not exist, at once, and the log says what would allow it" {
	expect 6 sni --allow allowed.test -- $(get) https://evil.test/
	logged '.kind == "dns" and .verdict == "refused" and .name == "evil.test" and .allow == "evil.test"'
	expect 0 sni --allow evil.test -- $(get) https://evil.test/
}

@test "without a rule nothing is allowed" {
	expect 6 sni -- $(get) https://allowed.test/
	expect 0 sni -- "$SNI" ask allowed.test A
	[ "$output" = NXDOMAIN ]
}

@test "a rule that denies wins, for every port where it names none" {
	expect 6 sni --allow '*.wild.test' --allow tcp://a.wild.test:9 \
		--deny a.wild.test -- $(get) https://a.wild.test/
	logged '.verdict == "refused" and .why == "denied" and .rule == "a.wild.test" and (has("allow") | not)'
	expect 0 sni --allow allowed.test --allow tcp://allowed.test:22 \
		--deny ssh://allowed.test -- $(get) https://allowed.test/
	expect 0 sni --allow allowed.test --allow tcp://allowed.test:22 \
		--deny ssh://allowed.test -- "$SNI" raw allowed.test 22 00
	[ "$output" = reset ]
}

@test "what is denied quietly is in the log, and refused nowhere else" {
	expect 0 sni --quiet 'stats.test' --quiet '*.other.test' \
		--allow '*.test.test' -- bash -c "'$SNI' ask stats.test A
		'$SNI' ask a.other.test A; '$SNI' ask evil.test A"
	[ "$output" = $'NXDOMAIN\nNXDOMAIN\nNXDOMAIN' ]
	logged '.verdict == "quiet" and .name == "stats.test" and .rule == "stats.test"'
	logged '.verdict == "quiet" and .name == "a.other.test" and (has("allow") | not)'
	run -0 pen-log --denied "$LOG"
	has evil.test
	lacks stats.test
	# a server name, too
	rm "$LOG"
	expect 35 sni --quiet stats.test --allow allowed.test -- \
		$(get) --connect-to ::allowed.test: https://stats.test/
	logged '.kind == "tls" and .verdict == "quiet" and .name == "stats.test"'
}

@test "what is allowed is not denied quietly, and a denial that tells wins" {
	expect 0 sni --quiet stats.test --allow stats.test -- \
		"$SNI" ask stats.test A
	lacks NXDOMAIN
	expect 0 sni --quiet stats.test --deny stats.test --allow stats.test -- \
		"$SNI" ask stats.test A
	[ "$output" = NXDOMAIN ]
	logged '.verdict == "refused" and .name == "stats.test"'
}

@test "quiet in pen.conf is denied, and the end of the run does not tell" {
	mkdir -p "$HOME/.config/pen"
	echo 'profile default { quiet = {"stats.example.org"} }' \
		>"$HOME/.config/pen/pen.conf"
	run -0 pen sh -c 'getent hosts stats.example.org; true'
	lacks stats.example.org
	run -0 pen sh -c 'getent hosts other.example.org; true'
	has other.example.org
	run -0 pen-log --json
	echo 'profile default { quiet = {"@npm"} }' >"$HOME/.config/pen/pen.conf"
	run -125 pen true
}

@test "limit in pen.conf is --limit, and is no promise where names do not decide" {
	mkdir -p "$HOME/.config/pen"
	echo 'profile default { limit = {"stats.example.org=2M"} }' \
		>"$HOME/.config/pen/pen.conf"
	run -0 pen --print true
	has "--limit stats.example.org=2M"
	lacks "has no say"
	run -0 pen --open --print true
	has "limit has no say: network is open"
	echo 'profile default { limit = {"stats.example.org"} }' \
		>"$HOME/.config/pen/pen.conf"
	run -125 pen true
	has "it is not NAME=SIZE"
}

@test "of an allowed name only A has records: no IPv6, SVCB, HTTPS or TXT" {
	local type
	expect 0 sni --allow allowed.test -- "$SNI" ask allowed.test A
	[ "$output" = "NOERROR 198.18.0.2" ]
	for type in AAAA HTTPS 64 TXT ANY NS; do
		expect 0 sni --allow allowed.test -- "$SNI" ask allowed.test $type
		[ "$output" = NOERROR ]
	done
}

@test "names are answered over TCP too" {
	expect 0 sni --allow allowed.test -- "$SNI" ask --tcp allowed.test A
	[ "$output" = "NOERROR 198.18.0.2" ]
	expect 0 sni --allow allowed.test -- "$SNI" ask --tcp evil.test A
	[ "$output" = NXDOMAIN ]
}

@test "localhost is loopback, and nothing has a name by number" {
	expect 0 sni -- "$SNI" ask localhost A
	[ "$output" = "NOERROR 127.0.0.1" ]
	expect 0 sni -- "$SNI" ask a.localhost AAAA
	[ "$output" = "NOERROR ::1" ]
	expect 0 sni -- "$SNI" ask 2.0.18.198.in-addr.arpa PTR
	[ "$output" = NXDOMAIN ]
}

@test "new names under a wildcard are rationed, known ones are not" {
	expect 0 sni --allow '*.wild.test' --allow allowed.test -- bash -c "
		'$SNI' ask a.wild.test A &&
		'$SNI' flood x .wild.test 400 &&
		'$SNI' ask a.wild.test A && '$SNI' ask allowed.test A"
	has "SERVFAIL="
	has "NOERROR=127" || has "NOERROR=128"
	[ "${lines[2]}" = "NOERROR 198.18.0.2" ]
	[[ ${lines[3]} == "NOERROR 198.18."* ]]
	logged '.why == "too many new names"'
}

# ---- server names ----------------------------------------------------------

@test "the server name in the ClientHello decides, wherever the program connected to" {
	expect 0 sni --allow allowed.test --allow other.test -- $(get) \
		--connect-to other.test:443:allowed.test:443 https://other.test/
	has "hello from other.test"
	expect 35 sni --allow allowed.test -- $(get) \
		--connect-to other.test:443:allowed.test:443 https://other.test/
	has "access denied"
	logged '.kind == "tls" and .verdict == "refused" and .name == "other.test" and .allow == "other.test"'
}

@test "a missing, malformed or numeric server name is refused with an alert" {
	local hex
	expect 0 sni --allow allowed.test -- \
		"$SNI" hello allowed.test "$(printf allowed.test | xxd -p)"
	[ "$output" = 15030300020228 ] # the server's own: no key share
	for hex in "" 3132372e302e302e31 30783766303030303031 \
		616c6c6f7765642e74657374002e6576696c2e74657374 \
		2e616c6c6f7765642e74657374 5b3a3a315d 1b5d353221; do
		expect 0 sni --allow allowed.test -- \
			"$SNI" hello allowed.test "$hex"
		[[ $output == 15030300020270 || $output == 15030300020232 ]]
	done
	expect 35 sni --allow allowed.test -- \
		$(get) -k --connect-to ::allowed.test:443 https://192.0.2.80/
	logged '.verdict == "refused" and .why == "no server name"'
}

# tls_peer NAME COMMAND… : a server that is no test's own, on a free port: $PEER
tls_peer() {
	local name=$1
	shift
	PEER=$(python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	mkfifo "$T/peer.in"
	exec 7<>"$T/peer.in" # it ends with its input
	"$@" "$PEER" <&7 >"$T/peer.out" 2>&1 3>&- &
	echo $! >>"$T/peers"
	until_true socat -u /dev/null "TCP:127.0.0.1:$PEER" 2>/dev/null
}

openssl_server() {
	tls_peer openssl openssl s_server -cert "$SERVERS/https/cert.pem" \
		-key "$SERVERS/https/key.pem" -groups P-384 "$@" -accept
}

# to_peer SCRIPT : it runs inside, where port 443 leads to $PEER
to_peer() {
	expect 0 pen-sni --connect-to ":443:127.0.0.1:$PEER" --log "$LOG" \
		--allow allowed.test -- "$PROBE/sni_handover" "$T/resolv" \
		bash -c "$1"
}

@test "a second ClientHello is for the same name, and only when it was asked for" {
	openssl_server -tls1_3
	to_peer "$SNI second allowed.test allowed.test asked"
	[ "${lines[0]}" = 22.2 ] # HelloRetryRequest
	[ "${lines[1]}" = 22.2 ] # ServerHello
	to_peer "$SNI second allowed.test evil.test asked"
	[ "${lines[0]}" = 22.2 ]
	[[ ${lines[1]} == @(reset|end) ]]
	logged '.verdict == "refused" and .why == "a second ClientHello with another name"'
	# outside the server takes it: what it answers is a ServerHello
	expect 0 python3 -c "import sys; sys.path.insert(0, '$ROOT/tests/lib')
import socket, sni_client
to, sni_client.socket.create_connection = socket.create_connection, \
	lambda a, t: to(('127.0.0.1', $PEER), t)
sni_client.second('allowed.test', 'evil.test', 'asked')"
	[ "$output" = $'22.2\n22.2' ]
}

@test "a second ClientHello that nobody asked for is refused, pipelined or not" {
	local when
	for when in asked at-once; do
		rm -f "$LOG"
		expect 0 pen-sni --connect-to ":443:127.0.0.1:$(port echo)" \
			--log "$LOG" --allow allowed.test -- \
			"$PROBE/sni_handover" "$T/resolv" \
			"$SNI" second allowed.test evil.test $when
		until_true grep -qs 'a second ClientHello' "$LOG"
		logged '.verdict == "refused" and .why == "a second ClientHello"'
	done
}

s_client() {
	echo "openssl s_client -connect allowed.test:443 -servername allowed.test \
		-CAfile $SERVERS/ca.pem -verify_return_error $*"
}

@test "OpenSSL: HelloRetryRequest, tickets and renegotiation pass" {
	printf 'GET / HTTP/1.0\r\n\r\n' >"$T/request"
	openssl_server -www -client_renegotiation
	to_peer "$(s_client -ign_eof -tls1_3 -groups X25519:P-384 -msg) <$T/request"
	[ "$(grep -c '>>> .*ClientHello' <<<"$output")" -eq 2 ]
	has "Verify return code: 0"
	to_peer "$(s_client -ign_eof -tls1_3 -sess_out "$T/ticket") <$T/request"
	has "New, TLSv1.3"
	to_peer "$(s_client -ign_eof -tls1_3 -sess_in "$T/ticket") <$T/request"
	has "Reused, TLSv1.3"
	to_peer "$(s_client -ign_eof -tls1_2 -sess_out "$T/ticket") <$T/request"
	to_peer "$(s_client -ign_eof -tls1_2 -sess_in "$T/ticket") <$T/request"
	has "Reused, TLSv1.2"
	to_peer "(echo R; cat $T/request) | $(s_client -tls1_2)"
	has RENEGOTIATING
	lacks "no renegotiation"
	logged '.kind == "tls" and .verdict == "allowed"'
	run -1 grep -q '"verdict":"refused"' "$LOG"
}

@test "OpenSSL: early data passes, and is sent in vain where another key is wanted" {
	echo early >"$T/early"
	openssl_server -early_data
	cat >"$T/first" <<-EOF
		mkfifo "$T/in"
		$(s_client -tls1_3 -groups P-384 -sess_out "$T/ticket") \
			<"$T/in" >"$T/out" 2>&1 &
		exec 5>"$T/in"
		$(declare -f until_true)
		until_true grep -q 'Session Ticket arrived' "$T/out"
		exec 5>&-
		wait
		rm "$T/in"
	EOF
	to_peer ". $T/first"
	to_peer "$(s_client -tls1_3 -groups P-384 -sess_in "$T/ticket" \
		-early_data "$T/early") </dev/null"
	has "Reused, TLSv1.3"
	has "Early data was accepted"
	to_peer ". $T/first"
	to_peer "$(s_client -tls1_3 -groups X25519:P-384 -sess_in "$T/ticket" \
		-early_data "$T/early" -msg) </dev/null"
	has "Early data was rejected"
	[ "$(grep -c '>>> .*ClientHello' <<<"$output")" -eq 2 ]
	run -1 grep -q '"verdict":"refused"' "$LOG"
}

@test "GnuTLS: HelloRetryRequest, resumption and renegotiation pass" {
	local get="gnutls-cli --x509cafile $SERVERS/ca.pem allowed.test"
	tls_peer gnutls gnutls-serv --echo --x509certfile "$SERVERS/https/cert.pem" \
		--x509keyfile "$SERVERS/https/key.pem" --quiet \
		--priority NORMAL:-GROUP-ALL:+GROUP-SECP384R1 --port
	to_peer "echo hi | $get -d 4 --single-key-share \
		--priority NORMAL:-GROUP-ALL:+GROUP-X25519:+GROUP-SECP384R1"
	has "HELLO RETRY REQUEST"
	has "Handshake was completed"
	to_peer "echo hi | $get --resume"
	has "This is a resumed session"
	to_peer "echo hi | $get --rehandshake --priority NORMAL:-VERS-ALL:+VERS-TLS1.2"
	has "ReHandshake was completed"
	run -1 grep -q '"verdict":"refused"' "$LOG"
}

@test "what is not TLS is refused on a TLS port" {
	expect 0 sni --allow allowed.test -- \
		"$SNI" raw allowed.test 443 "$(printf 'GET / HTTP/1.1\r\n\r\n' | xxd -p)"
	[ "$output" = reset ]
	logged '.kind == "tls" and .why == "not TLS"'
}

@test "a ClientHello has to be there within 10 seconds, however it drips" {
	expect 0 sni --allow allowed.test -- "$SNI" drip allowed.test
	[ "$output" -ge 9 ] && [ "$output" -le 12 ]
	logged '.why == "no ClientHello within 10 seconds"'
}

@test "an address that stands for no name, or a port without a rule, is refused at once" {
	expect 0 sni --allow allowed.test --allow ssh://other.test -- bash -c "
		'$SNI' raw 198.18.77.77 443 16; '$SNI' raw 127.0.0.1 443 16
		'$SNI' raw allowed.test 22 16"
	[ "$output" = $'reset\nreset\nreset' ]
	logged '.why == "not the address of a name" and .address == "198.18.77.77"'
	logged '.name == "allowed.test" and .port == 22 and .allow == "ssh://allowed.test"'
}

@test "a server name with control bytes, quotes or NUL makes no other log line" {
	local hex
	for hex in 0a7b7d 1b5d35323b0722 225c22 610062 c29bc3bf; do
		expect 0 sni --allow allowed.test -- "$SNI" hello allowed.test $hex
	done
	jq -es 'all(.[]; type == "object" and has("time"))' "$LOG"
	expect 1 grep -P '[\x00-\x09\x0b-\x1f\x7f]' "$LOG"
	logged '.name == "\\x0a{}"'
	logged '.name == "a\\x00b"'
}

# ---- plain HTTP -------------------------------------------------------------

# web OPTION… -- PROG… : allowed.test by HTTP, on port 80, is the http server
web() {
	sni --allow http://allowed.test \
		--connect-to ":80:127.0.0.1:$(port http)" "$@"
}

# hex FORMAT ARGUMENT…
hex() {
	# shellcheck disable=SC2059
	printf "$@" | xxd -p | tr -d '\n'
}

@test "http:// reaches the host that the requests name, with bodies of any kind" {
	local sum
	head -c 300000 /dev/urandom >"$T/body"
	sum=$(sha256sum <"$T/body" | cut -d' ' -f1)
	expect 0 web -- curl -sS http://allowed.test/a http://allowed.test/b
	[ "$output" = $'hello from allowed.test: GET /a\nhello from allowed.test: GET /b' ]
	expect 0 web -- curl -sS --data-binary @"$T/body" http://allowed.test/sum
	[ "$output" = "300000 $sum" ]
	expect 0 web -- bash -c \
		'curl -sS http://allowed.test/bytes/30000000 | wc -c'
	[ "$output" = 30000000 ]
	logged '.kind == "http" and .verdict == "allowed" and .name == "allowed.test" and .port == 80 and .rule == "http://allowed.test"'
}

@test "a request whose Host is not allowed is answered with 403, and logged" {
	expect 0 web -- curl -sS -H 'Host: evil.test' -w '%{http_code}' \
		http://allowed.test/
	has "pen: this is not allowed out"
	has 403
	logged '.kind == "http" and .verdict == "refused" and .name == "evil.test" and .allow == "http://evil.test"'
	touch "$SERVERS/http/requests"
	run -1 grep evil.test "$SERVERS/http/requests"
}

@test "a request to a host that is not reached is answered with 502" {
	expect 0 sni --allow http://down.test --connect-to :80:127.0.0.1:1 -- \
		curl -sS -w '%{http_code}' http://down.test/
	[ "$output" = $'pen: the host could not be reached\n502' ]
	logged '.kind == "http" and .verdict == "failed" and .why == "connection refused"'
}

@test "the Host of every request of a connection is checked" {
	local get='GET /%s HTTP/1.1\r\nHost: %s\r\n\r\n'
	rm -f "$SERVERS/http/requests"
	expect 0 web --allow http://other.test -- "$SNI" talk allowed.test \
		"$(hex "$get" one allowed.test)" "$(hex "$get" two allowed.test)" \
		"$(hex "$get" three other.test)"
	[ "$output" = $'HTTP/1.1 200 OK\nHTTP/1.1 200 OK\nreset' ]
	run -1 grep three "$SERVERS/http/requests"
	logged '.kind == "http" and .verdict == "refused" and .why == "a request for another host"'
	# in one piece: none of it goes
	expect 0 web -- "$SNI" talk allowed.test \
		"$(hex "$get$get" four allowed.test five evil.test)"
	[ "$output" = reset ]
	run -1 grep -e four -e five "$SERVERS/http/requests"
}

@test "a request in another one's body does not count, and none hides behind it" {
	local post='POST /sum HTTP/1.1\r\nHost: allowed.test\r\n'
	local evil='GET /evil HTTP/1.1\r\nHost: evil.test\r\n\r\n'
	rm -f "$SERVERS/http/requests"
	expect 0 web -- "$SNI" talk allowed.test \
		"$(hex "${post}Content-Length: 39\r\n\r\n$evil")" "$(hex "$evil")"
	[ "$output" = $'HTTP/1.1 200 OK\nreset' ]
	expect 0 web -- "$SNI" talk allowed.test \
		"$(hex "${post}Content-Length: 38\r\n\r\n$evil")"
	[ "$output" = reset ]
	run -1 grep /evil "$SERVERS/http/requests"
}

@test "what a server could read in another way is refused before it is sent" {
	local head='POST /ambiguous HTTP/1.1\r\nHost: allowed.test\r\n'
	local text
	for text in "${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" \
		"${head}Transfer-Encoding: xchunked\r\n\r\n" \
		"${head} folded: 1\r\n\r\n" "${head}Host: evil.test\r\n\r\n" \
		'GET http://evil.test/ HTTP/1.1\r\nHost: allowed.test\r\n\r\n' \
		'CONNECT evil.test:443 HTTP/1.1\r\nHost: allowed.test\r\n\r\n' \
		'GET /ambiguous HTTP/1.0\r\n\r\n' 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'; do
		expect 0 web -- "$SNI" raw allowed.test 80 "$(hex "$text")"
		[ "$(xxd -r -p <<<"$output" | head -n 1)" = $'HTTP/1.1 400 Bad Request\r' ]
	done
	touch "$SERVERS/http/requests"
	run -1 grep "ambiguous\|evil\|CONNECT" "$SERVERS/http/requests"
}

@test "http:// and TLS share a port where the rules have both" {
	expect 0 sni --allow http://allowed.test:8000 --allow allowed.test:8000 \
		--connect-to ":8000:127.0.0.1:$(port https)" -- \
		$(get) https://allowed.test:8000/
	has "hello from allowed.test"
	expect 0 sni --allow http://allowed.test:8000 --allow allowed.test:8000 \
		--connect-to ":8000:127.0.0.1:$(port http)" -- \
		$(get) http://allowed.test:8000/
	has "hello from allowed.test:8000"
	expect 0 web -- "$SNI" raw allowed.test 80 160301
	[[ $(xxd -r -p <<<"$output") == "HTTP/1.1 400"* ]]
}

# switched LINE [UPGRADE] : a server that answers so, and a client that asks for a
# WebSocket, or that, and then says what would be a request for another host
switched() {
	local ask='GET / HTTP/1.1\r\nHost: allowed.test\r\nConnection: Upgrade\r\nUpgrade: '${2:-websocket}'\r\n\r\n'
	rm -f "$T/switch"
	"$SNI" switch "$1" >"$T/switch" 3>&- &
	until_true grep -q ready "$T/switch"
	expect 0 sni --allow http://allowed.test --connect-to \
		"allowed.test:80:127.0.0.1:$(cut -d' ' -f2 "$T/switch")" -- \
		"$SNI" talk allowed.test "$(hex "$ask")" \
		"$(hex 'GET /through HTTP/1.1\r\nHost: evil.test\r\n\r\n')"
}

@test "a WebSocket passes once the server agreed, and nothing else turns opaque" {
	switched "HTTP/1.1 101 Switching Protocols"
	[ "$output" = $'HTTP/1.1 101 Switching Protocols\nGET /through HTTP/1.1' ]
	switched "HTTP/1.1 200 OK"
	[ "$output" = $'HTTP/1.1 200 OK\nreset' ]
	logged '.why == "a request for another host"'
	# where the server may choose, what it chose could name any host
	switched "HTTP/1.1 101 Switching Protocols" "h2c, websocket"
	[ "$output" = $'HTTP/1.1 101 Switching Protocols\nreset' ]
	switched "HTTP/1.1 101 Switching Protocols" \
		'websocket\r\nUpgrade: h2c'
	[ "$output" = $'HTTP/1.1 101 Switching Protocols\nreset' ]
}

@test "the head of a request has to be there within 10 seconds" {
	expect 0 web -- "$SNI" drip allowed.test 80
	[ "$output" -ge 9 ] && [ "$output" -le 12 ]
	logged '.why == "no request within 10 seconds"'
}

@test "tcp:// takes a wildcard, for any protocol on that port" {
	expect 0 sni --allow 'tcp://*.wild.test:22' \
		--connect-to "a.wild.test:22:127.0.0.1:$(port echo)" -- \
		"$SNI" raw a.wild.test 22 5353482d
	[ "$output" = 5353482d ]
	expect 0 sni --allow 'tcp://*.wild.test:22' -- "$SNI" ask wild.test A
	[ "$output" = NXDOMAIN ]
}

@test "--limit ends a connection that sends more, and refuses the next" {
	local echo
	echo=$(port echo)
	expect 0 sni --allow "tcp://*.wild.test:$echo" --limit '*.wild.test=1K' \
		--connect-to "::127.0.0.1:$echo" -- python3 -c "
import socket
def go(name, n):
    got = b''
    try:
        with socket.create_connection((name, $echo), 5) as s:
            s.sendall(b'x' * n)
            while len(got) < n and (more := s.recv(65536)):
                got += more
    except ConnectionResetError:
        pass
    print(len(got))
go('a.wild.test', 1000)
go('b.wild.test', 24)
go('b.wild.test', 1)
go('a.wild.test', 200000)"
	[ "$output" = $'1000\n24\n0\n0' ]
	[ "$(jq -s '[.[] | select(.kind == "close") | .up] | add' "$LOG")" -eq 1024 ]
	logged '.verdict == "refused" and .name == "b.wild.test" and .why == "the limit on what is sent there is used up"'
	# in the midst of one, over TLS and plain HTTP; others have none
	head -c 300000 /dev/zero >"$T/much"
	rm "$LOG"
	expect 0 sni --allow allowed.test --allow other.test --limit allowed.test=100K -- \
		bash -c "! $(get) --data-binary @$T/much https://allowed.test/sum
			$(get) --data-binary @$T/much https://other.test/sum"
	has "300000 "
	[ "$(jq -s '[.[] | select(.kind == "close" and .name == "allowed.test") | .up] | add' "$LOG")" -eq 102400 ]
	rm "$LOG"
	expect 0 web --limit allowed.test=100K -- \
		bash -c "! $(get) --data-binary @$T/much http://allowed.test/sum"
	[ "$(jq -s '[.[] | select(.kind == "close") | .up] | add' "$LOG")" -eq 102400 ]
}

# ---- bytes -----------------------------------------------------------------

@test "100 MB up arrive whole, and the answer comes after the half-close" {
	head -c 100M /dev/urandom >"$T/big"
	expect 0 sni --allow tcp://sum.test:5000 \
		--connect-to "sum.test::127.0.0.1:$(port sum)" -- \
		socat -t 60 STDIO TCP:sum.test:5000 <"$T/big"
	[ "$output" = "104857600 $(sha256sum <"$T/big" | cut -d' ' -f1)" ]
	logged '.kind == "close" and .up == 104857600'
}

@test "100 MB down arrive whole" {
	local want
	want=$(socat -u TCP:127.0.0.1:"$(port send)" - | sha256sum)
	expect 0 sni --allow tcp://send.test:5001 \
		--connect-to "send.test::127.0.0.1:$(port send)" -- \
		bash -c 'socat -u TCP:send.test:5001 - | sha256sum'
	[ "$output" = "$want" ]
	logged '.kind == "close" and .down == 100000000'
}

@test "50 MB there and back at the same time arrive whole" {
	head -c 50M /dev/urandom >"$T/big"
	expect 0 sni --allow tcp://echo.test:7 \
		--connect-to "echo.test::127.0.0.1:$(port echo)" -- \
		bash -c 'socat -t 60 STDIO TCP:echo.test:7 | sha256sum' <"$T/big"
	[ "$output" = "$(sha256sum <"$T/big")" ]
}

@test "a server that never reads stops the sender" {
	expect 0 sni --allow tcp://mute.test:9 \
		--connect-to "mute.test::127.0.0.1:$(port mute)" -- \
		"$SNI" fill mute.test 9
	[ "$output" = blocked ]
}

@test "300 connections that say nothing leave a fresh one working" {
	expect 0 sni --allow allowed.test -- \
		"$SNI" idle allowed.test 300 https://allowed.test/
	has "hello from allowed.test"
}

@test "out of descriptors it waits, without spinning, until there are some" {
	ulimit -n 200
	expect 0 sni --allow allowed.test -- bash -c "
		'$SNI' idle allowed.test 20 https://allowed.test/
		ps -o cputimes=,comm= --ppid \$\$ | grep pen-sni"
	has "hello from allowed.test"
	[[ ${lines[1]} =~ ^\ *[01]\ pen-sni$ ]]
}

# ---- addresses -------------------------------------------------------------

@test "an allowed name that resolves to a special address is refused" {
	local a
	for a in 127.0.0.1 10.1.2.3 192.168.1.1 169.254.169.254 0.0.0.0 \
		100.100.100.200 198.18.0.9 ::1 fd00:ec2::254 fe80::1 \
		::ffff:127.0.0.1 64:ff9b::7f00:1; do
		rm -f "$LOG"
		dns_server "bound.test=$a"
		expect 0 sni --allow "tcp://bound.test:$(port echo)" \
			--dns-server "$DNS" -- \
			"$SNI" raw bound.test "$(port echo)" 41
		kill "$(<"$T/dns.pid")" && rm "$T/dns.pid"
		[ "$output" = reset ]
		logged '.kind == "tcp" and .verdict == "refused" and has("address")'
	done
}

@test "the same address is reached where it is pinned" {
	expect 0 sni --allow "tcp://bound.test:$(port echo)" \
		--connect-to "bound.test::127.0.0.1:" -- \
		"$SNI" raw bound.test "$(port echo)" 41
	[ "$output" = 41 ]
	dns_server "pinned.test=127.0.0.1"
	expect 0 sni --allow "tcp://bound.test:$(port echo)" \
		--connect-to "bound.test::pinned.test:" --dns-server "$DNS" -- \
		"$SNI" raw bound.test "$(port echo)" 41
	[ "$output" = 41 ]
}

@test "--connect-to that changes only the port changes no check" {
	dns_server "bound.test=127.0.0.1"
	expect 0 sni --allow "tcp://bound.test:5000" --dns-server "$DNS" \
		--connect-to "bound.test:5000::$(port echo)" -- \
		"$SNI" raw bound.test 5000 41
	[ "$output" = reset ]
}

@test "names are looked up as absolute, when connected to, and only if allowed" {
	dns_server "bound.test=127.0.0.1"
	expect 0 sni --allow "tcp://bound.test:5000" --dns-server "$DNS" -- \
		bash -c "'$SNI' ask bound.test A; '$SNI' ask evil.test A"
	[ ! -e "$T/asked" ]
	expect 0 sni --allow "tcp://bound.test:5000" --dns-server "$DNS" -- \
		bash -c "'$SNI' raw bound.test 5000 41; '$SNI' ask evil.test A"
	[ "$(sort -u "$T/asked")" = $'bound.test 1\nbound.test 28' ]
}

# asked : how many questions the DNS server had
asked() {
	wc -l <"$T/asked"
}

@test "an answer is kept for as long as it is good: the next connection asks nobody" {
	export -f asked until_true
	export SNI T PORT
	PORT=$(port echo)
	dns_server "short.test=127.0.0.1" "long.test=127.0.0.1@60"
	expect 0 sni --allow "tcp://a.test:$PORT" --dns-server "$DNS" \
		--connect-to "a.test::long.test:" -- bash -c '
		"$SNI" raw a.test $PORT 41; "$SNI" raw a.test $PORT 42; asked'
	[ "$output" = $'41\n42\n2' ] # its A and its AAAA
	# and not a moment longer: asked anew once the second is over
	rm "$T/asked"
	expect 0 sni --allow "tcp://a.test:$PORT" --dns-server "$DNS" \
		--connect-to "a.test::short.test:" -- bash -c '
		again() { "$SNI" raw a.test $PORT 41 >/dev/null; [ "$(asked)" -ge 4 ]; }
		until_true again'
}

@test "that there is no such name is kept for a moment, too" {
	export -f asked
	export SNI T
	dns_server "x.test=127.0.0.1"
	expect 0 sni --allow tcp://none.test:5000 --dns-server "$DNS" -- bash -c '
		"$SNI" raw none.test 5000 41; asked
		"$SNI" raw none.test 5000 41; asked'
	[ "${lines[0]} ${lines[2]}" = "reset reset" ]
	[ "${lines[1]}" = "${lines[3]}" ]
}

@test "an address that is kept is checked again, for each connection" {
	export SNI
	dns_server "bound.test=127.0.0.1@60"
	expect 0 sni --allow tcp://bound.test:5000 --dns-server "$DNS" -- bash -c '
		"$SNI" raw bound.test 5000 41; "$SNI" raw bound.test 5000 41'
	[ "$output" = $'reset\nreset' ]
	[ "$(asked)" -eq 2 ]
	[ "$(grep -c 'not a public address' "$LOG")" -eq 2 ]
}

@test "connections to one name at a time wait for one answer" {
	local port
	port=$(port echo)
	mkfifo "$T/hold"
	HOLD=$T/hold dns_server "far.test=127.0.0.1@60"
	expect 0 sni --allow "tcp://a.test:$port" --dns-server "$DNS" \
		--connect-to "a.test::far.test:" -- \
		"$SNI" crowd a.test "$port" 8 "$T/hold"
	[ "${lines[1]}" = 8 ]
	[ "$(asked)" -eq 2 ]
}

@test "a TLS host that is down is a reset, and no alert that looks like tampering" {
	expect 0 sni --allow down.test:8443 --allow near.test \
		--connect-to down.test:8443:127.0.0.1:9 --connect-to near.test::: \
		-- bash -c "openssl s_client -connect down.test:8443 \
			-servername down.test </dev/null; true"
	has "errno=104"
	lacks alert
	logged '.kind == "tls" and .verdict == "failed" and .name == "down.test"'
}

@test "a name that does not resolve, or a port where nobody listens, ends at once" {
	dns_server "x.test=127.0.0.1"
	expect 0 sni --allow tcp://none.test:5000 --dns-server "$DNS" -- \
		"$SNI" raw none.test 5000 41
	[ "$output" = reset ]
	logged '.verdict == "failed" and .name == "none.test"'
	expect 35 sni --connect-to :443:127.0.0.1:1 --connect-to b:1:c:1 \
		--allow none.test -- true || [ "$status" -eq 0 ]
	expect 0 pen-sni --log "$LOG" --allow tcp://down.test:5000 \
		--connect-to down.test::127.0.0.1:1 \
		"$PROBE/sni_handover" "$T/resolv" "$SNI" raw down.test 5000 41
	[ "$output" = reset ]
	logged '.name == "down.test" and .why == "connection refused"'
}

# far SCRIPT : runs it on a host of its own, .1 of $net (93.184.216), with one
# neighbour, .34, where an echo server listens on port 5000
far() {
	PATH=$PATH:/usr/sbin
	unshare -Urn ip link add v0 type veth peer name v1 2>/dev/null ||
		skip_missing "ip, or veth interfaces"
	rm -f "$T/there" "$T/go" "$T/far.ready"
	mkfifo "$T/there" "$T/go"
	cat >"$T/neighbour" <<-EOF
		echo >"$T/there"
		read -r _ <"$T/go"
		ip addr add ${net:-93.184.216}.34/24 dev v1
		ip link set v1 up
		exec "$ROOT/tests/lib/tls_server.py" "$T/far" --mode echo \\
			--bind 0.0.0.0 --port 5000 >"$T/far.ready" </dev/zero
	EOF
	cat >"$T/host" <<-EOF
		$(declare -f until_true)
		ip link set lo up
		unshare -n bash "$T/neighbour" &
		neighbour=\$!
		trap "kill \$neighbour 2>/dev/null" EXIT
		read -r _ <"$T/there"
		ip link add v0 type veth peer name v1 netns \$neighbour
		ip addr add ${net:-93.184.216}.1/24 dev v0
		ip link set v0 up
		echo >"$T/go"
		until_true grep -qs ready "$T/far.ready"
		$1
	EOF
	BATS_TEST_DIRNAME=$BATS_TEST_DIRNAME unshare -Urn bash "$T/host" 3>&-
}

# try ADDR… : what a byte to a name with these addresses brings back
far_try() {
	local list=$*
	rm -f "$T/dns.ready" "$LOG"
	far "'$SNI' serve '$T/asked' far.test=${list// /,} >'$T/dns.ready' &
		trap 'kill \$(jobs -p) 2>/dev/null' EXIT
		until_true grep -qs ready '$T/dns.ready'
		pen-sni --log '$LOG' --allow tcp://far.test:5000 ${private:-} \
			--dns-server 127.0.0.1:\$(cut -d' ' -f2 '$T/dns.ready') \
			'$PROBE/sni_handover' '$T/resolv' \
			'$SNI' raw far.test 5000 42"
}

@test "a public address is dialled, and only it where there are others" {
	expect 0 far_try 127.0.0.1 10.0.0.1 93.184.216.34 ::1
	[ "$output" = 42 ]
	logged '.verdict == "allowed" and .address == "93.184.216.34"'
}

@test "a private address is dialled for a name that --private has, and no other" {
	local net=10.77.0 private=""
	expect 0 far_try 10.77.0.34
	[ "$output" = reset ]
	logged '.verdict == "refused" and .why == "a private address"'
	private="--private other.test" expect 0 far_try 10.77.0.34
	[ "$output" = reset ]
	private="--private far.test" expect 0 far_try 10.77.0.34
	[ "$output" = 42 ]
	private="--private far.test" expect 0 far_try 10.77.0.1
	[ "$output" = reset ]
	logged '.why == "an address of this host"'
}

@test "an address of the host's own is not dialled, public as it may be" {
	expect 0 far_try 93.184.216.1
	[ "$output" = reset ]
	logged '.verdict == "refused" and .why == "an address of this host"'
}

@test "a broadcast address is not dialled" {
	expect 0 far_try 93.184.216.255
	[ "$output" = reset ]
	logged '.why == "not an address of one host"'
}

@test "addresses that do not answer cost a quarter of a second each" {
	SECONDS=0
	expect 0 far_try 93.184.216.99 93.184.216.98 93.184.216.34
	[ "$output" = 42 ]
	[ $SECONDS -lt 3 ]
}

@test "names whose addresses do not answer leave others their descriptors" {
	expect 0 far "ulimit -n 400
		'$SNI' serve '$T/asked' far.test=93.184.216.34 \\
			dead.test=$(echo 93.184.216.{90..97} | tr ' ' ,) \\
			>'$T/dns.ready' &
		trap 'kill \$(jobs -p) 2>/dev/null' EXIT
		until_true grep -qs ready '$T/dns.ready'
		pen-sni --log '$LOG' --allow tcp://far.test:5000 \\
			--allow tcp://dead.test:5000 \\
			--dns-server 127.0.0.1:\$(cut -d' ' -f2 '$T/dns.ready') \\
			'$PROBE/sni_handover' '$T/resolv' \\
			'$SNI' strain dead.test far.test 5000 60"
	[ "${lines[-2]} ${lines[-1]}" = "all refused" ]
}

# ---- an upstream proxy -----------------------------------------------------

# upstream SERVER STATUS : a proxy, $UP, that leads to that server
upstream() {
	rm -f "$T/up.ready" "$T/up"
	"$SNI" proxy "$T/up" "$(port "$1")" "$2" >"$T/up.ready" 3>&- &
	echo $! >"$T/dns.pid"
	until_true grep -qs ready "$T/up.ready"
	UP=127.0.0.1:$(cut -d' ' -f2 "$T/up.ready")
}

# through OPTION… -- PROG… : without a pin, so that the proxy is what is left
through() {
	local options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	pen-sni --log "$LOG" --upstream-proxy "$UP" "${options[@]}" \
		"$PROBE/sni_handover" "$T/resolv" "$@"
}

@test "--upstream-proxy connects by CONNECT, and only to what is allowed" {
	upstream https 200
	expect 0 through --allow allowed.test -- $(get) https://allowed.test/hi
	has "hello from allowed.test: GET /hi"
	[ "$(head -n 2 "$T/up" | tr -d '\r')" = $'CONNECT allowed.test:443 HTTP/1.1\nHost: allowed.test:443' ]
	run -1 grep -i authorization "$T/up"
	logged '.kind == "tls" and .verdict == "allowed" and .address == "127.0.0.1"'
	rm "$T/up"
	expect 6 through --allow allowed.test -- $(get) https://evil.test/
	[ ! -e "$T/up" ]
}

@test "what an upstream proxy sends right behind its answer is the server's" {
	upstream send 200
	expect 0 through --allow tcp://send.test:5001 -- \
		bash -c 'socat -u TCP:send.test:5001 - | sha256sum'
	[ "$output" = "$(socat -u TCP:127.0.0.1:"$(port send)" - | sha256sum)" ]
}

@test "PEN_SNI_UPSTREAM_AUTH is for the upstream proxy, and not for prog" {
	upstream https 200
	PEN_SNI_UPSTREAM_AUTH='user:pass wörd' expect 0 through \
		--allow allowed.test -- bash -c \
		"env | grep ^PEN_SNI_UPSTREAM; $(get) https://allowed.test/"
	[ "$output" = "hello from allowed.test: GET /" ]
	grep -q "Proxy-Authorization: Basic $(printf 'user:pass wörd' | base64)" \
		"$T/up"
}

@test "an upstream proxy that refuses, or says no HTTP, is a failure with its reason" {
	upstream https 407
	expect 35 through --allow allowed.test -- $(get) https://allowed.test/
	logged '.verdict == "failed" and .why == "the upstream proxy wants another user or password"'
	kill "$(<"$T/dns.pid")"
	upstream https "20 "
	expect 35 through --allow allowed.test -- $(get) https://allowed.test/
	logged '.verdict == "failed" and .why == "the upstream proxy refuses"'
	UP=127.0.0.1:$(port echo)
	expect 35 through --allow allowed.test -- $(get) https://allowed.test/
}

@test "a name that is pinned or private does not go through the upstream proxy" {
	upstream https 200
	expect 0 through --allow allowed.test --connect-to \
		":443:127.0.0.1:$(port https)" -- $(get) https://allowed.test/
	[ ! -e "$T/up" ]
	expect 0 through --allow tcp://none.test:9 --private none.test -- \
		"$SNI" raw none.test 9 41
	[ ! -e "$T/up" ]
}

# ---- the process -----------------------------------------------------------

@test "prog's exit status is its own, or 126 and 127 where it cannot be" {
	expect 7 pen-sni bash -c 'exit 7'
	PATH=$BIN:/usr/bin run -127 pen-sni no-such-program
	expect 126 pen-sni /etc/passwd
	expect 143 pen-sni bash -c 'kill $$'
}

@test "40000 rules work, and more than a command line has room for are an error" {
	local many=40000
	# under sanitizers each takes a hundred times as long
	[ -z "${SAN:-}" ] || many=2000
	mkdir -p "$HOME/.config/pen"
	rules() {
		echo 'profile default {'
		seq -f 'allow += {"h%.0f.example.org"}' "$1"
		echo '}'
	}
	rules $many >"$HOME/.config/pen/pen.conf"
	expect 0 pen getent hosts "h$((many - 1)).example.org"
	# a quarter of the stack, execve(2): half of the usual room
	rules 40000 >"$HOME/.config/pen/pen.conf"
	expect 125 bash -c 'ulimit -Ss 4096 && exec pen true'
	has "Argument list too long"
}

@test "a rule for this host itself is 125, and names --reach" {
	local rule
	for rule in localhost localhost:3000 tcp://app.localhost:80 127.0.0.1:80; do
		expect 125 sni --allow "$rule" -- true
		has "--allow: '$rule': a port of this host is reached with --reach"
		expect 125 pen --allow "$rule" --print true
		has "a port of this host is reached with --reach"
	done
	expect 0 sni --deny localhost -- true
}

@test "bad options are refused with one line and 125" {
	local o
	for o in '--allow 127.0.0.1' '--allow *.test' \
		'--allow tcp://a.test' '--allow tcp://a.test:53' "--allow $(printf 'a\x1bb.test')" \
		'--deny 0x7f.1' '--connect-to a:1' '--connect-to a:1:b:0' \
		'--connect-to a:99999:b:1' '--connect-to a:1:::1:1' \
		'--dns-server localhost:53' '--dns-server 1.1.1.1' \
		'--log /nonexistent/log' '--log /tmp/' '--log -' '--frob' \
		'--listen 8443' '--allow' '--limit a.test' '--limit a.test=' \
		'--limit a.test=0' '--limit a.test=2T' '--limit a.test=-1' \
		'--limit a.test=5000000000' '--limit a.test:443=2M' \
		'--limit 127.0.0.1=2M'; do
		# shellcheck disable=SC2086
		run -125 pen-sni $o true
		[[ ${lines[0]} == "pen-sni: "* ]]
		[ "${#lines[@]}" -le 2 ]
		[[ ${lines[0]} != *$'\x1b'* ]]
	done
	run -125 pen-sni --allow a.test
	has "no program"
	mapfile -t o < <(seq 1000 1062 | sed 's/^/--allow=a.test:/')
	run -125 pen-sni "${o[@]}" true
	has "62 ports"
}

@test "prog gets PEN_SNI_FD, the rules' ports on it, sorted, and no child" {
	local fds='set -- /proc/$$/fd/*; echo $#'
	expect 0 bash -c "$fds"
	local before=$output
	expect 0 pen-sni --log "$LOG" --allow a.test --allow b.test \
		--allow ssh://a.test --allow a.test:8443 bash -c '
		python3 -c "import os, socket
fd = int(os.environ[\"PEN_SNI_FD\"])
print(socket.socket(fileno=fd).recv(999).decode())"
		readlink /proc/$$/fd/$PEN_SNI_FD
		wait -n; echo $?; '"$fds"
	[ "${lines[0]}" = 22,443,8443 ]
	[[ ${lines[1]} == socket:* ]]
	[ "${lines[2]}" = 127 ]
	[ "${lines[3]}" = $((before + 1)) ]
}

# proxy_of PID : the process that pen-sni left behind prog
proxy_of() {
	ps -o pid=,comm= --ppid "$1" | sed -n 's/ *\([0-9]*\) pen-sni$/\1/p'
}

@test "the proxy is in a group of its own, holds nothing of prog's, and cannot be dumped" {
	mkfifo "$T/in"
	pen-sni --allow a.test bash -c 'read -r _' <"$T/in" 3>&- 9</etc/passwd &
	local pid=$! proxy
	exec 8>"$T/in"
	found() { proxy=$(proxy_of $pid); [ -n "$proxy" ]; }
	until_true found
	[ "$(ps -o pgid= "$proxy" | tr -d ' ')" = "$proxy" ]
	grep -q '^NoNewPrivs:.*1' "/proc/$proxy/status"
	expect 1 grep -E '^Cap(Inh|Prm|Eff|Amb):.*[1-9a-f]' "/proc/$proxy/status"
	expect 1 test -r "/proc/$proxy/environ" -a -O "/proc/$proxy/environ"
	until_true grep -q '^Seccomp:.*2' "/proc/$proxy/status"
	exec 8>&-
	wait $pid || true
	until_true test ! -e "/proc/$proxy"
}

# beside OPTION… -- PROG… : as sni, with the proxy begun beside prog
beside() {
	STARTER=$ROOT/tests/lib/sni_beside.py sni "$@"
}

@test "--serve: the proxy of the parent process, as good as the chain's" {
	expect 0 beside --allow allowed.test -- bash -c \
		"$(get) https://allowed.test/; $SNI ask evil.test A"
	[ "${lines[0]}" = "hello from allowed.test: GET /" ]
	[ "${lines[1]}" = NXDOMAIN ]
	logged '.kind == "open" or .verdict == "allowed"'
}

@test "--serve: in a group of its own, and ends with its parent, killed or not" {
	local signal pid proxy
	mkfifo "$T/in"
	for signal in TERM KILL; do
		"$ROOT/tests/lib/sni_beside.py" --allow a.test -- \
			bash -c 'read -r _' <"$T/in" 3>&- &
		pid=$!
		exec 8>"$T/in"
		found() {
			proxy=$(proxy_of $pid)
			[ -n "$proxy" ] && grep -q '^Seccomp:.*2' "/proc/$proxy/status"
		}
		until_true found
		[ "$(ps -o pgid= "$proxy" | tr -d ' ')" = "$proxy" ]
		expect 1 test -r "/proc/$proxy/environ" -a -O "/proc/$proxy/environ"
		kill -$signal $pid
		wait $pid || true
		exec 8>&-
		until_true test ! -e "/proc/$proxy"
	done
}

@test "prog is told on PEN_SNI_FD when the proxy has its sockets, and when it cannot" {
	local hand_over='import os, socket, sys
sock = socket.socket(fileno=int(os.environ["PEN_SNI_FD"]))
print(sock.recv(999).decode())
s = socket.create_server(("127.0.0.1", 0))
socket.send_fds(sock, [sys.argv[1].encode()], [s.fileno()])
print(sock.recv(999).decode())'
	expect 0 pen-sni --allow a.test python3 -c "$hand_over" $'tcp 443\n'
	[ "${lines[*]}" = "443 ok" ]
	expect 0 pen-sni --allow a.test python3 -c "$hand_over" $'udp 443\n'
	has "pen-sni: bad message from pen-net"
	has failed
}

@test "--serve: nobody who hands over sockets is the end of it" {
	expect 0 "$ROOT/tests/lib/sni_beside.py" --allow a.test -- bash -c '
		eval "exec $PEN_SNI_FD>&-"; wait -n || :
		until [ -z "$(ps -o pid=,comm=,stat= --ppid $$ |
			grep "pen-sni *[^Z]")" ]; do :; done'
}

@test "--serve: what it cannot use is 125 and one line, which pen-net leaves at that" {
	expect 125 pen-sni --serve 0 </dev/null
	has "pen-sni: --serve: descriptor 0: "
	expect 125 pen-sni --serve 99
	expect 125 pen-sni --serve x
	expect 125 python3 -c 'import socket, subprocess, sys
a, b = socket.socketpair()
sys.exit(subprocess.call(["pen-sni", "--serve", "0"], stdin=a))'
	has "is not of the kind that pen-net uses"
	expect 125 pen-sni --serve 0 true
	expect 125 pen-sni --serve 0 --listen 127.0.0.1:0
	expect 125 "$ROOT/tests/lib/sni_beside.py" --log /nonexistent/log -- \
		pen-net touch "$T/ran"
	has "pen-sni: cannot open"
	[ "${#lines[@]}" -eq 1 ]
	[ ! -e "$T/ran" ]
}

@test "the proxy ends with prog, killed or not, and logs what was open" {
	local job pid proxy signal
	for signal in TERM KILL; do
		rm -f "$LOG"
		sni --allow tcp://mute.test:9 \
			--connect-to "mute.test::127.0.0.1:$(port mute)" -- bash -c \
			'exec 7<>/dev/tcp/mute.test/9; echo >&7; read -ru 7' \
			3>&- &
		job=$!
		until_true grep -qs '"verdict":"allowed","name":"mute.test","address"' "$LOG"
		pid=$(ps -o pid= --ppid $job | tr -d ' ')
		proxy=$(proxy_of "$pid")
		[ -n "$proxy" ]
		kill -$signal "$pid"
		wait $job || true
		until_true test ! -e "/proc/$proxy"
		logged '.kind == "close" and .why == "the run ended"'
	done
}

# ---- the log ---------------------------------------------------------------

@test "the log is made at the first event, for the user alone" {
	expect 0 sni --allow allowed.test -- true
	[ ! -e "$LOG" ]
	expect 0 sni --allow allowed.test -- "$SNI" ask evil.test A
	[ "$(stat -c %a "$LOG")" = 600 ]
}

@test "the log is not written through a link or into a FIFO" {
	ln -s "$T/elsewhere" "$LOG"
	expect 0 sni -- "$SNI" ask evil.test A
	[ ! -e "$T/elsewhere" ]
	rm "$LOG"
	mkfifo "$LOG"
	expect 0 sni -- "$SNI" ask evil.test A
	has NXDOMAIN
	has "cannot write the log 'log'"
	has "1 events could not be written to the log 'log'"
}

@test "a flood of refused names does not flood the log, which says so" {
	expect 0 sni -- "$SNI" flood x .evil.test 4000
	[ "$output" = NXDOMAIN=4000 ]
	[ "$(wc -l <"$LOG")" -lt 1500 ]
	until_true grep -q '"kind":"flood"' "$LOG"
	jq -es 'length > 900 and (.[-1] | .kind == "flood") and
		([.[] | select(.name)] | length) +
		([.[] | .refused // 0] | add) == 4000' "$LOG"
}

@test "a log that an earlier session has filled makes room for the next one" {
	local line='{"time":"2026-01-01T00:00:00.000Z","kind":"dns","name":"old"}'
	yes "$line" | head -c $((3 << 20)) >"$LOG"
	expect 0 sni -- "$SNI" ask one.test A
	grep -q one.test "$LOG"
	[ "$(wc -l <"$LOG")" -eq 1 ]
	[ "$(stat -c %s "$LOG.1")" -eq $((3 << 20)) ]
	expect 0 sni -- "$SNI" ask two.test A
	[ "$(wc -l <"$LOG")" -eq 2 ]
}

# on_full_disk SIZE SCRIPT : the chain on a file system of its own, of that size
on_full_disk() {
	mkdir -p "$T/disk"
	cat >"$T/script" <<-EOF
		mount -t tmpfs -o size=$1 t "$T/disk" || exit 99
		pen-sni --log "$T/disk/log" --allow allowed.test \
			--connect-to ":443:127.0.0.1:$(port https)" \
			"$PROBE/sni_handover" "$T/resolv" bash -c '$2'
		cat "$T/disk/log" >"$LOG"
	EOF
	expect 0 unshare -Urm bash "$T/script"
}

@test "what happens on a full disk is in the log, whose room is reserved" {
	on_full_disk 8m "$SNI ask before.test A
		head -c 10m /dev/zero >$T/disk/fill 2>/dev/null
		$SNI ask stolen.test A; rm $T/disk/fill; $SNI ask after.test A"
	logged '.name == "before.test"'
	logged '.name == "stolen.test"'
	logged '.name == "after.test"'
	lacks "cannot write the log"
}

@test "where nothing can be logged for five seconds nothing is let through" {
	local script="head -c 10m /dev/zero >$T/disk/fill 2>/dev/null
		$SNI ask allowed.test A
		until $SNI ask allowed.test A | grep -q SERVFAIL; do :; done
		$(get) https://allowed.test/; echo while-full: \$?
		rm $T/disk/fill
		until $SNI ask allowed.test A | grep -q NOERROR; do :; done
		$(get) https://allowed.test/"
	on_full_disk 1m "$script"
	has "cannot write the log 'log': No space left on device"
	has "nothing is let through until the log can be written"
	[[ $output =~ while-full:\ [1-9] ]]
	has "the log can be written again"
	has "hello from allowed.test"
	logged '.kind == "gap" and .count > 0'
	logged '.kind == "tls" and .verdict == "allowed"'
}

@test "a limit on the size of files ends the log, and not the proxy" {
	expect 0 bash -c "ulimit -f 0; exec \"\$@\"" - pen-sni --log "$LOG" \
		"$PROBE/sni_handover" "$T/resolv" "$SNI" ask evil.test A
	has NXDOMAIN
	has "cannot write the log 'log': File too large"
	lacks "was killed"
}

# ---- alone -----------------------------------------------------------------

# alone OPTION… : pen-sni --listen in the background, its port in $PORT
alone() {
	PORT=$(python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	pen-sni --listen "127.0.0.1:$PORT" --log "$LOG" "$@" 3>&- &
	ALONE=$!
	until_true socat -u /dev/null "TCP:127.0.0.1:$PORT" 2>/dev/null
}

@test "--listen serves other programs, by server name alone" {
	alone --allow allowed.test --connect-to ":443:127.0.0.1:$(port https)"
	expect 0 $(get) --connect-to "::127.0.0.1:$PORT" https://allowed.test/
	has "hello from allowed.test"
	expect 35 $(get) --connect-to "::127.0.0.1:$PORT" https://evil.test/
	kill $ALONE
	wait $ALONE
	logged '.kind == "tls" and .verdict == "refused" and .name == "evil.test"'
}

@test "--listen takes no program, no other rule, and no port in use" {
	run -125 pen-sni --listen 127.0.0.1:0 true
	has "runs no program"
	run -125 pen-sni --listen 127.0.0.1:0 --allow ssh://a.test
	has "port 443 only"
	run -125 pen-sni --listen "127.0.0.1:$(port https)"
	has "cannot listen on '127.0.0.1' port"
}

@test "--listen --log - writes the events to standard output" {
	LOG=$T/out
	PORT=$(python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	pen-sni --listen "127.0.0.1:$PORT" --log - >"$LOG" 3>&- &
	ALONE=$!
	until_true socat -u /dev/null "TCP:127.0.0.1:$PORT" 2>/dev/null
	expect 35 $(get) --connect-to "::127.0.0.1:$PORT" https://evil.test/
	kill $ALONE
	wait $ALONE
	logged '.verdict == "refused" and .name == "evil.test"'
}

@test "what pen-key could not report is in the log by its number" {
	run -0 /usr/bin/python3 - "$LOG" <<-'END'
		import os, socket, subprocess, sys
		ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
		sni = subprocess.Popen(
		    ["pen-sni", "--log", sys.argv[1], "cat"], stdin=subprocess.PIPE,
		    pass_fds=[its.fileno()],
		    env=dict(os.environ, PEN_KEYS="api.test=%d" % its.fileno()))
		its.close()
		ours.send(b"lost 7")
		ours.send(b"lost everything")
		ours.send(b"GET /v1/models 200 1 2 3 ")
		# it has read them once it takes no more
		ours.shutdown(socket.SHUT_WR)
		ours.recv(1)
		sni.stdin.close()
		sys.exit(sni.wait())
	END
	[ "$(jq -c 'select(.kind == "log") | [.name, .count]' "$LOG")" = \
		'["api.test",7]' ]
	[ "$(jq -r 'select(.kind == "key").path' "$LOG")" = /v1/models ]
}
