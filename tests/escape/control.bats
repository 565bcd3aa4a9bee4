#!/usr/bin/env bats
# Attacks on the control sockets: what is inside must not allow itself anything.

load ../lib/common
load ../lib/escape

setup() {
	scratch
	PENNED=()
	# a session that is there in any case, and whose socket answers
	victim pen-sni --control --listen 127.0.0.1:0
	SESSIONS=$XDG_RUNTIME_DIR/pen
	until_true test -S "$SESSIONS/$VICTIM/control"
	ALLOW="ask() {
		'$ROOT/tests/lib/control_client.py' \"\$1\" say \
			'allow session evil.test' 2>&1 | grep -q ok && echo LEAKED
	}"
}

teardown() {
	victims_end
	exec 8>&-
}

# The test's client is in the source tree, which is not shown inside.
attack_with_client() {
	cp "$ROOT/tests/lib/control_client.py" client.py
	attack "${ALLOW//$ROOT\/tests\/lib\/control_client.py/$PWD/client.py}
		$1"
}

@test "no control socket is where it is outside" {
	attack_with_client "for s in '$SESSIONS'/*/control; do ask \"\$s\"; done"
}

@test "no control socket is reached through another process's root or directory" {
	attack_with_client "for p in /proc/[0-9]*/root /proc/self/root \
			/proc/[0-9]*/cwd/..; do
		for s in \"\$p$SESSIONS\"/*/control; do ask \"\$s\"; done
	done"
}

@test "no control socket is found anywhere in the tree" {
	attack_with_client "find /run /tmp /var /home '$HOME' '$T' -name control \
			-type s 2>/dev/null | while read -r s; do ask \"\$s\"; done"
}

@test "no descriptor of the chain leads to one" {
	run pen bash -c 'ls -l /proc/*/fd 2>/dev/null | grep -E "control|pen/|socket"'
	[ "$output" = "" ]
}

@test "a view with the control sockets in it is refused, whatever shows them" {
	local option
	mkdir -p "$XDG_RUNTIME_DIR/other"
	for option in ro rw; do
		run -125 pen --$option "$XDG_RUNTIME_DIR" true
		has "cannot show '$XDG_RUNTIME_DIR'"
		run -125 pen --$option "$SESSIONS/$VICTIM" true
	done
	run -0 pen --ro "$XDG_RUNTIME_DIR/other" true
	cd "$XDG_RUNTIME_DIR"
	run -125 pen true
	has "pen keeps its own files in"
}
