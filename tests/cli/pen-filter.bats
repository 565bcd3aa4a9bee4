# pen-filter's contract: what it changes, what it leaves alone, what it says.
load ../lib/common

setup() {
	probe=$PROBE/sys_probe
}

@test "it executes prog with its arguments and gives its status" {
	expect 7 pen-filter -- sh -c 'printf "%s|" "$@"; exit 7' sh a 'b c' ''
	[ "$output" = 'a|b c||' ]
	expect 3 pen-filter sh -c 'exit 3'
}

@test "options end at the first operand" {
	expect 0 pen-filter echo --debug
	[ "$output" = --debug ]
}

@test "it says nothing when it succeeds" {
	run --separate-stderr pen-filter -- true
	[ "$status" -eq 0 ] && [ -z "$output$stderr" ]
}

@test "prog that is not found is 127, that cannot be executed 126" {
	run -127 env PATH="$BIN:/bin" pen-filter -- no-such-program
	[ "$output" = "pen-filter: cannot execute 'no-such-program': No such file or directory" ]
	expect 126 pen-filter -- /etc/passwd
	expect 126 pen-filter -- /
}

@test "prog in the current directory is not found by an empty or relative PATH" {
	scratch
	printf '#!/bin/sh\necho planted\n' >true && chmod +x true
	expect 0 env PATH=":.:$BIN:/usr/bin:/bin" "$BIN/pen-filter" -- true
	[ -z "$output" ]
}

@test "bad usage is one line, a hint, 125, and prog does not run" {
	local args
	for args in "" "--no-such-option true" "--deb true" "--notify" \
		"--notify x" "--notify 1" "--list" "--export 1" "--collect 1"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr pen-filter $args
		[ "$status" -eq 125 ] || {
			echo "'$args': $status" >&2
			return 1
		}
		[[ $stderr == "pen-filter: "* ]]
		[ -z "$output" ]
	done
}

@test "options that pen-policy has now say so" {
	expect 125 pen-filter --list
	has "hint: pen-policy --list"
}

@test "--notify without a socket: 125, and prog does not run" {
	expect 125 pen-filter --notify 77 echo ran
	has "cannot use descriptor 77: Bad file descriptor"
	lacks ran
	expect 125 pen-filter --notify 9 echo ran 9</dev/null
	has "cannot send to descriptor 9: "
	lacks ran
}

@test "--notify with --collect: what was refused is listed, with the setting" {
	run -3 --separate-stderr "$ROOT/tests/lib/filter_notify.py" sh -c \
		'"$1" ptrace; "$1" unshare; "$1" ptrace; "$1" raw 500; exit 3' sh \
		"$probe"
	[ "$output" = $'EPERM\nEPERM\nEPERM\nENOSYS' ]
	[[ $stderr == *$'\n# debug = true    # ptrace: 2, not '* ]]
	[[ $stderr == *$'\n# nesting = true  # unshare: 1\n'* ]]
	[[ $stderr == *$'\n# no setting:     # newer ones than were reviewed: 1' ]]
	run -0 --separate-stderr "$ROOT/tests/lib/filter_notify.py" true
	[ -z "$output$stderr" ]
}

@test "--notify leaves prog neither the socket nor the listener" {
	run -0 "$ROOT/tests/lib/filter_notify.py" ls /proc/self/fd
	[ "$output" = $'0\n1\n2\n3' ] # 3 is the directory
}

@test "where another program listens already, --notify says so and refuses as ever" {
	run -0 --separate-stderr "$ROOT/tests/lib/filter_notify.py" \
		"$ROOT/tests/lib/filter_notify.py" "$probe" ptrace
	[ "$output" = EPERM ]
	[[ $stderr == *"what is refused will not be listed: "*[Bb]usy* ]]
}

@test "no_new_privs and one more filter are set, and hold in children" {
	local before
	before=$(sed -n 's/^Seccomp_filters:\t//p' /proc/self/status)
	expect 0 pen-filter -- sh -c 'sh -c "cat /proc/self/status"'
	has "NoNewPrivs:	1"
	has "Seccomp:	2"
	has "Seccomp_filters:	$((before + 1))"
}

@test "environment, directory, limits, signals and descriptors stay as they are" {
	scratch
	state='pwd; umask; ulimit -a; env | grep -v "^_="; ls /proc/self/fd;
		grep -E "^(Sig[^Q]|Shd)" /proc/self/status'
	trap '' PIPE USR1
	umask 027
	expect 0 sh -c "$state" 9</dev/null
	local without=$output
	expect 0 pen-filter -- sh -c "$state" 9</dev/null
	[ "$output" = "$without" ]
}

@test "a call made by a thread is refused, and threads start without clone3" {
	expect 0 pen-filter -- python3 -c '
import threading, os
answers = []
def attack():
    answers.append(os.popen("'"$probe"' unshare").read().strip())
    try: __import__("socket").socket(40, 1)
    except OSError as e: answers.append(e.errno)
threads = [threading.Thread(target=attack) for i in range(4)]
[t.start() for t in threads]; [t.join() for t in threads]
print(sorted(map(str, answers)))'
	[ "$output" = "['97', '97', '97', '97', 'EPERM', 'EPERM', 'EPERM', 'EPERM']" ]
}

