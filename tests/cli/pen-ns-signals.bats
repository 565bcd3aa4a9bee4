#!/usr/bin/env bats
# pen-ns "as if it were not there": signals, stop and continue, the terminal,
# and that everything ends when one part does.

load ../lib/common

setup() {
	scratch
	view=(--system --ro-bind "$PROBE" /probe --proc /proc --dev /dev
		--tmpfs /tmp)
	pids=()
}

teardown() {
	local p
	for p in "${pids[@]}"; do
		kill -9 "$p" && wait "$p" || :
	done 2>/dev/null
}

# start ARGS… : pen-ns in the background in a process group of its own, its
# output in $T/out, its pid in $pid
start() {
	: >"$T/out"
	set -m
	pen-ns "${view[@]}" "$@" >"$T/out" 2>&1 3>&- &
	set +m
	pid=$!
	pids+=("$pid")
}

said() {
	[[ "$(tail -n 1 "$T/out")" == "$1" ]]
}

# child PID : the only child of a process
child() {
	cat "/proc/$1/task/$1/children" | tr -d ' '
}

gone() {
	[ ! -e "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status"
}

@test "a signal to pen-ns reaches prog" {
	start /probe/ns_probe signals
	until_true said ready
	for n in 1 2 3 10 12 14 28; do
		kill -$n "$pid"
		until_true said "got $n"
	done
	kill -TERM "$pid"
	run wait "$pid"
	wait "$pid" || status=$?
	[ "$status" -eq 3 ]
}

@test "a signal to the process group reaches prog once" {
	start /probe/ns_probe signals
	until_true said ready
	for i in {1..20}; do
		kill -USR1 -- "-$pid"
		until_true said 'got 10'
		# the fence: sent later, arrives later
		kill -USR2 "$pid"
		until_true said 'got 12'
	done
	[ "$(grep -c 'got 10' "$T/out")" -eq 20 ]
	[ "$(grep -c 'got 12' "$T/out")" -eq 20 ]
}

@test "a prog with a process group of its own gets both kinds once" {
	start /probe/ns_probe signals group
	until_true said ready
	for i in {1..10}; do
		kill -USR1 -- "-$pid"
		until_true said 'got 10'
		kill -USR2 "$pid"
		until_true said 'got 12'
	done
	[ "$(grep -c 'got 10' "$T/out")" -eq 10 ]
}

@test "with --new-session and with --as-pid-1 a signal reaches prog too" {
	for o in --new-session --as-pid-1; do
		start $o /probe/ns_probe signals
		until_true said ready
		kill -USR1 "$pid"
		until_true said 'got 10'
		kill -TERM "$pid"
		status=0
		wait "$pid" || status=$?
		[ "$status" -eq 3 ]
	done
}

@test "prog that dies of a forwarded signal gives 128+n" {
	start sh -c 'echo ready; exec sleep infinity'
	until_true said ready
	kill -TERM "$pid"
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 143 ]
}

@test "prog finds the signal mask, the ignored signals and the umask it had" {
	ask=(/usr/bin/python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
for n in (signal.SIGCHLD, signal.SIGUSR1, signal.SIGHUP):
    signal.signal(n, signal.SIG_IGN)
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
signal.pthread_sigmask(signal.SIG_SETMASK, [signal.SIGUSR2])
os.umask(0o27)
os.execvp(sys.argv[1], sys.argv[1:])')
	expect 0 "${ask[@]}" "$PROBE/ns_probe" inherited
	control=$output
	has "ignored 17"
	has "blocked 12"
	expect 0 "${ask[@]}" pen-ns "${view[@]}" /probe/ns_probe inherited
	[ "$output" = "$control" ]
}

@test "pen-ns stops when prog does, and prog goes on when pen-ns does" {
	start sh -c 'echo ready; kill -STOP $$; echo again; exec sleep infinity'
	until_true said ready
	until_true grep -q '^State:.T' "/proc/$pid/status"
	kill -CONT "$pid"
	until_true said again
	kill -TSTP "$pid"
	until_true grep -q '^State:.T' "/proc/$pid/status"
	kill -CONT -- "-$pid"
	until_true grep -q '^State:.S' "/proc/$pid/status"
	kill -TERM "$pid"
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 143 ]
}

