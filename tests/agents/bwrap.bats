#!/usr/bin/env bats
# Programs from the npm registry that execute bwrap are given pen-ns by that
# name: Anthropic's sandbox-runtime, and the sandbox of Codex.

load ../lib/common
load ../lib/agents

setup_file() {
	agent_fetch srt @anthropic-ai/sandbox-runtime
	missing=$AGENT_MISSING
	agent_fetch codex @openai/codex
	AGENT_MISSING=${missing:-$AGENT_MISSING}
}

setup() {
	agent_require
	scratch
	mkdir "$T/bin" protected
	echo PLANTED-PROTECTED >protected/file
	# says that it was called, for the callers know other ways too
	printf '%s\n' '#!/bin/bash' "echo \"\$*\" >>$T/called" \
		"exec -a bwrap $BIN/pen-ns \"\$@\"" >"$T/bin/bwrap"
	chmod +x "$T/bin/bwrap"
	export PATH=$T/bin:$CACHE/srt/bin:$CACHE/codex/bin:$PATH
}

# called WORD… : bwrap was, with these among its arguments
called() {
	local word
	for word; do
		grep -q -- "$word" "$T/called" || {
			echo "bwrap was not called with $word" >&2
			cat "$T/called" >&2
			return 1
		}
	done
}

sandbox_runtime() {
	command -v rg >/dev/null || skip_missing ripgrep
	jq -n '{network: {allowedDomains: [], deniedDomains: []},
		filesystem: {denyRead: ["~/.ssh"], allowWrite: ["."],
			denyWrite: ["protected"]}}' >"$T/settings.json"
	run timeout 60 srt -s "$T/settings.json" -c "$1"
}

@test "sandbox-runtime: a command runs, writes where it may, and its status" {
	sandbox_runtime 'echo inside; echo text >here; cat here; exit 7'
	[ "$status" -eq 7 ]
	has $'inside\ntext'
	[ "$(cat here)" = text ]
	called --unshare-pid --unshare-net --die-with-parent
}

@test "sandbox-runtime: what it denies is denied" {
	cat "$HOME/.ssh/id_ed25519" protected/file # the control
	sandbox_runtime 'cat ~/.ssh/id_ed25519; echo x >protected/file
		echo x >~/outside; ls /proc | grep -c "^[0-9]"
		curl -s -m 5 http://127.0.0.1:1/; echo the end'
	has 'the end'
	lacks PLANTED-KEY
	[ "$(cat protected/file)" = PLANTED-PROTECTED ]
	[ ! -e "$HOME/outside" ]
	called --ro-bind
}

ended() {
	[ -z "$(pgrep -f "$1")" ]
}

@test "sandbox-runtime: a signal ends it, and nothing is left" {
	mkfifo fifo
	jq -n '{network: {allowedDomains: [], deniedDomains: []},
		filesystem: {denyRead: [], allowWrite: ["."],
			denyWrite: []}}' >"$T/settings.json"
	srt -s "$T/settings.json" -c "echo ready >fifo; exec tail -f $T/called" \
		>/dev/null 2>&1 3>&- &
	local pid=$!
	read -r line <fifo
	[ "$line" = ready ]
	kill -TERM "$pid"
	wait "$pid" || :
	until_true ended "[t]ail -f $T"
}

@test "the sandbox of Codex: a command runs, reads and cannot write" {
	echo text >here
	run timeout 60 codex sandbox -- sh -c \
		'cat here; echo x >here; echo x >~/outside; exit 7'
	[ "$status" -eq 7 ]
	has text
	has 'Read-only file system'
	[ "$(cat here)" = text ]
	[ ! -e "$HOME/outside" ]
	called --as-pid-1 '--argv0 codex-linux-sandbox' --unshare-net
}

@test "the sandbox of Codex: a workspace can be written, its .git cannot" {
	git init -q .
	# it takes no bwrap from where its sandbox may write
	run timeout 60 codex sandbox -c 'sandbox_mode="workspace-write"' \
		-c sandbox_workspace_write.exclude_slash_tmp=true \
		-c sandbox_workspace_write.exclude_tmpdir_env_var=true -- sh -c \
		'echo x >made; echo x >.git/hooks/post-commit; echo x >~/outside'
	[ -e made ]
	[ ! -e .git/hooks/post-commit ]
	[ ! -e "$HOME/outside" ]
	called --bind
}

@test "the bwrap that Codex brings: the same words, the same view" {
	local theirs
	theirs=$(find "$CACHE/codex" -path '*codex-resources/bwrap' | head -n 1)
	[ -n "$theirs" ] || skip_missing "Codex's own bwrap"
	mkdir -p lower upper work
	echo low >lower/f
	words=(--unshare-all --ro-bind /usr /usr --symlink usr/bin /bin
		--symlink usr/lib /lib --symlink usr/lib64 /lib64 --proc /proc
		--dev /dev --perms 0700 --dir /a/b --overlay-src lower
		--tmp-overlay /o --mqueue /mq --size 65536 --tmpfs /t
		--overlay-src lower --overlay upper work /w --chmod 0711 /a/b
		--argv0 other --symlink x /l --symlink x /l --level-prefix)
	for b in "$theirs" "$T/bin/bwrap"; do
		theirs=$output
		run "$b" "${words[@]}" bash -c 'echo "$0"; id; ls -A / /dev /o /w
			stat -c "%a %n" /a /a/b /o /t /w /mq; cat /o/f
			echo x >/o/f; cat /o/f; readlink /l'
		[ "$status" -eq 0 ]
	done
	diff <(echo "$theirs") <(echo "$output")
	for b in --overlay-src\ lower --argv0\ a\ --argv0\ b --ro-overlay\ /x; do
		# shellcheck disable=SC2086 # words
		run -1 "$T/bin/bwrap" --ro-bind / / $b true
	done
}
