# What a jailed program could do to the user's terminal, through pen-filter.
load ../lib/common

# refused NAME [WITHOUT] : EPERM with the filter, WITHOUT (ok) without it
refused() {
	local without=${2:-ok}
	expect 0 "$PROBE/sys_probe" tty "$1"
	# EIO: dev.tty.legacy_tiocsti=0, the kernel refuses by itself (6.2)
	[ "$output" = "$without" ] || [[ $1:$output == TIOCSTI*:EIO ]] || {
		echo "vacuous: $1 is $output without the filter" >&2
		return 1
	}
	expect 0 pen-filter -- "$PROBE/sys_probe" tty "$1"
	[ "$output" = EPERM ]
}

@test "TIOCSTI cannot type into the terminal (CVE-2017-5226)" {
	refused TIOCSTI
}

@test "TIOCSTI with dirt in the command's high half cannot" {
	refused TIOCSTI-dirty
}

@test "TIOCLINUX cannot paste into a console (CVE-2023-28100)" {
	refused TIOCLINUX ENOTTY # a pty is no console; EPERM shows the filter
}

@test "TIOCLINUX with dirt in the command's high half cannot" {
	refused TIOCLINUX-dirty ENOTTY
}

@test "TIOCSETD cannot load a line discipline" {
	refused TIOCSETD
}

@test "TIOCSETD with dirt in the command's high half cannot" {
	refused TIOCSETD-dirty
}

@test "TIOCSCTTY cannot take a terminal away from its session" {
	refused TIOCSCTTY-steal
}

@test "TIOCSCTTY with dirt in command and argument cannot" {
	refused TIOCSCTTY-steal-dirty
}

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
