#!/usr/bin/env bats
# The real Claude Code, full screen, in pen-shell under tmux; its API is a
# script.

load ../lib/common
load ../lib/agents
load ../lib/tmux

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
		DISABLE_AUTOUPDATER=1 SHELL=/bin/bash LANG=C.UTF-8
}

teardown() {
	tm kill-server || :
	api_stop
}

at_shell() {
	[ "$(tm display-message -p '#{pane_current_command}')" = bash ]
}
@test "claude in pen-shell: type, resize, stop, go on, allow a host, quit" {
	local claude
	# tries until the console lets it
	api_start 'until curl -fsS -m 5 --cacert "$NODE_EXTRA_CA_CERTS" \
		https://api.openai.com/; do read -rt 0.3 <> <(:); done;
		echo and-the-key; cat ~/.ssh/id_ed25519'
	claude="pen-shell --ro '$CA/ca.pem' \
		--connect-to api.anthropic.com:443:127.0.0.1:$PORT \
		--connect-to api.openai.com:443:127.0.0.1:$PORT \
		claude --dangerously-skip-permissions --settings \
		'{\"skipDangerousModePermissionPrompt\":true}'"
	tm new-session -d -x 100 -y 40 "PS1='outer> ' PATH='$PATH' \
		exec bash --norc --noprofile" 3>&-
	shows 'outer>'
	type_line 'stty -g >before; clear'
	type_line "$claude"
	shows 'Claude Code'
	shows 'bypass permissions on'

	# the console, and the screen is drawn again
	tm send-keys C-]
	shows 'pen>'
	until_true screen_lacks 'bypass permissions'
	type_line status
	shows 'api.anthropic.com\|connections'
	tm send-keys Enter
	shows 'bypass permissions on'

	tm resize-window -x 80 -y 30
	shows 'bypass permissions on'

	# stopped by the console, gone on by the shell
	tm send-keys C-]
	shows 'pen>'
	type_line suspend
	shows Stopped
	[ "$(tm display-message -p '#{alternate_on}#{mouse_any_flag}')" = 00 ]
	type_line fg
	shows 'bypass permissions on'

	# the agent is refused, says so in the title, and waits
	tm send-keys go
	shows '❯ go'
	tm send-keys Enter
	until_true eval '[[ $(tm display-message -p "#{pane_title}") == \
		*"refused api.openai.com"* ]]'
	tm send-keys C-]
	shows 'refused since the last time'
	tm send-keys -l 'allow api.o'
	tm send-keys Tab Enter
	shows 'allow api.openai.com: until the pen ends'
	tm send-keys Enter
	shows 'script-finished'
	result 0
	has allowed-host
	has and-the-key
	lacks PLANTED

	tm send-keys /exit
	shows '❯ /exit'
	tm send-keys Enter
	until_true at_shell
	tm send-keys Enter
	type_line 'stty -g >after; echo le""ft'
	shows 'left'
	cmp before after
	[ "$(tm display-message -p '#{alternate_on}#{mouse_any_flag}#{cursor_flag}')" = 001 ]
}
