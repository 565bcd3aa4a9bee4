#!/usr/bin/python3
"""ns_tty.py COMMAND...: run COMMAND on a terminal of its own and play stdin.

Each line of stdin is one step:
	send TEXT	type TEXT (\\r, \\x03 and the like as in Python)
	expect TEXT	wait until TEXT has come out, and go on behind it
	never TEXT	TEXT has not come out since the last step of this kind
	size ROWS COLS	change the size of the terminal
	away		wait until COMMAND's group has not the foreground
	touch FILE	make FILE
	end N		wait for the end; the exit status is N
With NS_TTY_DONE in the environment a line is added to that file for each step
that is done.  Everything that came out is printed when a step fails.  No step waits longer
than twenty seconds; a step that waits for nothing takes no time.
"""
import fcntl, os, pty, select, struct, sys, termios, time

pid, master = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])

out, at = b"", 0


def fail(step):
    sys.stderr.write(f"failed: {step}\n--- from here: {out[at:]!r}\n"
                     f"--- all: {out!r}\n")
    try:
        os.kill(pid, 9)
    except ProcessLookupError:
        pass
    sys.exit(1)


def read_some(deadline):
    """Takes what comes; False at the end or past the deadline."""
    global out
    left = deadline - time.monotonic()
    if left <= 0 or not select.select([master], [], [], left)[0]:
        return False
    try:
        data = os.read(master, 65536)
    except OSError:
        return False
    out += data
    return data != b""


for line in sys.stdin:
    step = line.rstrip("\n")
    word, _, rest = step.partition(" ")
    text = rest.encode().decode("unicode_escape").encode("latin-1")
    deadline = time.monotonic() + 20
    if word == "send":
        os.write(master, text)
    elif word == "expect":
        while (found := out.find(text, at)) < 0:
            if not read_some(deadline):
                fail(step)
        at = found + len(text)
    elif word == "never":
        if text in out:
            fail(step)
    elif word == "size":
        rows, cols = map(int, rest.split())
        fcntl.ioctl(master, termios.TIOCSWINSZ,
                    struct.pack("HHHH", rows, cols, 0, 0))
    elif word == "away":
        while os.tcgetpgrp(master) == pid:
            if time.monotonic() > deadline:
                fail(step)
    elif word == "touch":
        open(rest, "w").close()
    elif word == "end":
        while read_some(deadline):
            pass
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        if status != int(rest):
            fail(f"{step}, got {status}")
    elif word:
        fail(f"unknown step {step}")
    if done := os.environ.get("NS_TTY_DONE"):
        with open(done, "a") as f:
            f.write(step + "\n")
