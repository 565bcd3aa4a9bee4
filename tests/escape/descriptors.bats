#!/usr/bin/env bats
# Attacks through descriptors that the caller, or the chain, left open.

load ../lib/common
load ../lib/escape

setup() {
	scratch
}

teardown() {
	victims_end
}

@test "a directory of the host left open leads nowhere" {
	exec 9<"$HOME"
	attack 'cat /proc/self/fd/9/.ssh/id_ed25519 | sed s/PLANTED/LEAKED/'
	exec 9<&-
}

@test "a directory descriptor cannot be walked up from, openat" {
	exec 9<"$HOME/src/sibling"
	attack '/usr/bin/python3 -c "
import os
fd = os.open(\"../../.ssh/id_ed25519\", os.O_RDONLY, dir_fd=9)
print(os.read(fd, 99).replace(b\"PLANTED\", b\"LEAKED\"))"'
	exec 9<&-
}

@test "an open key cannot be read on" {
	exec 9<"$HOME/.ssh/id_ed25519"
	attack 'cat /proc/self/fd/9 <&9 | sed s/PLANTED/LEAKED/'
	attack 'cat <&9 | sed s/PLANTED/LEAKED/'
	exec 9<&-
}

@test "a file open for writing cannot be written" {
	exec 9>"$T/written"
	attack 'echo LEAKED >&9 && echo LEAKED'
	exec 9>&-
	[ "$(cat "$T/written")" = LEAKED ]
}

@test "a socket to a program of the host is closed" {
	victim /usr/bin/socat "UNIX-LISTEN:$T/s,fork" 'EXEC:echo LEAKED'
	until_true [ -S "$T/s" ]
	local ask='import socket
s = socket.socket(socket.AF_UNIX)
s.connect("'$T/s'")
import os, sys
os.dup2(s.fileno(), 9)
os.execvp(sys.argv[1], sys.argv[1:])'
	local script='cat <&9; echo THE END'
	run -0 /usr/bin/python3 -c "$ask" bash -c "$script"
	has LEAKED
	run -0 /usr/bin/python3 -c "$ask" pen "${PENNED[@]}" bash -c "$script"
	has 'THE END'
	lacks LEAKED
}

@test "high descriptors are closed as well as low ones" {
	exec 9<"$HOME" 200<"$HOME" 1000<"$HOME"
	attack 'ls -l /proc/self/fd | grep "$HOME\$" | sed "s/^/LEAKED /"'
	exec 9<&- 200<&- 1000<&-
}

@test "the program starts with three descriptors, whatever the chain used" {
	# ls has the directory itself as the fourth
	PENNED=()
	exec 9<"$HOME"
	attack '[ "$(ls /proc/self/fd | wc -l)" -le 4 ] || echo LEAKED'
	exec 9<&-
}

@test "the chain's processes show no descriptors inside" {
	victim sleep infinity
	attack "ls -l /proc/$VICTIM/fd/ | grep -q 1 && echo LEAKED"
	refused 'ls -l /proc/1/fd/ | grep -q " -> " && echo LEAKED'
	has 'Permission denied'
	refused 'ls /proc/1/fd/0 /proc/1/fd/1 /proc/1/cwd/ /proc/1/root/ &&
		echo LEAKED'
}

@test "a directory as standard input does not open the host's tree" {
	local script='cat /proc/self/fd/0/.ssh/id_ed25519; echo THE END'
	run -0 bash -c "$script" <"$HOME"
	has PLANTED
	run pen "${PENNED[@]}" bash -c "$script" <"$HOME"
	lacks PLANTED
}
