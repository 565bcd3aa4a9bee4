# What the relay gives up before it reads a byte from inside.
load ../lib/common
load ../lib/shell

@test "the relay cannot open, execute, connect, signal, trace or make code" {
	local name
	[ -z "${SAN:-}" ] || return 0 # it makes system calls of its own
	expect 0 script -qec "$PROBE/unit/confine free" /dev/null
	for name in open write exec fork socket unix kill code protect trace; do
		has "$name ok"
	done
	expect 0 script -qec "$PROBE/unit/confine" /dev/null
	for name in open write exec fork socket unix kill code protect trace \
		type dumpable; do
		has "$name EPERM"
	done
	# and what it needs
	has 'group ok'
	has 'size ok'
}
