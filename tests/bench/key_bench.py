#!/usr/bin/python3
"""Streams through a proxy, for tests/bench/key.

    key_bench.py serve CERTIFICATE KEY     an API on TLS, prints its port
    key_bench.py ask URL STREAMS PIDS      prints figures as JSON

The API sends an event of 200 bytes every 5 ms, 200 of them.  PIDS are the
proxy's processes, whose processor time and memory are read.
"""

import asyncio
import json
import os
import ssl
import sys
import time
import urllib.parse

EVENT = b"data: " + b"x" * 192 + b"\n\n"
EVENTS = 200


async def answer(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = 0
            for line in head.split(b"\r\n"):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            await reader.readexactly(length)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream"
                         b"\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in range(EVENTS):
                writer.write(b"%x\r\n%s\r\n" % (len(EVENT), EVENT))
                await writer.drain()
                await asyncio.sleep(.005)
            writer.write(b"0\r\n\r\n")
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
        writer.close()


async def serve(certificate, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context,
                                        backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


async def stream(host, port, begun, first):
    reader, writer = await asyncio.open_connection(host, port)
    body = b'{"a":1}'
    start = time.monotonic()
    writer.write(b"POST /v1/messages HTTP/1.1\r\nHost: localhost\r\n"
                 b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                 % len(body) + body)
    data = await reader.readuntil(b"data: ")
    first.append(time.monotonic() - start)
    begun.set()
    while not data.endswith(b"0\r\n\r\n"):
        data = (data + await reader.read(65536))[-65536:]
        if reader.at_eof():
            raise EOFError("a stream was cut")
    writer.close()


def processor(pids):
    total = 0
    for pid in pids:
        with open("/proc/%s/stat" % pid, encoding="ascii") as f:
            fields = f.read().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def memory(pids):
    total = 0
    for pid in pids:
        with open("/proc/%s/status" % pid, encoding="ascii") as f:
            total += sum(int(line.split()[1]) for line in f
                         if line.startswith("RssAnon"))
    return total


async def ask(url, streams, pids):
    at = urllib.parse.urlsplit(url)
    first, alone = [], []
    for _ in range(6):  # one after the other; the first makes a connection
        await stream(at.hostname, at.port, asyncio.Event(), alone)
    idle, before = memory(pids), processor(pids)
    begun = [asyncio.Event() for _ in range(streams)]
    tasks = [asyncio.create_task(stream(at.hostname, at.port, b, first))
             for b in begun]
    for event in begun:
        await event.wait()
    busy = memory(pids)
    await asyncio.gather(*tasks)
    print(json.dumps({
        "first_byte_ms": round(sorted(alone[1:])[2] * 1000, 2),
        "idle_kb": idle, "kb_a_stream": round((busy - idle) / streams, 1),
        "processor_s": round(processor(pids) - before, 2)}))


if sys.argv[1] == "serve":
    asyncio.run(serve(*sys.argv[2:4]))
else:
    asyncio.run(ask(sys.argv[2], int(sys.argv[3]), sys.argv[4].split(",")))
