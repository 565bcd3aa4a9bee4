#!/usr/bin/python3
"""seen.py COMMAND...: run COMMAND on a terminal of its own, and print the text
that a terminal would show of it when it has ended, concealed text left out.

A line "terminal: WORDS" follows: exclusive (it cannot be opened), stopped, small
(not all of it scrolls), concealed, and the exit status.  With SEEN_STOP in the environment output is stopped at the text of
it, as by Ctrl-S, and stays so.  With SEEN_SIZE, "ROWS COLUMNS", the size of the
terminal at the end is printed too: 24 80 at first, and after the text "resize"
that of SEEN_SIZE.  Asked where its last place is it answers, unless it is "deaf".
"""
import fcntl, os, pty, re, select, struct, sys, termios, time


class Terminal:
    """As much of xterm as hides text."""

    def __init__(self):
        self.text = {False: "", True: ""}
        self.state, self.seq = "ground", ""
        self.alternate = self.concealed = self.printer = self.vt52 = False
        self.status = self.held = self.link = False
        self.sets, self.shift, self.region = ["B", "B"], 0, ""
        self.saved = {False: (False, ["B", "B"], 0), True: (False, ["B", "B"], 0)}

    def csi(self, seq):
        if m := re.fullmatch(r"\?([0-9;]*)([hl])", seq):
            for mode in m[1].split(";"):
                on = m[2] == "h"
                if mode in ("47", "1047", "1049"):
                    if mode == "1049" and on:
                        self.save()
                    self.alternate = on
                    if mode == "1049" and not on:
                        self.load()
                elif mode == "2" and not on:
                    self.vt52 = True
                elif mode == "2026":
                    self.held = on
        elif seq in ("5i", "4i"):
            self.printer = seq == "5i"
        elif seq in ("1$}", "0$}", "$}"):
            self.status = seq == "1$}"
        elif m := re.fullmatch(r"([0-9;]*)m", seq):
            for part in m[1].split(";"):
                if part in ("", "0", "28"):
                    self.concealed = False
                elif part == "8":
                    self.concealed = True
        elif m := re.fullmatch(r"([0-9;]*)r", seq):
            self.region = m[1]

    def save(self):
        self.saved[self.alternate] = (self.concealed, self.sets[:], self.shift)

    def load(self):
        self.concealed, sets, self.shift = self.saved[self.alternate]
        self.sets = sets[:]

    def escape(self, seq):
        if seq == "7":
            self.save()
        elif seq == "8":
            self.load()
        elif len(seq) == 2 and seq[0] in "()":
            self.sets["()".index(seq[0])] = seq[1]

    def visible(self):
        return not (self.concealed or self.printer or self.status or
                    self.held or self.link) and self.sets[self.shift] == "B"

    def feed(self, data):
        for c in data.decode("utf-8", "surrogateescape"):
            self.take(chr(ord(c) - 0xdc00) if 0xdc80 <= ord(c) <= 0xdcff else c)

    def take(self, c):
        if self.vt52:
            self.state = {"\033": "escape"}.get(c, "ground") \
                if self.state != "escape" else "ground"
            self.vt52 = not (c == "<")
            return
        if c in "\x18\x1a":
            self.state = "ground"
        elif c in "\x90\x98\x9d\x9e\x9f":
            self.state, self.seq = "string", ""
        elif c == "\x9c" and self.state != "ground":
            self.state = "ground"
        elif c == "\x9b":
            self.state, self.seq = "csi", ""
        elif c == "\033":
            self.end_string()
            self.state, self.seq = "escape", ""
        elif self.state == "string":
            if c == "\a":
                self.end_string()
                self.state = "ground"
            self.seq += c
        elif self.state == "escape":
            if c in "]P^X_":
                self.state, self.seq = "string", c
            elif c == "[":
                self.state = "csi"
            elif " " <= c <= "/":
                self.seq += c
            else:
                self.escape(self.seq + c)
                self.state = "ground"
        elif self.state == "csi":
            if "@" <= c <= "~":
                self.csi(self.seq + c)
                self.state = "ground"
            else:
                self.seq += c
        elif c in "\x0e\x0f":
            self.shift = int(c == "\x0e")
        elif c not in "\r\0" and self.visible():
            self.text[self.alternate] += c

    def end_string(self):
        if self.state == "string" and self.seq.startswith("]8;"):
            self.link = self.seq.split(";", 2)[2] != ""


master, slave = pty.openpty()
name = os.ttyname(slave)
rows, cols, want = 24, 80, os.environ.get("SEEN_SIZE")
size = lambda: fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("4H", rows, cols, 0, 0))
size()
pid = os.fork()
if pid == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in range(3):
        os.dup2(slave, fd)
    os.close(slave)
    os.execvp(sys.argv[1], sys.argv[1:])
terminal, raw, status = Terminal(), b"", None
stop = os.environ.get("SEEN_STOP", "").encode()
until = time.monotonic() + 30
while time.monotonic() < until:
    if select.select([master], [], [], 0 if status is not None else .05)[0]:
        raw += (data := os.read(master, 65536))
        terminal.feed(data)
        if stop and stop in raw:
            os.write(master, b"\x13")
            stop = b""
        if b"resize" in raw and want and want != "deaf":
            rows, cols = map(int, want.split())
            size()
            raw = raw.replace(b"resize", b"done")
        if b"\033[9999;9999H\033[6n" in raw and want != "deaf":
            os.write(master, b"\033[%d;%dR" % (rows, cols))
            raw = b""
        continue
    if status is not None:
        break
    done, status = os.waitpid(pid, os.WNOHANG)
    status = os.waitstatus_to_exitcode(status) if done else None
words = []
try:
    os.close(os.open(name, os.O_RDWR | os.O_NOCTTY))
except OSError:
    words.append("exclusive")
if terminal.concealed:
    words.append("concealed")
if terminal.region:
    words.append("small")
if not os.environ.get("SEEN_STOP") and \
        not select.select([], [slave], [], 0)[1]:
    words.append("stopped")
if want:
    words.append("%dx%d" % struct.unpack("4H", fcntl.ioctl(slave, termios.TIOCGWINSZ, bytes(8)))[:2])
print(terminal.text[False], "\nterminal:", *words, status)
