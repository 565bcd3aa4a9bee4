#!/usr/bin/env bats
# pen-ns: whichever system call of its own fails, prog runs in the whole jail or
# not at all.  What pen-ns calls is taken from strace(1), so that a call that is
# new is tried too: each one in turn, in every process at once, is made to fail,
# as a disk would have it, as a container's filter, and as a kernel that is too
# old.

load ../lib/common

# What prog finds around itself; the same words mean the same jail.
STATE='grep -E "^(Uid|Gid|Groups|Cap|NoNew|Seccomp:|Sig[BI])" /proc/self/status
sed "s/^[0-9]* [0-9]* [0-9]*:[0-9]* //; s,/fd/[0-9]*,/fd/N,g; s/,uuid=on//" \
	/proc/self/mountinfo
cat /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups
for n in user mnt pid ipc uts cgroup net; do
	case $HOST in
	*" $(readlink /proc/self/ns/$n) "*) echo "$n is the host'"'"'s" ;;
	esac
done
for n in /proc/sys/user/max_*_namespaces; do echo "$n $(cat $n)"; done
ls /proc/self/fd / /dev /dev/shm
tr '"'"'\0'"'"' '"'"' '"'"' </proc/1/cmdline; cat /proc/1/environ 2>&1
ulimit -c; umask; uname -n; pwd; echo $$; cat /data; unset HOST; env
read -r p n s pp g sid rest </proc/self/stat; echo "session $sid"
/probe/ns_probe unshare user mnt; /probe/ns_probe capabilities
/probe/ns_probe inherited'

# What may fail without harm: it closes what exec closes as well, tells, looks
# for prog, for a terminal, for what is pending, if it may wait, or once more,
# gives memory back; and prog's view must be the same then.
# A keyring that cannot be left because no call about keyrings is answered is
# out of prog's reach too.  rt_sigprocmask is sigaction's in musl, which has
# older calls to take the place of prlimit64 and signalfd4.
HARMLESS=' close exit_group getrandom gettid rseq set_robust_list set_tid_address
	rt_sigprocmask umask
	getppid geteuid getegid read getcwd ioctl fcntl openat readlink access
	faccessat faccessat2 stat rt_sigaction recvfrom munmap
	fstat rt_sigtimedwait open getdents64 recvmsg '
REFUSED=' keyctl prlimit64 signalfd4 '

# Each call once from each place in the program: of a loop only the first.
# Without a stack all count, as of a process that may not be looked at, and with
# musl, where the stack ends in the function for the call; but of the loops over
# the capabilities one.
SITES='
function flush() {
	if (frames < 2)
		stack = loop != "" ? loop : site
	if (site != "" && !(stack in seen)) {
		seen[stack]
		print site
	}
	site = stack = loop = ""
	frames = 0
}
$1 == ">" { stack = stack " " $NF; frames++; next }
{ flush() }
$2 == "<..." { site = began[$1]; next }
match($2, /^[a-z0-9_]+\(/) {
	call = substr($2, 1, RLENGTH - 1)
	site = call " " ++n[$1 " " call]
	if (call == "prctl") loop = $1 " " $2
	if ($NF == "...>") { began[$1] = site; site = "" }
}
END { flush() }'

setup() {
	scratch
	command -v strace >/dev/null || skip_missing strace
	mkdir ro rw up work
	echo data >data
	HOST=' '
	for n in user mnt pid ipc uts cgroup net; do
		HOST+="$(readlink "/proc/self/ns/$n") "
	done
	export HOST
	words=(--system --ro-bind "$PROBE" /probe
		--proc /proc --dev /dev --size 65536 --tmpfs /tmp --mask /usr/games
		--ro-bind ro /ro --bind rw /rw --ro-bind-data 5 /data
		--perms 0700 --dir /d --chmod 0711 /d --mqueue /mq --file 9 /f
		--overlay-src ro --tmp-overlay /o --overlay-src ro --overlay-src rw --ro-overlay /q
		--overlay-src ro --overlay up work /p --remount-ro / --unshare-net
		--hostname jail --chdir /rw --lock-file /ro --info-fd 6
		--seccomp 8 --new-session sh -c "$STATE")
	printf '\x06\0\0\0\0\0\xff\x7f' >allow # the whole filter
}

# jailed STRACE-OPTION… : pen-ns under strace, which leaves alone what is executed;
# what prog says is in ./state, what pen-ns says in ./said.  The status is that of
# pen-ns, and strace, a process beside it, has ended when descriptor 10 has.
jailed() {
	local status
	status=$(timeout 20 strace -D -f -qq -b execve "$@" pen-ns \
		"${words[@]}" 10>&1 >state 2>said 5<data 6>info 8<allow 9<data \
		</dev/null
		echo $?)
	return "$status"
}

# sites : "CALL N" for each system call, the Nth of these in its process
sites() {
	jailed -o trace -k || cat said >&2
	cp state whole
	grep -q NoNewPrivs:.1 whole
	grep -q Seccomp:.2 whole
	awk "$SITES" trace | sort -u
}

# What cannot be looked at is covered: a mask more is as good.
same_view() {
	[ -z "$(diff whole state | grep '^[<>]' |
		grep -vE '^> /(empty)? /(proc|etc)/')" ]
}

# What prog had said when it was ended; at that moment pid 1 may be gone.
said_the_same() {
	cmp -s -n "$(wc -c <state)" state whole ||
		[ -z "$(head -n -1 state | grep -vxF -f whole |
			grep -v '^cat: /proc/1/environ: ')" ]
}

# fails CALL N ERROR : the Nth of these failed, and no weaker jail has come of it
fails() {
	local status=0 harmless=$HARMLESS
	jailed -o traced -e "trace=$1" -e "inject=$1:error=$3:when=$2" ||
		status=$?
	# then seccomp(2) loads the filter
	if grep -q 'PR_SET_SECCOMP.*INJECTED' traced; then
		harmless+='prctl '
	fi
	[ "$3" = EIO ] || harmless+=$REFUSED
	# a kernel may be without it, and musl knows what came before pipe2
	[ "$3" != ENOSYS ] || harmless+='landlock_create_ruleset pipe2 '
	case $1:$status in
	# the reaper has no descriptor to say it on
	poll:125 | wait4:125 | dup2:125 | close_range:125)
		echo 'pen-ns: ' >>said
		;;
	# as if the monitor were gone
	recvfrom:137) echo 'pen-ns: ' >said && status=125 ;;
	esac
	if [ "$status" -eq 0 ] && same_view &&
		[[ $harmless == *[[:space:]]$1[[:space:]]* ]]; then
		return 0
	fi
	# in a program that is not static: before main
	[ "$status" -ne 127 ] || ! grep -q 'loading shared lib' said || return 0
	# prog did not run, or was ended while it said the same
	[ "$status" -eq 125 ] && grep -q '^pen-ns: ' said &&
		said_the_same && return 0
	echo "$1 number $2 failed with $3: status $status"
	cat said
	diff whole state | head -n 20
	return 0
}

