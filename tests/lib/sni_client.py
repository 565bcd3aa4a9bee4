#!/usr/bin/python3
"""What pen-sni's tests say to it, and a DNS server that lies for them.

    sni_client.py serve FILE NAME=ADDR[,ADDR...][@TTL]...
        a DNS server on 127.0.0.1 that prints "ready PORT" and writes each
        question to FILE; the first answer waits for a writer of the FIFO $HOLD.
        ADDRESS and PORT are where it listens
    sni_client.py ask [--tcp] NAME TYPE
        asks 127.0.0.1:53 and prints "RCODE ADDR..."
    sni_client.py flood PREFIX SUFFIX N
        asks for N names PREFIX<i>SUFFIX, prints how often each RCODE came
    sni_client.py hello NAME HEX
        connects to NAME:443, says a ClientHello with the server name HEX, and
        prints the answer's bytes, "reset", or "end"
    sni_client.py raw NAME PORT HEX
        the same with any bytes
    sni_client.py drip NAME [80]
        half a ClientHello, or of a request, a byte a second; prints the
        seconds until the end
    sni_client.py switch LINE
        a server on 127.0.0.1 that prints "ready PORT", answers a request's
        head with LINE, and sends back what comes after it
    sni_client.py proxy FILE PORT STATUS
        an HTTP proxy on 127.0.0.1 that prints "ready PORT", writes each head to
        FILE, answers with STATUS, and after 200 is 127.0.0.1:PORT
    sni_client.py talk NAME HEX...
        says each to NAME:80 once the one before has a whole HTTP answer; prints
        the first line of each answer, or "reset"
    sni_client.py crowd NAME PORT N FIFO
        N connections at once that wait for the same lookup; lets it be
        answered, says a byte on each and prints how many brought it back
    sni_client.py idle NAME N URL
        holds N connections that say nothing, then fetches URL, prints its body
    sni_client.py strain DEAD GOOD PORT N
        N connections to DEAD, whose addresses do not answer; while they are being
        dialled GOOD brings back what it is sent, or this says which did not;
        then one more to DEAD
    sni_client.py crumbs PORT N BYTES
        N connections to 127.0.0.1 with BYTES of a ClientHello in records of one
        byte; says "ready", and holds them until its input ends
    sni_client.py fill NAME PORT
        sends until nobody takes it for 2 s; prints "blocked" under 64 MB
"""
import errno
import os
import resource
import select
import socket
import ssl
import struct
import sys
import threading
import time
import urllib.request
from collections import Counter

TYPES = {"A": 1, "NS": 2, "PTR": 12, "TXT": 16, "AAAA": 28, "HTTPS": 65,
         "ANY": 255}
RCODES = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"]


def labels(name):
    parts = name.encode().rstrip(b".").split(b".")
    return b"".join(bytes([len(p)]) + p for p in parts) + b"\0"


def query(name, kind):
    return (struct.pack(">HHHHHH", 7, 0x100, 1, 0, 0, 0) + labels(name) +
            struct.pack(">HH", TYPES.get(kind, 0) or int(kind), 1))


def read_question(data):
    at, parts = 12, []
    while data[at]:
        parts.append(data[at + 1:at + 1 + data[at]].decode().lower())
        at += 1 + data[at]
    kind, = struct.unpack(">H", data[at + 1:at + 3])
    return ".".join(parts), kind, at + 5


def serve(path, *entries):
    table = {}
    for entry in entries:
        name, addrs = entry.split("=")
        addrs, _, ttl = addrs.partition("@")
        table[name] = addrs.split(","), int(ttl or 0)
    hold = os.environ.get("HOLD")
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((os.environ.get("ADDRESS", "127.0.0.1"),
               int(os.environ.get("PORT", "0"))))
    print("ready", sock.getsockname()[1], flush=True)
    while True:
        data, peer = sock.recvfrom(4096)
        name, kind, end = read_question(data)
        with open(path, "a") as f:
            f.write(f"{name} {kind}\n")
        if hold:
            open(hold, "rb").close()
            hold = None
        records = b""
        n = 0
        addrs, ttl = table.get(name, ([], 0))
        for addr in addrs:
            family = socket.AF_INET6 if ":" in addr else socket.AF_INET
            if kind != (28 if ":" in addr else 1):
                continue
            raw = socket.inet_pton(family, addr)
            records += b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, ttl,
                                                 len(raw)) + raw
            n += 1
        rcode = 0 if name in table else 3
        sock.sendto(data[:2] + struct.pack(">HHHHH", 0x8180 | rcode, 1, n, 0,
                                           0) + data[12:end] + records, peer)


