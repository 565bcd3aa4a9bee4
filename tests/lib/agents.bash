# Loaded after common by the tests that drive real agents: the agents from the
# npm registry, and a scripted stand-in for the service they talk to.

# pen passes it on, and an agent that sees it draws no screen
export -n CI

# agent_fetch NAME PACKAGE : the newest one, in $CACHE/NAME, by the first file that
# asks; in setup_file, which cannot skip, so that what went wrong is kept for
# agent_require
agent_fetch() {
	export CACHE=${PEN_AGENT_CACHE:-$BATS_SUITE_TMPDIR} AGENT_MISSING=
	command -v npm >/dev/null || {
		AGENT_MISSING='npm'
		return 0
	}
	# another file may run beside this one: npm takes away what it replaces
	flock "$BATS_SUITE_TMPDIR/$1.lock" bash -c '[ -e "$1" ] ||
		{ timeout 300 npm install --global --prefix "$3" --cache "$4" \
			--no-audit --no-fund --fetch-retries 1 --loglevel error \
			"$5" >"$2" 2>&1 && : >"$1"; }' \
		agent_fetch "$BATS_SUITE_TMPDIR/$1.fetched" \
		"$BATS_FILE_TMPDIR/npm.log" "$CACHE/$1" "$CACHE/npm" "$2" 3>&- ||
		AGENT_MISSING="$2, which npm cannot fetch from $(
			npm config get registry): $(grep -m 1 'npm error' \
				"$BATS_FILE_TMPDIR/npm.log")"
}

agent_require() {
	[ -z "$AGENT_MISSING" ] || skip_missing "$AGENT_MISSING"
}

# agent_ca : a throw-away CA, and a certificate for every API, in $CA
agent_ca() {
	export CA=$BATS_FILE_TMPDIR/ca
	local new=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
	mkdir -p "$CA"
	{
		openssl req -x509 "${new[@]}" -days 2 -subj '/CN=pen test CA' \
			-keyout "$CA/ca.key" -out "$CA/ca.pem"
		openssl req "${new[@]}" -subj '/CN=stand-in' \
			-keyout "$CA/key.pem" -out "$CA/api.csr"
		openssl x509 -req -in "$CA/api.csr" -days 2 -CA "$CA/ca.pem" \
			-CAkey "$CA/ca.key" -CAcreateserial -out "$CA/api.pem" \
			-extfile <(printf 'subjectAltName=%s,%s,%s,%s,%s' \
				DNS:api.anthropic.com DNS:api.openai.com \
				DNS:localhost,DNS:platform.claude.com,DNS:git.example.org \
				DNS:generativelanguage.googleapis.com \
				DNS:dashscope-intl.aliyuncs.com)
	} 2>"$CA/errors" || {
		cat "$CA/errors" >&2
		return 1
	}
}

# api_start COMMAND… : the stand-in tells its agent to run these, one after the
# other, then says "script-finished"; sets PORT.  PLANTED-VICTIM is in its
# environment, which an agent can read outside.
api_start() {
	rm -f "$T/api.log"
	jq -n '{commands: $ARGS.positional, say: "script-finished"}' \
		--args "$@" >"$T/script.json"
	coproc API {
		VICTIM=PLANTED-VICTIM exec /usr/bin/python3 \
			"$ROOT/tests/lib/messages_api.py" "$CA/api.pem" \
			"$CA/key.pem" "$T/script.json" "$T/api.log" \
			2>"$T/api.errors" 3>&-
	}
	API_STARTED=$API_PID
	read -rt 10 PORT <&"${API[0]}" || {
		cat "$T/api.errors" >&2
		return 1
	}
}

api_stop() {
	[ -n "${API_STARTED:-}" ] || return 0
	kill "$API_STARTED"
	wait "$API_STARTED" 2>/dev/null || :
	API_STARTED=
}

# result N : what the Nth command (from 0) came back with, into $output
result() {
	output=$(jq -rs --argjson n "$1" \
		'map(.results // []) | max_by(length)[$n] // "NO RESULT"' \
		"$T/api.log")
}

# model_told : how many requests had what the model is told of the pen
model_told() {
	jq -s 'map(select(.told)) | length' "$T/api.log"
}

# script_ran COMMANDS : the conversation came to its end
script_ran() {
	local n
	n=$(jq -rs 'map(.results // [] | length) | max' "$T/api.log")
	[ "$n" -eq "$1" ] || {
		printf 'only %s of %s commands ran:\n' "$n" "$1" >&2
		cat "$T/api.log" >&2
		return 1
	}
}
