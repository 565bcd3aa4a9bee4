# What is left to a forwarder of pen-net, should its bytes take it over.
load ../lib/common

setup() {
	scratch
}

@test "a forwarder dials its own ports, and cannot listen, open, execute or signal" {
	local name
	[ -z "${SAN:-}" ] || return 0 # it makes system calls of its own
	python3 -c 'import socket, signal
a, b = (socket.create_server(("127.0.0.1", 0)) for _ in range(2))
print(a.getsockname()[1], b.getsockname()[1], flush=True)
signal.pause()' >"$T/ports" 3>&- &
	echo $! >"$T/pid"
	until_true test -s "$T/ports"
	# shellcheck disable=SC2046 # two words
	expect 0 "$PROBE/unit/forwarder" $(cat "$T/ports") free
	for name in port other unix netlink listen open exec fork kill; do
		has "$name ok"
	done
	# shellcheck disable=SC2046
	expect 0 "$PROBE/unit/forwarder" $(cat "$T/ports")
	has "port ok"
	for name in unix netlink listen open exec fork kill; do
		has "$name EPERM"
	done
	# Landlock knows ports since Linux 6.7
	if python3 -c 'import ctypes, sys
sys.exit(ctypes.CDLL(None).syscall(444, None, 0, 1) < 4)'; then
		has "other EACCES"
	else
		has "other ok"
	fi
}

teardown() {
	[ ! -e "$T/pid" ] || kill "$(<"$T/pid")"
}
