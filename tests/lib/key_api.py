#!/usr/bin/python3
"""An API of no vendor's, for what pen-key does with an answer.

    key_api.py CERTIFICATE KEY LOG [FIFO]

Listens with TLS on a free port of 127.0.0.1 (with "-" for CERTIFICATE, without
TLS), prints the port and serves until stdin ends.  LOG gets a JSON line for each
request whose body was whole, and for each client that went away in the middle of
an answer.  What is answered is in the path:

    /v1/headers       what it was sent, the credential cut to its length
    /v1/echo/WAY      the credential: plain, escaped, percent, base64, field, split
    /v1/stream        an event, then one for each line of FIFO, then the end
    /v1/wait          nothing, until FIFO has a line
    /v1/count         how many bytes the body had
    /v1/status/N      that status
    /v1/fields        fields that are not for the client
    /v1/early         an answer before the body was read, and the end
    /v1/cut           half of an answer
    /v1/silent        no answer, until FIFO has a line
    /v1/oauth/token   new tokens, once for each refresh token
"""

import base64
import http.server
import json
import os
import ssl
import sys
import threading

SECRETS = ("x-api-key", "authorization")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def note(self, **event):
        with self.server.lock:
            self.server.log.write(json.dumps(dict(
                event, method=self.command, path=self.path)) + "\n")
            self.server.log.flush()

    def credential(self):
        return next(self.headers[h] for h in SECRETS if self.headers.get(h))

    def pieces(self):
        """The body, as it comes."""
        if self.headers.get("Transfer-Encoding") == "chunked":
            while True:
                n = int(self.rfile.readline(), 16)
                data = self.rfile.read(n + 2)[:-2]
                if n == 0:
                    return
                yield data
        left = int(self.headers.get("Content-Length") or 0)
        while left > 0:
            data = self.rfile.read(min(left, 65536))
            if not data:
                raise ConnectionError("a body that is not whole")
            left -= len(data)
            yield data

    def answer(self, data, status=200, fields=()):
        if isinstance(data, str):
            data = data.encode()
        self.send_response(status)
        for name, value in fields:
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def begin_stream(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def do_stream(self):
        self.begin_stream()
        try:
            self.chunk(b"data: first\n\n")
            with open(self.server.fifo, encoding="utf-8") as f:
                for line in f:
                    self.chunk(b"data: %s\n\n" % line.strip().encode())
            self.chunk(b'data: {"usage":{"input_tokens":3,"output_tokens":4}}'
                       b"\n\n")
            self.chunk(b"")
        except OSError:
            self.note(gone=True)
            self.close_connection = True

    def do_token(self, q):
        """As the published protocol: a refresh token is good for one use."""
        self.note(token=q)
        given = q["refresh_token"]
        if q["grant_type"] != "refresh_token" or given in self.server.used:
            self.answer('{"error": "invalid_grant"}', 400)
            return
        self.server.used.add(given)
        n = len(self.server.used)
        self.answer(json.dumps({
            "access_token": "sk-ant-oat01-RENEWED-%d-0123456789abcdef" % n,
            "refresh_token": "sk-ant-ort01-RENEWED-%d" % n,
            "expires_in": 28800, "token_type": "Bearer"}))

    def do_echo(self, way):
        text = self.credential()
        whole = text.encode()
        if way == "field":
            self.answer("{}", fields=[("x-request-id", text)])
            return
        if way == "escaped":
            text = "".join("\\u%04x" % ord(c) for c in text)
        elif way == "percent":
            text = "".join("%%%02X" % ord(c) for c in text)
        elif way == "base64":
            text = base64.b64encode(b"x-api-key: " + whole).decode()
        self.begin_stream()
        data = b'{"error": "' + text.encode() + b'"}'
        if way == "split":
            for i in range(0, len(data), 5):
                self.chunk(data[i:i + 5])
        else:
            self.chunk(data)
        self.chunk(b"")

    def do_POST(self):
        what, _, more = self.path.partition("?")[0][4:].partition("/")
        if what == "early":
            self.close_connection = True
            self.answer("early", 413)
            return
        if what == "oauth":
            self.do_token(json.loads(b"".join(self.pieces())))
            return
        size = sum(map(len, self.pieces()))
        self.note(size=size, credential=self.headers.get("x-api-key"),
                  encoding=self.headers.get("Content-Encoding"))
        if what == "headers":
            self.answer(json.dumps([[k.lower(), len(v) if k.lower() in SECRETS
                                     else v] for k, v in self.headers.items()]))
        elif what == "echo":
            self.do_echo(more)
        elif what == "stream":
            self.do_stream()
        elif what == "wait":
            with open(self.server.fifo, encoding="utf-8") as f:
                f.readline()
            self.answer("{}")
        elif what == "count":
            self.answer(json.dumps({"size": size}))
        elif what == "status":
            self.answer('{"error": "status"}', int(more),
                        [("Retry-After", "4")])
        elif what == "fields":
            self.answer("{}", fields=[("Set-Cookie", "a=b"), ("Server", "x"),
                                      ("Location", "https://evil.example"),
                                      ("anthropic-ratelimit-left", "5"),
                                      ("request-id", "req_1")])
        elif what == "silent":
            with open(self.server.fifo, encoding="utf-8") as f:
                f.readline()
            self.answer("{}")
        elif what == "cut":
            self.send_response(200)
            self.send_header("Content-Length", "10")
            self.end_headers()
            self.wfile.write(b"12345")
            self.wfile.flush()
            self.close_connection = True
        else:
            self.answer("{}")

    do_GET = do_HEAD = do_POST


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


def main(certificate, key, log, fifo=None):
    server = Server(("127.0.0.1", 0), Handler)
    if certificate != "-":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True,
                                            do_handshake_on_connect=False)
    server.log = open(log, "a", encoding="utf-8")
    server.lock = threading.Lock()
    server.fifo = fifo
    server.used = set()
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
