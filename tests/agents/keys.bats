#!/usr/bin/env bats
# The real opencode, Gemini CLI and Qwen Code, from the npm registry, in a real
# pen, with a script for their model: the credential is never inside, and their
# requests have it.
load ../lib/common
load ../lib/agents

REAL=PLANTED-credential-0123456789abcdef
LOOK='env; grep -rsl PLANT[E]D .'

setup_file() {
	agent_fetch opencode opencode-ai
	[ -n "$AGENT_MISSING" ] || agent_fetch gemini @google/gemini-cli
	[ -n "$AGENT_MISSING" ] || agent_fetch qwen @qwen-code/qwen-code
	agent_ca
}

setup() {
	agent_require
	scratch
	git init -q .
	mkdir -p "$HOME/.local/bin"
	PATH=$HOME/.local/bin:$PATH
	export SSL_CERT_FILE=$CA/ca.pem
}

teardown() {
	api_stop
}

# inside HOST OPTION… -- AGENT… : one that runs LOOK; outside is the control
inside() {
	local host=$1 option=()
	shift
	while [ "$1" != -- ]; do
		option+=("$1")
		shift
	done
	shift
	ln -sf "$CACHE/$1/bin/$1" "$HOME/.local/bin/$1"
	api_start "$LOOK"
	expect 0 pen --connect-to "$host:443:127.0.0.1:$PORT" "${option[@]}" \
		"$@" </dev/null
	script_ran 1
}

# credential_is TEXT : all that the API was sent with a body
credential_is() {
	[ "$(jq -r 'select(.method == "POST").credential' "$T/api.log" |
		sort -u)" = "$1" ]
}

# not_inside OPTION… -- AGENT… : its first result, and that of --no-key
not_inside() {
	result 0
	lacks "$REAL"
	has placeholder
}

@test "opencode works with a key for each API, and neither is inside" {
	export ANTHROPIC_API_KEY=sk-ant-$REAL
	inside api.anthropic.com -- opencode run -m \
		anthropic/claude-sonnet-4-5 go
	not_inside
	credential_is "sk-ant-$REAL"
	api_stop
	# the control: without pen-key it is there to be found
	inside api.anthropic.com --no-key --ro "$CA/ca.pem" --env \
		"NODE_EXTRA_CA_CERTS=$CA/ca.pem" -- opencode run -m \
		anthropic/claude-sonnet-4-5 go
	result 0
	has "$REAL"
	api_stop
	unset ANTHROPIC_API_KEY
	export OPENAI_API_KEY=sk-$REAL
	inside api.openai.com -- opencode run -m openai/gpt-5 go
	not_inside
	credential_is "Bearer sk-$REAL"
}

@test "gemini works with a key, chosen by nobody before, and it is not inside" {
	export GEMINI_API_KEY=AIza$REAL
	local go=(gemini --approval-mode yolo --skip-trust -p go)
	inside generativelanguage.googleapis.com -- "${go[@]}"
	not_inside
	credential_is "AIza$REAL"
	grep -q ':streamGenerateContent' "$T/api.log"
	api_stop
	inside generativelanguage.googleapis.com --no-key --ro "$CA/ca.pem" \
		--env "NODE_EXTRA_CA_CERTS=$CA/ca.pem" -- "${go[@]}"
	result 0
	has "$REAL"
}

@test "qwen works with a key at the host of its base URL, and it is not inside" {
	export OPENAI_API_KEY=sk-$REAL OPENAI_MODEL=qwen3-coder-plus \
		OPENAI_BASE_URL=https://dashscope-intl.aliyuncs.com/compatible-mode/v1
	local go=(qwen --approval-mode yolo -p go)
	inside dashscope-intl.aliyuncs.com -- "${go[@]}"
	not_inside
	has OPENAI_BASE_URL=http://dashscope-intl.aliyuncs.com/compatible-mode/v1
	credential_is "Bearer sk-$REAL"
	[ "$(jq -r 'select(.method == "POST").path' "$T/api.log" | sort -u)" = \
		/compatible-mode/v1/chat/completions ]
	[ "$(model_told)" -ge 2 ]
	api_stop
	inside dashscope-intl.aliyuncs.com --no-key --ro "$CA/ca.pem" \
		--env "NODE_EXTRA_CA_CERTS=$CA/ca.pem" -- "${go[@]}"
	result 0
	has "$REAL"
}
