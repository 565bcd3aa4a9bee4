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

@test "codex' model is told where it is, unless its settings have instructions" {
	codex_outside 'true'
	[ "$(model_told)" -eq 0 ]
	api_stop
	codex_inside 'grep -c "$PWD" /run/pen/README'
	result 0
	has 1
	[ "$(model_told)" -ge 2 ]
	api_stop
	mkdir -p "$HOME/.codex"
	echo 'developer_instructions = "Be brief."' >"$HOME/.codex/config.toml"
	codex_inside 'true'
	[ "$(model_told)" -eq 0 ]
	grep -q 'Be brief' "$HOME/.codex/config.toml"
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

@test "codex and codex exec run commands with no flag given" {
	EXEC=(exec -m gpt-5.1-codex)
	codex_inside 'echo written >made; echo made it'
	result 0
	has 'made it'
	[ "$(cat made)" = written ]
	# the control: with its own sandbox none does
	api_stop
	EXEC=(exec -m gpt-5.1-codex --sandbox workspace-write)
	codex_inside 'echo written >made2'
	[ ! -e made2 ]
}

@test "codex at the terminal runs commands with no flag given" {
	mkdir -p "$HOME/.codex"
	echo '{"OPENAI_API_KEY": "sk-a-dummy-0123456789"}' >"$HOME/.codex/auth.json"
	printf 'model = "gpt-5.1-codex"\n[projects."%s"]\ntrust_level = "%s"\n' \
		"$PWD" trusted >"$HOME/.codex/config.toml"
	api_start 'echo written >made; echo made it'
	TERM=xterm-256color expect 0 python3 "$ROOT/tests/lib/ns_tty.py" \
		pen --ro "$CA/ca.pem" \
		--connect-to "api.openai.com:443:127.0.0.1:$PORT" codex go <<-'END'
		expect ]0;go | project
		send \x03
		send \x03
		end 0
	END
	result 0
	has 'made it'
	[ "$(cat made)" = written ]
}

@test "what codex asks about stays as the user has it" {
	mkdir -p "$HOME/.codex"
	echo 'approval_policy = "on-request"' >"$HOME/.codex/config.toml"
	expect 0 pen --print codex exec go
	has 'sandbox_mode="danger-full-access"'
	lacks approval
	lacks bypass
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
	codex_inside 'curl -sS -m 10 http://api.openai.com/v1/models' \
		'curl -sS -m 10 https://refused.example.org/' \
		'curl -sS -m 10 https://api.openai.com/'
	result 0
	has '{}'
	result 1
	has 'exited with code 6'
	# refused before it is accepted, or reset
	result 2
	has 'exited with code'
	lacks 'exited with code 0'
}

# credential_is TEXT : all that the API was sent with a body
credential_is() {
	[ "$(jq -r 'select(.method == "POST").credential' "$T/api.log" |
		sort -u)" = "$1" ]
}

@test "codex works with a key in a variable or its file, and neither is inside" {
	local look='env; cat ~/.codex/auth.json; grep -rsl PLANT[E]D ~'
	local real=PLANTED-credential-0123456789abcdef
	CODEX_API_KEY=sk-$real codex_inside "$look"
	result 0
	lacks "$real"
	credential_is "Bearer sk-$real"
	api_stop
	mkdir -p "$HOME/.codex"
	echo "{\"OPENAI_API_KEY\": \"sk-$real-2\"}" >"$HOME/.codex/auth.json"
	unset CODEX_API_KEY
	codex_inside "$look"
	result 0
	lacks "$real"
	credential_is "Bearer sk-$real-2"
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