def show(answer):
    assert struct.unpack(">H", answer[:2])[0] == 7
    out = [RCODES[answer[3] & 15]]
    at = read_question(answer)[2]
    for _ in range(struct.unpack(">H", answer[6:8])[0]):
        kind, _, _, n = struct.unpack(">HHIH", answer[at + 2:at + 12])
        raw = answer[at + 12:at + 12 + n]
        family = {1: socket.AF_INET, 28: socket.AF_INET6}[kind]
        out.append(socket.inet_ntop(family, raw))
        at += 12 + n
    print(*out)


def ask(*args):
    if args[0] == "--tcp":
        with socket.create_connection(("127.0.0.1", 53), 5) as s:
            q = query(*args[1:])
            for part in (q[:1], q[1:]):  # length and message in pieces
                s.sendall(struct.pack(">H", len(q)) + part if part == q[:1]
                          else part)
            n, = struct.unpack(">H", s.recv(2, socket.MSG_WAITALL))
            show(s.recv(n, socket.MSG_WAITALL))
        return
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(5)
        s.sendto(query(*args), ("127.0.0.1", 53))
        show(s.recv(4096))


def flood(prefix, suffix, n):
    count = Counter()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(5)
        for i in range(int(n)):
            s.sendto(query(f"{prefix}{i}{suffix}", "A"), ("127.0.0.1", 53))
            count[RCODES[s.recv(4096)[3] & 15]] += 1
    print(*(f"{k}={v}" for k, v in sorted(count.items())))


def client_hello(name):
    sni = struct.pack(">HBH", len(name) + 3, 0, len(name)) + name
    exts = struct.pack(">HH", 0, len(sni)) + sni
    body = (b"\x03\x03" + b"r" * 32 + b"\0" + b"\0\x02\x13\x01" + b"\x01\0" +
            struct.pack(">H", len(exts)) + exts)
    message = b"\x01" + len(body).to_bytes(3, "big") + body
    return b"\x16\x03\x01" + struct.pack(">H", len(message)) + message


def raw(name, port, data):
    try:
        with socket.create_connection((name, int(port)), 10) as s:
            s.sendall(bytes.fromhex(data))
            print(s.recv(4096).hex() or "end")
    except (ConnectionResetError, BrokenPipeError):
        print("reset")


def tls13_hello(name, group, key):
    """A ClientHello of TLS 1.3 with a key share of that group alone."""
    def ext(kind, body):
        return struct.pack(">HH", kind, len(body)) + body

    def listed(body, size):
        return len(body).to_bytes(size, "big") + body

    entry = b"\0" + listed(name, 2)
    exts = (ext(0, listed(entry, 2)) +
            ext(43, b"\x02\x03\x04") +
            ext(10, listed(b"\0\x1d\0\x18", 2)) +  # X25519, P-384
            ext(13, listed(b"\x04\x03\x05\x03\x08\x04", 2)) +
            ext(51, listed(struct.pack(">H", group) + listed(key, 2), 2)))
    body = (b"\x03\x03" + b"r" * 32 + listed(b"s" * 32, 1) +
            b"\0\x04\x13\x01\x13\x02" + b"\x01\0" + listed(exts, 2))
    return b"\x16\x03\x01" + listed(b"\x01" + listed(body, 3), 2)


# NIST P-384's base point, uncompressed
P384 = bytes.fromhex(
    "04aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25"
    "dbf55296c3a545e3872760ab73617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147c"
    "e9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f")


def receive(s):
    """A record's type, and a handshake message's."""
    try:
        data = s.recv(4096)
    except ConnectionResetError:
        return "reset"
    return f"{data[0]}.{data[5]}" if len(data) > 5 else "end"


def second(name, other, when):
    """
    Two ClientHellos in clear.  when: "asked", behind a HelloRetryRequest, or
    "at-once".  Prints what the server says to each.
    """
    first = tls13_hello(name.encode(), 0x1d, b"k" * 32)
    again = tls13_hello(other.encode(), 0x18, P384)
    with socket.create_connection((name, 443), 10) as s:
        if when == "at-once":
            s.sendall(first + again)
        else:
            s.sendall(first)
            print(receive(s))
            s.sendall(again)
        print(receive(s))


def hello(name, hexname):
    raw(name, 443, client_hello(bytes.fromhex(hexname)).hex())


def switch(line):
    with socket.create_server(("127.0.0.1", 0)) as server:
        print("ready", server.getsockname()[1], flush=True)
        s = server.accept()[0]
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += s.recv(1)
        for part in (line[:7], line[7:] + "\r\n\r\n"):
            s.sendall(part.encode())
        try:
            while data := s.recv(4096):
                s.sendall(data)
        except ConnectionResetError:
            pass


