#!/usr/bin/env bats
# The real pi, from the npm registry, in a real pen, told what to do by a script.

load ../lib/common
load ../lib/agents
load ../lib/home

setup_file() {
	agent_fetch pi @earendil-works/pi-coding-agent
	agent_ca
}

setup() {
	agent_require
	scratch
	git init -q .
	mkdir -p "$HOME/.local/bin"
	ln -s "$CACHE/pi/bin/pi" "$HOME/.local/bin/pi"
	PATH=$HOME/.local/bin:$PATH
	export ANTHROPIC_API_KEY=sk-ant-a-dummy-for-the-stand-in \
		NODE_EXTRA_CA_CERTS=$CA/ca.pem
}

teardown() {
	api_stop
}

pi_inside() {
	api_start "$@"
	expect 0 pen --ro "$CA/ca.pem" --env NODE_EXTRA_CA_CERTS \
		--connect-to "api.anthropic.com:443:127.0.0.1:$PORT" \
		pi --model anthropic/claude-sonnet-4-5 -p go </dev/null
	has script-finished
	script_ran $#
}

@test "pi works in its project, is told where it is, and what it asks for is quiet" {
	pi_inside 'echo written >made; echo made it' \
		'grep -c "$PWD" /run/pen/README'
	result 0
	has 'made it'
	[ "$(cat made)" = written ]
	result 1
	has 1
	[ "$(model_told)" -ge 2 ]
	# its first start is no news, and its state is there
	expect 0 pen-log --denied
	lacks "allow"
	[ -d "$HOME/.pi/agent" ]
}

@test "pi's own commands are as outside" {
	expect 0 pi list
	local outside=$output
	expect 0 pen pi list
	[ "$output" = "$outside" ]
}
