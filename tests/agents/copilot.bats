#!/usr/bin/env bats
# The real Copilot CLI, from the npm registry, in a real pen, with a provider of
# the user's own, which is a script.
load ../lib/common
load ../lib/agents
load ../lib/home

setup_file() {
	agent_fetch copilot @github/copilot
	agent_ca
}

setup() {
	agent_require
	scratch
	git init -q .
	mkdir -p "$HOME/.local/bin"
	ln -s "$CACHE/copilot/bin/copilot" "$HOME/.local/bin/copilot"
	PATH=$HOME/.local/bin:$PATH
	export COPILOT_PROVIDER_TYPE=anthropic COPILOT_MODEL=claude-sonnet-4 \
		COPILOT_PROVIDER_API_KEY=sk-a-dummy-for-the-stand-in \
		NODE_EXTRA_CA_CERTS=$CA/ca.pem
}

teardown() {
	api_stop
}

@test "copilot works in the pen, and its model is told where it is" {
	api_start 'cat ~/.ssh/id_ed25519'
	COPILOT_PROVIDER_BASE_URL=https://localhost:$PORT expect 0 copilot \
		-p go --allow-all-tools </dev/null
	result 0
	has PLANTED
	[ "$(model_told)" -eq 0 ]
	api_stop
	api_start 'cat ~/.ssh/id_ed25519' 'echo written >made; echo made it'
	# what it unpacked outside is shown
	COPILOT_PROVIDER_BASE_URL=https://api.anthropic.com expect 0 pen \
		--ro "$CA/ca.pem" --env NODE_EXTRA_CA_CERTS \
		--env 'COPILOT_PROVIDER_*' --env COPILOT_MODEL \
		--allow api.anthropic.com \
		--connect-to "api.anthropic.com:443:127.0.0.1:$PORT" \
		copilot -p go --allow-all-tools </dev/null
	lacks "Package extraction"
	result 0
	lacks PLANTED
	result 1
	has 'made it'
	[ "$(cat made)" = written ]
	[ "$(model_told)" -ge 1 ]
}
