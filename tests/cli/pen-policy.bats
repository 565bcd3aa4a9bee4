# pen-policy's contract: it prints and exports what pen-filter refuses.
load ../lib/common

setup() {
	probe=$PROBE/sys_probe
}

@test "bad usage is one line, a hint, 125" {
	local args
	for args in "" "--no-such-option" "--debug" "--export" "--export x" \
		"--export -1" "--export 1 true" "--list true" \
		"--list --export 1" "--arch x86_64" "--list --arch riscv64" \
		"--list=x" "--collect" "--collect x" "--collect 1 true" \
		"--collect 1 --list" "--collect 1 --arch x86_64"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr pen-policy $args
		[ "$status" -eq 125 ] || {
			echo "'$args': $status" >&2
			return 1
		}
		[[ $stderr == "pen-policy: "* ]]
		[ -z "$output" ]
	done
}

@test "a descriptor that is not open is an error of --export" {
	expect 125 pen-policy --export 77
	has "cannot write the filter to descriptor 77: Bad file descriptor"
}

@test "--collect without a socket is 125" {
	expect 125 pen-policy --collect 9 9</dev/null
	has "cannot receive from descriptor 9: "
}

@test "a full disk is an error of --list and --export" {
	[ -c /dev/full ] || skip_missing /dev/full
	expect 125 sh -c 'pen-policy --list >/dev/full'
	expect 125 sh -c 'pen-policy --export 1 >/dev/full'
}

@test "--list is what a probe meets, for every call refused whole" {
	local answer number name got outside=0 rows=0
	pen-policy --list >"$BATS_TEST_TMPDIR/list"
	while read -r answer number name _ where; do
		[[ $number =~ ^[0-9]+$ && -z $where ]] || continue
		got=$(pen-filter -- "$probe" raw "$number")
		[ "$got" = "$answer" ] || {
			echo "$name: $got, listed as $answer" >&2
			return 1
		}
		rows=$((rows + 1))
		[ "$("$probe" raw "$number")" = "$answer" ] ||
			outside=$((outside + 1))
	done <"$BATS_TEST_TMPDIR/list"
	[ $rows -ge 70 ]
	[ $outside -ge 25 ] # the others want a privilege that nobody has here
}

@test "--list leaves out what a relaxation allows" {
	expect 0 pen-policy --list
	has "ptrace " && has "unshare " && has perf_event_open
	has "not ATTACH, CONT, DETACH, GETREGS, GETREGSET, KILL"
	expect 0 pen-policy --list --debug --nested --perf
	lacks "ptrace " && lacks "unshare " && lacks perf_event_open
	has userfaultfd && has clone3
	has "or with ADDR_NO_RANDOMIZE"
}

@test "--arch lists and exports the other machine's policy" {
	expect 0 pen-policy --list --arch aarch64
	has "EPERM         117      ptrace"
	lacks modify_ldt
	expect 0 pen-policy --list --arch x86_64
	has "EPERM         101      ptrace"
	has modify_ldt
	cd "$BATS_TEST_TMPDIR"
	pen-policy --arch x86_64 --export 1 >a
	pen-policy --arch aarch64 --export 3 3>b
	[ $(($(stat -c %s a) % 8 + $(stat -c %s b) % 8)) -eq 0 ]
	expect 1 cmp -s a b
}

@test "bwrap --seccomp takes what --export writes" {
	local jail=(bwrap --ro-bind / / --dev /dev --proc /proc)
	"${jail[@]}" true || skip_missing "user namespaces"
	expect 0 "${jail[@]}" "$probe" unshare
	[ "$output" = ok ]
	expect 0 "${jail[@]}" --seccomp 9 "$probe" unshare \
		9< <(pen-policy --export 1)
	[ "$output" = EPERM ]
}
