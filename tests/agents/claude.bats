#!/usr/bin/env bats
# The real Claude Code, from the npm registry, in a real pen.  Its API is a
# script: the "model" asks for what a malicious one would ask for.  Each attack
# is tried by the same agent without a pen first.

load ../lib/common
load ../lib/agents
load ../lib/tmux
load ../lib/home

KEY=sk-ant-api03-a-dummy-for-the-stand-in

setup_file() {
	agent_fetch claude @anthropic-ai/claude-code
	agent_ca
}

setup() {
	agent_require
	scratch
	git init -q .
	mkdir -p "$HOME/.local/bin"
	ln -s "$CACHE/claude/bin/claude" "$HOME/.local/bin/claude"
	PATH=$HOME/.local/bin:$PATH
	jq -n --arg project "$PWD" --arg key "${KEY: -20}" '{
		hasCompletedOnboarding: true, theme: "dark",
		customApiKeyResponses: {approved: [$key], rejected: []},
		projects: {($project): {hasTrustDialogAccepted: true}}
	}' >"$HOME/.claude.json"
	export ANTHROPIC_API_KEY=$KEY NODE_EXTRA_CA_CERTS=$CA/ca.pem \
		DISABLE_AUTOUPDATER=1 SECRET=PLANTED-ENVIRONMENT
}

teardown() {
	tm kill-server 2>/dev/null || :
	api_stop
}

penned() {
	pen --ro "$CA/ca.pem" \
		--connect-to "api.anthropic.com:443:127.0.0.1:$PORT" "$@"
}

# claude_outside / claude_inside COMMAND… : a whole session that runs these
claude_outside() {
	api_start "$@"
	expect 0 env ANTHROPIC_BASE_URL="https://localhost:$PORT" \
		claude -p go --dangerously-skip-permissions </dev/null
	has script-finished
	script_ran $#
}
claude_inside() {
	api_start "$@"
	expect 0 penned claude -p go --dangerously-skip-permissions </dev/null
	has script-finished
	script_ran $#
}

@test "Claude with its own sandbox switched on runs commands" {
	mkdir -p "$HOME/.claude" .claude
	echo '{"sandbox": {"enabled": true}}' >"$HOME/.claude/settings.json"
	claude_inside 'echo written >made; echo made it'
	result 0
	has 'made it'
	[ "$(cat made)" = written ]
	api_stop
	rm "$HOME/.claude/settings.json"
	echo '{"sandbox": {"enabled": true}}' >.claude/settings.json
	claude_inside 'echo made it'
	result 0
	has 'made it'
	# the control: with its own sandbox none runs
	api_stop
	api_start 'echo made it'
	expect 0 penned claude --settings '{"sandbox":{"enabled":true}}' \
		-p go --dangerously-skip-permissions </dev/null
	result 0
	lacks 'made it'
}

