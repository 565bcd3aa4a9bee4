#!/usr/bin/env bats
# pen-key alone, with a stand-in for the API on loopback TLS.
load ../lib/common
load ../lib/agents
load ../lib/key

setup_file() {
	agent_ca
}

setup() {
	scratch
}

teardown() {
	key_down
}

# the stand-in of no vendor's; with no --api every path passes
any_up() {
	mkfifo "$T/fifo"
	api_up "$ROOT/tests/lib/key_api.py" "$CA/api.pem" "$CA/key.pem" \
		"$T/api.log" "$T/fifo"
	key_up "$@"
}
# the one that plays Anthropic's, with its rules
anthropic_up() {
	echo '{"commands": [], "say": "finished"}' >"$T/script.json"
	api_up "$ROOT/tests/lib/messages_api.py" "$CA/api.pem" "$CA/key.pem" \
		"$T/script.json" "$T/api.log"
	key_up --api anthropic "$@"
}
api_saw() {
	[ "$(grep -c . "$T/api.log" 2>/dev/null || :)" -eq "$1" ]
}

MESSAGE='{"model":"m","messages":[{"role":"user","content":"hello"}]}'

@test "the API gets the credential, and the caller never has it" {
	any_up
	ask /v1/count -d "$MESSAGE"
	has "{\"size\": ${#MESSAGE}}"
	lacks "$REAL"
	[ "$(jq -r .credential "$T/api.log")" = "$REAL" ]
	# the control: the stand-in does show what it was sent
	run -0 curl -sS --cacert "$CA/ca.pem" --connect-to "::127.0.0.1:$PORT" \
		-H "x-api-key: $REAL" -d '{}' https://localhost/v1/echo/plain
	has "$REAL"
}

@test "another credential than the placeholder is refused with 400, whoever's it is" {
	local header
	any_up
	for header in "x-api-key: $REAL" 'Authorization: Bearer sk-ant-other' \
		'Cookie: session=1' 'x-goog-api-key: AIza' 'api-key: a' \
		"x-api-key: ${HOLDER}x" 'Authorization: Basic YTpi' \
		"Proxy-Authorization: Bearer ${HOLDER%r}"; do
		run -0 curl -sS -m 20 -w '\n%{http_code}\n' -H "$header" \
			-d '{}' "$URL/v1/count"
		[ "${lines[-1]}" = 400 ]
		has 'is not the placeholder'
	done
	# as a bearer token it is one too
	run -0 curl -sS -m 20 -H "Authorization: Bearer $HOLDER" -d '{}' \
		"$URL/v1/count"
	has size
	api_saw 1
}

@test "only the API's requests pass: methods, exact paths, names in the query" {
	local path
	anthropic_up
	ask '/v1/messages?beta=true' -d "$MESSAGE"
	has '"role": "assistant"'
	for path in /v1/files /v1/messages/batches /v1/skills /v1/messages/ \
		/v1/messages/.. //v1/messages '/v1/messages%2f' /V1/messages \
		'/v1/messages?key=a' '/v1/messages?beta=true&key=a' \
		'/v1/messages?beta=%41' '/v1/./messages' '/v1/messages;a'; do
		refused 400 pen-key: "$path" --path-as-is -d "$MESSAGE"
	done
	refused 400 'does not pass' /v1/organizations/api_keys
	refused 400 'only GET, HEAD and POST' /v1/messages -X PUT -d "$MESSAGE"
	refused 400 'only GET, HEAD and POST' /v1/messages -X DELETE
	api_saw 1
}

@test "what makes the API fetch for the caller is refused, however it is spelled" {
	local body
	anthropic_up
	for body in '{"mcp_servers":[]}' '{"\u006dcp_servers":[]}' \
		'{"MCP_Servers":[]}' '{"container":"a"}' \
		'{"tools":[{"name":"a","type":"web_fetch_20250910"}]}' \
		'{"tools":[{"type":"code_execution_20250522"}]}' \
		'{"messages":[{"content":[{"type":"image","source":{"type":"url","url":"https://evil.example"}}]}]}' \
		'{"messages":[{"content":[{"type":"document","source":{"url":"a","type":"\u0075rl"}}]}]}' \
		'{"messages":[{"content":[{"source":{"type":"base64","type":"url"}}]}]}' \
		'[]' '{"a":1}x' '{"a":1' "{'a':1}" '{"a":/**/1}' '' "$(
			printf '\xef\xbb\xbf{}'
		)"; do
		refused 400 pen-key /v1/messages -d "$body"
	done
	# what the model was told or wrote may look like it
	ask /v1/messages -d '{"messages":[{"content":[{"type":"tool_use","input":{"source":{"type":"url"},"mcp_servers":1}},{"type":"text","text":"{\"mcp_servers\":[]}"}]}],"tools":[{"name":"a","input_schema":{"mcp_servers":{}}}]}'
	has '"role": "assistant"'
}

@test "the head is made anew: what is not listed stays here, and is not two" {
	any_up
	ask /v1/headers -d '{}' -H 'X-Secret: a' -H 'X-Stainless-Lang: js' \
		-H 'Accept-Encoding: gzip' -H 'X-Forwarded-For: 1' -H 'Referer: a'
	local names
	names=$(head -n 1 <<<"$output" | jq -r 'map(.[0]) | sort | join(" ")')
	[ "$names" = 'accept accept-encoding content-length content-type host user-agent x-api-key x-stainless-lang' ]
	head -n 1 <<<"$output" | jq -e 'map(select(.[0] == "accept-encoding"))[0][1] == "identity"'
	head -n 1 <<<"$output" | jq -e 'map(select(.[0] == "host"))[0][1] == "api.anthropic.com"'
}

