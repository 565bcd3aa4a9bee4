#!/usr/bin/python3
"""many.py serve PENS FILE | many.py client CONNECTIONS

serve: lets PENS clients begin at once, and then, in turn, make their connections;
writes its port to FILE when it listens, and to standard output a line for each
client with how many of its connections worked and how long they took, in ms.

client: asks many.test for a turn, makes CONNECTIONS connections in it, one after
the other, each of which has to bring what was sent, and ends.
"""
import socket
import sys
import threading
import time

NAME, PORT = "many.test", 7000


def echo(c):
    with c:
        while data := c.recv(4096):
            c.sendall(data)


def serve(pens, path):
    server = socket.create_server(("127.0.0.1", 0), backlog=1024)
    with open(path + ".new", "w") as f:
        print(server.getsockname()[1], file=f)
    import os
    os.rename(path + ".new", path)
    gates = []
    while len(gates) < pens:
        c, _ = server.accept()
        if c.recv(4, socket.MSG_WAITALL) == b"gate":
            gates.append(c)
    print("up", len(gates), flush=True)
    sys.stdin.readline()

    def accept():
        while True:
            try:
                c, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=echo, args=(c,), daemon=True).start()
    threading.Thread(target=accept, daemon=True).start()
    for c in gates:
        start = time.monotonic()
        c.sendall(b"g")
        worked = c.makefile().readline().strip() or "0"
        print(worked, int((time.monotonic() - start) * 1000), flush=True)
        c.close()


def client(connections):
    gate = socket.create_connection((NAME, PORT))
    gate.sendall(b"gate")
    gate.recv(1)
    worked = 0
    for i in range(connections):
        text = b"%d %d" % (i, connections)
        try:
            with socket.create_connection((NAME, PORT), 10) as s:
                s.sendall(text)
                worked += s.recv(len(text), socket.MSG_WAITALL) == text
        except OSError as e:
            print(e, file=sys.stderr)
    gate.sendall(b"%d\n" % worked)
    gate.recv(1)


if sys.argv[1] == "serve":
    serve(int(sys.argv[2]), sys.argv[3])
else:
    client(int(sys.argv[2]))
