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

# alive: the victim has not been touched
alive() {
	kill -0 "$VICTIM" && [ "$(ps -o stat= -p "$VICTIM")" = "${1:-S}" ]
}

@test "a process of the host cannot be signalled by its number" {
	victim sleep infinity
	attack "kill -0 $VICTIM && echo LEAKED"
	inside "kill -KILL $VICTIM"
	alive
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

@test "a process group or session of the host cannot be signalled" {
	victim setsid sleep infinity
	until_true kill -0 -- "-$VICTIM"
	attack "kill -0 -- -$VICTIM && echo LEAKED"
	inside "kill -KILL -- -$VICTIM; kill -KILL -1"
	alive Ss
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

@test "the host's processes are not listed" {
	victim sleep infinity
	attack "ls /proc | grep -qx $VICTIM &&
		grep -q sleep /proc/$VICTIM/comm && echo LEAKED"
	attack 'ps -e -o args= | grep -q "^sleep infinity" && echo LEAKED'
}

@test "the memory maps of the host's processes cannot be read" {
	victim /usr/bin/python3 -c 'import time
secret = bytearray(b"LEAKED")
print(hex(id(secret)), flush=True)
time.sleep(600)'
	until_true [ -s "$T/victim.out" ]
	# yama may refuse a process that is no descendant, so it is the map
	attack "grep -q '\[heap\]' /proc/$VICTIM/maps && echo LEAKED"
}

@test "processor, scheduling and memory policy of the host's processes stay" {
	victim sleep infinity
	attack "renice -n 5 -p $VICTIM && echo LEAKED"
	attack "taskset -p 1 $VICTIM && echo LEAKED"
	attack "ionice -c 3 -p $VICTIM && echo LEAKED"
	attack "prlimit --pid $VICTIM --nofile=8:8 && echo LEAKED"
	attack "echo 999 >/proc/$VICTIM/oom_score_adj && echo LEAKED"
	attack "chrt -i -p 0 $VICTIM && echo LEAKED"
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

@test "a pidfd of a process of the host cannot be had" {
	victim sleep infinity
	attack "/usr/bin/python3 -c 'import os
os.pidfd_open($VICTIM)
print(\"LEAKED\")'"
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
}

@test "what is left in the background ends with the program" {
	local name=pen-test-left-$BASHPID
	local script="setsid bash -c 'exec -a $name tail -f /dev/null' \
		>/dev/null 2>&1 </dev/null 3>&- & echo started"
	left() {
		expect "$1" pgrep -u "$(id -u)" -f "^$name "
	}
	run -0 bash -c "$script"
	has started
	until_true left 0
	kill "$output"
	until_true left 1
	run -0 pen "${PENNED[@]}" bash -c "$script"
	has started
	left 1
}

@test "IPC objects of the host are not there: System V and POSIX" {
	local shm name
	shm=$(ipcmk -M 4096 | grep -o '[0-9]*$')
	name=pen-test-$BASHPID
	echo LEAKED >"/dev/shm/$name"
	attack "ipcs -m | grep -q ' $shm ' && echo LEAKED"
	attack "cat /dev/shm/$name"
	ipcrm -m "$shm"
	rm "/dev/shm/$name"
}

@test "the host's name cannot be read or changed" {
	attack "[ \$(uname -n) = '$(uname -n)' ] && echo LEAKED"
	refused 'hostname other && echo LEAKED'
	refused 'echo other >/proc/sys/kernel/hostname && echo LEAKED'
}
