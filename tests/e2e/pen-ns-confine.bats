#!/usr/bin/env bats
# What pen-ns keeps from prog.  Each attack works outside, or with the one
# option that allows it, or its test is void.

load ../lib/common

setup() {
	scratch
	view=(--system --ro-bind "$PROBE" /probe --proc /proc --dev /dev
		--tmpfs /tmp)
	probe=$PROBE/ns_probe
	pids=()
}

teardown() {
	local p
	for p in "${pids[@]}"; do
		kill -9 "$p" && wait "$p" || :
	done 2>/dev/null
}

ns() {
	pen-ns "${view[@]}" "$@"
}

# --- rights --------------------------------------------------------------

@test "all five capability sets are empty, for good" {
	expect 0 "$probe" capabilities
	lacks 'bounding 0'
	expect 0 ns /probe/ns_probe capabilities
	has 'effective 000000000 permitted 000000000 inheritable 000000000'
	has 'bounding 0 ambient 0'
	has 'no_new_privs 1 securebits 0xcf'
	expect 0 ns --uid 0 --gid 0 /probe/ns_probe capabilities
	has 'effective 000000000 permitted 000000000 inheritable 000000000'
	expect 0 ns sh -c 'grep -h ^Cap /proc/[0-9]*/status | sort -u |
		grep -v 0000000000000000; true'
	[ -z "$output" ]
}

@test "PR_SET_KEEPCAPS is allowed, as ping asks for it, and keeps nothing" {
	keep='import ctypes, os, sys
assert ctypes.CDLL(None).prctl(8, 1) == 0  # PR_SET_KEEPCAPS
os.setresuid(*3 * [os.getuid()])
os.execv(sys.argv[1], sys.argv[1:])'
	for as in "" "--uid 0 --gid 0"; do
		expect 0 ns $as python3 -c "$keep" /probe/ns_probe capabilities
		has 'effective 000000000 permitted 000000000 inheritable 000000000'
		has 'bounding 0 ambient 0'
	done
}

@test "ping works in a network namespace of pen-ns' own" {
	command -v ping || skip_missing ping
	expect 0 ns --unshare-net ping -c 1 127.0.0.1
	expect 0 ns --unshare-net --uid 0 --gid 0 ping -c 1 127.0.0.1
	# a new network namespace lets nobody
	cp "$(command -v ping)" "$T/ping" # without its file capability
	expect 2 unshare -Un --map-current-user "$T/ping" -c 1 127.0.0.1
	has 'not permitted'
}

@test "pid 1 has given up its capabilities before prog begins" {
	for ((i = 0; i < 100; i++)); do
		expect 0 ns /probe/ns_probe pid1-capabilities
		[ "$output" = 'pid 1: effective 00 permitted 00' ]
	done
}

@test "no namespace can be made inside, unless --nested" {
	expect 0 "$probe" unshare user mnt
	has 'unshare: allowed'
	expect 0 ns --nested /probe/ns_probe unshare user mnt net
	has 'unshare: allowed'
	for n in user mnt pid net ipc uts; do
		expect 0 ns /probe/ns_probe unshare user $n
		has 'unshare: No space left on device'
		expect 0 ns --cap-add ALL /probe/ns_probe unshare $n
		lacks allowed
	done
	expect 0 ns --nested --disable-userns /probe/ns_probe unshare user
	has 'unshare: No space left on device'
}

@test "pen-ns and pen-filter each refuse a user namespace, without the other" {
	expect 1 pen-filter -- unshare -Ur true
	has 'Operation not permitted'
	expect 0 unshare -Ur true
	expect 1 ns unshare -Ur true
	has 'No space left on device'
	expect 0 ns cat /proc/sys/user/max_user_namespaces
	[ "$output" = 0 ]
	expect 0 ns --nested cat /proc/sys/user/max_user_namespaces
	[ "$output" != 0 ]
	# a prog that could write the limit has one above it
	expect 1 ns --cap-add ALL --dev-bind /proc /host-proc sh -c \
		'echo 9 >/host-proc/sys/user/max_user_namespaces
		cat /proc/sys/user/max_user_namespaces; exec unshare -U true'
	has 9
	has 'No space left on device'
}

@test "an inner bubblewrap, and an inner pen-ns, work with --nested" {
	command -v bwrap || skip_missing bubblewrap
	args=(--ro-bind / / --dev /dev --proc /proc --tmpfs /tmp --unshare-all
		sh -c 'echo works; ls /proc | grep -c "^[0-9]"')
	expect 0 ns --nested bwrap "${args[@]}"
	has works
	expect 0 ns --nested --ro-bind "$BIN" /bins /bins/pen-ns "${args[@]}"
	has works
	expect 1 ns bwrap "${args[@]}"
	lacks works
}

