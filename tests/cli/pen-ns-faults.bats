#!/usr/bin/env bats
# pen-ns: whichever system call of its own fails, prog runs in the whole jail or
# not at all.  What pen-ns calls is taken from strace(1), so that a call that is
# new is tried too: each one in turn, in every process at once, is made to fail.

load ../lib/common

# What prog finds around itself; the same words mean the same jail.
STATE='grep -E "^(Uid|Gid|Groups|Cap|NoNew|Seccomp:)" /proc/self/status
sed "s/^[0-9]* [0-9]* [0-9]*:[0-9]* //; s,/fd/[0-9]*,/fd/N,g" \
	/proc/self/mountinfo
cat /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups
for n in user mnt pid ipc uts cgroup net; do
	case $HOST in
	*" $(readlink /proc/self/ns/$n) "*) echo "$n is the host'"'"'s" ;;
	esac
done
for n in /proc/sys/user/max_*_namespaces; do echo "$n $(cat $n)"; done
ls /proc/self/fd /
tr '"'"'\0'"'"' '"'"' '"'"' </proc/1/cmdline; cat /proc/1/environ 2>&1
ulimit -c; umask; uname -n; pwd; echo $$; cat /data; unset HOST; env
/probe/ns_probe unshare user mnt; /probe/ns_probe capabilities
/probe/ns_probe inherited'

# What may fail without harm: it closes what exec closes as well, tells, looks
# for prog, for a terminal, or once more; and prog's view must be the same then.
HARMLESS=' close exit_group getrandom rseq set_robust_list set_tid_address umask
	getppid geteuid getegid read getcwd ioctl fcntl openat readlink access
	newfstatat faccessat faccessat2 rt_sigaction recvfrom '

setup() {
	scratch
	command -v strace >/dev/null || skip_missing strace
	mkdir ro rw
	echo data >data
	HOST=' '
	for n in user mnt pid ipc uts cgroup net; do
		HOST+="$(readlink "/proc/self/ns/$n") "
	done
	export HOST
	words=(--ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib
		--symlink usr/lib64 /lib64 --ro-bind "$PROBE" /probe
		--proc /proc --dev /dev --size 65536 --tmpfs /tmp --mask /usr/games
		--ro-bind ro /ro --bind rw /rw --ro-bind-data 5 /data
		--perms 0700 --dir /d --chmod 0711 /d --mqueue /mq
		--overlay-src ro --tmp-overlay /o --remount-ro / --unshare-net
		--hostname jail --chdir /rw --lock-file /ro --info-fd 6
		--seccomp 8 --new-session sh -c "$STATE")
	printf '\x06\0\0\0\0\0\xff\x7f' >allow # the whole filter
}

# jailed STRACE-OPTION… : pen-ns under strace, which leaves prog alone; what
# prog says is in ./state, what pen-ns says in ./said
jailed() {
	timeout 20 strace -f -qq -b execve "$@" pen-ns "${words[@]}" \
		>state 2>said 5<data 6>info 8<allow \
		</dev/null
}

# calls : "CALL COUNT" for each system call, by the process that has most
calls() {
	jailed -o trace
	cp state whole
	grep -q NoNewPrivs:.1 whole
	grep -q Seccomp:.2 whole
	sed -nE 's/^([0-9]+) +([a-z0-9_]+)\(.*/\1 \2/p' trace |
		awk '{n[$1 " " $2]++} END {for (k in n) {split(k, a, " ")
			if (n[k] > m[a[2]]) m[a[2]] = n[k]}
			for (c in m) print c, m[c]}' | sort
}

# What cannot be looked at is covered: a mask more is as good.
same_view() {
	[ -z "$(diff whole state | grep '^[<>]' |
		grep -v '^> /.pen-ns.empty//deleted /proc/')" ]
}

# fails CALL N : the Nth of these failed, and no weaker jail has come of it
fails() {
	local status=0
	jailed -o /dev/null -e "trace=$1" -e "inject=$1:error=EIO:when=$2" ||
		status=$?
	case $1:$status in
	# the reaper has no descriptor to say it on
	poll:125 | wait4:125) echo 'pen-ns: ' >>said ;;
	# as if the monitor were gone
	recvfrom:137) echo 'pen-ns: ' >said && status=125 ;;
	esac
	if [ "$status" -eq 0 ] && same_view &&
		[[ $HARMLESS == *[[:space:]]$1[[:space:]]* ]]; then
		return 0
	fi
	# in a program that is not static: before main
	[ "$status" -ne 127 ] || ! grep -q 'loading shared lib' said || return 0
	# prog did not run, or was ended while it said the same
	[ "$status" -eq 125 ] && grep -q '^pen-ns: ' said &&
		cmp -s -n "$(wc -c <state)" state whole && return 0
	echo "$1 number $2 failed: status $status"
	cat said
	[ "$status" -ne 0 ] || diff whole state | head -n 20
	return 0
}

# each REGEX : fails for each call whose name matches, or with -v does not
each() {
	local call n i
	[ -z "${SAN:-}" ] || return 0 # it makes system calls of its own
	calls >list
	grep -E "$@" list >mine
	[ -s mine ]
	while read -r call n <&7; do
		for ((i = 1; i <= n; i++)); do
			fails "$call" "$i"
		done
	done 7<mine >bad
	[ ! -s bad ] || {
		cat bad >&2
		return 1
	}
}

mounts='^(fs|mount|umount|move_mount|open_tree|pivot_root|statx|openat2|mkdir|symlink|unlink|chdir|fchdir)'
control='^(prctl|capset|capget|unshare|clone|fork|setns|seccomp|landlock|keyctl|prlimit)'

@test "a failing call of those that make the file view: 125, never a weaker one" {
	each "$mounts"
}

@test "a failing call of those that take rights away: 125, never a weaker jail" {
	each "$control"
}

# without its first calls libc does not get as far as main
@test "any other failing call: 125, never a weaker jail" {
	each -v "$mounts|$control|^(arch_prctl|brk|mmap|mprotect|execve) "
}
