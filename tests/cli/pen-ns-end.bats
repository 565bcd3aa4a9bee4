#!/usr/bin/env bats
# pen-ns: what it says when the run has ended is seen, and the terminal is as it
# was, whatever the run left.

load ../lib/common

setup() {
	scratch
	export TERM=xterm-256color LC_ALL=C.UTF-8
	mkdir p
	ns=(pen-ns --system --bind "$PWD/p" /p --chdir /p --ro-bind "$ROOT" "$ROOT" --dev /dev
		--proc /proc --at-end "$T/end" 0)
	# pen-ns has something to say where this fails
	printf '#!/bin/sh\n[ ! -e %s/made ] && [ ! -e %s/made-by-run ]\n' \
		"$PWD/p" "$PWD/p" >"$T/end"
	chmod +x "$T/end"
}

# seen COMMAND… : what a terminal shows of it
seen() {
	expect 0 "$ROOT/tests/lib/seen.py" "$@"
}

# hides TEXT : outside it hides what follows; after a run it does not
hides() {
	seen sh -c "printf '$1'; echo made-by-run"
	lacks made-by-run
	rm -rf p/made-by-run
	seen "${ns[@]}" sh -c "printf '$1'; mkdir made-by-run"
	has "the run left is not accounted for"
	has "terminal: 0"
}

@test "an open string of any kind does not swallow what is said" {
	local s
	for s in '\033^' '\033P' '\033X' '\033_G' '\033]2;' '\033]52;c;' \
		'\033P1;2q' '\033]' '\302\236' '\302\220' '\302\235' \
		'\302\230' '\302\237' '\236' '\220x' '\235' '\237' \
		'\033P\033'; do
		hides "$s"
	done
}

@test "text that is concealed, or of another character set, is seen" {
	local s
	for s in '\033[8m' '\033[1;8;31m' '\033(0' '\033)0\016' '\033(A' \
		'\033[?1049h' '\033[?47h' '\033[8m\033[?1049h' \
		'\033[8m\0337' '\033(0\033[?1049h\033[8m' '\033[?1047h' \
		'\033[5i' '\033[?2l' '\033[1$}' '\033[?2026h' \
		'\033]8;;http://a.example/\033\\'; do
		hides "$s"
	done
}

@test "the whole screen scrolls again" {
	seen sh -c 'printf "\033[3;4r"'
	has "terminal: small 0"
	seen "${ns[@]}" sh -c 'printf "\033[3;4r"; mkdir made'
	has "terminal: 0"
}

@test "a run that leaves nothing to say writes nothing to the terminal" {
	seen "${ns[@]}" printf '\033[8m\033]2;'
	has "terminal: concealed 0"
}

@test "output that the run has stopped goes on" {
	local stop='import termios; termios.tcflow(1, termios.TCOOFF)'
	seen /usr/bin/python3 -c "$stop"
	has "terminal: stopped 0"
	seen "${ns[@]}" /usr/bin/python3 -c "$stop; import os; os.mkdir('made')"
	has "the run left is not accounted for"
	has "terminal: 0"
}

@test "a terminal that the user has stopped does not hold the end up for ever" {
	SEEN_STOP=now seen "${ns[@]}" /usr/bin/python3 -c 'if 1:
		import os, select
		os.mkdir("made")
		os.write(1, b"now")
		while select.select([], [1], [], 0)[1]: pass
		os._exit(3)'
	lacks "not accounted for"
	has "terminal: 3"
}

@test "a terminal that the run had for itself can be opened again" {
	local take='import fcntl, termios; fcntl.ioctl(2, termios.TIOCEXCL)'
	seen /usr/bin/python3 -c "$take"
	has "terminal: exclusive 0"
	seen "${ns[@]}" /usr/bin/python3 -c "$take; import os; os.mkdir('made')"
	has "the run left is not accounted for"
	has "terminal: 0"
}

@test "the size that a run gave the terminal does not outlive it" {
	SEEN_SIZE='24 80' seen stty rows 5 cols 7
	has "terminal: 5x7 0"
	SEEN_SIZE='24 80' seen "${ns[@]}" stty rows 5 cols 7
	has "terminal: 24x80 0"
	SEEN_SIZE=deaf seen "${ns[@]}" stty rows 5 cols 7
	has "terminal: 24x80 0"
}

@test "a size that the terminal got during the run stays" {
	SEEN_SIZE='33 90' seen "${ns[@]}" sh -c 'echo resize
		until [ "$(stty size)" = "33 90" ]; do :; done'
	has "terminal: 33x90 0"
	SEEN_SIZE='33 90' seen "${ns[@]}" sh -c 'echo resize
		until [ "$(stty size)" = "33 90" ]; do :; done; stty rows 2'
	has "terminal: 33x90 0"
}

# fills its pipe, and leaves it so that a write fails
full='import fcntl, os
os.mkdir("made")
fcntl.fcntl(2, fcntl.F_SETFL, fcntl.fcntl(2, fcntl.F_GETFL) | os.O_NONBLOCK)
try:
    while True: os.write(2, b"\0" * 4096)
except BlockingIOError: pass
try:
    while True: os.write(2, b"\0")
except BlockingIOError: pass
'

# has_ended PID : nothing runs below it
has_ended() {
	[ -z "$(pgrep -P "$1" -r D,R,S,T)" ]
}

@test "a full pipe that does not block gets every line" {
	mkfifo pipe
	"${ns[@]}" /usr/bin/python3 -c "$full" 2>pipe 3>&- &
	exec 5<pipe
	until_true [ -d p/made ]
	until_true has_ended "$!"
	tr -d '\0' <&5 >said
	wait $!
	grep -q "the run left is not accounted for" said
}

@test "a reader that is gone does not change the exit status" {
	run bash -c '{ "$@" /usr/bin/python3 -c "import os; os.mkdir(\"made\"); os._exit(7)" \
		3>&- 2>&1 >/dev/null; echo $? >status; } | :' - "${ns[@]}"
	[ "$(cat status)" = 7 ]
	[ -d p/made ]
}
