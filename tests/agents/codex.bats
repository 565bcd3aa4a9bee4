#!/usr/bin/env bats
# The real Codex CLI, from the npm registry, in a real pen, told what to do by
# a script.  Its own sandbox is off: bubblewrap in a pen needs nesting.

load ../lib/common
load ../lib/agents
load ../lib/home

setup_file() {
	agent_fetch codex @openai/codex
	agent_ca
}

setup() {
	agent_require
	scratch
	git init -q .
	mkdir -p "$HOME/.local/bin"
	ln -s "$CACHE/codex/bin/codex" "$HOME/.local/bin/codex"
	PATH=$HOME/.local/bin:$PATH
	export CODEX_API_KEY=a-dummy-for-the-stand-in SSL_CERT_FILE=$CA/ca.pem \
		SECRET=PLANTED-ENVIRONMENT
	EXEC=(exec -m gpt-5.1-codex --dangerously-bypass-approvals-and-sandbox)
}

teardown() {
	api_stop
}

codex_outside() {
	api_start "$@"
	expect 0 codex "${EXEC[@]}" \
		-c "openai_base_url=\"https://localhost:$PORT/v1\"" go </dev/null
	has script-finished
	script_ran $#
}
codex_inside() {
	api_start "$@"
	expect 0 pen --ro "$CA/ca.pem" \
		--connect-to "api.openai.com:443:127.0.0.1:$PORT" \
		codex "${EXEC[@]}" go </dev/null
	has script-finished
	script_ran $#
}

@test "codex in the pen works: it reads, writes and runs in its project" {
	echo 'a line of the project' >notes
	codex_inside 'cat notes' 'echo written >made; echo made it'
	result 0
	has 'a line of the project'
	result 1
	has 'made it'
	[ "$(cat made)" = written ]
}

@test "codex in the pen cannot read keys, repositories, variables, processes" {
	local n steal=('cat ~/.ssh/id_ed25519' 'cat ../sibling/secret' env
		'cat /proc/[0-9]*/environ 2>/dev/null | tr "\0" "\n" |
			grep VICTIM=')
	codex_outside "${steal[@]}"
	for n in 0 1 2 3; do
		result $n
		has PLANTED
	done
	api_stop
	codex_inside "${steal[@]}"
	for n in 0 1 2 3; do
		result $n
		has 'exited with code'
		lacks PLANTED
	done
}

@test "codex in the pen reaches its API's name and no other" {
	codex_inside 'curl -sS -m 10 https://api.openai.com/' \
		'curl -sS -m 10 https://refused.example.org/'
	result 0
	has allowed-host
	result 1
	has 'exited with code 6'
}

@test "codex's state reaches the host, locks and all" {
	codex_inside 'true'
	[ -n "$(find "$HOME/.codex/sessions" -name '*.jsonl')" ]
	[ -s "$HOME/.codex/installation_id" ]
	local before
	before=$(cat "$HOME/.codex/installation_id")
	api_stop
	codex_inside 'true'
	[ "$(cat "$HOME/.codex/installation_id")" = "$before" ]
}

@test "the exit status is codex's" {
	api_start
	expect 2 codex --no-such-option
	expect 2 pen codex --no-such-option
	expect 0 pen codex --version
	has codex-cli
}

@test "typed in a fresh home and a cluttered one: bash, zsh and fish" {
	local sh kind
	mkdir -p "$HOME/.config/pen"
	for kind in fresh cluttered; do
		for sh in bash zsh fish; do
			home $kind $sh
			api_start 'ls -d /run/pen/pen-filter'
			cat >"$HOME/.config/pen/pen.conf" <<-END
				profile default {
					ro = {"$CA/ca.pem"}
					connect_to = {"api.openai.com:443:127.0.0.1:$PORT"}
				}
			END
			expect 0 typed_in $sh <<-END
				send codex ${EXEC[*]} go\r
				expect script-finished
				send exit 0\r
				end 0
			END
			result 0
			has 'exited with code 0'
			api_stop
			# the control, at the same prompt
			api_start 'ls -d /run/pen/pen-filter'
			expect 0 typed_in $sh <<-END
				send codex-raw ${EXEC[*]} -c openai_base_url=https://localhost:$PORT/v1 go\r
				expect script-finished
				send exit 0\r
				end 0
			END
			result 0
			has 'exited with code 2'
			api_stop
		done
	done
}
