#!/usr/bin/env bats
# pen-ns, option by option; what it promises about signals and terminals is in
# pen-ns-signals.bats, what it keeps from prog in e2e/pen-ns-confine.bats.

load ../lib/common

setup() {
	scratch
	view=(--system --ro-bind "$PROBE" /probe --proc /proc --dev /dev
		--tmpfs /tmp)
}

ns() {
	pen-ns "${view[@]}" "$@"
}

# --- exit status ---------------------------------------------------------

@test "the exit status is prog's own" {
	expect 0 ns true
	expect 7 ns sh -c 'exit 7'
	expect 255 ns sh -c 'exit 255'
}

@test "prog killed by signal n gives 128+n" {
	expect 137 ns sh -c 'kill -9 $$'
	expect 143 ns sh -c 'kill -15 $$'
}

@test "prog that is not found gives 127, one that cannot be executed 126" {
	run -127 ns no-such-program
	has "pen-ns: cannot execute 'no-such-program': No such file"
	run -127 ns /no/such/program
	expect 126 ns /etc/passwd
	has "pen-ns: cannot execute '/etc/passwd': Permission denied"
}

@test "no program, an unknown option and a short one give 125 and a hint" {
	expect 125 pen-ns --system
	has 'no program to run'
	expect 125 pen-ns --no-such-option true
	has "unknown option '--no-such-option'"
	has 'hint: pen-ns --help'
	expect 125 pen-ns --bind /a
	has 'lacks an argument'
}

@test "nothing is written but what prog writes" {
	run --separate-stderr ns echo out
	[ "$status" -eq 0 ]
	[ "$output" = out ]
	[ -z "$stderr" ]
}

@test "options end at prog: its own are left alone" {
	expect 0 ns echo --tmpfs -x --
	[ "$output" = '--tmpfs -x --' ]
	expect 0 ns -- echo --
	[ "$output" = -- ]
}

@test "a closed stdin, stdout or stderr does no harm" {
	run ns sh -c 'exit 4' <&-
	[ "$status" -eq 4 ]
	ns sh -c 'echo ok >file' >&- || true
	run bash -c "pen-ns ${view[*]@Q} sh -c 'exit 5' <&- >&- 2>&-"
	[ "$status" -eq 5 ]
}

# --- binds ---------------------------------------------------------------

@test "--bind is writable, --ro-bind is not, and both are the host's files" {
	mkdir rw ro
	echo old >ro/file
	expect 0 ns --bind "$PWD/rw" /w --ro-bind "$PWD/ro" /r \
		sh -c 'cat /r/file; echo new >/w/file'
	[ "$output" = old ]
	[ "$(cat rw/file)" = new ]
	expect 2 ns --ro-bind "$PWD/ro" /r sh -c 'echo x >/r/file'
	has 'Read-only file system'
	[ "$(cat ro/file)" = old ]
}

@test "a bind takes a relative source, and a file" {
	echo text >a
	expect 0 ns --ro-bind a /x/y/a cat /x/y/a
	[ "$output" = text ]
}

@test "--ro-bind is read-only in every mount below the source" {
	mkdir -p outer/inner
	# a tree with a mount in it, bound read-only as a whole
	cat >inner.sh <<-'EOF'
		echo x >/w/outer/inner/file && echo control
		pen-ns --ro-bind / / sh -c '
			cat /w/outer/inner/file
			echo y >/w/outer/inner/other'
	EOF
	expect 2 pen-ns "${view[@]}" --ro-bind "$BIN" /bins --setenv PATH \
		/bins:/usr/bin:/bin --nested --bind "$PWD" /w \
		--tmpfs /w/outer/inner sh /w/inner.sh
	[ "${lines[0]}" = control ]
	[ "${lines[1]}" = x ]
	has '/w/outer/inner/other: Read-only file system'
}

@test "the later of two options on one place is seen" {
	mkdir a b
	echo a >a/name
	echo b >b/name
	expect 0 ns --bind a /x --bind b /x cat /x/name
	[ "$output" = b ]
	expect 1 ns --bind a /x --tmpfs /x cat /x/name
	expect 0 ns --tmpfs /x --bind a /x/a cat /x/a/name
	[ "$output" = a ]
}