# hides CALL N ERROR : it failed, and what is to be run at the end was run all the
# same, or that it could not be is said
hides() {
	local status=0
	rm -f ended
	jailed -o /dev/null -e "trace=$1" -e "inject=$1:error=$3:when=$2" ||
		status=$?
	[ "$status" -ne 125 ] && [ -s state ] && [ "$1" != write ] || return 0
	[ -e ended ] || grep -q '^pen-ns: .*cannot' said ||
		grep -q 'not accounted for' said ||
		echo "$1 number $2 failed with $3, and nothing was run"
	return 0
}

# each FUNCTION ERROR REGEX : the function for each call but those without whose
# first libc does not get as far as main, and those of the regular expression
each() {
	local call n check=$1 error=$2
	[ -z "${SAN:-}" ] || return 0 # it makes system calls of its own
	sites >list
	grep -vE "^(arch_prctl|brk|mmap|mprotect|execve|$3) " list >mine
	[ -s mine ]
	while read -r call n <&7; do
		"$check" "$call" "$n" "$error"
	done 7<mine >bad
	[ ! -s bad ] || {
		cat bad >&2
		return 1
	}
}

@test "a disk that fails under any call: 125, never a weaker jail" {
	each fails EIO
}

@test "a filter that refuses any call: 125, never a weaker jail" {
	each fails EPERM close
}

@test "a kernel that lacks any call: 125, never a weaker jail" {
	each fails ENOSYS close
}

@test "on a kernel that is too old: one line and 125, or the same jail" {
	local call
	[ -z "${SAN:-}" ] || return 0
	jailed -o /dev/null
	cp state whole
	for call in open_tree move_mount fsopen fsconfig fsmount mount_setattr \
		openat2; do
		expect 125 jailed -o /dev/null -e "trace=$call" \
			-e "inject=$call:error=ENOSYS"
		[ ! -s state ]
		grep -qE '^pen-ns: .*(not implemented|needs Linux 5\.12)' said
		[ "$(wc -l <said)" -eq 1 ]
	done
	for call in faccessat2 landlock_create_ruleset keyctl; do
		jailed -o /dev/null -e "trace=$call" \
			-e "inject=$call:error=ENOSYS"
		same_view
	done
}

@test "whatever fails, a run does not hide that it has ended" {
	mkdir p
	printf '#!/bin/sh\n: >%s\n' "$PWD/ended" >end
	chmod +x end
	words=(--system --ro-bind "$PROBE" /probe --bind "$PWD/p" /p --proc /proc
		--at-end "$PWD/end" 0 --json-status-fd 6
		--seccomp 8 grep -E "^(NoNew|Seccomp:)" /proc/self/status)
	expect 0 jailed -o trace
	[ -e ended ]
	grep -q '"exit-code": 0' info
	each hides EIO close
}

@test "what is refused is an error, and the hint is what pen-check says of it" {
	local call
	for call in unshare sethostname mount_setattr; do
		expect 125 strace -f -qqq -o /dev/null -e "inject=$call:error=EPERM" \
			pen-ns --unshare-uts --hostname pen --system \
			--proc /proc --dev /dev true
		has 'Operation not permitted'
		# where the new view is "/" there is no pen-check to ask
		[ "${lines[1]}" = "hint: $(pen-check --refused namespace 1)" ] ||
			[ "${lines[1]}" = 'hint: pen-check says what refuses it' ]
	done
}
