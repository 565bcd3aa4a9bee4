#!/usr/bin/python3
"""evil_relay.py SESSION RULE [user]: a pen-shell whose relay is somebody else's.

Starts the console of SESSION on a terminal, as pen-shell does, and does all that
a relay can do to have it allow RULE: says on its socket whatever can be said,
writes to the terminal what makes terminals type, and reads the terminal too.  The
terminal is one that answers with text that the inside chose (its title, a
function key, a selection).  With "user" the same words are typed by the user:
the control.  Prints what the terminal was shown.
"""
import os, pty, select, socket, subprocess, sys, termios, time

session, rule = sys.argv[1:3]
user = sys.argv[3:] == ["user"]
words = f"allow {rule}\rallow {rule} always\ro\rs\ra\r".encode()
master, slave = pty.openpty()
relay, console = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
about = os.memfd_create("about", 0)
os.write(about, b"escape = ^]\nclipboard = deny\n\0\0")
os.lseek(about, 0, 0)


def lead():
    os.setsid()
    import fcntl
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)


child = subprocess.Popen(
    ["pen-ctl", f"--desk={console.fileno()}", f"--about={about}",
     f"--pen={session}", "console"], stdin=slave, stdout=slave, stderr=slave,
    pass_fds=(console.fileno(), about), preexec_fn=lead, start_new_session=False)
console.close()
relay.setblocking(False)
shown = b""
answered = 0
# what a terminal may be made to say: each holds the words
typing = [
    (b"\x1b[21t", b"\x1b]l" + words + b"\x1b\\"),
    (b"\x1b[20t", b"\x1b]L" + words + b"\x1b\\"),
    (b"\x1bP$qm\x1b\\", b"\x1bP1$r" + words + b"\x1b\\"),
    (b"\x1bP+q544e\x1b\\", b"\x1bP1+r544e=" + words + b"\x1b\\"),
    (b"\x1b]52;c;?\x07", b"\x1b]52;c;" + words + b"\x07"),
    (b"\x1b]50;?\x07", b"\x1b]50;" + words + b"\x07"),
    (b"\x1b_Gi=1;AAAA\x1b\\", b"\x1b_Gi=1;" + words + b"\x1b\\"),
    (b"\x1b[6n", None),
]
place = b"1;1"


def tell(data):
    select.select([], [relay], [], 10)
    relay.send(data)


def hear():
    """What the console has said: a list of its messages."""
    got = []
    while True:
        try:
            data = relay.recv(65536)
        except BlockingIOError:
            return got
        if not data:
            return got
        got.append(data)


def serve(until, deadline=10):
    """Is the terminal until this has been shown or said."""
    global shown, answered, place
    end = time.monotonic() + deadline
    while time.monotonic() < end:
        if select.select([master], [], [], 0.05)[0]:
            shown += os.read(master, 65536)
        at = answered
        while at < len(shown):
            rest = shown[at:]
            if rest.startswith(b"\x1b[1;") and b"H" in rest[:9]:
                place = rest[2:rest.index(b"H")]
            for question, answer in typing:
                if rest.startswith(question):
                    os.write(master, answer or b"\x1b[" + place + b"R")
                    answered = at + len(question)
            at += 1
        if until():
            return
    sys.exit(f"never: {shown[-800:]!r}")


def prompts():
    return shown.count(b"pen> ")


# what can be said while it is closed, and while it is open
for kind in range(256):
    if kind not in b"oc":
        tell(bytes([kind]) + words)
tell(words)
tell(b"o" + words)
serve(lambda: prompts() > 0)
for kind in range(256):
    if kind not in b"oc":
        tell(bytes([kind]) + words)
tell(b"o" + words)
# what a terminal can be made to say; pasted text is the terminal's as well
for question, _ in typing:
    os.write(slave, question)
for keys in (b"\x1bP1;1|17/" + words.hex().encode() + b"\x1b\\", words):
    os.write(slave, keys)
if user:
    before = prompts()
    os.write(master, f"allow {rule}\r".encode())
    serve(lambda: prompts() > before)
# it gives the terminal back when it is told to, and takes it again
for turn in range(3):
    tell(b"c")
    said = []
    serve(lambda: said.extend(hear()) or any(m[:1] == b"l" for m in said))
    before = prompts()
    tell(b"o")
    serve(lambda: prompts() > before)
# a console that is left typing nothing ends with its relay
relay.close()
child.wait(10)
sys.stdout.buffer.write(shown)
