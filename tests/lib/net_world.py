#!/usr/bin/python3
"""The rest of the world, and a look at it, for tests/lib/open_host.bash.

    net_world.py serve ADDRESS...
        says "tcp ADDRESS" to whoever says anything to port 5000 by TCP, and back
        what comes by UDP, on these addresses; answers every name with an address
        of the world's
    net_world.py try tcp/ADDRESS|udp/ADDRESS...
        says for each yes, or the error, or timeout
"""
import errno
import socket
import sys
import threading


def tcp(family, where):
    s = socket.create_server((where, 5000), family=family)
    while True:
        c = s.accept()[0]
        c.recv(1)
        c.sendall(b"tcp " + c.getsockname()[0].encode())
        c.close()


def answer(data):
    end = data.index(0, 12) + 5
    data = (data[:2] + b"\x81\x80\0\1\0\1\0\0\0\0" + data[12:end] +
            b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4" + bytes([93, 184, 216, 34]))
    if data[end - 4:end - 2] != b"\0\1":
        data = data[:6] + b"\0\0" + data[8:end]
    return data


def udp(family, where, port):
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.bind((where, port))
    while True:
        data, peer = s.recvfrom(4096)
        s.sendto(answer(data) if port == 53 else data, peer)


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def serve(*addresses):
    jobs = [(tcp, socket.AF_INET, "0.0.0.0"), (tcp, socket.AF_INET6, "::")]
    jobs += [(udp, family_of(a), a, 5000) for a in addresses]
    if addresses[0] != "93.184.216.1":
        jobs.append((udp, socket.AF_INET, "0.0.0.0", 53))
    for job, *args in jobs:
        threading.Thread(target=job, args=args, daemon=True).start()
    print("ready", flush=True)
    threading.Event().wait()


def look(*wheres):
    for where in wheres:
        kind, address = where.split("/")
        s = socket.socket(family_of(address), socket.SOCK_STREAM
                          if kind == "tcp" else socket.SOCK_DGRAM)
        s.settimeout(5)
        try:
            s.connect((address, 5000))
            s.send(b"x")
            s.recv(100)
            print(where, "yes", flush=True)
        except OSError as e:
            print(where, errno.errorcode.get(e.errno, "timeout"), flush=True)


{"serve": serve, "try": look}[sys.argv[1]](*sys.argv[2:])