@test "a web page's request does not pass, whatever it has" {
	any_up
	refused 400 'web pages' /v1/count -d '{}' -H 'Origin: https://evil.example'
	refused 400 'web pages' /v1/count -d '{}' -H 'Origin: null'
	# a form's, which a browser sends without asking, and without a placeholder
	run -0 curl -sS -m 20 -w '%{http_code}' -d '{}' -H 'Content-Type:' \
		-H 'Origin: https://evil.example' "$URL/v1/count"
	has 400
	api_saw 0
	# a name of the page's that leads here, with which a GET has no Origin
	local name
	for name in evil.example evil.example:80 localhost.evil.example \
		127.0.0.1.evil.example internal 1a; do
		refused 400 'the Host is neither' /v1/models -H "Host: $name"
	done
	api_saw 0
	for name in localhost LOCALHOST:9 127.0.0.1 '[::1]:8080' a.localhost \
		host.containers.internal; do
		ask /v1/models -H "Host: $name"
		lacks 'the Host is neither'
	done
	api_saw 6
	rm "$T/api.log"
	# the control: without the page it passes
	run -0 curl -sS -m 20 -d '{}' -H 'Content-Type:' "$URL/v1/count"
	has size
}

@test "an API below a path has its requests there, and nothing beside it" {
	echo '{"commands": [], "say": "finished"}' >"$T/script.json"
	api_up "$ROOT/tests/lib/messages_api.py" "$CA/api.pem" "$CA/key.pem" \
		"$T/script.json" "$T/api.log"
	key_up --api openai --upstream https://api.anthropic.com/compatible/mode
	ask /compatible/mode/v1/chat/completions -d '{"model":"m","messages":[]}'
	has 'data: [DONE]'
	refused 400 'does not pass' /v1/chat/completions -d '{}'
	refused 400 'does not pass' /compatible/modev1/chat/completions -d '{}'
	refused 400 'does not pass' /compatible/mode/files -d '{}'
	api_saw 1
	local url
	for url in https://a.example.org/ https://a.example.org/a/ \
		https://a.example.org//a https://a.example.org/a/../b \
		'https://a.example.org/a?b' https:///a; do
		expect 125 pen-key --upstream "$url" --header a: --from env:HOME \
			--listen 127.0.0.1:1
		has 'is not https://NAME'
	done
}

@test "of the answer's head only what is listed passes" {
	any_up
	ask /v1/fields -d '{}' -i
	has 'request-id: req_1'
	has 'anthropic-ratelimit-left: 5'
	lacks Cookie
	lacks Location
	lacks Server
}

@test "betas that let the API fetch do not pass, the others do" {
	anthropic_up --pass POST '/**'
	ask /v1/messages -d "$MESSAGE" \
		-H 'anthropic-beta: claude-code-20250219,mcp-client-2025-04-04, files-api-2025-04-14,context-1m-2025-08-07'
	has '"role": "assistant"'
	key_down
	rm -f "$T/api.log"
	api_up "$ROOT/tests/lib/key_api.py" "$CA/api.pem" "$CA/key.pem" \
		"$T/api.log"
	key_up --api anthropic --pass POST /v1/headers
	ask /v1/headers -d "$MESSAGE" \
		-H 'anthropic-beta: claude-code-20250219,mcp-client-2025-04-04, files-api-2025-04-14,context-1m-2025-08-07'
	[ "$(head -n 1 <<<"$output" | jq -r '.[] | select(.[0] == "anthropic-beta")[1]')" = \
		claude-code-20250219,context-1m-2025-08-07 ]
}

@test "an answer that holds the credential is cut, in whatever spelling" {
	local way
	any_up
	for way in plain escaped percent base64 split field; do
		run curl -sS -m 20 -H "x-api-key: $HOLDER" -d '{}' -i \
			"$URL/v1/echo/$way"
		lacks "${REAL:13:40}"
		lacks "$(printf %s "${REAL:14:36}" | base64 -w 0 | cut -c 5-40)"
		lacks '\u0050\u004c\u0041\u004e\u0054\u0045\u0044\u002d\u0043\u0052\u0045\u0044\u0045\u004e\u0054\u0049\u0041\u004c\u002d\u0030\u0031\u0032'
		grep -q "/v1/echo/$way.*held the credential" "$T/log"
	done
}

@test "events pass as they are sent, and a stream's tokens are counted" {
	any_up
	exec {answer}< <(curl -sSN -m 60 -H "x-api-key: $HOLDER" -d '{}' \
		"$URL/v1/stream" 3>&-)
	exec {more}<>"$T/fifo"
	local line
	read -rt 10 line <&"$answer"
	[ "$line" = 'data: first' ]
	read -rt 10 line <&"$answer"
	# only now the next one is sent
	echo second >&"$more"
	read -rt 10 line <&"$answer"
	[ "$line" = 'data: second' ]
	exec {more}>&-
	cat <&"$answer" >"$T/rest"
	grep -q output_tokens "$T/rest"
	until_true grep -q '"path":"/v1/stream","status":200,.*"tokens":7' "$T/log"
}

@test "a client that goes away ends the request at the API" {
	any_up
	coproc ASK { exec curl -sSN -m 60 -H "x-api-key: $HOLDER" -d '{}' \
		"$URL/v1/stream" 3>&-; }
	local client=$ASK_PID line
	exec {more}<>"$T/fifo"
	read -rt 10 line <&"${ASK[0]}"
	[ "$line" = 'data: first' ]
	kill -9 "$client"
	until_true grep -q 'the client went away' "$T/log"
	until_true pushed_gone
	exec {more}>&-
}
# the stand-in notices when it writes
pushed_gone() {
	echo more >&"$more"
	grep -q '"gone": true' "$T/api.log"
}

