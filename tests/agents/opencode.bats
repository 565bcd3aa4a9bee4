#!/usr/bin/env bats
# The real opencode, from the npm registry, in a real pen, with a script for its
# model.
load ../lib/common
load ../lib/agents
load ../lib/home

setup_file() {
	agent_fetch opencode opencode-ai
	agent_ca
}

setup() {
	agent_require
	scratch
	git init -q .
	mkdir -p "$HOME/.local/bin"
	ln -s "$CACHE/opencode/bin/opencode" "$HOME/.local/bin/opencode"
	PATH=$HOME/.local/bin:$PATH
	export ANTHROPIC_API_KEY=sk-ant-api03-a-dummy-for-the-stand-in \
		NODE_EXTRA_CA_CERTS=$CA/ca.pem
}

teardown() {
	api_stop
}

opencode_inside() {
	expect 0 pen --ro "$CA/ca.pem" --env NODE_EXTRA_CA_CERTS \
		--connect-to "api.anthropic.com:443:127.0.0.1:$PORT" "$@" \
		opencode run -m anthropic/claude-sonnet-4-5 go </dev/null
}

@test "opencode's model is told where it is, unless the user has that variable" {
	api_start 'true'
	opencode_inside
	[ "$(model_told)" -ge 1 ]
	api_stop
	api_start 'true'
	opencode_inside --env OPENCODE_CONFIG_CONTENT='{}'
	[ "$(model_told)" -eq 0 ]
}
