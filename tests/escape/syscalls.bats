# System calls that a jailed program must not get through pen-filter.  Each is
# made for real: outside it succeeds, or the test is vacuous.
load ../lib/common

setup() {
	outer=()
	probe=$PROBE/sys_probe
}

# In a user namespace prog has every capability that it needs for these.
in_userns() {
	outer=(unshare -Urmu "$@")
	"${outer[@]}" true || skip_missing "user namespaces"
}

# refused ANSWER NAME [WITHOUT] : what the probe sees without the filter, "ok"
# unless the attack cannot be finished here, and then with it
refused() {
	local want=$1 without=${3:-ok}
	read -ra name <<<"$2"
	expect 0 "${outer[@]}" "$probe" "${name[@]}"
	case $output in
	"$without") ;;
	ENOSYS | EOPNOTSUPP | EACCES | EPROTONOSUPPORT | EAFNOSUPPORT | ENODEV)
		skip_missing "$2 ($output without the filter)"
		;;
	*)
		echo "vacuous: $2 is $output without the filter" >&2
		return 1
		;;
	esac
	expect 0 "${outer[@]}" pen-filter -- "$probe" "${name[@]}"
	[ "$output" = "$want" ]
}

# killed NAME : dies of SIGSYS, 31
killed() {
	[ "$(uname -m)" = x86_64 ] || skip "this machine has no such ABI: $1"
	expect 0 "$probe" "$1"
	expect 159 pen-filter -- "$probe" "$1"
}

@test "ptrace cannot attach to another process" {
	refused EPERM ptrace
}

@test "another process's memory cannot be read" {
	refused EPERM process_vm_readv
}

@test "another process's memory cannot be written" {
	refused EPERM process_vm_writev
}

@test "another process's memory cannot be advised on" {
	[ "$("$probe" process_madvise)" != EPERM ] ||
		skip_missing 'process_madvise without CAP_SYS_NICE'
	refused EPERM process_madvise
}

@test "two processes cannot be compared" {
	refused EPERM kcmp
}

@test "another process's descriptor cannot be taken" {
	refused EPERM pidfd_getfd
}

@test "performance events cannot be opened" {
	refused EPERM perf_event_open
}

@test "a key cannot be added" {
	refused EPERM add_key
}

@test "keyctl cannot be called" {
	refused EPERM keyctl
}

@test "a key cannot be requested" {
	refused EPERM request_key
}

@test "the caller's session keyring does not come along" {
	expect 0 "$probe" key cat /proc/keys
	has pen-planted
	expect 0 "$probe" key pen-filter -- cat /proc/keys
	lacks pen-planted
}

@test "a root of a user namespace cannot mount" {
	in_userns
	refused EPERM mount
}

@test "a root of a user namespace cannot unmount what it mounted" {
	in_userns sh -c 'mount -t tmpfs none /mnt && exec "$@"' sh
	refused EPERM umount2
}

@test "a root of a user namespace cannot chroot" {
	in_userns
	refused EPERM chroot
}

@test "a root of a user namespace cannot pivot_root" {
	in_userns
	refused EPERM pivot_root EINVAL
}

@test "a root of a user namespace cannot fsopen" {
	in_userns
	refused ENOSYS fsopen
}

@test "a root of a user namespace cannot clone a tree of mounts" {
	in_userns
	refused ENOSYS open_tree
}

@test "a root of a user namespace cannot open_tree_attr, new in 6.15" {
	in_userns
	refused ENOSYS open_tree_attr
}

@test "a root of a user namespace cannot move a mount" {
	in_userns
	refused ENOSYS move_mount ENOENT
}

@test "a root of a user namespace cannot change a mount's attributes" {
	in_userns
	refused ENOSYS mount_setattr
}

@test "a root of a user namespace cannot set the host's name" {
	in_userns
	refused EPERM sethostname
}

@test "a root of a user namespace cannot enter a namespace" {
	in_userns
	refused EPERM setns
}

@test "unshare cannot make a user namespace" {
	refused EPERM unshare
}

@test "clone cannot make a user namespace" {
	refused EPERM clone-user
}

@test "clone cannot make one with dirt in the flags' high half" {
	refused EPERM clone-user-dirty
}

@test "clone cannot make a network namespace" {
	refused EPERM clone-net
}

@test "clone3, whose flags no filter sees, is not there" {
	refused ENOSYS clone3
}

@test "io_uring, which opens files past the filter, is not there" {
	refused ENOSYS io_uring_setup
}

