#!/usr/bin/python3
"""What pen-sni's tests say to a control socket.

    control_client.py SOCKET say REQUEST...
        sends each request and prints its reply, to the object with "ok"
    control_client.py SOCKET bytes HEX...
        the same with any bytes
    control_client.py SOCKET long N
        the same with a request of N bytes
    control_client.py SOCKET watch
        asks for events and prints them until the session ends
    control_client.py SOCKET listen
        the same with questions
    control_client.py SOCKET mute N
        N connections that ask for everything and read nothing, until stdin
        ends; prints "ready"
    control_client.py SOCKET held N
        opens N connections, prints how many of them are answered
"""
import json
import os
import socket
import sys


def connect(path):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    fd = os.open(os.path.dirname(path), os.O_PATH)
    s.settimeout(20)
    s.connect(f"/proc/self/fd/{fd}/{os.path.basename(path)}")
    os.close(fd)
    return s


def say(s, request):
    s.send(request)
    while True:
        text = s.recv(65536)
        if not text:
            print("closed")
            return False
        print(text.decode())
        if "ok" in json.loads(text):
            return True


def main():
    path, what, *args = sys.argv[1:]
    if what == "mute":
        conns = [connect(path) for _ in range(int(args[0]))]
        for s in conns:
            s.send(b"events")
            s.setblocking(False)
            try:
                while True:
                    s.send(b"status")
            except BlockingIOError:
                pass
        print("ready", flush=True)
        sys.stdin.read()
        return
    if what == "held":
        n = 0
        conns = [connect(path) for _ in range(int(args[0]))]
        for s in conns:
            try:
                s.send(b"rules")
                n += s.recv(65536) != b""
            except (BrokenPipeError, ConnectionResetError):
                pass
        print(n)
        return
    s = connect(path)
    if what in ("watch", "listen"):
        s.settimeout(None)
        s.send(b"events" if what == "watch" else b"ask")
        while text := s.recv(65536):
            print(text.decode(), flush=True)
        return
    if what == "bytes":
        args = [bytes.fromhex(a) for a in args]
    elif what == "long":
        args = [b"x" * int(args[0])]
    else:
        args = [a.encode() for a in args]
    for request in args:
        if not say(s, request):
            break


main()