@test "a missing source is fatal, and nothing for the -try forms" {
	for o in bind ro-bind dev-bind; do
		expect 125 ns --$o "$T/none" /x true
		has "pen-ns: cannot bind '$T/none' on '/x': No such file or"
		expect 2 ns --$o-try "$T/none" /x ls /x
	done
}

@test "a directory on a file and a file on a directory are fatal" {
	mkdir d
	touch f
	expect 125 ns --bind d /etc/passwd true
	has "pen-ns: cannot bind 'd' on '/etc/passwd': Not a directory"
	expect 125 ns --bind f /etc true
	has "pen-ns: cannot bind 'f' on '/etc': Is a directory"
}

@test "a device node works through --dev-bind and not through --bind" {
	expect 0 ns --dev-bind /dev/zero /x head -c 2 /x
	expect 1 ns --bind /dev/zero /x head -c 2 /x
	has 'Permission denied'
}

@test "--bind / and --ro-bind / are the host's whole tree and nothing else" {
	expect 0 pen-ns --ro-bind / / cat "$HOME/.ssh/id_ed25519"
	[ "$output" = PLANTED-KEY ]
	expect 0 pen-ns --ro-bind / / --tmpfs "$HOME" --proc /proc \
		awk '$5 == "/" {n++} END {print n}' /proc/self/mountinfo
	[ "$output" = 1 ]
	mkdir -p tree/proc
	expect 0 pen-ns --bind tree / --bind / / --bind tree / \
		--ro-bind "$PROBE" /probe --system --proc /proc \
		ls /
	lacks home
}