# waits_for_lease FILE : FILE cannot be executed before descriptor 8 is closed
waits_for_lease() {
	mkfifo "$T/lease"
	python3 -c 'import fcntl, os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGIO])
fcntl.fcntl(os.open(sys.argv[1], os.O_RDONLY), fcntl.F_SETLEASE, fcntl.F_WRLCK)
print("leased", flush=True)
signal.sigwait([signal.SIGIO])
print("wanted", flush=True)
sys.stdin.read()' "$1" <"$T/lease" >"$T/leased" 3>&- &
	pids+=("$!")
	exec 8>"$T/lease"
	until_true grep -q leased "$T/leased"
}

@test "a stop that comes while prog is executed stops it, and SIGCONT continues it" {
	cp "$(command -v sleep)" slow
	waits_for_lease slow
	start --ro-bind "$PWD/slow" /slow /slow infinity 8>&-
	until_true grep -q wanted "$T/leased"
	prog=$(child "$(child "$pid")")
	kill -TSTP -- "-$pid"
	until_true grep -Eq '^ShdPnd:\s0*$' "/proc/$prog/status"
	exec 8>&-
	until_true grep -q '^State:.T' "/proc/$pid/status"
	grep -q '^State:.T' "/proc/$prog/status"
	kill -CONT -- "-$pid"
	until_true grep -q '^State:.S' "/proc/$prog/status"
	[ "$(cat "/proc/$prog/comm")" = slow ]
	kill -TERM "$pid"
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 143 ]
}

@test "a signal to the process group that comes before prog does reaches it" {
	local n
	mkfifo data
	for n in HUP INT TERM; do
		exec 9<>data 8<data 7>data 9>&-
		start --file 8 /data sleep infinity 7>&-
		exec 8>&-
		has_child() {
			[ -n "$(child "$pid")" ]
		}
		until_true has_child
		kill -$n -- "-$pid"
		exec 7>&- # what is in the file, and then prog
		until_true gone "$pid"
		status=0
		wait "$pid" || status=$?
		[ "$status" -eq $((128 + $(kill -l $n))) ]
	done
}

@test "a signal ends pen-ns that waits for a filter" {
	mkfifo filter
	exec 8<>filter
	start --seccomp 8 true
	reads() {
		one=$(child "$pid") && [ -n "$one" ] &&
			prog=$(child "$one") && [ -n "$prog" ] &&
			grep -Eq '^SigBlk:\s0*$' "/proc/$prog/status"
	}
	until_true reads
	kill -TERM "$pid"
	until_true gone "$pid"
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 143 ]
}

# terminal SHELL… : plays stdin to an outer shell, whose prompt is outer>
terminal() {
	export PS1='outer> ' ASAN_OPTIONS=detect_leaks=0
	J="pen-ns ${view[*]}" /usr/bin/python3 "$ROOT/tests/lib/ns_tty.py" \
		bash --norc --noprofile -i
}

@test "Ctrl-C, Ctrl-\\, a new size, Ctrl-Z, fg and bg work, each exactly once" {
	terminal <<-'EOF'
		send $J /probe/ns_probe signals\r
		expect ready
		send \x03
		expect got 2\r
		size 30 90
		expect got 28\r
		send \x1c
		expect got 3\r
		send \x1a
		expect Stopped
		expect outer>
		send fg\r
		expect got 18
		send \x03
		expect got 2\r
		send \x1a
		expect Stopped
		send bg; kill -TERM %1; wait %1; echo rc=$?\r
		expect rc=3
		send exit\r
		end 0
		never got 2\r\ngot 2\r
		never got 18\r\ngot 18\r
		never got 28\r\ngot 28\r
	EOF
}

@test "a program in raw mode gets its keys, and stty is seen outside" {
	terminal <<-'EOF'
		size 30 90
		send $J stty size\r
		expect 30 90
		expect outer>
		send $J stty -echo\r
		expect outer>
		send stty -a | grep -c -- ' -echo '; stty echo\r
		expect 1
		send exit\r
		end 0
	EOF
}

