#!/usr/bin/env bats
# pen-ctl console: it has the terminal while pen-shell lends it, and believes
# nothing that pen-shell's relay says.

load ../lib/common
load ../lib/session

setup() {
	scratch
	export TERM=xterm LC_ALL=C.UTF-8
	CONF=$HOME/.config/pen/pen.conf
}

teardown() {
	exec 8>&-
}

@test "a relay that is taken over types nothing, and allows nothing" {
	session --project "$HOME/src/project"
	run -0 "$ROOT/tests/lib/evil_relay.py" "$SESSION" evil.example.org user
	has "allow evil.example.org: until the pen ends"
	run -0 pen-ctl rules
	[ "$output" = "allow  evil.example.org" ]
	run -0 pen-ctl undo evil.example.org
	run -0 "$ROOT/tests/lib/evil_relay.py" "$SESSION" evil.example.org
	lacks "until the pen ends"
	lacks "for good"
	run -0 pen-ctl rules
	[ -z "$output" ]
	[ ! -e "$CONF" ]
}

@test "a relay that is killed behind its word leaves a shell its terminal" {
	session
	run -0 /usr/bin/python3 - "$SESSION" <<-'EOF'
		import os, pty, select, socket, subprocess, sys, termios
		master, slave = pty.openpty()
		first = termios.tcgetattr(slave)
		relay, console = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
		about = os.memfd_create("about", 0)
		os.write(about, b"escape = ^]\n\0\0")
		os.lseek(about, 0, 0)
		# what the leader does has been done: the modes are the shell's
		relay.send(b"o")
		relay.close()
		subprocess.run(["pen-ctl", f"--desk={console.fileno()}", f"--about={about}",
			"--pen", sys.argv[1], "console"], stdin=slave, stdout=slave,
			stderr=slave, pass_fds=(console.fileno(), about), timeout=10)
		assert termios.tcgetattr(slave) == first
		assert not select.select([master], [], [], 0)[0]
	EOF
}

@test "it is started by pen-shell, and by nobody else" {
	run -125 pen-ctl console
	has "pen-ctl: the console is started by pen-shell"
	run -125 pen-ctl --desk x console
	has "--desk 'x' is not a descriptor"
}

@test "pen-shell links neither readline nor JSON, and its relay cannot connect" {
	run -0 strings "$BIN/pen-ctl"
	has rl_line_buffer
	has json_object_get
	run -0 strings "$BIN/pen-shell"
	lacks rl_line_buffer
	lacks json_
}