@test "userfaultfd, which stops the kernel where one likes, is refused" {
	refused EPERM userfaultfd
}

@test "a file handle cannot be made" {
	refused EPERM name_to_handle_at
}

@test "fanotify cannot be started" {
	refused EPERM fanotify_init
}

@test "memory cannot be bound to a node" {
	refused EPERM mbind
}

@test "a memory policy cannot be set" {
	refused EPERM set_mempolicy
}

@test "pages cannot be moved between nodes" {
	refused EPERM move_pages
}

@test "the clock's adjustment is out of reach" {
	refused EPERM adjtimex
}

@test "quotas are out of reach" {
	refused EPERM quotactl
}

@test "a mount cannot be looked up by number" {
	refused ENOSYS statmount EFAULT
}

@test "mounts cannot be listed" {
	refused ENOSYS listmount
}

@test "READ_IMPLIES_EXEC cannot be had" {
	refused EPERM personality
}

@test "MMAP_PAGE_ZERO cannot be had with dirt in the high half" {
	refused EPERM personality-dirty
}

@test "address randomisation cannot be switched off" {
	refused EPERM no-aslr
}

@test "a local descriptor table cannot be had" {
	[ "$(uname -m)" = x86_64 ] || skip "this machine has no such call"
	refused EPERM modify_ldt
}

@test "an i386 call kills: socketcall would open any family" {
	killed i386-socket
}

@test "an x32 call kills" {
	killed x32-getpid
}

@test "a call newer than the policy is not there" {
	expect 0 pen-filter -- "$probe" raw 470
	[ "$output" = ENOSYS ]
	# 451 is cachestat, reviewed: the wrong descriptor is the kernel's answer
	refused EBADF "raw 451 -1" EBADF
}

@test "AF_VSOCK, which no network namespace holds, cannot be opened" {
	refused EAFNOSUPPORT "socket 40 1 0"
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

@test "a family with dirt in the high half is the same family" {
	refused EAFNOSUPPORT "socket 0xdeadbeef00000028 1 0"
}

@test "AF_PACKET cannot be opened by the root of a network namespace" {
	in_userns -n
	refused EAFNOSUPPORT "socket 17 3 0"
}

@test "SOCK_PACKET, its older name, cannot be opened either" {
	in_userns -n
	refused EPERM "socket 2 10 0x300"
}

@test "a raw IPv4 socket cannot be opened" {
	in_userns -n
	refused EPERM "socket 2 3 255"
}

@test "a raw IPv6 socket with flags cannot be opened" {
	in_userns -n
	refused EPERM "socket 10 0x80803 58"
}

@test "netfilter's netlink cannot be opened" {
	refused EAFNOSUPPORT "socket 16 3 12"
}

@test "the kernel's events cannot be listened to" {
	refused EAFNOSUPPORT "socket 16 3 15"
}

@test "UDP-Lite cannot be opened" {
	refused EPERM "socket 2 2 136"
}

@test "MPTCP cannot be opened" {
	refused EPERM "socket 2 1 262"
}

@test "SCTP cannot be opened, nor its module be loaded so" {
	# EPROTONOSUPPORT is a kernel without it
	local without=ok
	[ "$("$probe" socket 2 1 132)" = ok ] || without=EPROTONOSUPPORT
	refused EPERM "socket 2 1 132" $without
}

@test "what programs need of sockets is left" {
	local s
	for s in "1 1 0" "1 0x80005 0" "2 1 6" "2 0x80802 17" "10 1 0" \
		"16 3 0" "0xdeadbeef00000002 1 0"; do
		refused ok "socket $s"
	done
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
	local name names n=0
	mapfile -t names < <(sed -n 's/^\t{"\(.*\)", do_.*/\1/p' \
		"$ROOT/tests/lib/sys_probe.c")
	for name in "${names[@]}" "raw 500" "socket 38 5 0" "socket 2 3 6" \
		"tty TIOCSTI"; do
		read -ra words <<<"$name"
		[ "$name" != listener ] || continue
		run pen-filter -- "$probe" "${words[@]}"
		want="$status $output"
		run --separate-stderr "$ROOT/tests/lib/filter_notify.py" \
			"$probe" "${words[@]}"
		[ "$status $output" = "$want" ] || {
			echo "$name: $status $output, otherwise $want" >&2
			return 1
		}
		# and it is on the list, if it was refused
		case $want in
		"0 EPERM" | "0 ENOSYS" | "0 EAFNOSUPPORT")
			[[ $stderr == "# system calls that were refused"* ]]
			n=$((n + 1))
			;;
		esac
	done
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