@test "an inner shell has job control, and its suspend stops pen-ns" {
	terminal <<-'EOF'
		expect outer>
		send $J --setenv PS1 in''ner# bash --norc --noprofile -i\r
		expect inner#
		send /probe/ns_probe signals 2\r
		expect ready
		send \x1a
		expect Stopped
		expect inner#
		send fg\r
		expect got 18
		send \x03
		expect got 2\r
		expect inner#
		send tty; suspend\r
		expect /dev/console
		expect Stopped
		expect outer>
		send fg\r
		expect inner#
		send exit 9\r
		expect outer>
		send echo rc=$?\r
		expect rc=9
		send exit\r
		end 0
	EOF
}

@test "dash, which gives the terminal back as it ends, ends well" {
	terminal <<-'EOF'
		expect outer>
		send $J --setenv PS1 in''ner# dash -i\r
		expect inner#
		send /probe/ns_probe signals 2\r
		expect ready
		send \x1a
		expect Stopped
		expect inner#
		send fg\r
		expect got 18
		send \x03
		expect got 2\r
		expect inner#
		send exit 0\r
		expect outer>
		send echo rc=$?\r
		expect rc=0
		never Cannot set
		send $J --setenv PS1 in''ner# dash -i\r
		expect inner#
		send set +m; kill -STOP $$\r
		expect Stopped
		expect outer>
		send fg\r
		expect inner#
		send echo went-on; exit 4\r
		expect went-on
		expect outer>
		send echo rc=$?\r
		expect rc=4
		never Cannot set
		send exit\r
		end 0
	EOF
}

@test "what runs on in the background has the terminal again by fg" {
	terminal <<-'EOF'
		expect outer>
		send $J --bind . /w sh -c 'echo rea''dy; until [ -e /w/go ]; do :; done; read x; echo got-$x; read x; echo got-$x'\r
		expect ready
		send \x1a
		expect Stopped
		expect outer>
		send bg\r
		expect outer>
		send fg\r
		away
		touch go
		send one\r
		expect got-one
		send two\r
		expect got-two
		expect outer>
		send exit\r
		end 0
	EOF
}

@test "prog that another job continued has the terminal again by fg" {
	terminal <<-'EOF'
		expect outer>
		send $J sh -c 'kill -STOP $$; echo went-$((1 + 1)); read x; echo got-$x'\r
		expect Stopped
		expect outer>
		send sh -c 'kill -CONT $1; read x; echo other-$x' - $(jobs -p)\r
		expect went-2
		send one\r
		expect other-one
		expect outer>
		send fg\r
		expect fg\r
		expect got-$x
		send two\r
		expect got-two
		expect outer>
		send exit\r
		end 0
	EOF
}

@test "Ctrl-Z stops nothing where no shell looks after pen-ns" {
	PS1='outer> ' J="pen-ns ${view[*]}" /usr/bin/python3 "$ROOT/tests/lib/ns_tty.py" \
		bash -c "exec pen-ns ${view[*]} sh -c 'echo ready; read x; echo got-\$x'" <<-'EOF'
		expect ready
		send \x1a
		send one\r
		expect got-one
		end 0
	EOF
}

@test "the terminal comes back from an inner shell that is killed" {
	terminal <<-'EOF'
		send $J --setenv PS1 in''ner# bash --norc --noprofile -i\r
		expect inner#
		send kill -9 $$\r
		expect outer>
		send read -p 'na''me? ' x; echo x=$x\r
		expect name?
		send alive\r
		expect x=alive
		send exit\r
		end 0
	EOF
}

@test "in a pipeline Ctrl-C ends all of it and Ctrl-Z stops all of it" {
	terminal <<-'EOF'
		send $J /probe/ns_probe signals 2 | cat\r
		expect ready
		send \x1a
		expect Stopped
		expect outer>
		send fg\r
		expect got 18
		send \x03
		expect outer>
		send jobs; echo none\r
		expect none\r
		send exit\r
		end 0
	EOF
}

@test "a reader of prog's output sees the end when prog closes it" {
	mkfifo go
	run bash -c 'pen-ns "$@" --bind . /w sh -c \
		"echo text; exec >&-; read x </w/go" | { cat; echo end >go; }' \
		- "${view[@]}"
	[ "$output" = text ]
}