@test "--bind-fd binds what was opened" {
	mkdir d
	echo text >d/file
	exec 7<d 8<d/file
	expect 2 ns --bind-fd 7 /x --ro-bind-fd 8 /y sh -c \
		'cat /x/file /y && echo more >>/x/file; echo no >>/y'
	has 'Read-only file system'
	[ "$(cat d/file)" = "text
more" ]
	exec 7<&- 8<&-
}

@test "hostile names are taken as they are, and shown harmlessly" {
	mkdir $'new\nline' ./-dash $'esc\e[2J'
	touch $'new\nline/f'
	expect 0 ns --bind $'new\nline' $'/a\nb' --bind -dash /-d \
		ls $'/a\nb' /-d
	expect 125 ns --bind $'no\e[2J' /x true
	has 'no\x1b[2J'
}

# --- other filesystems ---------------------------------------------------

@test "--tmpfs is empty, private, nosuid, nodev and bounded" {
	expect 0 ns --size 65536 --tmpfs /x --perms 0700 --tmpfs /y sh -c '
		stat -c %a /x /y; grep " /x " /proc/self/mountinfo'
	has $'755\n700'
	has 'nosuid,nodev'
	has 'size=64k'
	has 'nr_inodes='
	expect 1 ns --size 65536 --tmpfs /x head -c 100000 /dev/zero \
		--output=/x/f
	expect 2 ns --size 65536 --tmpfs /x sh -c \
		'head -c 100000 /dev/zero >/x/f || exit 2'
	has 'No space left'
}

@test "--proc shows the processes inside and no others" {
	expect 0 ns sh -c 'ls /proc | grep -c "^[0-9]"; cat /proc/1/comm'
	[ "${lines[1]}" = pen-ns ]
	[ "${lines[0]}" -le 5 ]
}

@test "--dev has the usual nodes and its own terminals" {
	expect 0 ns sh -c 'cd /dev; for n in null zero full random urandom tty
		do test -c $n || echo no $n; done
		test -c pts/ptmx && test -d shm && echo x >shm/f && ls'
	lacks 'no '
	has stdin
	lacks console
	expect 0 ns /usr/bin/python3 -c \
		'import pty,os; m,s=pty.openpty(); print(os.ttyname(s))'
	[ "$output" = /dev/pts/0 ]
}

@test "--dev where something is already, deeper, or on /" {
	local at
	for at in /there /there/ /a/b/dev /; do
		expect 1 pen-ns --perms 0700 --dir /there --dev "$at" --system \
			--remount-ro "$at" sh -c "echo >$at/null &&
				test -c $at/tty && test -d $at/pts && echo THERE &&
				mkdir $at/shm/x"
		has THERE
		has 'Read-only file system'
	done
	# what "/" is made has nothing to do with it
	expect 1 pen-ns --system --dev /dev --remount-ro / sh -c \
		'echo x >/dev/shm/f && mkdir /x'
	has 'mkdir: '
	has 'Read-only file system'
}

@test "--dir, --symlink and --perms make what they say" {
	expect 0 ns --dir /a/b --perms 0500 --dir /c --symlink b /a/l \
		--symlink b /a/l sh -c \
		'stat -c %a /a /a/b /c; readlink /a/l; cd /a/l'
	[ "$output" = $'755\n755\n500\nb' ]
	expect 125 ns --dir /etc/passwd true
	has "cannot make the directory '/etc/passwd': it is a file"
	expect 125 ns --symlink x /etc true
	has "cannot link '/etc': File exists"
}

@test "--perms and --size must be followed by what they are for" {
	expect 125 ns --perms 0700 --bind /usr /x true
	has '--perms is not followed by'
	expect 125 ns --size 4096 --dir /x true
	has '--size is not followed by'
	expect 125 ns --perms 0700 true
	expect 125 ns --perms 89 --dir /x true
	expect 125 ns --size -1 --tmpfs /x true
}

@test "--file, --bind-data and --ro-bind-data carry what a descriptor holds" {
	run bash -c 'pen-ns "$@" 5< <(echo five) 6< <(echo six) 7< <(echo 7)' \
		- "${view[@]}" --file 5 /a/f --perms 0640 --bind-data 6 /b \
		--ro-bind-data 7 /c sh -c \
		'cat /a/f /b /c; stat -c %a /a/f /b /c
		echo more >>/a/f; echo more >>/b; echo more >>/c; ls -A /'
	has $'five\nsix\n7\n666\n640\n600'
	has '/c: Read-only file system'
	lacks .pen-ns
}

@test "--ro-bind-data covers a file of a read-only directory" {
	run bash -c 'pen-ns "$@" 5< <(echo nameserver)' - "${view[@]}" \
		--ro-bind-data 5 /etc/passwd cat /etc/passwd
	[ "$output" = nameserver ]
}

@test "a destination that is a dangling link is made where it points, inside" {
	mkdir etc
	ln -s ../run/deep/resolv.conf etc/resolv.conf
	ln -s /run/abs/hosts etc/hosts
	ln -s loop etc/loop
	echo text >data
	expect 0 ns --ro-bind etc /x/etc --ro-bind data /x/etc/resolv.conf \
		--ro-bind data /x/etc/hosts \
		cat /x/run/deep/resolv.conf /run/abs/hosts
	[ "$output" = $'text\ntext' ]
	expect 125 ns --ro-bind etc /x --ro-bind data /x/loop true
	# glibc's words, or musl's
	grep -qE "on '/x/loop': (Too many levels of symbolic links|Symbolic link loop)$" \
		<<<"$output"
}

@test "a destination never leads out of the new tree" {
	mkdir p outside
	ln -s "$PWD/outside" p/link
	ln -s ../../../../../../../.. p/up
	echo text >data
	expect 0 ns --bind p /p --ro-bind data /p/link/file \
		--ro-bind data /p/up/top sh -c "cat $PWD/outside/file /top"
	[ "$output" = $'text\ntext' ]
	[ -z "$(ls outside)" ]
}

@test "--remount-ro makes one mount read-only" {
	expect 2 ns --tmpfs /x --tmpfs /x/y --remount-ro /x sh -c \
		'echo x >/x/y/f && echo sub; echo x >/x/f'
	has sub
	has 'Read-only file system'
	expect 2 ns --remount-ro / sh -c 'echo x >/f'
	expect 125 ns --dir /x --remount-ro /x true
	has "cannot make '/x' read-only: nothing is mounted there"
}

@test "--mask makes a file or a directory empty" {
	mkdir d
	echo secret | tee d/f f
	expect 1 ns --bind d /d --bind f /f --mask /d --mask /f sh -c \
		'ls -A /d; cat /f; echo x >/d/x; echo x >/f; chmod 644 /f'
	lacks secret
	has '/f: Permission denied'
	[ "$(cat d/f)" = secret ]
	expect 125 ns --mask /none true
	has "cannot mask '/none': No such file or directory"
}

# --- hosts that lack something -------------------------------------------

# lacking NR ERRNO ARGS… : pen-ns ARGS where the system call NR is refused
lacking() {
	local nr=$1 error=$2
	shift 2
	/usr/bin/python3 -c 'import struct, sys
nr, error = map(int, sys.argv[1:])
for row in ((0x20, 0, 0, 0), (0x15, 0, 1, nr), (6, 0, 0, 0x50000 | error),
            (6, 0, 0, 0x7fff0000)):
    sys.stdout.buffer.write(struct.pack("=HBBI", *row))' \
		"$nr" "$error" >filter
	pen-ns "${view[@]}" --nested --ro-bind "$BIN" /bins --seccomp 5 \
		/bins/pen-ns "$@" 5<filter
}

@test "an older kernel, a refusing container: one line, a hint, 125" {
	expect 0 lacking 9999 1 --ro-bind / / echo control
	[ "$output" = control ]
	for nr in 428 429 430 442; do # open_tree move_mount fsopen mount_setattr
		expect 125 lacking $nr 38 --ro-bind / / true
		has 'pen-ns needs Linux 5.12 or newer'
		[ ${#lines[@]} -eq 1 ]
	done
	expect 125 lacking 430 1 --ro-bind / / true
	[[ ${lines[0]} == "pen-ns: cannot mount 'tmpfs': Operation not"* ]]
	[[ ${lines[1]} == 'hint: '*container* ]]
	case $(uname -m) in
	x86_64) clone=56 ;;
	*) clone=220 ;;
	esac
	expect 125 lacking $clone 1 --ro-bind / / true
	[[ ${lines[0]} == 'pen-ns: cannot make the namespaces: Operation not'* ]]
	# where fork(3) is that call, too, as glibc's is, nobody can be asked
	[[ ${lines[1]} == 'hint: a seccomp filter of what pen was started by refuses it'* ]] ||
		[ -n "${SAN:-}" ]
}

@test "user namespaces switched off: one line, a hint, 125" {
	expect 125 pen-ns "${view[@]}" --ro-bind "$BIN" /bins /bins/pen-ns \
		--ro-bind / / true
	[[ ${lines[0]} == 'pen-ns: cannot make the namespaces: No space left'* ]]
	[[ ${lines[1]} == 'hint: '*max_user_namespaces* ]]
	[ ${#lines[@]} -eq 2 ]
}

@test "a masked /proc: one line, a hint, 125; without --proc it works" {
	masked=(pen-ns "${view[@]}" --nested --ro-bind "$BIN" /bins
		--mask /proc/keys /bins/pen-ns --ro-bind / /)
	expect 125 "${masked[@]}" --proc /proc true
	[[ ${lines[0]} == "pen-ns: cannot mount a new /proc on '/proc': Op"* ]]
	[[ ${lines[1]} == 'hint: parts of /proc are hidden here'* ]]
	expect 0 "${masked[@]}" true
}

@test "a read-only /proc/sys: 125 and a hint, and --nested works" {
	closed=(pen-ns "${view[@]}" --nested --ro-bind "$BIN" /bins
		--ro-bind /proc/sys /proc/sys /bins/pen-ns --ro-bind / /)
	expect 125 "${closed[@]}" true
	has 'cannot forbid user namespaces inside: Read-only file system'
	has 'hint: /proc/sys is read-only here'
	expect 0 "${closed[@]}" --nested true
}

# --- the process ---------------------------------------------------------

@test "--chdir, or the same directory, or HOME, or / is where prog starts" {
	expect 0 ns --chdir /usr sh -c 'pwd; echo $PWD'
	[ "$output" = $'/usr\n/usr' ]
	expect 0 ns --bind "$PWD" "$PWD" pwd
	[ "$output" = "$PWD" ]
	expect 0 ns --dir "$HOME" pwd
	[ "$output" = "$HOME" ]
	expect 0 ns pwd
	[ "$output" = / ]
	expect 125 ns --chdir /none true
	has "cannot change to directory '/none'"
}

@test "--hostname names the host inside" {
	host=$(uname -n)
	expect 0 ns --hostname jail uname -n
	[ "$output" = jail ]
	[ "$(uname -n)" = "$host" ]
	expect 125 ns --hostname "$(printf '%065d' 0)" true
}

@test "the environment is the caller's but for --setenv, --unsetenv, --clearenv" {
	export A=1 B2=2
	expect 0 ns --setenv A x --unsetenv B2 --setenv C 'a=b' env
	has 'A=x'
	has 'C=a=b'
	lacks B2=
	expect 0 ns --clearenv --setenv PATH /usr/bin --setenv A y \
		--unsetenv A env
	[ "$output" = $'PATH=/usr/bin\nPWD=/' ] ||
		[ "$output" = $'PWD=/\nPATH=/usr/bin' ]
	expect 125 ns --setenv A=B c true
	expect 125 ns --unsetenv '' true
}

@test "--uid and --gid are what prog sees of the user" {
	expect 0 ns sh -c 'id -u; id -g'
	[ "$output" = "$(id -u; id -g)" ]
	expect 0 ns --uid 0 --gid 7 sh -c 'id -u; id -g'
	[ "$output" = $'0\n7' ]
	expect 125 ns --uid 4294967295 true
	expect 125 ns --uid -1 true
}

@test "--unshare-net leaves a loopback interface that is up, and no other" {
	expect 0 ns --unshare-net sh -c 'tail -n +3 /proc/net/dev | wc -l
		/usr/bin/python3 -c "import socket as s
l = s.create_server((\"127.0.0.1\", 0))
s.create_connection(l.getsockname())
print(\"lo\")"'
	[ "$output" = $'1\nlo' ]
}

@test "every namespace but the network's is new; --unshare-all takes that too" {
	for n in user mnt pid ipc uts cgroup; do
		expect 0 ns readlink /proc/self/ns/$n
		[ "$output" != "$(readlink /proc/self/ns/$n)" ]
	done
	net=$(readlink /proc/self/ns/net)
	expect 0 ns --unshare-user --unshare-user-try --unshare-ipc \
		--unshare-pid --unshare-uts --unshare-cgroup \
		--unshare-cgroup-try readlink /proc/self/ns/net
	[ "$output" = "$net" ]
	expect 0 ns --unshare-all --share-net readlink /proc/self/ns/net
	[ "$output" = "$net" ]
	expect 0 ns --unshare-all readlink /proc/self/ns/net
	[ "$output" != "$net" ]
}

@test "--argv0 is the name that prog is told" {
	expect 0 ns --argv0 other sh -c 'echo $0'
	[ "$output" = other ] || [ "$output" = sh ]
	expect 0 ns --argv0 'a name' cat /proc/self/cmdline
	[[ $output == 'a name'* ]]
	expect 125 ns --argv0 a --argv0 b true
	has '--argv0 is given twice'
}

@test "--level-prefix heads each message with its severity" {
	expect 125 ns --level-prefix --bind /none /x true
	has "<3>pen-ns: cannot bind '/none'"
	expect 125 pen-ns --level-prefix --nonsense
	has "<4>pen-ns: unknown option '--nonsense'"
	has '<6>hint: '
}

@test "--chmod changes the mode of what is there" {
	expect 0 ns --dir /a --symlink a /l --chmod 0711 /l stat -c %a /a
	[ "$output" = 711 ]
	expect 125 ns --chmod 0700 /none true
	has "cannot change the mode of '/none': No such file or directory"
	expect 125 ns --chmod 9 /usr true
}

@test "--mqueue shows the message queues of the new IPC namespace" {
	expect 0 ns --mqueue /mq sh -c 'ls -A /mq; touch /mq/q; ls -A /mq
		grep -o " /mq .* mqueue" /proc/self/mountinfo'
	[[ $output == $'q\n /mq '*nosuid,nodev,noexec* ]]
}

@test "--perms keeps out of what is made above, too; once for one operation" {
	expect 0 ns --perms 0700 --dir /a/b --perms 0750 --dir /c/d \
		stat -c %a /a /c
	[ "$output" = $'700\n750' ]
	expect 125 ns --perms 0700 --perms 0700 --dir /x true
	expect 125 ns --size 4096 --size 4096 --tmpfs /x true
}

@test "--exec-label and --file-label say that there is no SELinux" {
	[ ! -e /sys/fs/selinux/status ] || skip_missing 'a system without SELinux'
	for o in exec file; do
		expect 125 ns --$o-label a:b:c true
		has "--$o-label: this system has no SELinux"
	done
}

@test "--args reads options from a descriptor" {
	run bash -c 'pen-ns --args 5 "$@" 5< <(printf "%s\0" --setenv A "b c" \
		--dir /x)' - "${view[@]}" sh -c 'echo $A; ls -d /x'
	[ "$output" = $'b c\n/x' ]
	run bash -c 'pen-ns --args 5 true 5< <(printf "%s\0" prog)'
	[ "$status" -eq 125 ]
	has "'prog' is not an option"
	run bash -c 'pen-ns --args 5 "$@" 5< <(printf "%s\0" --setenv A a \
		--args 6 --setenv C c) 6< <(printf "%s\0" --setenv A b)' - \
		"${view[@]}" sh -c 'echo $A $C'
	[ "$output" = 'b c' ]
	expect 125 pen-ns --args 99 true
	has '--args: descriptor 99 is not open'
}

@test "--cap-add lets prog keep a capability over its own namespace only" {
	expect 0 ns --cap-add CAP_KILL --cap-add sys_chroot \
		/probe/ns_probe capabilities
	has 'effective 000040020 permitted 000040020 inheritable 000040020'
	has 'bounding 2 ambient 2'
	expect 0 ns --cap-add ALL --cap-drop ALL /probe/ns_probe capabilities
	has 'bounding 0 ambient 0'
	expect 32 ns --cap-add ALL umount /tmp
	expect 125 ns --cap-add CAP_NONE true
	has "--cap-add: unknown capability 'CAP_NONE'"
}

@test "--seccomp loads a filter, and refuses what is none" {
	# ld [nr]; jeq uname, errno 1, allow
	case $(uname -m) in
	x86_64) nr='\x3f' ;;
	aarch64) nr='\xa0' ;;
	esac
	printf '\x20\0\0\0\0\0\0\0\x15\0\0\x01'$nr'\0\0\0\x06\0\0\0\x01\0\x05\0\x06\0\0\0\0\0\xff\x7f' >filter
	expect 0 ns uname
	run bash -c 'pen-ns --seccomp 5 "$@" 5<filter' - "${view[@]}" uname
	[ "$status" -eq 1 ]
	has 'Operation not permitted'
	run bash -c 'pen-ns --seccomp 5 "$@" 5</etc/passwd' - "${view[@]}" uname
	[ "$status" -eq 125 ]
	has '--seccomp: '
	run bash -c 'pen-ns --seccomp 5 "$@" 5</dev/null' - "${view[@]}" uname
	[ "$status" -eq 125 ]
	has 'holds no filter'
	run bash -c 'pen-ns --add-seccomp-fd 6 --add-seccomp-fd 5 "$@" 5<filter \
		6<filter' - "${view[@]}" uname
	[ "$status" -eq 1 ]
	has 'Operation not permitted'
	run bash -c 'pen-ns --seccomp 5 --add-seccomp-fd 5 "$@" 5<filter' - \
		"${view[@]}" uname
	[ "$status" -eq 125 ]
	has '--add-seccomp-fd and --seccomp exclude each other'
}

@test "--as-pid-1 makes prog pid 1, with its exit status" {
	expect 6 ns --as-pid-1 sh -c 'echo $$; exit 6'
	[ "$output" = 1 ]
}

@test "--new-session gives prog a session of its own" {
	expect 0 ns sh -c 'ps -o sid= -p $$'
	[ "$((output))" -eq 0 ]
	expect 0 ns --new-session sh -c 'ps -o sid= -p $$'
	[ "$((output))" -gt 1 ]
}

# Children, until there can be no more, or 300.
BOMB='import os, signal
n = 0
try:
    while n < 300:
        if os.fork() == 0:
            signal.pause()
        n += 1
except BlockingIOError:
    pass
print(n)'

@test "--processes bounds those inside, and those outside do not count" {
	expect 0 ns python3 -c "$BOMB"
	[ "$output" -eq 300 ]
	expect 0 ns --processes 100 python3 -c "$BOMB"
	[ "$output" -lt 100 ]
	[ "$output" -gt 90 ]
	local alone=$output i others=()
	for i in {1..100}; do
		sleep infinity 3>&- &
		others+=($!)
	done
	expect 0 ns --processes 100 python3 -c "$BOMB"
	kill "${others[@]}"
	[ "$output" -eq "$alone" ]
	# of two limits the lower
	expect 0 ns --processes 100 bash -c 'ulimit -u; ulimit -Hu
		ulimit -u 200 2>&1 || :'
	[[ $output == $'100\n100\n'*'not permitted' ]]
	expect 0 bash -c 'ulimit -u 5000; exec pen-ns --system --processes 6000 \
		bash -c "ulimit -u"'
	[ "$output" -eq 5000 ]
	expect 125 ns --processes 0 true
	has 'prog is one'
}

@test "a FIFO where a file is expected does not hold pen-ns up" {
	mkdir p
	mkfifo p/fifo
	echo data >data
	expect 125 timeout -k 1 20 pen-ns --system --bind "$PWD/p" /p \
		--file 7 /p/fifo true 7<data
	has "cannot make the file '/p/fifo'"
	expect 0 timeout -k 1 20 pen-ns --system --bind "$PWD/p" /p \
		--lock-file /p/fifo true
}

# example N : the Nth example of the manual page, as it would be typed
example() {
	sed -n '/^\.Sh EXAMPLES/,/^\.Sh DIAG/p' "$ROOT/man/pen-ns.1" |
		awk -v n="$1" '/^\.Bd/ {i++; on = i == n; next}
			/^\.Ed/ {on = 0} on {print}' | sed 's/\\e/\\/g'
}

@test "the examples of the manual page work" {
	mkdir build .git
	touch .git/config source
	printf 'test:\n\ttouch build/ok\n\t! touch source\n' >Makefile
	example 1 >one
	example 2 >two
	example 3 >three
	grep -q -- '-- sh' one
	run bash -e one <<<"ls $HOME; ls"
	has source
	lacks sibling
	run bash -e two </dev/null
	[ "$status" -eq 0 ]
	[ -e build/ok ]
	run bash -e three
	[ "$output" = 'nameserver 127.0.0.1' ]
	printf 'all:\n\ttouch made\n' >Makefile
	example 4 >four
	run bash -e four
	[ "$status" -eq 0 ]
	[ ! -e made ]
}

# --- the caller's own bounds ---------------------------------------------

@test "an empty environment stays empty but for PWD, at any optimization" {
	local ldd bin
	for bin in "$BIN/pen-ns" "$T/plain/bin/pen-ns"; do
		# no option reaches a sanitizer in an empty environment
		[ "$bin" != "$BIN/pen-ns" ] || [ -z "${SAN:-}" ] || continue
		[ "$bin" = "$BIN/pen-ns" ] ||
			expect 0 make -s -j2 -C "$ROOT" CFLAGS='-O0 -g' SAN= \
				B="$T/plain" "$bin" "${bin%/*}/pen-monitor"
		expect 0 env -i "$bin" --ro-bind / / \
			/usr/bin/python3 -c 'import os; print(dict(os.environb))'
		[[ $output == "{b'PWD': b'"*"'}" ]] || [[ $output == \
			"{b'PWD': b'"*"', b'LC_CTYPE': b'C.UTF-8'}" ]]
	done
}

# limited ULIMIT… : pen-ns with these limits; what it says comes last
limited() {
	run bash -c 'ulimit "$1" "$2"; shift 2; exec "$@"' - "$1" "$2" \
		"$BIN/pen-ns" --ro-bind / / --bind "$T/none" /x true
}

@test "a tiny stack or address space is a clear line, never signal 11" {
	[ -z "${SAN:-}" ] || return 0 # sanitizers need terabytes
	local n
	for n in 24 40 63; do
		limited -s $n
		[ "$status" -eq 125 ]
		[ "${lines[0]}" = \
			'pen-ns: the stack is limited to less than 64 KiB' ]
		[ "${lines[1]}" = 'hint: raise the limit: ulimit -s 8192' ]
	done
	limited -v 900
	[ "$status" -eq 125 ]
	[[ ${lines[0]} == 'pen-ns: the address space is limited to less '* ]]
	# the control: with as much as it needs the fault is another
	for n in '-s 64' '-v 2048'; do
		limited $n
		[ "$status" -eq 125 ]
		[[ ${lines[-1]} == "pen-ns: cannot bind '$T/none'"* ]]
	done
}

@test "a /proc that shows processes only is a clear line" {
	# the caller's, in a user namespace of its own
	proc() {
		unshare -rmpf sh -c 'mount -t proc -o "$1" proc /proc && shift &&
			exec "$@"' - "$@"
	}
	unshare -rmpf mount -t proc -o subset=pid proc /proc ||
		skip_missing 'subset=pid'
	expect 125 proc subset=pid pen-ns --ro-bind / / true
	[ "${lines[0]}" = 'pen-ns: cannot forbid user namespaces inside: No such file or directory' ]
	[ "${lines[1]}" = 'hint: /proc has no sys here: mount it without subset=pid' ]
	expect 0 proc hidepid=0 pen-ns --ro-bind / / true
}

@test "no zombie is left where nobody reaps orphans" {
	zombies sh -c '(sh -c : &) ; exec true'
	[ "$output" = 1 ] # the control
	zombies pen-ns "${view[@]}" true
	[ "$output" = 0 ]
	zombies pen-ns "${view[@]}" sh -c '(sh -c : &) ; exec true'
	[ "$output" = 0 ]
}

@test "it compiles for arm64 without a warning, and so does every program" {
	command -v aarch64-linux-gnu-gcc >/dev/null ||
		skip_missing 'a compiler for arm64'
	# the libraries' headers are the same for every machine, and libcurl's
	# are where this machine's own are, too
	ln -s "$(pkg-config --variable=includedir libcurl)/curl" "$T/curl"
	ln -s "$(gcc -print-multiarch | sed 's|^|/usr/include/|')/openssl" \
		"$T/openssl"
	arm64() {
		expect 0 make -s -j2 -C "$ROOT" CC=aarch64-linux-gnu-gcc \
			BUILD_CC=cc WERROR=-Werror SAN= B="$T/arm64" "$@" \
			CPPFLAGS="-idirafter /usr/include -idirafter $T"
		[ -z "$output" ]
	}
	arm64 "$T/arm64/bin/pen-ns"
	# what the compiler sees without making code; the warnings that come while
	# it optimizes are the same for every machine
	arm64 CFLAGS='-O2 -fsyntax-only' objects
	# e_machine in its ELF header, EM_AARCH64
	[ "$(od -An -tx1 -j18 -N1 "$T/arm64/bin/pen-ns")" = ' b7' ]
}

@test "--help lists the options, --version the version" {
	expect 0 pen-ns --help
	has '--ro-bind SRC DEST'
	expect 0 pen-ns --version
	[[ $output == "pen-ns "* ]]
}

@test "what bubblewrap does with a command line, pen-ns does" {
	command -v bwrap || skip_missing bubblewrap
	mkdir a
	echo text >a/f
	args=(--unshare-all --ro-bind /usr /usr --symlink usr/bin /bin
		--symlink usr/lib /lib --symlink usr/lib64 /lib64
		--proc /proc --dev /dev --dir /x/y --bind a /a
		--perms 0711 --tmpfs /t --ro-bind a /t/ro --remount-ro /t
		--chdir /a --setenv V 1 --unsetenv HOME --hostname h
		--new-session --die-with-parent)
	probe='pwd; id -u; ls -l / | awk "{print \$1,\$NF}"; ls /dev; cat f
		uname -n; echo $V $PWD; touch /x/z /t/ro/z /t/no; stat -c %a /t'
	run bwrap "${args[@]}" sh -c "$probe"
	theirs=$output
	run pen-ns "${args[@]}" sh -c "$probe"
	diff <(echo "$theirs") <(echo "$output")
}
