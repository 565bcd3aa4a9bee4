#!/usr/bin/env bats
# Attacks on the host's processes, and on the chain's own, from inside a pen.

load ../lib/common
load ../lib/escape

setup() {
	scratch
}

teardown() {
	victims_end
}

@test "the pen's first process cannot be traced, which LeakSanitizer's calls would" {
	expect 0 unshare -Urpf --mount-proc sh -c '"$1" ptrace-first; :' sh \
		"$PROBE/sys_probe"
	[ "$output" = ok ]
	expect 0 pen --offline --ro "$PROBE" --env ASAN_OPTIONS \
		"$PROBE/sys_probe" ptrace-first
	[ "$output" = EPERM ]
}

@test "a fork bomb leaves room for the user's own processes" {
	mkdir -p "$HOME/.config/pen"
	echo 'profile default { processes = 150 }' >"$HOME/.config/pen/pen.conf"
	local bomb='import os
r, w = os.pipe() # they end with the first one
try:
    for i in range(200):
        if os.fork() == 0:
            os.close(w)
            os.read(r, 1)
            os._exit(0)
    print("LEAKED")
except BlockingIOError:
    print("bounded")'
	attack "exec 3>&1; python3 -c '$bomb'"
	has bounded
	# nor from namespaces inside
	echo 'profile default { processes = 150 nesting = yes }' \
		>"$HOME/.config/pen/pen.conf"
	inside "unshare -U -r python3 -c '$bomb'"
	has bounded
	lacks LEAKED
}

@test "signals to one's own group do not reach the caller's programs in it" {
	# the group of a job is that of its first program, pen; the victim is
	# beside it in the pipeline
	mkfifo "$T/go"
	export T
	local job='set -m; { read -r _ <"$T/go"; "$@"; } | { trap "" PIPE
		trap "echo LEAKED" USR1; echo >"$T/go"; cat; echo END; }'
	local script='trap "" USR1; kill -USR1 0; echo sent; exec >&-'
	run -0 bash -c "$job" - bash -c "$script"
	has LEAKED
	needs_landlock 6 6.12
	run -0 bash -c "$job" - pen "${PENNED[@]}" bash -c "$script"
	has sent
	has END
	lacks LEAKED
}

@test "priorities that are set for all of a user's processes stay inside" {
	victim sleep infinity
	local before
	before=$(ps -o ni= -p "$VICTIM")
	inside 'renice -n 7 -u "$(id -u)"'
	has 'new priority 7'
	[ "$(ps -o ni= -p "$VICTIM")" -eq "$before" ]
	# control, where it hits nobody else's processes
	run -0 unshare -Urpf --mount-proc bash -c 'sleep infinity & v=$!
		renice -n 7 -u 0 >/dev/null; ps -o ni= -p $v; kill $v'
	[ "$((output))" -eq 7 ]
}

@test "pid 1 of the pen cannot be killed, stopped, traced or read" {
	victim sleep infinity
	attack "kill -STOP $VICTIM && kill -CONT $VICTIM && echo LEAKED"
	inside 'kill -KILL 1; kill -STOP 1; kill -TERM 1; echo "still here"'
	has 'still here'
	attack "cat /proc/$VICTIM/maps >/dev/null && echo LEAKED"
	refused 'cat /proc/1/maps >/dev/null && echo LEAKED'
	has 'Permission denied'
	refused 'cat /proc/1/syscall && echo LEAKED'
	has 'Permission denied'
	refused 'ls -l /proc/1/fd/ | grep -q " -> " && echo LEAKED'
	has 'Permission denied'
	refused 'ls /proc/1/fd/0 /proc/1/fd/1 /proc/1/cwd/ /proc/1/root/ &&
		echo LEAKED'
}

@test "the host's name cannot be read or changed" {
	attack "[ \$(uname -n) = '$(uname -n)' ] && echo LEAKED"
	refused 'hostname other && echo LEAKED'
	refused 'echo other >/proc/sys/kernel/hostname && echo LEAKED'
}