@test "Ctrl-C ends a shell's loop around pen-ns" {
	terminal <<-'EOF'
		send for i in 1 2; do $J sh -c 'echo re''ady; exec sleep infinity'; done\r
		expect ready
		send \x03
		expect outer>
		send echo next\r
		expect next
		never ready\r\n^Cready
		send exit\r
		end 0
	EOF
}

@test "a caller sees prog's death by a signal as such" {
	run /usr/bin/python3 -c 'import subprocess, sys
print(subprocess.run(sys.argv[1:]).returncode)' pen-ns "${view[@]}" \
		sh -c 'kill -SEGV $$'
	[ "$output" = -11 ]
	run /usr/bin/python3 -c 'import subprocess, sys
print(subprocess.run(sys.argv[1:]).returncode)' pen-ns "${view[@]}" \
		sh -c 'exit 139'
	[ "$output" = 139 ]
}

# --- ends ----------------------------------------------------------------

@test "pen-ns killed: nothing is left inside" {
	for o in '' --as-pid-1; do
		start $o sh -c '/probe/ns_probe daemon; echo up; exec sleep infinity'
		until_true said up
		one=$(child "$pid")
		tree=$(pgrep -s 0 . | wc -l)
		kill -KILL "$pid"
		status=0
		wait "$pid" 2>/dev/null || status=$?
		[ "$status" -eq 137 ]
		until_true gone "$one"
	done
}

@test "pid 1 killed: nothing is left inside, and the status is 137" {
	start sh -c '/probe/ns_probe daemon; echo up; exec sleep infinity'
	until_true said up
	one=$(child "$pid")
	prog=$(cut -d ' ' -f 1 "/proc/$one/task/$one/children")
	kill -KILL "$one"
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 137 ]
	[ ! -e "/proc/$one" ]
	gone "$prog"
}

@test "prog killed: what it left is gone when pen-ns ends" {
	start sh -c '/probe/ns_probe daemon; echo up; exec sleep infinity'
	until_true said up
	one=$(child "$pid")
	inside=$(cat "/proc/$one/task/$one/children")
	[ "$(wc -w <<<"$inside")" -eq 2 ]
	for p in $inside; do
		[ "$(tr '\0' ' ' <"/proc/$p/cmdline")" = 'sleep infinity ' ] &&
			kill -KILL "$p"
	done
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 137 ]
	for p in $one $inside; do
		[ ! -e "/proc/$p" ]
	done
}

@test "prog ends: what it started ends with it" {
	expect 0 pen-ns "${view[@]}" /probe/ns_probe daemon
	[ "$output" = daemon ]
}

@test "--die-with-parent: pen-ns ends when the process that started it does" {
	: >"$T/out"
	bash -c '"$@" & echo $!; exec sleep infinity' - pen-ns "${view[@]}" \
		--die-with-parent /probe/ns_probe pause >"$T/out" 3>&- &
	parent=$!
	pids+=("$parent")
	until_true grep -q ready "$T/out"
	p=$(grep -v ready "$T/out")
	one=$(child "$p")
	kill -KILL "$parent"
	until_true gone "$p"
	until_true gone "$one"
	# without it, it does not
	: >"$T/out"
	bash -c '"$@" & echo $!; exec sleep infinity' - pen-ns "${view[@]}" \
		/probe/ns_probe pause >"$T/out" 3>&- &
	parent=$!
	pids+=("$parent")
	until_true grep -q ready "$T/out"
	p=$(grep -v ready "$T/out")
	pids+=("$p")
	kill -KILL "$parent"
	until_true gone "$parent"
	[ -e "/proc/$p" ]
}

@test "pen-ns killed while it starts leaves nothing" {
	for i in {1..30}; do
		pen-ns "${view[@]}" /probe/ns_probe pause marker 3>&- &
		p=$!
		one=
		for n in $(seq "$i"); do
			one=$(cat "/proc/$p/task/$p/children" 2>/dev/null) || :
		done
		kill -KILL $p
		wait $p 2>/dev/null || :
		[ -z "$one" ] || until_true gone "${one% }"
	done
	[ -z "$(ps -eo args | grep '^/probe/ns_probe pause marke[r]')" ]
}
