# What programs need of their terminal under pen-filter; what they must not do to
# it is in attack.bats.
load ../lib/common

@test "what a shell needs of its terminal is left" {
	local name
	for name in TIOCSCTTY TIOCGWINSZ; do
		expect 0 pen-filter -- "$PROBE/sys_probe" tty $name
		[ "$output" = ok ]
	done
}

@test "job control works on a pty under the filter" {
	expect 0 script -qec "pen-filter -- bash -ic 'tail -f /dev/null & kill %1; \
		wait %1; stty size >&2; echo after=\$?'" /dev/null
	has after=0
}
