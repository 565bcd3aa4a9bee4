# What is left to a forwarder of pen-net, should its bytes take it over.
load ../lib/common

setup() {
	scratch
}

@test "a forwarder dials its own ports, and cannot listen, open, execute or signal" {
	local name other=ok udp=ok
	[ -z "${SAN:-}" ] || return 0 # it makes system calls of its own
	python3 -c 'import socket, signal
a, b = (socket.create_server(("127.0.0.1", 0)) for _ in range(2))
print(a.getsockname()[1], b.getsockname()[1], flush=True)
signal.pause()' >"$T/ports" 3>&- &
	echo $! >"$T/pid"
	until_true test -s "$T/ports"
	# shellcheck disable=SC2046 # two words
	expect 0 "$PROBE/unit/forwarder" $(cat "$T/ports") free
	for name in port other unix netlink listen open exec fork kill udp; do
		has "$name ok"
	done
	# shellcheck disable=SC2046
	expect 0 "$PROBE/unit/forwarder" $(cat "$T/ports")
	has "port ok"
	for name in unix netlink listen open exec fork kill; do
		has "$name EPERM"
	done
	# Landlock knows ports since Linux 6.7, those of UDP since 7.2
	[ "$(landlock_abi)" -lt 4 ] || other=EACCES
	[ "$(landlock_abi)" -lt 10 ] || udp=EACCES
	has "other $other"
	has "udp $udp"
}

@test "a Landlock that is newer than pen is no error, and confines" {
	[ -z "${SAN:-}" ] || return 0 # it makes system calls of its own
	# version 77, and a descriptor that nobody has
	run -0 strace -qq -o "$T/calls" \
		-e trace=landlock_create_ruleset,landlock_add_rule,landlock_restrict_self \
		-e inject=landlock_create_ruleset:retval=77 \
		-e inject=landlock_add_rule,landlock_restrict_self:retval=0 \
		"$PROBE/unit/forwarder" 7 9
	has 'exec EPERM'
	[ "$(sed 's/(.*= / /; s/ .INJECTED.*//' "$T/calls" | xargs)" = \
		"landlock_create_ruleset 77 landlock_create_ruleset 77 \
landlock_add_rule 0 landlock_restrict_self 0" ]
}

teardown() {
	[ ! -e "$T/pid" ] || kill "$(<"$T/pid")"
}
