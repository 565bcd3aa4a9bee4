#!/usr/bin/python3
"""net_attack.py world DIR | net_attack.py attack DIR [PORT]

world: plays the host, in a network namespace that has the addresses ADDRESSES:
TCP and UDP servers on all of them and unix sockets, each of which says
REACHED.  Touches DIR/ready.

attack: tries one after the other to reach them, or to get the right to, and
prints "NAME RESULT" for each: reached, or why not.
"""
import ctypes
import errno
import fcntl
import glob
import os
import select
import socket
import ssl
import struct
import sys

ADDRESSES = {
    "loopback": "127.0.0.1", "loopback-other": "127.1.2.3",
    "loopback-v6": "::1", "lan": "192.0.2.1", "private": "10.0.0.1",
    "internet": "203.0.113.1", "metadata": "169.254.169.254",
    "metadata-v6": "fd00:ec2::254", "internet-v6": "2001:db8::1",
}
PORT, DNS = 8000, 53


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def world(where):
    tcp = [socket.create_server((a, p), family=family(a))
           for a in ADDRESSES.values() for p in (PORT, DNS)]
    udp = []
    for a in ADDRESSES.values():
        for port in (PORT, DNS):
            udp.append(socket.socket(family(a), socket.SOCK_DGRAM))
            udp[-1].bind((a, port))
    group = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    group.bind(("224.0.0.251", 5353))
    group.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                     socket.inet_aton("224.0.0.251") +
                     socket.inet_aton("192.0.2.1"))
    udp.append(group)
    for name in ("\0pen-test-world", os.path.join(where, "socket")):
        tcp.append(socket.socket(socket.AF_UNIX))
        tcp[-1].bind(name)
        tcp[-1].listen()
        udp.append(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        udp[-1].bind(name + ".dgram")
    open(os.path.join(where, "ready"), "w").close()
    while True:
        for s in select.select(tcp + udp, [], [])[0]:
            if s in tcp:
                c = s.accept()[0]
                c.sendall(b"REACHED")
                c.close()
            else:
                peer = s.recvfrom(9)[1]
                if peer:
                    s.sendto(b"REACHED", peer)


def heard(s):
    s.settimeout(3)
    return "reached" if s.recv(9) == b"REACHED" else "something else"


def tcp(address, port=PORT):
    with socket.socket(family(address)) as s:
        s.settimeout(3)
        s.connect((address, port))
        return heard(s)


def udp(address, port=PORT):
    with socket.socket(family(address), socket.SOCK_DGRAM) as s:
        s.connect((address, port))
        s.send(b"x")
        return heard(s)


def unconnected(address):
    with socket.socket(family(address), socket.SOCK_DGRAM) as s:
        s.sendto(b"x", (address, PORT))
        return heard(s)


def fastopen(address):
    with socket.socket() as s:
        s.sendto(b"x", socket.MSG_FASTOPEN, (address, PORT))
        return heard(s)


def bound(address):
    """From an address other than the one the routes choose."""
    with socket.socket() as s:
        s.settimeout(3)
        s.bind(("198.18.0.1" if inside() else "127.0.0.1", 0))
        s.connect((address, PORT))
        return heard(s)


def inside():
    return os.environ.get("PEN") == "1"


def unix(name, kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_UNIX, kind) as s:
        if kind == socket.SOCK_DGRAM:
            s.bind("\0pen-test-%d" % os.getpid())
        s.connect(name)
        if kind == socket.SOCK_DGRAM:
            s.send(b"x")
        return heard(s)


def multicast():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.sendto(b"x", ("224.0.0.251", 5353))
        return heard(s)


def broadcast():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        s.sendto(b"x", ("192.0.2.255", PORT))
        return "reached"


def inherited():
    with socket.socket(fileno=os.dup(int(os.environ.get("HELD", "9")))) as s:
        return heard(s)


def tun():
    with open("/dev/net/tun", "r+b", buffering=0) as f:
        # TUNSETIFF, IFF_TUN | IFF_NO_PI
        fcntl.ioctl(f, 0x400454ca, struct.pack("16sH14x", b"attack", 0x1001))
        return "reached"


def namespaces():
    """A network namespace with another inode than ours, joined or not."""
    libc = ctypes.CDLL(None, use_errno=True)
    ours, failed = os.stat("/proc/self/ns/net").st_ino, "none in sight"
    for path in glob.glob("/proc/[0-9]*/ns/net"):
        try:
            if os.stat(path).st_ino == ours:
                continue
            fd = os.open(path, os.O_RDONLY)
        except OSError:
            continue
        if os.fork() == 0:
            os._exit(libc.setns(fd, 0x40000000) and ctypes.get_errno())
        status = os.waitstatus_to_exitcode(os.wait()[1])
        if status == 0:
            return "reached"
        failed = errno.errorcode[status]
    return failed


def helpers():
    """The processes of the chain that hold what we do not."""
    for path in glob.glob("/proc/[0-9]*/comm"):
        try:
            with open(path) as f:
                if f.read().strip() in ("pen-sni", "pen-net-keeper"):
                    return "reached"
        except OSError:
            pass
    return "none in sight"


def sysctl():
    with open("/proc/sys/net/ipv4/ip_unprivileged_port_start", "r+") as f:
        f.write("0")
    return "reached"


def netlink(message_type, body):
    head = struct.pack("=IHHII", 16 + len(body), message_type, 0x605, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as s:
        s.bind((0, 0))
        s.send(head + body)
        code, = struct.unpack_from("=i", s.recv(4096), 16)
        return errno.errorcode[-code] if code else "reached"


def address():
    # RTM_NEWADDR, 192.0.2.77/24 on lo
    return netlink(20, struct.pack("=BBBBIHH4s", socket.AF_INET, 24, 0, 0, 1,
                                   8, 2, socket.inet_aton("192.0.2.77")))


def link():
    # RTM_NEWLINK, a dummy; IFLA_LINKINFO { IFLA_INFO_KIND "veth" }
    return netlink(16, struct.pack("=BxHiIIHHHH8s", 0, 0, 0, 0, 0, 16, 18, 12,
                                   1, b"veth"))


def nftables():
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12) as s:
        def message(kind, family_, res, body=b"", flags=1):
            data = struct.pack("=BB", family_, 0) + struct.pack(">H", res)
            return struct.pack("=IHHII", 20 + len(body), kind, flags, 1,
                               0) + data + body
        # NFT_MSG_DELTABLE of "pen", the one that the pen's rules are in
        s.send(message(16, 0, 10) +
               message(0xa02, 1, 0, struct.pack("=HH4s", 8, 1, b"pen"), 5) +
               message(17, 0, 10))
        code, = struct.unpack_from("=i", s.recv(4096), 16)
        return errno.errorcode[-code] if code else "reached"


def raw(kind, protocol):
    socket.socket(kind, socket.SOCK_RAW, protocol).close()
    return "reached"


def low_port(port):
    """Beside the one who has it: an address of one's own is answered first."""
    with socket.socket() as s:
        s.bind(("127.0.0.9", port))
        s.listen()
        return "reached"


def tls(name, address, where, port):
    context = ssl.create_default_context(cafile=os.path.join(where, "ca.pem"))
    context.check_hostname = False
    with socket.create_connection((address, port), 5) as s:
        with context.wrap_socket(s, server_hostname=name) as t:
            t.settimeout(5)
            t.sendall(b"GET / HTTP/1.0\r\n\r\n")
            answer = b"".join(iter(lambda: t.recv(4096), b""))
            return "reached" if b"hello from" in answer else "no answer"


def resolve(name):
    return "reached" if socket.getaddrinfo(name, 443) else "nothing"


def attacks(where, port):
    for name, a in ADDRESSES.items():
        yield "tcp " + name, lambda: tcp(a)
        yield "udp " + name, lambda: udp(a)
        yield "dns-udp " + name, lambda: udp(a, DNS)
        yield "dns-tcp " + name, lambda: tcp(a, DNS)
    yield "tcp any", lambda: tcp("0.0.0.0")
    yield "tcp mapped", lambda: tcp("::ffff:127.0.0.1")
    yield "tcp mapped-lan", lambda: tcp("::ffff:192.0.2.1")
    yield "udp unconnected", lambda: unconnected("192.0.2.1")
    yield "tcp fastopen", lambda: fastopen("192.0.2.1")
    yield "tcp bound-address", lambda: bound("192.0.2.1")
    yield "multicast", multicast
    yield "broadcast", broadcast
    yield "unix abstract", lambda: unix("\0pen-test-world")
    yield "unix abstract-dgram", lambda: unix("\0pen-test-world.dgram",
                                              socket.SOCK_DGRAM)
    yield "unix path", lambda: unix(where + "/../../run/socket")
    yield "unix path-dgram", lambda: unix(where + "/../../run/socket.dgram",
                                          socket.SOCK_DGRAM)
    yield "inherited", inherited
    yield "tun", tun
    yield "namespaces", namespaces
    yield "helpers", helpers
    yield "sysctl", sysctl
    yield "address", address
    yield "link", link
    yield "nftables", nftables
    yield "raw icmp", lambda: raw(socket.AF_INET, 1)
    yield "raw icmp6", lambda: raw(socket.AF_INET6, 58)
    yield "raw any", lambda: raw(socket.AF_INET, 255)
    yield "raw packet", lambda: raw(socket.AF_PACKET, 3)
    yield "port 53", lambda: low_port(53)
    yield "port 443", lambda: low_port(443)
    there = "allowed.test" if inside() else "127.0.0.1"
    to = 443 if inside() else port
    yield "tls allowed", lambda: tls("allowed.test", there, where, to)
    yield "tls other-name", lambda: tls("other.test", there, where, to)
    yield "tls no-name", lambda: tls(None, there, where, to)
    yield "tls literal", lambda: tls("allowed.test", "127.0.0.1", where, to)
    yield "name other", lambda: resolve("other.test" if inside()
                                        else "localhost")
    yield "name tunnel", lambda: resolve("c2VjcmV0.allowed.test" if inside()
                                         else "localhost")


def main():
    if sys.argv[1] == "world":
        world(sys.argv[2])
    port = int(sys.argv[3])
    for name, attack in attacks(sys.argv[2], port):
        try:
            result = attack()
        except socket.gaierror as e:
            result = {socket.EAI_NONAME: "NXDOMAIN"}.get(e.errno, str(e))
        except ssl.SSLError as e:
            result = "alert" if "ALERT" in str(e) else str(e)
        except socket.timeout:
            result = "timeout"
        except OSError as e:
            result = errno.errorcode.get(e.errno, str(e))
        print(name + ": " + result, flush=True)


main()
