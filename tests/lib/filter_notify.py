#!/usr/bin/python3
"""filter_notify.py [--dead] PROG [ARG]...: PROG under pen-filter --notify.

What --collect prints at the end goes to standard error.  With --dead whoever
should answer takes the descriptor and drops it; then PROG gets a line to read.
"""

import socket
import subprocess
import sys

dead = sys.argv[1] == "--dead"
prog = sys.argv[2 if dead else 1:]
inside, outside = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def start(tool, option, end, *args, **how):
    return subprocess.Popen([tool, option, str(end.fileno()), *args],
                            pass_fds=[end.fileno()], **how)


if dead:
    p = start("pen-filter", "--notify", inside, "--", *prog, stdin=subprocess.PIPE)
    _, fds, _, _ = socket.recv_fds(outside, 1, 1)
    socket.close(fds[0])
    p.communicate(b"\n")
else:
    c = start("pen-policy", "--collect", outside, stdout=sys.stderr)
    p = start("pen-filter", "--notify", inside, "--", *prog)
    inside.close()
    outside.close()
    p.wait()
    if c.wait() != 0:
        sys.exit(125)
sys.exit(p.returncode if p.returncode >= 0 else 128 - p.returncode)
