#!/usr/bin/python3
"""Both ends of connections through an SNI proxy, and they do not behave.

    sni_ends.py client-first|server-first|dies SERVER PORT N [BYTES]
        N connections at once to 127.0.0.1:PORT, a proxy that leads ends.test to
        127.0.0.1:SERVER, where this is the server.  Prints of how many it is true
        that
          client-first  the client says BYTES and ends its half; the server has
                        them all, and the client the answer that comes then
          server-first  the server says 1000 and ends its half; the client has
                        them, and the server all BYTES that come then
          dies          the server resets it midway; the client has an error
                        then, and not an end
    sni_ends.py mute SERVER PORT N
        the server never reads; says "ready KB", what was taken of each, once
        nobody takes any more, and goes on trying
    sni_ends.py drip SECONDS PORT...
        to each port 10 ClientHellos, a byte a second, for SECONDS at most; prints
        a line for each port: how many were closed, and when the last was
"""
import selectors
import socket
import struct
import sys
import threading
import time

sys.dont_write_bytecode = True
from sni_client import client_hello  # noqa: E402

HELLO = client_hello(b"ends.test")
FIRST = b"x" * 1000
PATIENCE = 10


def exactly(s, n):
    while n > 0:
        data = s.recv(n)
        if not data:
            raise EOFError
        n -= len(data)


def to_end(s):
    n = 0
    while data := s.recv(1 << 16):
        n += len(data)
    return n


class ClientFirst:
    def client(self, s, n):
        s.sendall(b"y" * n)
        s.shutdown(socket.SHUT_WR)
        return to_end(s) == len(FIRST)

    def server(self, s, n):
        if to_end(s) == n:
            s.sendall(FIRST)
        return False  # it is the client who knows


class ServerFirst:
    def client(self, s, n):
        if to_end(s) == len(FIRST):
            s.sendall(b"y" * n)
        return False

    def server(self, s, n):
        s.sendall(FIRST)
        s.shutdown(socket.SHUT_WR)
        return to_end(s) == n


class Dies:
    def client(self, s, n):
        exactly(s, len(FIRST))
        s.sendall(b"y")
        try:
            to_end(s)
        except ConnectionResetError:
            return True
        return False

    def server(self, s, n):
        s.sendall(FIRST)
        exactly(s, 1)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                     struct.pack("ii", 1, 0))
        return False


def end(fn, s, n, true):
    with s:
        s.settimeout(PATIENCE)
        try:
            if fn(s, n):
                true.append(1)
        except (OSError, EOFError):
            pass


def start(fn, s, n, true):
    t = threading.Thread(target=end, args=(fn, s, n, true), daemon=True)
    t.start()
    return t


def both(kind, server, port, n, size="300000"):
    true = []

    def client(s, size):
        s.connect(("127.0.0.1", int(port)))
        s.sendall(HELLO)
        return kind.client(s, size)

    def taken(s, size):
        exactly(s, len(HELLO))
        return kind.server(s, size)

    with socket.create_server(("127.0.0.1", int(server)),
                              backlog=1024) as listener:
        threads = [start(client, socket.socket(), int(size), true)
                   for _ in range(int(n))]
        listener.settimeout(PATIENCE / 2)
        try:
            for _ in range(int(n)):
                threads.append(start(taken, listener.accept()[0], int(size),
                                     true))
        except TimeoutError:
            pass
        until = time.monotonic() + 2 * PATIENCE
        for t in threads:
            t.join(max(0, until - time.monotonic()))
    print(len(true))


def mute(server, port, n):
    listener = socket.socket()
    # little for the kernel to keep: what the proxy keeps is to be seen
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", int(server)))
    listener.listen(int(n))
    writable = selectors.DefaultSelector()
    held = []
    for _ in range(int(n)):
        s = socket.create_connection(("127.0.0.1", int(port)), PATIENCE)
        s.sendall(HELLO)
        held += [s, listener.accept()[0]]
        s.setblocking(False)
        writable.register(s, selectors.EVENT_WRITE)
    sent, said = 0, False
    while True:
        events = writable.select(1)
        for key, _ in events:
            sent += key.fileobj.send(bytes(1 << 16))
        if not said and (not events or sent > int(n) << 26):
            print("ready", sent // int(n) >> 10, flush=True)
            said = True


def drip(seconds, *ports):
    start = time.monotonic()
    open_at = selectors.DefaultSelector()
    closed = {port: [] for port in ports}
    for port in ports * 10:
        s = socket.create_connection(("127.0.0.1", int(port)), PATIENCE)
        open_at.register(s, selectors.EVENT_READ, port)
    for i in range(int(seconds)):
        for key in list(open_at.get_map().values()):
            try:
                key.fileobj.send(HELLO[i:i + 1])
            except OSError:
                pass  # and is read to be closed below
        while (left := start + i + 1 - time.monotonic()) > 0:
            for key, _ in open_at.select(left):
                try:
                    if key.fileobj.recv(4096):
                        continue
                except OSError:
                    pass
                open_at.unregister(key.fileobj)
                key.fileobj.close()
                closed[key.data].append(time.monotonic() - start)
        if not open_at.get_map():
            break
    for port in ports:
        print(len(closed[port]), round(max(closed[port], default=0), 1))


kinds = {"client-first": ClientFirst, "server-first": ServerFirst,
         "dies": Dies}
if sys.argv[1] in kinds:
    both(kinds[sys.argv[1]](), *sys.argv[2:])
elif sys.argv[1] == "mute":
    mute(*sys.argv[2:])
else:
    drip(*sys.argv[2:])
