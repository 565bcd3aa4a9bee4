#!/usr/bin/env bats
# Two real agents in one project at once, each in a pen of its own: what each needs
# is there, and neither takes anything from the other.

load ../lib/common
load ../lib/agents
load ../lib/home
load ../lib/wait

KEY=sk-ant-api03-a-dummy-for-the-stand-in

setup_file() {
	agent_fetch claude @anthropic-ai/claude-code
	[ -n "$AGENT_MISSING" ] || agent_fetch codex @openai/codex
	agent_ca
}

setup() {
	agent_require
	scratch
	git init -q .
	mkdir -p "$HOME/.local/bin"
	ln -s "$CACHE/claude/bin/claude" "$CACHE/codex/bin/codex" "$HOME/.local/bin"
	PATH=$HOME/.local/bin:$PATH
	jq -n --arg project "$PWD" --arg key "${KEY: -20}" '{
		hasCompletedOnboarding: true,
		customApiKeyResponses: {approved: [$key], rejected: []},
		projects: {($project): {hasTrustDialogAccepted: true}}
	}' >"$HOME/.claude.json"
	export ANTHROPIC_API_KEY=$KEY NODE_EXTRA_CA_CERTS=$CA/ca.pem \
		SSL_CERT_FILE=$CA/ca.pem CODEX_API_KEY=a-dummy-for-the-stand-in \
		DISABLE_AUTOUPDATER=1
}

teardown() {
	api_stop
}

penned() {
	pen --ro "$CA/ca.pem" \
		--connect-to "api.anthropic.com:443:127.0.0.1:$PORT" \
		--connect-to "api.openai.com:443:127.0.0.1:$PORT" "$@"
}

# Both do this: they hold a port and wait for the other, so that it is at once.
both='import os, socket
me = "claude" if os.environ.get("CLAUDECODE") else "codex"
server = socket.create_server(("127.0.0.1", 8000))
open(".git/hooks/" + me, "w").write("#!/bin/sh\n")
open(me + ".c", "w").write("int x;\n")
while not (os.path.exists("claude.c") and os.path.exists("codex.c")): pass
home = os.path.expanduser("~/")
print(me, "sees", [s for s in (".claude", ".codex") if os.path.exists(home + s)])'

@test "claude and codex in one project: ports, state, drafts and changes of both" {
	local claude codex
	api_start "python3 -c '$both'"
	penned claude -p go --dangerously-skip-permissions \
		</dev/null >"$T/claude" 2>&1 3>&- &
	claude=$!
	penned codex exec -m gpt-5.1-codex go </dev/null >"$T/codex" 2>&1 3>&- &
	codex=$!
	wait "$claude"
	wait "$codex"
	# both came to the end, with the same port, and each has its own state
	grep -q script-finished "$T/claude"
	grep -q script-finished "$T/codex"
	output=$(jq -r '.results[]?' "$T/api.log")
	has "claude sees ['.claude']"
	has "codex sees ['.codex']"
	[ -n "$(find "$HOME/.claude/projects" -name '*.jsonl')" ]
	[ -n "$(find "$HOME/.codex/sessions" -name '*.jsonl')" ]
	# the changes of both are there, and neither hook: both are held back
	[ -e claude.c ]
	[ -e codex.c ]
	[ ! -e .git/hooks/claude ]
	[ ! -e .git/hooks/codex ]
	expect 0 pen-review --list
	has .git/hooks/claude
	has .git/hooks/codex
	expect 0 pen --offline ls .git/hooks
	has claude
	has codex
	# the settings of each are as they were
	jq -e '.hasCompletedOnboarding' "$HOME/.claude.json"
}
