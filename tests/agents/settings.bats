#!/usr/bin/env bats
# What the user sets in the real Claude Code, in its own screens, lasts: theme,
# model, the answer about bypass mode, and what is not to be asked again.  The first
# starts of others are no news, and what they answer themselves stays inside.

load ../lib/common
load ../lib/agents
load ../lib/tmux

KEY=sk-ant-api03-a-dummy-for-the-stand-in

setup_file() {
	agent_fetch claude @anthropic-ai/claude-code
	[ -n "$AGENT_MISSING" ] || agent_fetch codex @openai/codex
	[ -n "$AGENT_MISSING" ] || agent_fetch gemini @google/gemini-cli
	[ -n "$AGENT_MISSING" ] || agent_fetch opencode opencode-ai
	agent_ca
}

setup() {
	agent_require
	scratch
	git init -q .
	mkdir -p "$HOME/.local/bin"
	ln -s "$CACHE/claude/bin/claude" "$HOME/.local/bin/claude"
	PATH=$HOME/.local/bin:$PATH
	jq -n --arg key "${KEY: -20}" \
		'{customApiKeyResponses: {approved: [$key], rejected: []}}' \
		>"$HOME/.claude.json"
	export ANTHROPIC_API_KEY=$KEY NODE_EXTRA_CA_CERTS=$CA/ca.pem \
		DISABLE_AUTOUPDATER=1 SHELL=/bin/sh
	api_start 'python3 -c "open(\"made\", \"w\")"'
}

teardown() {
	tm kill-server 2>/dev/null || :
	api_stop
}

# opens [ARGUMENT…] : claude in its pen
opens() {
	in_terminal "$BIN/pen" --ro "$CA/ca.pem" \
		--connect-to "api.anthropic.com:443:127.0.0.1:$PORT" claude "$@"
}

# ready : the prompt is there
ready() {
	until_true screen_has '? for shortcuts' || until_true screen_has 'bypass permissions on'
}

# picks N : the item of that number, with the arrow keys, as they are shown
picks() {
	local i was
	for ((i = 0; i < 12; i++)); do
		was=$(marked)
		[ "$was" != "$1" ] || break
		tm send-keys Down
		until_true moved "$was"
	done
	tm send-keys Enter
}
marked() {
	tm capture-pane -p | sed -n 's/.*❯ *\([0-9]\)\. .*/\1/p' | tail -1
}
moved() {
	[ "$(marked)" != "$1" ]
}

ends() {
	types /exit
	ended 0
}

# begun : the first start of all, with its one question: with a key outside,
# pen answers those about the login and the theme
begun() {
	opens
	shows 'trust this folder'
	tm send-keys Enter
	ready
}

@test "the first start is innocent, and its answers are not asked for again" {
	begun
	ends
	run grep 'pen:' "$T/end"
	[ "$status" -eq 1 ]
	opens
	ready
	ends
	run grep 'pen:' "$T/end"
	[ "$status" -eq 1 ]
}

@test "theme and model, set in their screens, last and are the host's" {
	begun
	types /theme
	shows 'Enter to select'
	picks 5
	shows 'Theme set to light-daltonized'
	types /model
	shows 'Select model'
	picks 4
	shows 'Set model to Haiku'
	ends
	run grep 'pen:' "$T/end"
	[ "$status" -eq 1 ]
	jq -e '.theme == "light-daltonized" and .model == "haiku"' \
		"$HOME/.claude/settings.json"
	opens
	ready
	shows Haiku
	types /theme
	shows '5. Light mode (colorblind-friendly) ✔'
	tm send-keys Escape
	shows 'Theme picker dismissed'
	ends
}

@test "the answer about bypass mode lasts in the project, and is not the host's" {
	begun
	ends
	opens --dangerously-skip-permissions
	shows 'Bypass Permissions mode'
	picks 2
	shows 'bypass permissions on'
	ends
	opens --dangerously-skip-permissions
	shows 'bypass permissions on'
	ends
	run jq -e '.skipDangerousModePermissionPrompt' "$HOME/.claude/settings.json"
	[ "$status" -eq 1 ]
	# another project asks
	mkdir "$HOME/src/other"
	cd "$HOME/src/other"
	git init -q .
	opens --dangerously-skip-permissions
	shows 'trust this folder'
	tm send-keys Enter
	shows 'Yes, I accept'
}

