#!/usr/bin/python3
"""A host of git repositories, for what pen-key does with git over https.

    git_server.py CERTIFICATE KEY LOG ROOT

Listens with TLS on a free port of 127.0.0.1, prints the port and serves the
repositories below ROOT by git-http-backend(1) until stdin ends.  LOG gets a JSON
line for each request: method, path, credential, encoding, protocol and size of
the body.  What is below /private wants a credential, and so does every push:
"user" with any password.  /private/moved.git is elsewhere, and
/private/echo.git/WAY answers with the credential.
"""

import base64
import http.server
import json
import os
import ssl
import subprocess
import sys
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def body(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        data = b""
        while True:
            n = int(self.rfile.readline(), 16)
            data += self.rfile.read(n + 2)[:-2]
            if n == 0:
                return data

    def answer(self, status, data, *fields):
        self.send_response(status)
        for name, value in fields:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def handle_request(self):
        path, _, query = self.path.partition("?")
        given = self.headers.get("Authorization") or ""
        pair = base64.b64decode(given[6:]) if given[:6] == "Basic " else b""
        data = self.body()
        with self.server.lock:
            self.server.log.write(json.dumps({
                "method": self.command, "path": self.path,
                "credential": pair.decode() or given, "size": len(data),
                "encoding": self.headers.get("Content-Encoding"),
                "protocol": self.headers.get("Git-Protocol")}) + "\n")
            self.server.log.flush()
        known = pair.startswith(b"user:")
        if not known and ("receive-pack" in self.path or
                          path.startswith("/private/")):
            self.answer(401, b"who are you?\n", ("Content-Type", "text/plain"),
                        ("WWW-Authenticate", 'Basic realm="git"'))
        elif path.startswith("/private/moved"):
            self.answer(301, b"", ("Location", self.path.replace(
                "moved", "one")))
        elif path.startswith("/private/echo"):
            way = pair[5:] if "upload" in query else given[6:].encode()
            self.answer(200, b"0000" + way, ("Content-Type", "text/plain"))
        else:
            self.backend(path, query, data, known)

    def backend(self, path, query, data, known):
        env = {"PATH": os.environ["PATH"], "GIT_PROJECT_ROOT": self.server.root,
               "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path,
               "QUERY_STRING": query, "REQUEST_METHOD": self.command,
               "CONTENT_TYPE": self.headers.get("Content-Type") or "",
               "CONTENT_LENGTH": str(len(data)), "REMOTE_ADDR": "127.0.0.1",
               "HTTP_CONTENT_ENCODING":
                   self.headers.get("Content-Encoding") or "",
               "GIT_PROTOCOL": self.headers.get("Git-Protocol") or "",
               "GIT_CONFIG_NOSYSTEM": "1", "HOME": "/nonexistent"}
        if known:
            env["REMOTE_USER"] = "user"
        done = subprocess.run(["git", "http-backend"], input=data, env=env,
                              stdout=subprocess.PIPE, check=False)
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        fields = [line.split(": ", 1) for line in head.decode().split("\r\n")
                  if ": " in line]
        status = next((v for n, v in fields if n == "Status"), "200")
        self.answer(int(status.split()[0]), body,
                    *((n, v) for n, v in fields if n != "Status"))

    do_GET = do_HEAD = do_POST = do_PUT = handle_request


def main():
    certificate, key, log, root = sys.argv[1:]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    server.socket = tls.wrap_socket(server.socket, server_side=True,
                                    do_handshake_on_connect=False)
    server.daemon_threads = True
    server.lock = threading.Lock()
    server.root = root
    with open(log, "a", encoding="utf-8") as server.log:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_address[1], flush=True)
        sys.stdin.read()


main()
