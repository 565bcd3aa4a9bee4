#!/usr/bin/python3
"""net_handover.py OUT PORTS prog...: plays pen-sni for pen-net.

Becomes prog with PEN_SNI_FD set, and PORTS as the message that is there to be
read.  A child takes the one message that comes back, says that it has it,
writes to OUT what came (its lines, then a line for each descriptor), and
answers on the sockets with the address that was dialled, until prog ends.
With HANDOVER=dies in the environment it takes the message, and ends; with
HANDOVER=failed it says that before.
"""
import os
import select
import socket
import sys


def describe(s):
    kind = {socket.SOCK_DGRAM: "udp", socket.SOCK_STREAM: "tcp"}[s.type]
    listening = s.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    block = "blocking" if os.get_blocking(s.fileno()) else "nonblocking"
    return "%s %s:%d listening=%d %s" % (
        (kind,) + s.getsockname() + (listening, block))


def serve(sockets, life):
    while True:
        ready = select.select(sockets + [life], [], [])[0]
        if life in ready:
            return
        for s in ready:
            if s.type == socket.SOCK_DGRAM:
                data, peer = s.recvfrom(4096)
                s.sendto(b"udp " + data, peer)
            else:
                c = s.accept()[0]
                c.sendall(("tcp %s %d\n" % c.getsockname()).encode())
                c.close()


def receive(sock, out, life):
    try:
        text, fds, flags, _ = socket.recv_fds(sock, 65536, 64,
                                              socket.MSG_CMSG_CLOEXEC)
    except ConnectionResetError:  # closed, with the ports unread
        text, fds, flags = b"", [], 0
    sockets = [socket.socket(fileno=fd) for fd in fds]
    if os.environ.get("HANDOVER") == "failed":
        sock.send(b"failed")
    if "HANDOVER" in os.environ:
        return
    if text:
        sock.send(b"ok")
    with open(out + ".new", "w") as f:
        f.write(text.decode() if text else "closed\n")
        for s in sockets:
            f.write(describe(s) + "\n")
        if flags & ~socket.MSG_CMSG_CLOEXEC:
            f.write("cut\n")
        extra = sock.recv(1)
        f.write("then %r\n" % extra)
    os.rename(out + ".new", out)
    serve(sockets, life)


def main():
    out, ports, argv = sys.argv[1], sys.argv[2], sys.argv[3:]
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    life, held = os.pipe()
    if ports:
        ours.send(ports.encode())
    else:
        ours.shutdown(socket.SHUT_WR)
    if os.fork() == 0:
        os.close(held)
        theirs.close()
        receive(ours, out, life)
        os._exit(0)
    os.close(life)
    ours.close()
    os.set_inheritable(held, True)
    os.set_inheritable(theirs.fileno(), True)
    os.environ["PEN_SNI_FD"] = str(theirs.fileno())
    os.execvp(argv[0], argv)


main()
