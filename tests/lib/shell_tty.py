#!/usr/bin/python3
"""shell_tty.py COMMAND...: be the terminal of COMMAND and play stdin.

Each line of stdin is one step:
	send TEXT	type TEXT (\\r, \\x03 and the like as in Python)
	paste COUNT	type COUNT bytes of a known text, as fast as it is taken
	expect TEXT	wait until TEXT has come out, and go on behind it
	never TEXT	TEXT has not come out so far
	last TEXT	what has come out behind the last step is TEXT
	size ROWS COLS	change the size of the terminal
	stream COUNT	COUNT bytes of the known text come next, and no other
	deaf		from now on do not answer questions
	signal NUMBER	send a signal to COMMAND itself
	save NAME	write the process id of COMMAND to the file NAME
	run SHELL	run a command beside it, which must succeed; TTY_PID is COMMAND
	raw		wait until the terminal's modes are those of a full screen
	modes		the terminal's modes are those of the start
	end N		wait for the end; the exit status is N
As a terminal does, it says where the cursor is when it is asked (CSI 6 n), going
by the last CSI H.  With TTY_DELAY in the environment it answers all that xterm and
kitty answer, in order, each so many seconds after the question.  Everything that came out is printed when a step fails.  No
step waits longer than TTY_PATIENCE seconds (20).
"""
import fcntl, os, pty, re, select, struct, subprocess, sys, termios, time

KNOWN = b"".join(b"%07d\n" % n for n in range(125000))  # 1,000,000 bytes
DELAY = float(os.environ.get("TTY_DELAY", "0"))
ANSWERS = [  # what is asked, and what is said
    (rb"\x1b\[(\d*;?\d*)H", None),
    (rb"\x1b\[6n", None),
    (rb"\x1bZ|\x1b\[c", b"\x1b[?62;1c"),
    (rb"\x1b\[>q", b"\x1bP>|pen 1\x1b\\"),
    (rb"\x1b\[\?u", b"\x1b[?0u"),
    (rb"\x1b\[\?(\d+)\$p", rb"\x1b[?%b;0$y"),
    (rb"\x1b\]4;1;\?;2;\?\x07", b"\x1b]4;1;rgb:1/1/1\x07\x1b]4;2;rgb:2/2/2\x07"),
    (rb"\x1b\]4;1;\?;2;red\x07", b"\x1b]4;1;rgb:1/1/1\x07"),
    (rb"\x1b\]10;\?;red\x07", b"\x1b]10;rgb:1/1/1\x07"),
    (rb"\x1b\[\?1004h", b"\x1b[I"),
] if DELAY else [(rb"\x1b\[(\d*;?\d*)H", None), (rb"\x1b\[6n", None)]
QUESTIONS = re.compile(b"|".join(b"(?:%b)" % q for q, _ in ANSWERS))
patience = float(os.environ.get("TTY_PATIENCE", "20"))
master, slave = pty.openpty()
first_modes = termios.tcgetattr(slave)
pid = os.fork()
if pid == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in range(3):
        os.dup2(slave, fd)
    os.execvp(sys.argv[1], sys.argv[1:])
os.close(slave)
os.environ["TTY_PID"] = str(pid)
os.set_blocking(master, False)

out, at, deaf = bytearray(), 0, False
asked, cursor, later = 0, b"1;1", []


def fail(step):
    sys.stderr.write(f"failed: {step}\n--- from here: {bytes(out[at:][-3000:])!r}\n"
                     f"--- all: {bytes(out[-6000:])!r}\n")
    try:
        os.kill(pid, 9)
    except ProcessLookupError:
        pass
    sys.exit(1)


def answer():
    """Answers what has been asked since the last time."""
    global asked, cursor
    base = asked
    # what is looked at again is the beginning of a question, at most
    asked = max(base, len(out) - 64)
    for m in QUESTIONS.finditer(bytes(out[base:])):
        asked = max(asked, base + m.end())
        for question, said in ANSWERS:
            if n := re.fullmatch(question, m[0]):
                break
        if said is None and m[0].endswith(b"H"):
            cursor = n[1] or b"1;1"
            continue
        if said is None:
            said = b"\x1b[" + cursor + b"R"
        elif n.groups():
            said = said.replace(b"%b", n[1])
        if not deaf:
            later.append((time.monotonic() + DELAY, said))


