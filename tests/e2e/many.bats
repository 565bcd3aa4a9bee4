#!/usr/bin/env bats
# Many pens at once, connections in each, and many starts: make bench has fifty,
# a thousand and twenty thousand (tests/bench/many), this a few.

load ../lib/common

@test "several pens at once, and many starts, leave nothing" {
	expect 0 "$ROOT/tests/bench/many" 4 20 20
	has '80 connections in 4 pens'
	has '20 starts'
}

@test "what one of them leaves is found" {
	local fake=$BATS_TEST_TMPDIR/build left
	mkdir -p "$fake/bin" "$fake/test"
	ln -s "$PROBE/bench" "$fake/test/bench"
	for left in 'touch "$XDG_RUNTIME_DIR/left.$$"' \
		'exec -a pen-left tail -f /dev/null </dev/null >/dev/null 2>&1 3>&- &'; do
		cat >"$fake/bin/pen" <<-END
			#!/bin/bash
			[[ "\$*" != *client* ]] || ( $left )
			exec "$BIN/pen" "\$@"
		END
		chmod +x "$fake/bin/pen"
		B=$fake PATIENCE=1 ROUNDS=3 expect 1 "$ROOT/tests/bench/many" 1 2 2
		has 'many: left: '
		pkill_left
	done
}

@test "where the first process waits for nobody no zombie is left, and one is found" {
	local fake=$BATS_TEST_TMPDIR/build init
	# the shell that orphans its child would wait for it
	init='import os, subprocess, sys
sys.exit(subprocess.call(sys.argv[1:]))'
	expect 0 unshare -Umpf --map-current-user --mount-proc python3 -c "$init" \
		"$ROOT/tests/bench/many" 2 5 6
	has '10 connections in 2 pens'
	mkdir -p "$fake/bin" "$fake/test"
	ln -s "$PROBE/bench" "$fake/test/bench"
	cp /bin/true "$fake/pen-left"
	cat >"$fake/bin/pen" <<-END
		#!/bin/bash
		[[ "\$*" != *client* ]] || ("$fake/pen-left" &)
		exec "$BIN/pen" "\$@"
	END
	chmod +x "$fake/bin/pen"
	B=$fake PATIENCE=1 ROUNDS=3 expect 1 unshare -Umpf --map-current-user \
		--mount-proc python3 -c "$init" "$ROOT/tests/bench/many" 1 2 2
	has 'many: left: zombie '
}

# what the second of them left
pkill_left() {
	local p
	for p in $(pgrep -u "$(id -un)" -f '^pen-left '); do
		kill "$p"
	done
}