@test "many requests go over one connection, with lengths and with chunks" {
	any_up
	run -0 curl -sS -m 20 -v -H "x-api-key: $HOLDER" \
		-d '{"a":1}' "$URL/v1/count" --next -H "x-api-key: $HOLDER" \
		-H 'Transfer-Encoding: chunked' -d '{"a":12}' "$URL/v1/count" \
		--next -H "x-api-key: $HOLDER" -d '{"a":123}' "$URL/v1/count"
	has '{"size": 7}'
	has '{"size": 8}'
	has '{"size": 9}'
	[ "$(grep -c 'Re-using existing connection' <<<"$output")" -eq 2 ]
}

@test "what could be read in two ways is refused, and none of it arrives" {
	local head
	any_up
	local post='POST /v1/count HTTP/1.1\r\nHost: localhost\r\n'
	for head in 'Content-Length: 2\r\nContent-Length: 3\r\n' \
		'Content-Length: 2\r\nTransfer-Encoding: chunked\r\n' \
		'Transfer-Encoding: gzip, chunked\r\n' 'Content-Length: +2\r\n' \
		'A: b\r\n c\r\nContent-Length: 2\r\n' 'A : b\r\n' 'A\r\n' 'Host: b\r\n'; do
		run -0 raw "$post$head\r\n{}"
		has 'HTTP/1.1 400'
	done
	run -0 raw 'POST https://evil.example/v1/count HTTP/1.1\r\nHost: localhost\r\n\r\n'
	has 'HTTP/1.1 400'
	run -0 raw 'CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost\r\n\r\n'
	has 'HTTP/1.1 400'
	for head in 'TRACE /v1/count HTTP/1.1\r\nHost: localhost\r\n\r\n' \
		"${post}Transfer_Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n" \
		"${post}Content-Length : 2\r\n\r\n{}" \
		"${post}A: b\nContent-Length: 2\r\n\r\n{}" \
		"${post}Content-Length: 2\n\n{}\r\n\r\n" \
		"${post}Content-Length: 0x2\r\n\r\n{}" \
		"${post}Transfer-Encoding: chunked\r\n\r\n2;a=b\r\n{}\r\n0\r\n\r\n" \
		"${post}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nA: b\r\n\r\n" \
		"${post}Transfer-Encoding: chunked\r\n\r\n2\r\n{}}\r\n0\r\n\r\n" \
		"${post}Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n" \
		'POST /v1/count?a=%0d%0aHost:b HTTP/1.1\r\nHost: localhost\r\n\r\n' \
		'GET /v1/count HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nContent-Length: 1\r\n\r\na' \
		'GET /v1/count HTTP/1.1 \r\nHost: localhost\r\n\r\n'; do
		run -0 raw "${head/\%0d\%0a/%%0d%%0a}"
		has 'HTTP/1.1 400'
		lacks 'HTTP/1.1 200'
	done
	api_saw 0
	# what follows one request is the next, and judged as it is
	run -0 raw "${post}Content-Length: 2\r\n\r\n{}GET /v1/count HTTP/1.1\r\nHost: localhost\r\nx-api-key: other\r\n\r\n"
	has 'HTTP/1.1 200'
	has 'is not the placeholder'
	run -0 raw 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
	has 'HTTP/1.1 400'
	api_saw 1
}
# raw TEXT : sends it as printf writes it, and prints what comes
raw() {
	/usr/bin/python3 - "${URL##*:}" "$(printf "$1"; echo x)" <<-'END'
		import socket, sys
		s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
		s.sendall(sys.argv[2][:-1].encode())
		s.settimeout(20)
		data = b""
		while (more := s.recv(65536)):
		    data += more
		print(data.decode())
	END
}

@test "a request of 30 MB passes and does not sit in memory" {
	any_up
	/usr/bin/python3 -c 'print("{\"a\":\"" + "x" * (30 << 20) + "\"}", end="")' \
		>"$T/big"
	ask /v1/count --data-binary @"$T/big"
	has "{\"size\": $(stat -c %s "$T/big")}"
	[ -n "${SAN:-}" ] || [ "$(rss)" -lt 12000 ]
}
# kB of memory of its own
rss() {
	sed -n 's/^RssAnon:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$KEY/status"
}

@test "a WebSocket is answered with 426" {
	anthropic_up
	refused 426 'use HTTP' /v1/responses -H 'Connection: Upgrade' \
		-H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13'
}

@test "a body in zstd passes as it came, and is looked through" {
	local type
	command -v zstd >/dev/null || skip_missing zstd
	api_up "$ROOT/tests/lib/key_api.py" "$CA/api.pem" "$CA/key.pem" \
		"$T/api.log"
	key_up --api openai --pass POST /v1/count
	echo '{"input":[{"content":"hello"}]}' | zstd -qc >"$T/good"
	echo '{"tools":[{"type":"mcp","server_url":"https://evil.example"}]}' |
		zstd -qc >"$T/bad"
	ask /v1/count -H 'content-encoding: zstd' --data-binary @"$T/good"
	has "{\"size\": $(stat -c %s "$T/good")}"
	[ "$(jq -r .encoding "$T/api.log")" = zstd ]
	refused 400 'fetch an address' /v1/count -H 'content-encoding: zstd' \
		--data-binary @"$T/bad"
	cat "$T/good" "$T/bad" >"$T/two"
	refused 400 'behind the zstd frame' /v1/count \
		-H 'content-encoding: zstd' --data-binary @"$T/two"
	refused 400 'not zstd' /v1/count -H 'content-encoding: zstd' -d '{}'
	refused 400 'no other' /v1/count -H 'content-encoding: gzip' -d '{}'
	for type in text/plain 'application/json; charset=utf-7' \
		'application/json;charset=utf-16' application/jsonx; do
		refused 400 'application/json only' /v1/count \
			-H "content-type: $type" -d '{}'
	done
	ask /v1/count -H 'content-type: application/json; charset=UTF-8' -d '{}'
	has '"size": 2'
}

