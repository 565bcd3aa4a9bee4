# Loaded after common and agents by what tests pen-key: an API on the loopback
# with a throw-away CA, and pen-key before it.

REAL=sk-ant-api03-PLANTED-CREDENTIAL-0123456789abcdefghijklmnopqrstuvwxyz-AA
HOLDER=sk-ant-api03-a-placeholder

# api_up COMMAND… : starts a stand-in that prints its port; sets PORT
api_up() {
	coproc KEY_API { exec /usr/bin/python3 "$@" 2>"$T/api.errors" 3>&-; }
	KEY_API_STARTED=$KEY_API_PID
	read -rt 10 PORT <&"${KEY_API[0]}" || {
		cat "$T/api.errors" >&2
		return 1
	}
}

# key_up OPTION… : pen-key before it on a port of its own, once it serves; URL.
# It chooses no port itself, so one that is free is asked for.
key_up() {
	local port
	port=$(free_ports)
	URL=http://127.0.0.1:$port
	REAL=$REAL SSL_CERT_FILE=$CA/ca.pem pen-key --listen "127.0.0.1:$port" \
		--upstream "https://${API_NAME:-api.anthropic.com}" \
		--header 'x-api-key: ' --from env:REAL --placeholder "$HOLDER" \
		--connect-to "${API_NAME:-api.anthropic.com}:443:127.0.0.1:$PORT" \
		--log "$T/log" "$@" 2>"$T/key.errors" 3>&- &
	KEY=$!
	until_true key_serves "$port" || {
		cat "$T/key.errors" >&2
		return 1
	}
}
key_serves() {
	(exec 4<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

key_down() {
	local p
	for p in ${KEY:-} ${KEY_API_STARTED:-}; do
		kill "$p" 2>/dev/null || :
		wait "$p" 2>/dev/null || :
	done
	KEY='' KEY_API_STARTED=''
}

# ask PATH [CURL-OPTION…] : a request with the placeholder; status first
ask() {
	local path=$1
	shift
	run -0 curl -sS -m 20 -w '\n%{http_code}\n' -H "x-api-key: $HOLDER" \
		-H 'content-type: application/json' "$@" "$URL$path"
}
# refused STATUS TEXT PATH [CURL-OPTION…]
refused() {
	local want=$1 text=$2
	shift 2
	ask "$@"
	[ "${lines[-1]}" = "$want" ]
	has "$text"
	[ "$(head -n 1 <<<"$output" | jq -r .type)" = error ]
}

# git_host : repositories of a host in $T/host, and the user's credential for it
git_host() {
	local path
	for path in private/one private/two public/free; do
		git init -q --bare -b main "$T/host/$path.git"
	done
	git init -q -b main "$T/checkout"
	git -C "$T/checkout" config user.name host
	git -C "$T/checkout" config user.email host@example.org
	echo 1 >"$T/checkout/file"
	git -C "$T/checkout" add file
	host_commit
	git -C "$T/checkout" push -q "$T/host/private/two.git" main
	git -C "$T/checkout" push -q "$T/host/public/free.git" main
	git config --global credential.helper store
	echo "https://user:$TOKEN@git.example.org" >"$HOME/.git-credentials"
}
# host_commit [BRANCH] : one more in private/one
host_commit() {
	git -C "$T/checkout" commit -q --allow-empty -m more
	git -C "$T/checkout" push -q "$T/host/private/one.git" "HEAD:${1:-main}"
}