@test "what is not to be asked again holds for the project, inside" {
	mkdir .claude
	begun
	types go
	shows 'again for: python3'
	picks 2
	shows script-finished
	ends
	grep -q 'held back from claude: .claude/settings.local.json' "$T/end"
	[ -z "$(ls -A .claude)" ]
	rm made
	opens
	ready
	types go
	shows script-finished
	screen_lacks 'again for: python3'
	[ -e made ]
	ends
	# outside it counts when it has been kept
	run -0 pen-review --keep .claude
	jq -e '.permissions.allow == ["Bash(python3 *)"]' .claude/settings.local.json
}

# first_start AGENT TEXT [KEY TEXT] : its first start, until the text is shown, and
# the other when the key was typed; what is said at the end is in $T/end
first_start() {
	local turn=0
	ln -s "$CACHE/$1/bin/$1" "$HOME/.local/bin/$1"
	in_terminal "$BIN/pen" --offline "$1"
	shows "$2"
	if [ $# -gt 2 ]; then
		tm send-keys "$3"
		shows "$4"
	fi
	until_true interrupted
	ended
}
# interrupted : once a second, as a person does it
interrupted() {
	((turn++ % 50)) || tm send-keys C-c
	screen_has 'Ended: '
}

@test "the first start of codex is innocent" {
	first_start codex 'Sign in with ChatGPT'
	run grep 'pen:' "$T/end"
	[ "$status" -eq 1 ]
}

@test "gemini's answer about trust lasts in the project, and is not the host's" {
	first_start gemini 'Do you trust' Enter 'uthenticat'
	run grep 'pen:' "$T/end"
	[ "$status" -eq 1 ]
	[ ! -e "$HOME/.gemini/trustedFolders.json" ]
	[ -z "$(ls -A "$HOME/.gemini/pen")" ]
	in_terminal "$BIN/pen" --offline gemini
	shows 'uthenticat'
	screen_lacks 'Do you trust'
	tm kill-server
}

# begins TEXT : its first screen, which takes long on a busy machine
begins() {
	until_true screen_has "$1" 2>/dev/null ||
		until_true screen_has "$1" 2>/dev/null || shows "$1"
}

# commands TEXT SHOWN : typed at the prompt of gemini or opencode, until that is
# there
commands() {
	tm send-keys -l "$1"
	shows "$1 *$"
	tm send-keys Enter
	shows "$2"
}

@test "gemini's theme, set in its screen, lasts and is the host's" {
	export GEMINI_API_KEY=AIza-dummy-for-no-service
	ln -s "$CACHE/gemini/bin/gemini" "$HOME/.local/bin/gemini"
	in_terminal "$BIN/pen" --offline gemini
	begins 'Do you trust'
	tm send-keys Enter
	shows '● 2. Use Gemini API Key'
	tm send-keys Enter
	shows 'Enter Gemini API Key'
	tm send-keys Enter
	shows 'Type your message'
	commands /theme '● *6. Default Dark'
	tm send-keys Down
	shows '● *7. Default Light'
	tm send-keys Enter
	shows 'Type your message'
	commands /quit 'Ended: '
	ended 0
	run grep 'pen:' "$T/end"
	[ "$status" -eq 1 ]
	jq -e '.ui.theme == "Default Light"' "$HOME/.gemini/settings.json"
	in_terminal "$BIN/pen" --offline gemini
	begins 'Type your message'
	commands /theme '● *7. Default Light'
}

@test "opencode's theme, set in its screen, lasts and is the host's" {
	ln -s "$CACHE/opencode/bin/opencode" "$HOME/.local/bin/opencode"
	in_terminal "$BIN/pen" --offline opencode
	begins 'Ask anything'
	commands /themes '● opencode'
	tm send-keys Down Enter
	until_true screen_lacks 'osaka-jade'
	commands /exit 'Ended: '
	ended 0
	run grep 'pen:' "$T/end"
	[ "$status" -eq 1 ]
	jq -e '.theme == "orng"' "$HOME/.local/state/opencode/kv.json"
	in_terminal "$BIN/pen" --offline opencode
	begins 'Ask anything'
	commands /themes '● orng'
}