@test "mounts cannot be changed inside, with all capabilities neither" {
	expect 32 ns --cap-add ALL umount /proc/sys
	expect 32 ns --cap-add ALL mount -o remount,rw /usr
	expect 32 ns --cap-add ALL mount -t tmpfs none /tmp
	expect 32 ns mount --bind /tmp /usr
}

@test "/proc/sys, and what of /proc speaks of the machine, is closed" {
	expect 0 cat /proc/keys
	expect 0 ns --unshare-net --uid 0 sh -c \
		'for f in /proc/sys/kernel/core_pattern \
			/proc/sys/net/ipv4/ip_forward /proc/sysrq-trigger \
			/proc/sys/user/max_user_namespaces; do
			echo 1 2>/dev/null >$f && echo "WRITTEN $f"; done
		for f in /proc/keys /proc/kcore /proc/kmsg /proc/timer_list; do
			head -c 1 $f 2>/dev/null | grep . && echo "READ $f"; done
		true'
	[ -z "$output" ]
}

# --- what crosses --------------------------------------------------------

@test "no inherited descriptor reaches prog but what --keep-fd names" {
	exec 5</etc/passwd 77</etc/passwd
	expect 0 "$probe" descriptors
	has 77
	expect 0 ns /probe/ns_probe descriptors
	[ "$output" = $'0\n1\n2' ]
	expect 0 ns --keep-fd 77 /probe/ns_probe descriptors
	[ "$output" = $'0\n1\n2\n77' ]
	expect 0 ns --keep-fd 77 head -c 4 /proc/self/fd/77
	[ "$output" = root ]
	expect 125 ns --keep-fd 78 true
	has '--keep-fd: descriptor 78 is not open'
	expect 0 ns --as-pid-1 /probe/ns_probe descriptors
	[ "$output" = $'0\n1\n2' ]
}

@test "pid 1 tells nothing of the caller: arguments, variables, memory, files" {
	export SECRET_VARIABLE=planted
	expect 0 ns sh -c 'tr "\0" " " </proc/self/environ'
	has planted # it is there, but for --clearenv
	expect 0 ns --clearenv --setenv PATH /usr/bin:/bin sh -c '
		tr "\0" " " </proc/1/cmdline; cat /proc/1/environ
		ls /proc/1/cwd/ /proc/1/root/ /proc/1/exe; readlink /proc/1/fd/*
		/probe/ns_probe mem 1; /probe/ns_probe mem self' 2>&1
	lacks planted
	lacks "$PROBE"
	lacks allowed
	has 'mem: Permission denied'
	[[ $output == pen-ns* ]]
	expect 0 ns sh -c 'sleep infinity & /probe/ns_probe mem $!'
	has 'mem: Input/output error' # opened: address 0 is not there
}

@test "pid 1 cannot be dumped, though prog was set up in its memory" {
	# what may be dumped is its user's, what may not be is root's
	expect 0 ns sh -c 'stat -c %u /proc/self/environ /proc/1/environ'
	[ "${lines[0]}" = "$(id -u)" ]
	[ "${lines[1]}" != "$(id -u)" ]
}

@test "the caller's session keyring is out of reach" {
	run "$probe" with-key planted true
	[ "$status" -eq 0 ] || skip_missing 'kernel keyrings'
	expect 0 "$probe" with-key planted "$probe" key planted
	has 'key: allowed'
	expect 0 "$probe" with-key planted pen-ns "${view[@]}" \
		/probe/ns_probe key planted
	lacks allowed
}

@test "processes outside are neither seen nor signalled" {
	sleep infinity 3>&- &
	pids+=($!)
	victim=$!
	expect 0 ns sh -c "ls -d /proc/$victim"'; ps -e -o args | grep -c "^slee[p]"
		true'
	has "cannot access '/proc/$victim'"
	has 0
	expect 0 ns /probe/ns_probe kill "$victim" 15
	has 'No such process'
	kill -0 "$victim"
}

@test "a signal to the own process group does not leave the pen" {
	cat >group.sh <<-'EOF'
		trap 'echo HIT >&2' USR1
		"$@" </dev/null
		true
	EOF
	expect 0 setsid -w bash group.sh "$probe" kill 0 10
	has HIT
	run ns /probe/ns_probe abstract x
	needs_landlock 6 6.12
	expect 0 setsid -w bash group.sh pen-ns "${view[@]}" \
		/probe/ns_probe kill 0 10
	lacks HIT
}

@test "abstract sockets outside are refused, with the host's network too" {
	needs_landlock 6 6.12
	/usr/bin/python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX); s.bind("\0" + sys.argv[1]); s.listen()
open("up", "w").write("x")
while True: s.accept()' "pen-$$" 3>&- &
	pids+=($!)
	until_true test -s up
	expect 0 "$probe" abstract "pen-$$"
	has 'connect: allowed'
	expect 0 ns /probe/ns_probe abstract "pen-$$"
	has 'connect: Operation not permitted'
}

@test "System V and POSIX IPC of the host are not there" {
	id=$(ipcmk -M 4096 | grep -o '[0-9]*$')
	expect 0 ipcs -m
	has " $id "
	expect 0 ns ipcs -m
	ipcrm -m "$id"
	lacks " $id "
}

@test "no core file is written" {
	expect 0 ns sh -c 'ulimit -Hc; ulimit -c'
	[ "$output" = $'0\n0' ]
}

# --- files ---------------------------------------------------------------

@test "the home, other files and the host's /tmp, /run, /var are not there" {
	[ "$(cat "$HOME/.ssh/id_ed25519")" = PLANTED-KEY ]
	expect 0 ns sh -c "cat $HOME/.ssh/id_ed25519 ../../../*/.ssh/*
		ls -A /home /root /var/log /var/tmp /var/spool /run /srv /mnt \
			/media /tmp; ls -A /"
	lacks PLANTED
	# of /var there is what belongs to programs
	for d in home root var/log var/tmp var/spool srv mnt media; do
		has "cannot access '/$d'"
	done
	has usr
}

@test "/proc/PID/root and /proc/PID/cwd lead nowhere" {
	expect 0 ns sh -c 'cd /tmp; ls /proc/*/root/ /proc/*/cwd/ 2>&1'
	lacks .ssh
	lacks "${HOME##*/}:"
}