def deliver():
    """What is to be said by now."""
    while later and later[0][0] <= time.monotonic():
        os.write(master, later.pop(0)[1])


def read_some(deadline, keep=True):
    """Takes what comes; b"" where nothing did, None at the end."""
    global out
    left = deadline - time.monotonic()
    if later:
        left = min(left, max(0.01, later[0][0] - time.monotonic()))
    deliver()
    if left <= 0 or not select.select([master], [], [], left)[0]:
        return b""
    try:
        data = os.read(master, 65536)
    except BlockingIOError:
        return b""
    except OSError:
        return None
    if keep:
        out += data
        answer()
        deliver()
    return data


def type_all(text, deadline):
    while text:
        if time.monotonic() > deadline:
            return False
        ready = select.select([master], [master], [], 0.1)
        if ready[0]:
            read_some(deadline)
        if ready[1]:
            try:
                text = text[os.write(master, text[:4096]):]
            except BlockingIOError:
                pass
    return True


def known(count):
    return (KNOWN * (count // len(KNOWN) + 1))[:count]


def stream(count, deadline):
    """The next count bytes are the known text."""
    global out, at, asked
    done, held = 0, out[at:]
    del_from = at
    while done < count:
        data = held or read_some(deadline, keep=False)
        held = b""
        if not data:
            if data is None or time.monotonic() > deadline:
                return False
            continue
        part = data[:count - done]
        start = done % len(KNOWN)
        want = (KNOWN + KNOWN)[start:start + len(part)]
        if part != want:
            out = out[:del_from] + part
            return False
        done += len(part)
        rest = data[len(part):]
    out = out[:del_from] + rest
    asked = min(asked, len(out))
    return True


for line in sys.stdin:
    step = line.rstrip("\n")
    word, _, rest = step.partition(" ")
    text = rest.encode().decode("unicode_escape").encode("latin-1")
    deadline = time.monotonic() + patience
    if word == "send":
        if not type_all(text, deadline):
            fail(step)
    elif word == "paste":
        if not type_all(known(int(rest)), deadline):
            fail(step)
    elif word == "expect":
        begin = at
        while (found := out.find(text, begin)) < 0:
            begin = max(at, len(out) - len(text))
            read_some(time.monotonic() + 0.1)
            if time.monotonic() > deadline:
                fail(step)
        at = found + len(text)
    elif word == "never":
        if text in out:
            fail(step)
    elif word == "last":
        while out[at:] != text:
            read_some(time.monotonic() + 0.1)
            if not text.startswith(bytes(out[at:])) or time.monotonic() > deadline:
                fail(step)
        at = len(out)
    elif word == "stream":
        if not stream(int(rest), time.monotonic() + 6 * patience):
            fail(step)
    elif word == "size":
        rows, cols = map(int, rest.split())
        fcntl.ioctl(master, termios.TIOCSWINSZ,
                    struct.pack("HHHH", rows, cols, 0, 0))
    elif word == "deaf":
        deaf = True
    elif word == "signal":
        os.kill(pid, int(rest))
    elif word == "save":
        with open(rest, "w") as f:
            f.write(f"{pid}\n")
    elif word == "run":
        if subprocess.run(rest, shell=True, stdin=subprocess.DEVNULL,
                          timeout=patience).returncode != 0:
            fail(step)
    elif word == "raw":
        while termios.tcgetattr(master)[3] & termios.ICANON:
            read_some(time.monotonic() + 0.02)
            if time.monotonic() > deadline:
                fail(step)
    elif word == "modes":
        while termios.tcgetattr(master) != first_modes:
            read_some(time.monotonic() + 0.05)
            if time.monotonic() > deadline:
                fail(f"{step}: {termios.tcgetattr(master)} {first_modes}")
    elif word == "end":
        while True:
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                break
            read_some(time.monotonic() + 0.05)
            if time.monotonic() > deadline:
                fail(step)
        while read_some(time.monotonic() + 0.1):
            pass
        status = os.waitstatus_to_exitcode(status)
        if status != int(rest):
            fail(f"{step}, got {status}")
    elif word:
        fail(f"unknown step {step}")
