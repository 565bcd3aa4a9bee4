# What pen-filter leaves to programs, and that it stays.  The calls that it refuses
# are attacks of pen-attack(1): attack.bats.
load ../lib/common

setup() {
	probe=$PROBE/sys_probe
}

# left NAME : what programs need, the same with the filter and without
left() {
	read -ra name <<<"$1"
	expect 0 "$probe" "${name[@]}"
	[ "$output" = "${2:-ok}" ]
	expect 0 pen-filter -- "$probe" "${name[@]}"
	[ "$output" = "${2:-ok}" ]
}

@test "ptrace can stop a process, as LeakSanitizer does its own" {
	left ptrace-attach
}

@test "namespaces cannot be listed, new in 6.19" {
	expect 0 pen-filter -- "$probe" raw 470
	[ "$output" = ENOSYS ]
}

@test "a call newer than the policy is not there" {
	expect 0 pen-filter -- "$probe" raw 473
	[ "$output" = ENOSYS ]
	# 451 is cachestat, reviewed: the wrong descriptor is the kernel's answer
	left "raw 451 -1" EBADF
}

@test "of the families this kernel has, AF_ALG or not, four can be opened" {
	local family allowed="" beyond=0
	for family in {0..63}; do
		[ "$("$probe" socket "$family" 2 0)" = EAFNOSUPPORT ] ||
			beyond=$((beyond + 1))
		expect 0 pen-filter -- "$probe" socket "$family" 2 0
		[ "$output" = EAFNOSUPPORT ] || allowed+=" $family"
	done
	[ "$allowed" = " 1 2 10 16" ]
	[ $beyond -gt 4 ]
}

@test "what programs need of sockets is left" {
	local s
	for s in "1 1 0" "1 0x80005 0" "2 1 6" "2 0x80802 17" "10 1 0" \
		"16 3 0" "0xdeadbeef00000002 1 0"; do
		left "socket $s"
	done
}

@test "a directory gets its set-group-ID bit: git init --shared" {
	cd "$BATS_TEST_TMPDIR"
	expect 0 pen-filter -- git init -q --shared shared
	expect 0 stat -c %A shared/.git/refs
	has rws
}

@test "install -m 4755 fails, -m 755 and -m 1777 do not" {
	cd "$BATS_TEST_TMPDIR"
	expect 0 install -m 4755 /bin/true t
	expect 1 pen-filter -- install -m 4755 /bin/true u
	has "Operation not permitted"
	[ ! -u u ]
	expect 0 pen-filter -- install -m 755 /bin/true u
	expect 0 pen-filter -- install -d -m 1777 d
}

@test "what copies by reference, and flags, are left to file systems" {
	cd "$BATS_TEST_TMPDIR"
	echo one >a
	expect 0 pen-filter -- cp --reflink=auto a b
	# FS_IOC_GETFLAGS; EBADF, and not ENOTTY, says that it was asked
	expect 0 pen-filter -- "$probe" raw 16 -1 0x80086601
	[ "$(uname -m)" != x86_64 ] || [ "$output" = EBADF ]
}

@test "a process that another filter's --nested let out is still in this one" {
	expect 0 pen-filter -- pen-filter --nested -- "$probe" unshare
	has EPERM
}

@test "the filter survives fork, exec and a new session" {
	expect 0 pen-filter -- sh -c "setsid sh -c '$probe unshare; :'"
	[ "$output" = EPERM ]
}

# ---- pen-filter --notify, for pen --audit -----------------------------------

@test "told to somebody outside, a call is refused as it is otherwise" {
	local name n=0
	while read -r name; do
		run pen-filter -- pen-attack --try "$name"
		want="$status $output"
		run --separate-stderr "$ROOT/tests/lib/filter_notify.py" \
			pen-attack --try "$name"
		[ "$status $output" = "$want" ] || {
			echo "$name: $status $output, otherwise $want" >&2
			return 1
		}
		# and it is on the list, if it was refused
		case $want in
		"1 EPERM" | "1 ENOSYS" | "1 EAFNOSUPPORT")
			[[ $stderr == "# system calls that were refused"* ]]
			n=$((n + 1))
			;;
		esac
	done < <(pen-attack --list | cut -f1 |
		grep -E '^(calls/|terminals/tiocsti|sockets/(alg|raw|packet)$)')
	[ $n -gt 30 ]
}

@test "nobody inside becomes the one that answers, not even when that one died" {
	expect 0 "$probe" listener
	[ "$output" = ok ]
	expect 0 pen-filter -- "$probe" listener
	[ "$output" = ok ]
	run -0 --separate-stderr "$ROOT/tests/lib/filter_notify.py" \
		"$probe" listener
	[ "$output" = EBUSY ]
	run -0 --separate-stderr "$ROOT/tests/lib/filter_notify.py" --dead \
		sh -c 'read -r _ && exec "$0" listener' "$probe"
	[ "$output" = EBUSY ]
}

@test "with nobody to tell, what is refused stays refused" {
	run -0 --separate-stderr "$ROOT/tests/lib/filter_notify.py" --dead \
		sh -c 'read -r _ && exec "$0" ptrace' "$probe"
	[ "$output" = ENOSYS ]
}