def relay(a, b):
    try:
        while data := a.recv(65536):
            b.sendall(data)
        b.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def proxy(path, port, status):
    server = socket.create_server(("127.0.0.1", 0))
    print("ready", server.getsockname()[1], flush=True)
    while True:
        s = server.accept()[0]
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            if not (more := s.recv(1)):
                break
            head += more
        with open(path, "ab") as f:
            f.write(head)
        answer = f"HTTP/1.1 {status} X\r\nX-Long: {'x' * 300}\r\n\r\n"
        if status != "200":
            s.sendall(answer.encode())
            s.close()
            continue
        far = socket.create_connection(("127.0.0.1", int(port)))
        far.settimeout(0.3)
        try:  # a server that speaks first, in one piece with the answer
            first = far.recv(4096)
        except TimeoutError:
            first = b""
        far.settimeout(None)
        s.sendall(answer.encode() + first)
        threading.Thread(target=relay, args=(s, far), daemon=True).start()
        threading.Thread(target=relay, args=(far, s), daemon=True).start()


def read_answer(s):
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        if not (more := s.recv(1)):
            return "end"
        head += more
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            s.recv(int(line[15:]), socket.MSG_WAITALL)
    return head.decode().split("\r\n")[0]


def talk(name, *texts):
    with socket.create_connection((name, 80), 10) as s:
        try:
            for text in texts:
                s.sendall(bytes.fromhex(text))
                print(read_answer(s))
        except (ConnectionResetError, BrokenPipeError):
            print("reset")


def drip(name, port="443"):
    data = (client_hello(name.encode()) if port == "443" else
            b"GET /long-enough-to-last-for-half-a-minute HTTP/1.1\r\n")
    start = time.monotonic()
    with socket.create_connection((name, int(port)), 10) as s:
        s.settimeout(1)
        for i in range(30):
            try:
                s.send(data[i:i + 1])
                if not s.recv(1):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
    print(int(time.monotonic() - start))


def crowd(name, port, n, fifo):
    held = [socket.create_connection((name, int(port)), 10)
            for _ in range(int(n))]
    ask(name, "A")  # answered once what came before it has been seen to
    open(fifo, "wb").close()
    for s in held:
        s.sendall(b"A")
    print(sum(s.recv(1) == b"A" for s in held))


def idle(name, n, url):
    held = [socket.create_connection((name, 443), 10) for _ in range(int(n))]
    context = ssl._create_unverified_context()
    print(urllib.request.urlopen(url, context=context, timeout=20)
          .read().decode(), end="")
    for s in held:
        s.close()


def strain(dead, good, port, n):
    held = []
    for _ in range(int(n)):
        s = socket.socket()
        s.setblocking(False)
        s.connect_ex((socket.gethostbyname(dead), int(port)))
        held.append(s)
    until = time.monotonic() + 3  # eight addresses, 250 ms each
    done = 0
    while time.monotonic() < until:
        with socket.create_connection((good, int(port)), 5) as s:
            s.sendall(b"B")
            if s.recv(1) != b"B":
                sys.exit(f"{done} went well, and then one did not")
        done += 1
    print("all")
    try:
        with socket.create_connection((dead, int(port)), 5) as s:
            s.recv(1)
    except ConnectionResetError:
        print("refused")


def crumbs(port, n, size):
    message = b"\x01\x00\x3f\xff" + b"r" * 20000
    data = b"".join(b"\x16\x03\x01\0\1" + bytes((b,)) for b in message)
    rest = {}
    poll = select.poll()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    for _ in range(int(n)):
        s = socket.socket()
        s.setblocking(False)
        s.connect_ex(("127.0.0.1", int(port)))
        rest[s.fileno()] = [s, memoryview(data)[:int(size)]]
        poll.register(s, select.POLLOUT)
    end = time.monotonic() + 20
    # until all is sent, or for 2 s nobody takes more
    while time.monotonic() < end and (ready := poll.poll(2000)):
        for fd, _ in ready:
            s, left = rest[fd]
            try:
                rest[fd][1] = left = left[s.send(left):]
            except BlockingIOError:
                continue
            except OSError:
                left = b""
            if not left:
                poll.unregister(fd)
    print("ready", flush=True)
    sys.stdin.read()


def fill(name, port):
    sent = 0
    with socket.create_connection((name, int(port)), 10) as s:
        s.settimeout(2)
        try:
            while sent < 64_000_000:
                sent += s.send(b"x" * 65536)
        except TimeoutError:
            print("blocked")
            return
        except OSError as e:
            print(errno.errorcode[e.errno])
            return
    print("sent", sent)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