@test "each relaxation warns" {
	local r
	for r in debug nested perf; do
		run --separate-stderr pen-filter --$r -- true
		[ "$status" -eq 0 ] && [[ $stderr == "pen-filter: warning: --$r: "* ]]
	done
}

@test "--debug allows tracing, and nothing else" {
	local name
	for name in ptrace process_vm_readv process_vm_writev kcmp no-aslr; do
		expect 0 pen-filter --debug -- "$probe" $name
		has ok
	done
	for name in unshare keyctl perf_event_open pidfd_getfd personality; do
		expect 0 pen-filter --debug -- "$probe" $name
		has EPERM
	done
}

@test "--nested allows namespaces and mounts, and nothing else" {
	local name
	unshare -Ur true || skip_missing "user namespaces"
	for name in unshare clone-user clone-net; do
		expect 0 pen-filter --nested -- "$probe" $name
		has ok
	done
	for name in mount chroot fsopen sethostname setns mount_setattr; do
		expect 0 pen-filter --nested -- unshare -Urmu "$probe" $name
		has ok
	done
	for name in ptrace keyctl perf_event_open userfaultfd; do
		expect 0 pen-filter --nested -- unshare -Urmu "$probe" $name
		has EPERM
	done
}

@test "--perf allows performance events, and nothing else" {
	[ "$("$probe" perf_event_open)" = ok ] ||
		skip_missing perf_event_open
	expect 0 pen-filter --perf -- "$probe" perf_event_open
	has ok
	expect 0 pen-filter --perf -- "$probe" ptrace
	has EPERM
}

@test "bubblewrap and strace and gdb work where they are let" {
	unshare -Ur true || skip_missing "user namespaces"
	expect 0 pen-filter --nested -- bwrap --ro-bind / / --unshare-all echo in
	has in
	expect 0 pen-filter --debug -- strace -o /dev/null echo traced
	has traced
	expect 0 pen-filter --debug -- gdb -nx -batch -ex run /bin/true
	has "exited normally"
}

@test "a filter inside a filter is loaded" {
	expect 0 pen-filter -- pen-filter -- pen-filter -- echo deep
	[ "$output" = deep ]
}

@test "a prog killed for a foreign call dies of SIGSYS" {
	[ "$(uname -m)" = x86_64 ] || skip "this machine has no x32"
	expect 159 pen-filter -- "$probe" x32-getpid
}

# works WANT COMMAND… : under the filter it says WANT
works() {
	local want=$1
	shift
	command -v "$1" >/dev/null || skip_missing "$1"
	expect 0 pen-filter -- "$@"
	has "$want"
}

@test "python works: subprocesses, sockets, interfaces, asyncio" {
	works "done 4" python3 -c '
import asyncio, socket, subprocess, multiprocessing
subprocess.run(["true"], check=True)
assert socket.if_nameindex()
a, b = socket.socketpair()
async def main():
    p = await asyncio.create_subprocess_exec("true")
    assert await p.wait() == 0
asyncio.run(main())
with multiprocessing.Pool(2) as pool:
    print("done", sum(pool.map(int, ["1", "3"])))'
}

@test "node works: workers, child processes, timers, network interfaces" {
	works "done 7" node -e '
const {Worker} = require("worker_threads"), os = require("os");
require("child_process").execFileSync("true");
require("fs").readFileSync("/etc/passwd"); os.networkInterfaces();
new Worker("require(\"worker_threads\").parentPort.postMessage(7)",
	{eval: true}).on("message", (n) => console.log("done", n));'
}

@test "git works" {
	scratch
	works "first" sh -c 'git init -q . && echo a >a && git add a &&
		git -c user.name=n -c user.email=e commit -qm first &&
		git gc -q && git log --oneline'
}

@test "make and a compiler work" {
	scratch
	printf 'int main(void)\n{\n\treturn 0;\n}\n' >a.c
	works done sh -c 'make -s -j2 a && ./a && echo done'
}

@test "a program with AddressSanitizer works, and LeakSanitizer finds its leak" {
	scratch
	printf '%s\n' '#include <stdlib.h>' '#include <string.h>' \
		'char *volatile p;' 'int main(int c, char **v) {' \
		'while (c-- > 1) p = malloc(7); p = NULL; return !v; }' >a.c
	gcc -fsanitize=address a.c -o a || skip_missing "gcc's sanitizers"
	expect 0 env ASAN_OPTIONS=detect_leaks=1 pen-filter -- ./a
	expect 1 env ASAN_OPTIONS=detect_leaks=1 pen-filter -- ./a 1 2 3 4 5 6
	has "detected memory leaks"
}

@test "a JVM works" {
	scratch
	printf '%s\n' 'class A { public static void main(String[] a) throws
		Exception { new Thread(() -> System.out.println("done")).start(); }
		}' >A.java
	works done java -Xmx64m -XX:TieredStopAtLevel=1 A.java
}

@test "tmux works: ptys, sockets, sessions" {
	scratch
	# the server ends with its last session, and not before it is told to
	works done sh -c 'tmux -S ./s new-session -d \
		"echo in >out; tmux -S ./s wait-for -S x; exec cat" \
		&& tmux -S ./s wait-for x; tmux -S ./s kill-server
		grep -q in out && echo done'
}
