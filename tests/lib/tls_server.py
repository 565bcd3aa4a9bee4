#!/usr/bin/python3
"""A server for tests, on loopback, that plays an allowed host.

    tls_server.py DIR [--name NAME]... [--port N] [--bind ADDR] [--mode MODE]

Makes a throw-away CA (DIR/ca.pem) and a certificate for every NAME (default
allowed.test) unless DIR has them, listens, and prints "ready PORT".  Ends with
SIGTERM, or when its standard input ends if that is a pipe.

MODE https (the default) and http answer
    GET  /anything     200, "hello from NAME: GET /anything\\n" (NAME by SNI/Host)
    GET  /bytes/N      N bytes, always the same ones for the same N
    POST /sum          the number of bytes and SHA-256 of the body
and append "NAME METHOD PATH" to DIR/requests.
MODE sum   plain TCP: reads to the end, then answers "BYTES SHA256\\n"
MODE send  plain TCP: sends 100 MB of the /bytes/ stream, then ends
MODE echo  plain TCP: sends back what it gets
MODE mute  plain TCP: accepts, and never reads nor answers
"""
import argparse
import hashlib
import http.server
import os
import socket
import ssl
import stat
import subprocess
import sys
import threading

BLOCK = hashlib.sha512(b"pen").digest() * 1024


def certificates(directory, names):
    def openssl(*args):
        subprocess.run(("openssl",) + args, check=True, cwd=directory,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    if os.path.exists(os.path.join(directory, "cert.pem")):
        return
    new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl("req", "-x509", *new_key, "-keyout", "ca.key", "-out", "ca.pem",
            "-days", "2", "-subj", "/CN=pen test CA")
    openssl("req", *new_key, "-keyout", "key.pem", "-out", "cert.csr",
            "-subj", "/CN=pen test")
    with open(os.path.join(directory, "ext"), "w") as f:
        f.write("subjectAltName=" + ",".join("DNS:" + n for n in names))
    openssl("x509", "-req", "-in", "cert.csr", "-CA", "ca.pem", "-CAkey",
            "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "ext",
            "-out", "cert.pem")


def stream(n):
    while n > 0:
        yield BLOCK[:n]
        n -= len(BLOCK)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30

    def setup(self):
        self.sni = None
        if self.server.context:
            self.request = self.server.context.wrap_socket(
                self.request, server_side=True)
            self.sni = getattr(self.request, "pen_name", None)
        super().setup()

    def log_message(self, *args):
        pass

    def note(self):
        self.name = self.sni or self.headers.get("Host", "-")
        with open(os.path.join(self.server.directory, "requests"), "a") as f:
            f.write(f"{self.name} {self.command} {self.path}\n")

    def head(self, length):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def do_GET(self):
        self.note()
        if self.path.startswith("/bytes/"):
            n = int(self.path[7:])
            self.head(n)
            for block in stream(n):
                self.wfile.write(block)
            return
        body = f"hello from {self.name}: {self.command} {self.path}\n".encode()
        self.head(len(body))
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET

    def do_POST(self):
        self.note()
        left = int(self.headers.get("Content-Length", "0"))
        total, digest = left, hashlib.sha256()
        while left > 0:
            block = self.rfile.read(min(left, 65536))
            if not block:
                return
            digest.update(block)
            left -= len(block)
        body = f"{total} {digest.hexdigest()}\n".encode()
        self.head(len(body))
        self.wfile.write(body)

    do_PUT = do_POST


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024

    def handle_error(self, request, client_address):
        pass


def web(args, family):
    class Family(Server):
        address_family = family

    server = Family((args.bind, args.port), Handler)
    server.directory, server.context = args.directory, None
    if args.mode == "https":
        certificates(args.directory, args.name)
        server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.context.load_cert_chain(
            os.path.join(args.directory, "cert.pem"),
            os.path.join(args.directory, "key.pem"))

        def remember(sock, name, _):
            sock.pen_name = name
        server.context.sni_callback = remember
    return server.server_address[1], server.serve_forever


def plain(args, family):
    def serve(conn):
        with conn:
            if args.mode == "send":
                for block in stream(100_000_000):
                    conn.sendall(block)
                return
            if args.mode == "mute":
                threading.Event().wait()
            total, digest = 0, hashlib.sha256()
            while True:
                block = conn.recv(65536)
                if not block:
                    break
                if args.mode == "echo":
                    conn.sendall(block)
                total += len(block)
                digest.update(block)
            if args.mode == "sum":
                conn.sendall(f"{total} {digest.hexdigest()}\n".encode())

    def guarded(conn):
        try:
            serve(conn)
        except OSError:
            pass

    def loop():
        while True:
            conn, _ = listener.accept()
            threading.Thread(target=guarded, args=(conn,), daemon=True).start()

    listener = socket.create_server((args.bind, args.port), family=family,
                                    backlog=1024)
    return listener.getsockname()[1], loop


def end_with_stdin():
    if stat.S_ISFIFO(os.fstat(0).st_mode):
        while os.read(0, 4096):
            pass
        os._exit(0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("directory")
    parser.add_argument("--name", action="append")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--bind", default="127.0.0.1")
    parser.add_argument("--mode", default="https", choices=(
        "https", "http", "sum", "send", "echo", "mute"))
    args = parser.parse_args()
    args.name = args.name or ["allowed.test"]
    os.makedirs(args.directory, exist_ok=True)
    family = socket.AF_INET6 if ":" in args.bind else socket.AF_INET
    start = web if args.mode in ("https", "http") else plain
    port, loop = start(args, family)
    print("ready", port, flush=True)
    threading.Thread(target=end_with_stdin, daemon=True).start()
    try:
        loop()
    except KeyboardInterrupt:
        sys.exit(130)


main()
