#!/usr/bin/python3
"""sni_beside.py OPTION... -- prog...: starts pen-sni beside, as pen(1) does.

pen-sni gets the options and one end of a socket pair for --serve; this process
becomes prog with PEN_SNI_FD for the other end.
"""
import os
import socket
import sys


def main():
    at = sys.argv.index("--")
    options, prog = sys.argv[1:at], sys.argv[at + 1:]
    theirs, ours = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if os.fork() == 0:
        ours.close()
        os.set_inheritable(theirs.fileno(), True)
        os.execvp("pen-sni", ["pen-sni", "--serve", str(theirs.fileno())]
                  + options)
    theirs.close()
    os.set_inheritable(ours.fileno(), True)
    os.environ["PEN_SNI_FD"] = str(ours.fileno())
    os.execvp(prog[0], prog)


main()