# steals COMMAND… : each prints something PLANTED outside, nothing of it inside
steals() {
	local n
	claude_outside "$@"
	for ((n = 0; n < $#; n++)); do
		result "$n"
		has PLANTED
	done
	api_stop
	claude_inside "$@"
	for ((n = 0; n < $#; n++)); do
		result "$n"
		lacks PLANTED
		lacks 'NO RESULT'
	done
}

@test "claude's model is told where it is, unless tell_model = no or the user tells it something" {
	claude_outside 'true'
	[ "$(model_told)" -eq 0 ]
	api_stop
	claude_inside 'grep -c "$PWD" /run/pen/README'
	result 0
	has 1
	[ "$(model_told)" -ge 2 ]
	api_stop
	api_start 'true'
	expect 0 penned claude --append-system-prompt-file /dev/null -p go \
		--dangerously-skip-permissions </dev/null
	[ "$(model_told)" -eq 0 ]
	api_stop
	mkdir -p "$HOME/.config/pen"
	echo 'profile default { tell_model = no }' >"$HOME/.config/pen/pen.conf"
	claude_inside 'ls /run/pen'
	result 0
	lacks README
	[ "$(model_told)" -eq 0 ]
	expect 0 penned claude mcp list
	[ -z "$(git status --porcelain)" ]
}

@test "claude in the pen works: it reads, writes and runs in its project" {
	echo 'a line of the project' >notes
	claude_inside 'cat notes' 'echo written >made; echo made it' \
		'git add notes && git -c user.name=a -c user.email=a@b \
			commit -qm "from inside" && git log --format=%s' 'id -un'
	result 0
	has 'a line of the project'
	result 1
	has 'made it'
	result 2
	has 'from inside'
	result 3
	has "$(id -un)"
	[ "$(cat made)" = written ]
	[ "$(stat -c %u made)" = "$(id -u)" ]
	[ "$(git log --format=%s)" = 'from inside' ]
}

@test "claude in the pen cannot read keys, credentials or the next repository" {
	steals 'cat ~/.ssh/id_ed25519' \
		'cat ~/.aws/credentials' \
		'cat ../sibling/secret' \
		"cat /proc/self/root$HOME/.ssh/id_ed25519" \
		'ln -sf ~/.ssh link; cat link/id_ed25519' \
		'grep -rs PLANTED ~/.ssh ~/src/sibling ~/.aws'
}

@test "claude in the pen sees neither the caller's environment nor processes" {
	steals 'env' \
		'cat /proc/[0-9]*/environ 2>/dev/null | tr "\0" "\n" |
			grep VICTIM=' \
		'tr "\0" "\n" </proc/$PPID/environ | grep SECRET='
}

@test "claude in the pen has neither the API's key nor anything else of its caller" {
	claude_inside 'env' 'tr "\0" "\n" </proc/1/environ'
	result 0
	lacks "$KEY"
	has ANTHROPIC_AUTH_TOKEN=sk-ant-pen-placeholder
	has PEN=1
	lacks PEN_SNI
	lacks SECRET
	lacks "$BIN"
	result 1
	lacks "$KEY"
	lacks SECRET
}

@test "claude in the pen reaches its API's name and no other" {
	local curl='curl -sS -m 10 --cacert "$NODE_EXTRA_CA_CERTS"'
	claude_inside "$curl http://api.anthropic.com/v1/models" \
		"$curl https://refused.example.org/; echo status \$?" \
		"$curl https://192.0.2.1/; echo status \$?" \
		"$curl https://api.anthropic.com/; echo status \$?"
	result 0
	has '{}'
	# refused before it is accepted, or reset
	result 3
	has 'status '
	lacks 'status 0'
	result 1
	has 'status 6'
	result 2
	has 'status 7'
	cat "$HOME"/.local/state/pen/log/*.jsonl >"$T/events"
	grep -q '"refused.example.org"' "$T/events"
	grep -q '"api.anthropic.com"' "$T/events"
}

# credential_is TEXT : all that the API was sent; nothing inside has it
credential_is() {
	[ "$(jq -r 'select(.path | startswith("/v1/messages")).credential' \
		"$T/api.log" | sort -u)" = "$1" ]
}

@test "claude works with each kind of credential, and none of them is inside" {
	local look='env; cat ~/.claude/.credentials.json; grep -rsl PLANT[E]D ~'
	local real=sk-ant-oat01-PLANTED-credential-0123456789abcdef
	claude_inside "$look"
	result 0
	lacks "$KEY"
	credential_is "$KEY"
	unset ANTHROPIC_API_KEY
	local kind
	for kind in ANTHROPIC_AUTH_TOKEN CLAUDE_CODE_OAUTH_TOKEN file; do
		api_stop
		if [ "$kind" = file ]; then
			mkdir -p "$HOME/.claude"
			cat >"$HOME/.claude/.credentials.json" <<-END
				{"claudeAiOauth": {"accessToken": "$real",
				 "refreshToken": "sk-ant-ort01-PLANTED-refresh",
				 "expiresAt": 4102444800000,
				 "scopes": ["user:inference", "user:profile"],
				 "subscriptionType": "max"}}
			END
		else
			export "$kind=$real"
		fi
		claude_inside "$look"
		result 0
		lacks PLANTED
		credential_is "Bearer $real"
		unset ANTHROPIC_AUTH_TOKEN CLAUDE_CODE_OAUTH_TOKEN
	done
}

@test "a login that has expired is renewed outside, and written back" {
	unset ANTHROPIC_API_KEY
	mkdir -p "$HOME/.claude"
	cat >"$HOME/.claude/.credentials.json" <<-'END'
		{"claudeAiOauth": {"accessToken": "sk-ant-oat01-PLANTED-0123456789",
		 "refreshToken": "sk-ant-ort01-PLANTED", "expiresAt": 1,
		 "scopes": ["user:inference"], "subscriptionType": "max"}}
	END
	api_start 'cat ~/.claude/.credentials.json'
	expect 0 penned --connect-to "platform.claude.com:443:127.0.0.1:$PORT" \
		claude -p go --dangerously-skip-permissions </dev/null
	script_ran 1
	result 0
	lacks PLANTED
	lacks RENEWED
	credential_is "Bearer sk-ant-oat01-RENEWED-0123456789abcdef"
	[ "$(jq -c 'select(.token).token | .refresh_token' "$T/api.log")" = \
		'"sk-ant-ort01-PLANTED"' ]
	[ "$(jq -r .claudeAiOauth.refreshToken "$HOME/.claude/.credentials.json")" = \
		sk-ant-ort01-RENEWED ]
	run find "$HOME" -maxdepth 2 -name '*.lock'
	[ -z "$output" ]
}

@test "claude has the same tools, betas and caching as without pen-key" {
	local kind key plain
	local what='select(.tools > 2) | [.tools, .betas, .caching] | tostring'
	for kind in ANTHROPIC_AUTH_TOKEN CLAUDE_CODE_OAUTH_TOKEN; do
		unset ANTHROPIC_API_KEY
		export "$kind=sk-ant-oat01-a-dummy-0123456789"
		claude_inside true
		key=$(jq -r "$what" "$T/api.log" | sort -u)
		api_stop
		api_start true
		expect 0 penned --no-key claude -p go \
			--dangerously-skip-permissions </dev/null
		plain=$(jq -r "$what" "$T/api.log" | sort -u)
		api_stop
		printf '%s: %s\n%s\n' "$kind" "$key" "$plain"
		[ -n "$key" ]
		[ "$key" = "$plain" ]
		unset "$kind"
	done
}

@test "claude in the pen does not reach the host's loopback" {
	local ready port server
	exec {ready}< <(exec /usr/bin/python3 "$ROOT/tests/lib/tls_server.py" \
		"$T/victim" 3>&- </dev/null)
	server=$!
	read -rt 10 _ port <&"$ready"
	local curl="curl -sSk -m 10 https://127.0.0.1:$port/; echo status \$?"
	run -0 bash -c "$curl"
	has 'status 0'
	claude_inside "$curl"
	kill "$server"
	result 0
	has 'status 7'
}

@test "claude in the pen cannot plant what the host would run" {
	local plant='printf "#!/bin/sh\n" >.git/hooks/post-checkout &&
		chmod +x .git/hooks/post-checkout && echo planted'
	local config='git config core.fsmonitor ./evil && echo planted'
	local rc='echo evil >>~/.bashrc && echo planted'
	claude_outside "$plant" "$config" "$rc"
	for n in 0 1 2; do
		result $n
		has planted
	done
	api_stop
	rm .git/hooks/post-checkout "$HOME/.bashrc"
	git config --unset core.fsmonitor
	# inside it works; outside there is none of it
	claude_inside "$plant" "$config" "$rc"
	[ ! -e .git/hooks/post-checkout ]
	[ ! -e "$HOME/.bashrc" ]
	run -1 git config core.fsmonitor
}

@test "~/.claude.json keeps working: read inside, and counters reach the host" {
	local key='.customApiKeyResponses.approved[0]'
	[ "$(jq 'has("firstStartTime")' "$HOME/.claude.json")" = false ]
	claude_inside 'cat ~/.claude.json'
	result 0
	has "$PWD"
	[ "$(jq 'has("firstStartTime")' "$HOME/.claude.json")" = true ]
	[ "$(jq -r "$key" "$HOME/.claude.json")" = "${KEY: -20}" ]
	[ ! -e "$HOME/.claude.json.lock" ]
}

@test "the first run makes the agent's state on the host and nothing else" {
	rm "$HOME/.claude.json"
	find "$HOME" -maxdepth 3 -not -path '*/.git/*' | sort >"$T/before"
	claude_inside 'true'
	find "$HOME" -maxdepth 3 -not -path '*/.git/*' | sort >"$T/after"
	run comm -13 "$T/before" "$T/after"
	has "$HOME/.claude/projects"
	has "$HOME/.claude.json"
	output=$(grep -v -e "^$HOME/.claude" -e "^$HOME/.cache" \
		-e "^$HOME/.local/state" <<<"$output") || :
	[ -z "$output" ]
}

@test "a session begun in the pen is continued in the next one" {
	claude_inside 'echo first-session'
	api_stop
	api_start 'echo first-session' 'echo second-session'
	expect 0 penned claude -p again --continue \
		--dangerously-skip-permissions </dev/null
	script_ran 2
	result 1
	has second-session
}

@test "the exit status is claude's" {
	api_start
	expect 1 claude --no-such-option
	local said=$output
	expect 1 penned claude --no-such-option
	[ "$output" = "$said" ]
	expect 0 penned claude --version
	has 'Claude Code'
}

@test "a session in a terminal: first screen, an answer, and out" {
	api_start 'cat ~/.ssh/id_ed25519; echo script-ran'
	export SHELL=/bin/sh
	in_terminal "$BIN/pen" --ro "$CA/ca.pem" --connect-to \
		"api.anthropic.com:443:127.0.0.1:$PORT" \
		claude --dangerously-skip-permissions --settings \
		'{"skipDangerousModePermissionPrompt":true}'
	shows 'Claude Code'
	shows 'bypass permissions on'
	types go
	shows 'script-finished'
	types /exit
	ended 0
	result 0
	has script-ran
	lacks PLANTED
}

@test "a first start with a token from outside asks for no login and no key" {
	local tmux="tmux -L pen-$$-$BATS_TEST_NUMBER -f /dev/null" kind
	screen() {
		$tmux capture-pane -p | grep -qE -- "${1// /.*}"
	}
	shows() {
		until_true screen "$1" || {
			$tmux capture-pane -p >&2
			$tmux kill-server
			return 1
		}
	}
	# starts NAME=VALUE : in a home of its own, where claude has never been
	starts() {
		export HOME=$T/${1%%=*}
		mkdir -p "$HOME/project" "$HOME/.local/bin"
		cd "$HOME/project"
		ln -s "$CACHE/claude/bin/claude" "$HOME/.local/bin/claude"
		PATH=$HOME/.local/bin:$PATH
		env -u ANTHROPIC_API_KEY SHELL=/bin/sh "$1" $tmux new-session -d \
			-x 100 -y 40 "$BIN/pen" --ro "$CA/ca.pem" --connect-to \
			"api.anthropic.com:443:127.0.0.1:$PORT" claude 3>&-
		$tmux set-option -g remain-on-exit on
	}
	api_start true
	for kind in ANTHROPIC_API_KEY CLAUDE_CODE_OAUTH_TOKEN; do
		starts "$kind=sk-ant-oat01-a-dummy-0123456789"
		shows 'trust'
		$tmux send-keys Enter
		shows 'Claude Code v'
		shows '❯'
		run $tmux capture-pane -p
		$tmux kill-server
		lacks 'login method'
		lacks 'API key?'
	done
	# the control: with nothing seeded it looks for a host, or asks
	mkdir -p "$T/config/pen"
	echo 'agent claude { key_seed = {} }' >"$T/config/pen/pen.conf"
	export XDG_CONFIG_HOME=$T/config XDG_STATE_HOME=$T/state
	T=$T/control
	starts CLAUDE_CODE_OAUTH_TOKEN=sk-ant-oat01-a-dummy-0123456789
	shows 'Unable to connect|text style|login method'
	$tmux kill-server
}

@test "typed in a fresh home and a cluttered one: bash, zsh and fish" {
	local sh kind go='-p go --dangerously-skip-permissions'
	mkdir -p "$HOME/.config/pen"
	for kind in fresh cluttered; do
		for sh in bash zsh fish; do
			home $kind $sh
			api_start 'ls -d /run/pen/pen-filter'
			cat >"$HOME/.config/pen/pen.conf" <<-END
				profile default {
					ro = {"$CA/ca.pem"}
					connect_to = {"api.anthropic.com:443:127.0.0.1:$PORT"}
				}
			END
			expect 0 typed_in $sh <<-END
				send claude $go\r
				expect script-finished
				send exit 0\r
				end 0
			END
			result 0
			[ "$output" = /run/pen/pen-filter ]
			api_stop
			# the control, at the same prompt
			api_start 'ls -d /run/pen/pen-filter'
			ANTHROPIC_BASE_URL="https://localhost:$PORT" \
				expect 0 typed_in $sh <<-END
				send claude-raw $go\r
				expect script-finished
				send exit 0\r
				end 0
			END
			result 0
			has 'No such file'
			api_stop
		done
	done
}