@test "a status of 401 is 400 with what to do, the others stay" {
	any_up
	refused 400 'sign in outside' /v1/status/401 -d '{}'
	ask /v1/status/429 -d '{}' -i
	has 'HTTP/1.1 429'
	has 'Retry-After: 4'
	ask /v1/status/529 -d '{}'
	[ "${lines[-1]}" = 529 ]
}

@test "an answer before the body was read is passed on; one that is cut is cut" {
	any_up
	/usr/bin/python3 -c 'print("x" * (4 << 20))' >"$T/big"
	run curl -sS -m 20 -H "x-api-key: $HOLDER" --data-binary @"$T/big" \
		-w '%{http_code}' "$URL/v1/early"
	[[ $output == *413* || $output == *502* || $output == *reset* ]]
	run -18 curl -sS -m 20 -H "x-api-key: $HOLDER" -d '{}' "$URL/v1/cut" ||
		run -56 curl -sS -m 20 -H "x-api-key: $HOLDER" -d '{}' "$URL/v1/cut"
}

@test "an address that is not public is not dialled, and a name that is none says so" {
	REAL=$REAL SSL_CERT_FILE=$CA/ca.pem pen-key --listen 127.0.0.1:0 \
		--upstream https://api.example.org --header 'x-api-key: ' \
		--from env:MISSING 2>"$T/errors" 3>&- && return 1
	grep -q 'env:MISSING: the variable is not set' "$T/errors"
	any_up
	key_down
	local port=$PORT
	port=${URL##*:}
	REAL=$REAL pen-key --listen "127.0.0.1:$port" --header 'x-api-key: ' \
		--upstream "https://localhost:$PORT" --from env:REAL \
		--private --placeholder "$HOLDER" 2>"$T/errors" 3>&- &
	KEY=$!
	until_true key_serves "$port"
	refused 502 'not one of a public host' /v1/count -d '{}'
}

@test "a certificate of nobody's is not believed" {
	any_up
	key_down
	api_up "$ROOT/tests/lib/key_api.py" "$CA/api.pem" "$CA/key.pem" \
		"$T/api.log"
	local port=${URL##*:}
	REAL=$REAL pen-key --listen "127.0.0.1:$port" --header 'x-api-key: ' \
		--upstream https://api.anthropic.com --from env:REAL \
		--connect-to "api.anthropic.com:443:127.0.0.1:$PORT" \
		--placeholder "$HOLDER" 2>"$T/errors" 3>&- &
	KEY=$!
	until_true key_serves "$port"
	refused 502 'certificate' /v1/count -d '{}'
	api_saw 0
}

@test "the credential is in no argument, variable, log or core of it" {
	any_up
	ask /v1/count -d '{}'
	refused 400 'is not the placeholder' /v1/count -H 'cookie: a' -d '{}'
	output=$(tr '\0' '\n' <"/proc/$KEY/cmdline"; cat "$T/log" "$T/key.errors")
	lacks "$REAL"
	run cat "/proc/$KEY/environ"
	[ "$status" -ne 0 ]
	run cat "/proc/$KEY/mem"
	[ "$status" -ne 0 ]
	# the control: this process' own are there to be read
	run -0 cat "/proc/$$/environ"
}

@test "the credential is in a file, in a member of one, or what a command prints" {
	local port source
	echo "$REAL" >"$T/plain"
	jq -n --arg k "$REAL" '{tokens: {access: $k}}' >"$T/login.json"
	api_up "$ROOT/tests/lib/key_api.py" "$CA/api.pem" "$CA/key.pem" \
		"$T/api.log"
	for source in "--from file:$T/plain" "--from file:$T/login.json#tokens.access" \
		"--command cat --command $T/plain"; do
		rm -f "$T/api.log.credential"
		port=$(/usr/bin/python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
		URL=http://127.0.0.1:$port
		# shellcheck disable=SC2086 # words
		SSL_CERT_FILE=$CA/ca.pem pen-key --listen "127.0.0.1:$port" \
			--upstream https://api.anthropic.com --header 'x-api-key: ' \
			--connect-to "api.anthropic.com:443:127.0.0.1:$PORT" \
			--placeholder "$HOLDER" $source 2>"$T/key.errors" 3>&- &
		KEY=$!
		until_true key_serves "$port"
		ask /v1/count -d '{}'
		[ "$(tail -n 1 "$T/api.log" | jq -r .credential)" = "$REAL" ]
		kill "$KEY"
		wait "$KEY" || :
	done
	expect 125 pen-key --listen 127.0.0.1:1 --upstream https://a.example.org \
		--header 'x-api-key: ' --command false
	has "'false' did not print the credential"
	expect 125 pen-key --listen 127.0.0.1:1 --upstream https://a.example.org \
		--header 'x-api-key: ' --from "file:$T/login.json#tokens.refresh"
	has 'there is no such string in it'
	# before the program, which would clear the screen
	expect 125 pen-key --upstream https://a.example.org --header 'x-api-key: ' \
		--from "file:$T/login.json#tokens.refresh" echo STARTED
	[[ $output == *'there is no such string in it' ]]
	lacks STARTED
}

@test "options that do not go together, or say nothing, are errors" {
	local base='--upstream https://a.example.org --header x-api-key:'
	expect 125 pen-key
	has '--upstream is missing'
	# shellcheck disable=SC2086 # words
	{
		expect 125 pen-key $base
		has '--from, or --command'
		expect 125 pen-key $base --from env:A
		has '--listen, --serve or a program'
		expect 125 pen-key $base --from nothing
		expect 125 pen-key $base --listen 192.0.2.1:1
		has 'not of the loopback'
		expect 125 pen-key $base --api none
		expect 125 pen-key $base --pass PUT /
		expect 125 pen-key $base --pass GET a
		expect 125 pen-key $base --from env:A --listen 127.0.0.1:1 \
			--connect-to b.example.org:443:127.0.0.1:1
		has 'is not a.example.org:443:ADDR:PORT'
		expect 125 pen-key $base --from env:A --listen 127.0.0.1:1 true
		# before the program starts, which would clear the screen
		A=too-short expect 125 pen-key $base --from env:A touch started
		has 'env:A: a credential has 16 to 8192 characters, and this has 9'
		[ ! -e started ]
	}
	expect 125 pen-key --upstream http://a.example.org --header a: \
		--from env:A --listen 127.0.0.1:1
	has 'is not https://NAME'
	expect 125 pen-key --header 'a b'
}

@test "the upstream may speak HTTP/2, and its requests share a connection" {
	local nginx
	nginx=$(PATH=$PATH:/usr/sbin command -v nginx) || skip_missing nginx
	api_up "$ROOT/tests/lib/key_api.py" - - "$T/api.log"
	mkdir "$T/nginx"
	local front
	front=$(/usr/bin/python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	cat >"$T/nginx/conf" <<-END
		daemon off; pid $T/nginx/pid; error_log $T/nginx/errors;
		events {}
		http {
			access_log $T/nginx/log combined;
			log_format h2 '\$server_protocol \$connection';
			client_body_temp_path $T/nginx; proxy_temp_path $T/nginx;
			fastcgi_temp_path $T/nginx; uwsgi_temp_path $T/nginx;
			scgi_temp_path $T/nginx; client_max_body_size 64m;
			server {
				listen 127.0.0.1:$front ssl http2;
				access_log $T/nginx/h2 h2;
				ssl_certificate $CA/api.pem;
				ssl_certificate_key $CA/key.pem;
				location / { proxy_pass http://127.0.0.1:$PORT; proxy_buffering off; }
			}
		}
	END
	"$nginx" -p "$T/nginx" -c "$T/nginx/conf" 2>/dev/null 3>&- &
	local server=$!
	until_true key_serves "$front"
	PORT=$front key_up
	local i
	for i in 1 2 3; do
		ask /v1/count -d "$MESSAGE"
		has '"size"'
	done
	ask /v1/count -H 'Transfer-Encoding: chunked' -d "$MESSAGE"
	has "{\"size\": ${#MESSAGE}}"
	/usr/bin/python3 -c 'print("x" * (8 << 20), end="")' >"$T/big"
	ask /v1/count --data-binary @"$T/big"
	has "{\"size\": $((8 << 20))}"
	kill "$server"
	wait "$server" 2>/dev/null || :
	[ "$(sort -u "$T/nginx/h2" | grep -c HTTP/2)" -eq 1 ]
}

@test "the examples of the manual page serve" {
	local n
	mkdir "$T/bin"
	printf '#!/bin/sh\n[ "$*" = "show example" ] && echo %s\n' "$REAL" \
		>"$T/bin/pass"
	chmod +x "$T/bin/pass"
	sed -n '/^\.Sh EXAMPLES/,/^\.Sh DIAG/p' "$ROOT/man/pen-key.1" |
		sed -n '/^\.Bd/,/^\.Ed/p' | sed 's/\\e$/\\/; s/^\.Bd.*//' |
		csplit -zs -f "$T/example" - '/^\.Ed/' '{*}'
	for n in 0 1; do
		local port
		port=$(/usr/bin/python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
		sed "s/^\.Ed//; s/127.0.0.1:8080/127.0.0.1:$port/; s/^pen-key/exec &/" \
			"$T/example0$n" >"$T/script"
		PATH=$T/bin:$PATH ANTHROPIC_API_KEY=$REAL sh "$T/script" \
			2>"$T/errors" 3>&- &
		KEY=$!
		until_true key_serves "$port"
		kill "$KEY"
		wait "$KEY" || :
	done
}

# login_up EXPIRES [OPTION…] : with a login in a file, and who renews it
login_up() {
	local port to=("${@:2}")
	jq -n --argjson e "$1" '{claudeAiOauth: {
		accessToken: "sk-ant-oat01-OLD-0123456789abcdef", expiresAt: $e,
		refreshToken: "sk-ant-ort01-OLD", scopes: ["a", "b"], other: 1},
		mcpOAuth: {kept: true}}' >"$HOME/login.json"
	chmod 600 "$HOME/login.json"
	[ -n "${PORT:-}" ] || api_up "$ROOT/tests/lib/key_api.py" "$CA/api.pem" \
		"$CA/key.pem" "$T/api.log"
	port=$(/usr/bin/python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	URL=http://127.0.0.1:$port
	[ $# -gt 1 ] || to=(--connect-to "api.anthropic.com:443:127.0.0.1:$PORT"
		--connect-to "platform.claude.com:443:127.0.0.1:$PORT")
	SSL_CERT_FILE=$CA/ca.pem pen-key --listen "127.0.0.1:$port" \
		--upstream https://api.anthropic.com --header 'x-api-key: ' \
		--from "file:$HOME/login.json#claudeAiOauth.accessToken" \
		--placeholder "$HOLDER" --log "$T/log" \
		--refresh https://platform.claude.com/v1/oauth/token \
		--client-id the-client --lock "$HOME/.lock" --lock "$T/other.lock" \
		"${to[@]}" 2>"$T/key.errors" 3>&- &
	KEY=$!
	until_true key_serves "$port" || {
		cat "$T/key.errors" >&2
		return 1
	}
}
FAR=4102444800000
# credential : what the API was sent last
credential() {
	jq -r 'select(.credential).credential' "$T/api.log" | tail -n 1
}
renewals() {
	jq -c 'select(.token).token' "$T/api.log"
}

@test "a login that has expired is renewed, and written back for everybody" {
	local inode
	login_up 1
	inode=$(stat -c %i "$HOME/login.json")
	ask /v1/count -d '{}'
	has '"size"'
	[ "$(credential)" = sk-ant-oat01-RENEWED-1-0123456789abcdef ]
	[ "$(renewals)" = '{"grant_type":"refresh_token","refresh_token":"sk-ant-ort01-OLD","client_id":"the-client","scope":"a b"}' ]
	[ "$(jq -c '.claudeAiOauth | [.accessToken, .refreshToken, .scopes, .other]' \
		"$HOME/login.json")" = '["sk-ant-oat01-RENEWED-1-0123456789abcdef","sk-ant-ort01-RENEWED-1",["a","b"],1]' ]
	[ "$(jq '.claudeAiOauth.expiresAt > now * 1000' "$HOME/login.json")" = true ]
	[ "$(jq .mcpOAuth.kept "$HOME/login.json")" = true ]
	[ "$(stat -c %a "$HOME/login.json")" = 600 ]
	# in its place: in a new file's name the run could read it, or exchange it
	[ "$(stat -c %i "$HOME/login.json")" = "$inode" ]
	run find "$HOME" "$T" -maxdepth 1 \( -name '*.lock' -o -name '*.tmp*' \)
	[ -z "$output" ]
	# it is good for the next one
	ask /v1/count -d '{}'
	[ "$(renewals | wc -l)" -eq 1 ]
}

@test "the API, and who renews a login, are reached through an upstream proxy" {
	local up
	api_up "$ROOT/tests/lib/key_api.py" "$CA/api.pem" "$CA/key.pem" "$T/api.log"
	# a proxy that leads everything to the stand-in, and says what it was asked
	exec {up}< <(exec /usr/bin/python3 - "$PORT" "$T/asked" 3>&- <<-'END'
		import socket, sys, threading
		l = socket.create_server(("127.0.0.1", 0))
		print(l.getsockname()[1], flush=True)
		def carry(a, b):
		    try:
		        while data := a.recv(65536):
		            b.sendall(data)
		        b.shutdown(socket.SHUT_WR)
		    except OSError:
		        pass
		def serve(c):
		    head = b""
		    while not head.endswith(b"\r\n\r\n"):
		        head += c.recv(1)
		    with open(sys.argv[2], "ab") as f:
		        f.write(head)
		    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
		    c.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
		    threading.Thread(target=carry, args=(s, c), daemon=True).start()
		    carry(c, s)
		while True:
		    c, _ = l.accept()
		    threading.Thread(target=serve, args=(c,), daemon=True).start()
	END
	)
	local proxy=$!
	read -rt 10 UP <&"$up"
	PEN_KEY_UPSTREAM_AUTH=user:SECRET login_up 1 --upstream-proxy "127.0.0.1:$UP"
	ask /v1/count -d '{}'
	has '"size"'
	[ "$(credential)" = sk-ant-oat01-RENEWED-1-0123456789abcdef ]
	kill "$proxy"
	[ "$(grep -ac '^CONNECT platform.claude.com:443 ' "$T/asked")" -eq 1 ]
	[ "$(grep -ac '^CONNECT api.anthropic.com:443 ' "$T/asked")" -eq 1 ]
	[ "$(grep -ac "^Proxy-Authorization: Basic $(printf user:SECRET | base64)" \
		"$T/asked")" -eq 2 ]
}

@test "requests whose events nobody took are told by their number" {
	run -0 /usr/bin/python3 - <<-'END'
		import array, os, select, socket, subprocess
		KINDS = socket.AF_UNIX, socket.SOCK_SEQPACKET
		ours, its = socket.socketpair(*KINDS)
		its.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
		key = subprocess.Popen(
		    ["pen-key", "--serve", str(its.fileno()), "--api", "openai",
		     "--upstream", "https://api.example.org", "--header", "x-api-key: ",
		     "--from", "env:KEY", "--connect-to", "api.example.org:443:127.0.0.1:1"],
		    pass_fds=[its.fileno()],
		    env=dict(os.environ, KEY="sk-0123456789abcdef"))
		its.close()
		def ask():
		    a, b = socket.socketpair()
		    ours.sendmsg([b"c"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
		                           array.array("i", [b.fileno()]))])
		    b.close()
		    a.sendall(b"GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n")
		    while a.recv(4096):
		        pass
		def events():
		    while select.select([ours], [], [], 0)[0]:
		        yield ours.recv(4096).decode()
		for i in range(100):
		    ask()
		first = list(events())
		ask()
		rest = list(events())
		assert 0 < len(first) < 100, first
		assert rest[0] == "lost %d" % (100 - len(first)), rest
		assert rest[1].startswith("GET /nothing 400 "), rest
		# what is left at the end is said
		ours.close()
		assert key.wait() == 0
	END
}

@test "a login that the API does not take is renewed for the next request" {
	login_up $FAR
	refused 400 'sign in outside' /v1/status/401 -d '{}'
	[ "$(credential)" = sk-ant-oat01-OLD-0123456789abcdef ]
	ask /v1/count -d '{}'
	[ "$(credential)" = sk-ant-oat01-RENEWED-1-0123456789abcdef ]
}

@test "a program that is answered with 401 again and again has the login renewed once" {
	local i
	login_up $FAR
	for i in 1 2 3 4; do
		refused 400 'sign in outside' /v1/status/401 -d '{}'
	done
	[ "$(renewals | wc -l)" -eq 1 ]
	ask /v1/count -d '{}'
	[ "$(credential)" = sk-ant-oat01-RENEWED-1-0123456789abcdef ]
}

@test "a login whose file has no credential puts none on a request" {
	login_up $FAR
	jq --argjson e $FAR '.claudeAiOauth.accessToken =
		"sk-ant-oat01-OTHER\r\nHost: evil.example"' "$HOME/login.json" \
		>"$HOME/new"
	mv "$HOME/new" "$HOME/login.json"
	refused 400 'is not a credential' /v1/count -d '{}'
	lacks OTHER
	api_saw 0
}

@test "a login that cannot be renewed is said, and stays what it is" {
	login_up 1
	# somebody has used it
	curl -sS --cacert "$CA/ca.pem" --connect-to "::127.0.0.1:$PORT" \
		-d '{"grant_type":"refresh_token","refresh_token":"sk-ant-ort01-OLD"}' \
		https://localhost/v1/oauth/token
	refused 400 'cannot be renewed: sign in outside' /v1/count -d '{}'
	[ "$(jq -r .claudeAiOauth.refreshToken "$HOME/login.json")" = sk-ant-ort01-OLD ]
	run find "$HOME" "$T" -maxdepth 1 \( -name '*.lock' -o -name '*.tmp*' \)
	[ -z "$output" ]
}

@test "who holds the agent's lock renews it, and then it is not renewed again" {
	login_up 1
	mkdir "$HOME/.lock"
	curl -sS -m 20 -H "x-api-key: $HOLDER" -d '{}' "$URL/v1/count" \
		>"$T/answer" 3>&- &
	local client=$!
	# the other program's renewal, while it has the lock
	jq -n --argjson e $FAR '{claudeAiOauth: {expiresAt: $e,
		accessToken: "sk-ant-oat01-OTHER-0123456789abcdef"}}' >"$HOME/new"
	mv "$HOME/new" "$HOME/login.json"
	rmdir "$HOME/.lock"
	wait "$client"
	[ "$(credential)" = sk-ant-oat01-OTHER-0123456789abcdef ]
	[ -z "$(renewals)" ]
}

# gives_up PATH COMMAND… : asks, and goes away once the command is true
gives_up() {
	local path=$1 client
	shift
	curl -sSN -m 60 -o /dev/null -H "x-api-key: $HOLDER" \
		--data-binary @"$T/body" "$URL$path" 3>&- &
	client=$!
	until_true "$@"
	kill -9 "$client"
	until_true grep -q "$path.*the client went away" "$T/log"
}

@test "tokens are counted where the API says nothing of them, or too late" {
	head -c 8000 /dev/zero >"$T/body"
	any_up --budget tokens=2K
	# the answer is whole, and has no usage in it
	ask /v1/count --data-binary @"$T/body"
	has '"size": 8000'
	refused 429 'budget of tokens' /v1/count -d '{}'
	key_down
	rm "$T/fifo" "$T/api.log" "$T/log"
	# the client goes away before there is an answer: the API has worked
	any_up --budget tokens=2K
	gives_up /v1/silent api_saw 1
	refused 429 'budget of tokens' /v1/count -d '{}'
	key_down
	rm "$T/fifo" "$T/api.log" "$T/log"
	# a small request may be about all that went before
	any_up --budget tokens=4500
	ask /v1/count --data-binary @"$T/body"
	echo '{}' >"$T/body"
	gives_up /v1/silent api_saw 2
	ask /v1/count -d '{}'
	gives_up /v1/silent api_saw 4
	refused 429 'budget of tokens' /v1/count -d '{}'
	key_down
	rm "$T/fifo" "$T/api.log" "$T/log"
	# nothing was spent on what the API refuses
	any_up --budget tokens=2
	head -c 8000 /dev/zero >"$T/body"
	ask /v1/status/400 --data-binary @"$T/body"
	[ "${lines[-1]}" = 400 ]
	ask /v1/count -d '{}'
	has '"size": 2'
}

@test "a budget of requests, bytes or tokens that is used up is answered with 429" {
	local budget answer
	any_up --budget requests=2
	ask /v1/count -d '{}'
	ask /v1/count -d '{}'
	refused 429 'budget of requests of this run is used up' /v1/count -d '{}'
	ask /v1/count -d '{}' -i
	has 'Retry-After: 3600'
	grep -q '"status":429,.*budget of requests' "$T/log"
	api_saw 2
	key_down
	rm "$T/fifo" "$T/api.log"
	any_up --budget up=1K
	head -c 1025 /dev/zero >"$T/body"
	refused 429 'bytes to be sent' /v1/count --data-binary @"$T/body"
	refused 429 'bytes to be sent' /v1/count --data-binary @"$T/body" \
		-H 'Transfer-Encoding: chunked'
	api_saw 0
	head -c 1000 /dev/zero >"$T/body"
	ask /v1/count --data-binary @"$T/body"
	has '"size": 1000'
	refused 429 'bytes to be sent' /v1/count --data-binary @"$T/body"
	key_down
	rm "$T/fifo" "$T/api.log"
	# the stream says that it used 7
	any_up --budget tokens=7
	echo >"$T/fifo" &
	ask /v1/stream -d '{}'
	has output_tokens
	refused 429 'budget of tokens' /v1/count -d '{}'
	key_down
	rm "$T/fifo" "$T/api.log"
	# what one that is under way may use is not another's
	any_up --budget tokens=200K
	exec {answer}< <(curl -sSN -m 60 -H "x-api-key: $HOLDER" -d '{}' \
		"$URL/v1/stream" 3>&-)
	read -rt 10 _ <&"$answer"
	refused 503 'under way' /v1/count -d '{}'
	echo >"$T/fifo"
	cat <&"$answer" >"$T/rest"
	until_true grep -q '"path":"/v1/stream","status":200' "$T/log"
	ask /v1/count -d '{}'
	has '"size": 2'
	key_down
	rm "$T/fifo" "$T/api.log"
	# one that is left before its answer begins has been paid for, too
	any_up --budget tokens=100
	head -c 1000 /dev/zero >"$T/body"
	coproc ASK { exec curl -sS -m 60 -H "x-api-key: $HOLDER" \
		--data-binary @"$T/body" "$URL/v1/wait" 3>&-; }
	local client=$ASK_PID
	until_true api_saw 1
	kill -9 "$client"
	until_true grep -q '"path":"/v1/wait".*the client went away' "$T/log"
	refused 429 'budget of tokens' /v1/count -d '{}'
	api_saw 1
	for budget in requests=0 requests=a tokens= up=1T other=1; do
		expect 125 pen-key --budget "$budget"
	done
}

# again OPTION… : another pen-key, and the API anew
again() {
	key_down
	rm -f "$T/fifo" "$T/api.log" "$T/log"
	any_up "$@"
}

@test "a day's budget is of all that have the credential, and of no other one" {
	local file=$HOME/.local/state/pen/budget
	any_up --budget requests=3 --budget per=day
	ask /v1/count -d '{}'
	has size
	# a second one at the same time has its share
	local first=$KEY url=$URL
	key_up --budget requests=3 --budget per=day
	ask /v1/count -d '{}'
	has size
	URL=$url
	ask /v1/count -d '{}'
	has size
	refused 429 'budget of requests of today is used up' /v1/count -d '{}'
	refused 429 'budget of requests of today' /v1/count -d '{}'
	# once, and an event for each of the requests
	[ "$(grep -c '"kind":"budget".*"verdict":"refused"' "$T/log")" -eq 1 ]
	[ "$(grep -c '"status":429' "$T/log")" -eq 2 ]
	kill "$first" && wait "$first" || :
	# neither the one that is started now, nor after one that was killed
	kill -9 "$KEY"
	again --budget requests=3 --budget per=day
	refused 429 'of today' /v1/count -d '{}'
	# the file has not the credential in it, and is nobody else's
	[ "$(stat -c '%a %s' "$file")" = '600 128' ]
	expect 1 grep -F PLANTED "$file"
	# the controls: another credential, and what counts a run only
	REAL=sk-ant-another-0123456789 again --budget requests=3 --budget per=day
	ask /v1/count -d '{}'
	has size
	again --budget requests=3 --budget per=run
	ask /v1/count -d '{}'
	has size
}

@test "a day ends with the local calendar's, and not by a clock that is set back" {
	TZ=AAA12 any_up --budget requests=1 --budget per=day
	ask /v1/count -d '{}'
	refused 429 'of today' /v1/count -d '{}'
	TZ=AAA-14 again --budget requests=1 --budget per=day
	ask /v1/count -d '{}'
	has size
	expect 0 cat "$T/key.errors"
	lacks 'set back'
	TZ=AAA12 again --budget requests=2 --budget per=day
	expect 0 cat "$T/key.errors"
	has 'the clock was set back: the day'\''s budget goes on'
	ask /v1/count -d '{}'
	has size
	refused 429 'of today' /v1/count -d '{}'
}

@test "a day's count that cannot be read lets nothing pass" {
	local state=$HOME/.local/state/pen
	mkdir -p "$state"
	echo damaged >"$state/budget"
	expect 125 env REAL="$REAL" pen-key --listen 127.0.0.1:1 --upstream \
		https://a.example --header 'x-api-key: ' --from env:REAL \
		--budget per=day
	has "the file of the day's budgets is damaged: '$state/budget'"
	has 'it can be removed'
	rm "$state/budget"
	any_up --budget requests=9 --budget per=day
	ask /v1/count -d '{}'
	has size
	echo damaged >"$state/budget"
	refused 429 "the file of the day's budgets is damaged" /v1/count -d '{}'
	[ "$(grep -c '"kind":"budget"' "$T/log")" -eq 1 ]
	[ "$(<"$state/budget")" = damaged ]
}

@test "tokens of a day are counted as answers state them, and a killed one's all" {
	any_up --budget tokens=7 --budget per=day
	echo >"$T/fifo" &
	ask /v1/stream -d '{}'
	has output_tokens
	again --budget tokens=7 --budget per=day
	refused 429 'budget of tokens of today' /v1/count -d '{}'
	# what it may have used is held back, and spent when it is killed
	REAL=sk-ant-another-0123456789 again --budget tokens=200K --budget per=day
	echo '{}' >"$T/body"
	curl -sSN -m 60 -o /dev/null -H "x-api-key: $HOLDER" \
		-d '{}' "$URL/v1/silent" 3>&- 2>/dev/null &
	local client=$!
	until_true api_saw 1
	kill -9 "$KEY"
	wait "$client" || :
	REAL=sk-ant-another-0123456789 again --budget tokens=100K --budget per=day
	refused 429 'budget of tokens of today' /v1/count -d '{}'
}