@test "the secrets of /etc are masked where this user could read them" {
	expect 0 ns sh -c 'for f in shadow gshadow sudoers sudoers.d ssl/private \
		ssh/ssh_host_rsa_key; do cat /etc/$f; ls -A /etc/$f/; done 2>&1
		head -c 4 /etc/passwd'
	has root
	lacks ':$'
	lacks PRIVATE
}

@test "what --system binds is read-only, nosuid and nodev" {
	expect 0 ns awk '$5 ~ "^/(usr|etc|opt|nix|sys)" && \
		$6 !~ "^ro,nosuid,nodev" {print}' /proc/self/mountinfo
	[ -z "$output" ]
	expect 0 ns sh -c 'touch /usr/x /etc/x 2>&1; true'
	has "'/usr/x': Read-only"
	has "'/etc/x': Read-only"
}

@test "setuid programs do not work" {
	expect 0 find /usr/bin -name su -perm -4000
	has su
	expect 0 ns --bind "$PWD" /w sh -c 'cp /bin/id /w/id; chmod 4755 /w/id
		grep " /w " /proc/self/mountinfo; grep NoNewPrivs /proc/self/status'
	has nosuid
	has $'NoNewPrivs:\t1'
}

@test "a source that is swapped for a link while pen-ns starts is not followed" {
	mkdir project
	echo right >project/mark
	mkdir evil
	ln -s "$HOME/.ssh" evil/project
	echo wrong >"$HOME/.ssh/mark"
	exec 7<project
	# control: by its name, the other one is bound
	mv project aside
	ln -s "$HOME/.ssh" project
	expect 0 ns --bind project /p cat /p/mark
	[ "$output" = wrong ]
	run ns --bind-fd 7 /p cat /p/mark
	[ "$output" = right ]
	rm project
	mv aside project
	# and now while it is going on
	"$probe" swap project evil/project 3>&- 7<&- &
	pids+=($!)
	for i in {1..40}; do
		run ns --bind-fd 7 /p cat /p/mark
		case $status in
		0) [ "$output" = right ] ;;
		125) has 'cannot bind' ;;
		*) false ;;
		esac
	done
}

@test "a destination that is swapped for a link does not leave the new tree" {
	mkdir -p p/a p/b outside
	ln -s "$PWD/outside" p/link
	"$probe" swap p/a p/link 3>&- &
	pids+=($!)
	echo text >data
	for i in {1..40}; do
		run ns --bind p /p --ro-bind data /p/a/file cat /p/b/none
		[ "$status" -eq 1 ] || has "cannot bind 'data' on '/p/a/file'"
	done
	[ -z "$(ls -A outside)" ]
}

@test "mounts made on the host later do not appear inside" {
	mkdir -p w/sub
	cat >outer.sh <<-'EOF'
		mount --make-rshared / 2>/dev/null
		mkfifo go done
		pen-ns --system --proc /proc --dev /dev --bind w /w --bind . /s \
			sh -c 'echo up >/s/go; read x </s/done; ls /w/sub' &
		read x <go
		mount -t tmpfs none w/sub && touch w/sub/later && ls w/sub
		echo x >done
		wait
	EOF
	expect 0 unshare -Urm bash outer.sh
	[ "$output" = later ]
}
