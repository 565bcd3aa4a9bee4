#!/usr/bin/python3
"""A scripted stand-in for the APIs that coding agents talk to.

    messages_api.py CERTIFICATE KEY SCRIPT LOG

Listens with TLS on a free port of 127.0.0.1, prints the port on stdout (that
is the readiness message) and serves until stdin ends, so that it cannot
outlive the test that started it.

SCRIPT is JSON: {"commands": ["cat secret", ...], "say": "finished"}.  Whoever
asks as an agent, that is with a shell among its tools, is told to run the
commands, one an answer, and then gets the text.  Where in the script a
conversation stands is read from the conversation itself: these APIs are
stateless, and an agent may repeat a request or hold several at once.

LOG gets a JSON line for each request: method, path, host, the credential, the
number of tools and the betas, and from an agent's conversation the results that the
commands so far came back with.

Plays: POST /v1/messages and /v1/messages/count_tokens (Anthropic), POST
/v1/responses and, below any path, /v1/chat/completions (OpenAI; its WebSocket is
answered 426, use HTTP), POST /v1beta/models/M:streamGenerateContent (Gemini), and
for GET / a short "allowed-host" page.  Standard library only.
"""

import http.server
import json
import os
import ssl
import subprocess
import sys
import threading

ID = "pen_%d"           # of our tool calls, after the API's own prefix


class Script:
    def __init__(self, path):
        with open(path, encoding="utf-8") as f:
            script = json.load(f)
        self.commands = script["commands"]
        self.say = script["say"]

    def next(self, results):
        """The next command, or None when all have been answered."""
        n = len(results)
        return self.commands[n] if n < len(self.commands) else None


class Log:
    def __init__(self, path):
        self.file = open(path, "a", encoding="utf-8")
        self.lock = threading.Lock()

    def write(self, **event):
        with self.lock:
            self.file.write(json.dumps(event) + "\n")
            self.file.flush()


def text_of(content):
    """The text of a content field: a string, or a list of blocks."""
    if isinstance(content, str):
        return content
    return "".join(b.get("text", "") for b in content or []
                   if isinstance(b, dict))


def tool_named(tools, *names):
    """The first tool of the request that is one of names."""
    have = [t.get("name") for t in tools or []]
    return next((n for n in names if n in have), None)


# Anthropic's Messages API


def messages_results(body):
    blocks = [b for m in body.get("messages", [])
              if isinstance(m.get("content"), list) for b in m["content"]]
    return [text_of(b.get("content")) for b in blocks
            if b.get("type") == "tool_result"]


def messages_block(script, body):
    """What to answer: one content block, as it is when complete."""
    shell = tool_named(body.get("tools"), "Bash", "bash")
    results = messages_results(body)
    command = script.next(results) if shell else None
    if command is None:
        return {"type": "text", "text": script.say if shell else "ok"}
    return {"type": "tool_use", "id": "toolu_" + ID % len(results),
            "name": shell,
            "input": {"command": command, "description": "scripted"}}


def messages_message(body, block):
    stop = "tool_use" if block["type"] == "tool_use" else "end_turn"
    return {"id": "msg_pen", "type": "message", "role": "assistant",
            "model": body.get("model"), "content": [block],
            "stop_reason": stop, "stop_sequence": None,
            "usage": {"input_tokens": 1, "output_tokens": 1}}


def messages_events(body, block):
    """The same as the API streams it."""
    whole = messages_message(body, block)
    if block["type"] == "tool_use":
        empty = dict(block, input={})
        delta = {"type": "input_json_delta",
                 "partial_json": json.dumps(block["input"])}
    else:
        empty = dict(block, text="")
        delta = {"type": "text_delta", "text": block["text"]}
    yield {"type": "message_start",
           "message": dict(whole, content=[], stop_reason=None)}
    yield {"type": "content_block_start", "index": 0, "content_block": empty}
    yield {"type": "content_block_delta", "index": 0, "delta": delta}
    yield {"type": "content_block_stop", "index": 0}
    yield {"type": "message_delta", "usage": {"output_tokens": 1},
           "delta": {"stop_reason": whole["stop_reason"],
                     "stop_sequence": None}}
    yield {"type": "message_stop"}


# OpenAI's Responses API


def responses_results(body):
    items = body.get("input")
    return [text_of(i.get("output")) for i in items or []
            if isinstance(i, dict)
            and i.get("type") == "function_call_output"]


def responses_item(script, body):
    shell = tool_named(body.get("tools"), "exec_command", "shell_command",
                       "bash")
    results = responses_results(body)
    command = script.next(results) if shell else None
    if command is None:
        return {"type": "message", "id": "msg_pen", "role": "assistant",
                "content": [{"type": "output_text",
                             "text": script.say if shell else "ok"}]}
    key = "cmd" if shell == "exec_command" else "command"
    return {"type": "function_call", "id": "fc_" + ID % len(results),
            "call_id": "call_" + ID % len(results), "name": shell,
            "status": "completed",
            "arguments": json.dumps({key: command,
                                     "description": "scripted"})}


def responses_events(item):
    response = {"id": "resp_pen", "object": "response",
                "status": "in_progress", "output": []}
    yield {"type": "response.created", "response": response}
    yield {"type": "response.output_item.added", "output_index": 0,
           "item": item}
    yield {"type": "response.output_item.done", "output_index": 0,
           "item": item}
    yield {"type": "response.completed", "response": dict(
        response, status="completed", output=[item],
        usage={"input_tokens": 1, "output_tokens": 1, "total_tokens": 2,
               "input_tokens_details": {"cached_tokens": 0},
               "output_tokens_details": {"reasoning_tokens": 0}})}


# OpenAI's chat completions


def chat_results(body):
    return [text_of(m.get("content")) for m in body.get("messages", [])
            if m.get("role") == "tool"]


def chat_events(script, body):
    shell = tool_named([t.get("function") or {} for t in body.get("tools") or []],
                       "run_shell_command", "bash")
    results = chat_results(body)
    command = script.next(results) if shell else None
    delta = {"role": "assistant", "content": script.say if shell else "ok"}
    if command is not None:
        delta = {"role": "assistant", "content": None, "tool_calls": [
            {"index": 0, "id": "call_" + ID % len(results), "type": "function",
             "function": {"name": shell, "arguments": json.dumps(
                 shell_arguments(command))}}]}
    whole = {"id": "chat_pen", "object": "chat.completion.chunk", "created": 1,
             "model": body.get("model")}
    yield dict(whole, choices=[{"index": 0, "delta": delta,
                                "finish_reason": None}])
    yield dict(whole, choices=[{
        "index": 0, "delta": {},
        "finish_reason": "stop" if command is None else "tool_calls"}])
    yield dict(whole, choices=[], usage={
        "prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2})


def shell_arguments(command):
    return {"command": command, "description": "scripted",
            "is_background": False}


# Gemini


def gemini_results(body):
    parts = [p for c in body.get("contents", []) for p in c.get("parts", [])]
    return [json.dumps(p["functionResponse"].get("response"))
            for p in parts if "functionResponse" in p]


def gemini_answer(script, body):
    shell = tool_named([f for t in body.get("tools") or []
                        for f in t.get("functionDeclarations") or []],
                       "run_shell_command")
    results = gemini_results(body)
    command = script.next(results) if shell else None
    part = {"text": script.say if shell else "{}"}
    if command is not None:
        part = {"functionCall": {"name": shell,
                                 "args": shell_arguments(command)}}
    return {"candidates": [{"index": 0, "finishReason": "STOP", "content": {
                "role": "model", "parts": [part]}}],
            "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 1,
                              "totalTokenCount": 2}}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def note(self, **more):
        self.server.log.write(
            method=self.command, path=self.path,
            host=self.headers.get("Host"),
            credential=self.headers.get("x-api-key")
            or self.headers.get("x-goog-api-key")
            or self.headers.get("Authorization"),
            betas=self.headers.get("anthropic-beta"), **more)

    def body(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            raw = b""
            while (n := int(self.rfile.readline(), 16)):
                raw += self.rfile.read(n + 2)[:-2]
            self.rfile.readline()
        else:
            n = int(self.headers.get("Content-Length") or 0)
            raw = self.rfile.read(n)
            if len(raw) < n:
                raise ConnectionError("a body that is not whole")
        if self.headers.get("Content-Encoding") == "zstd":
            raw = subprocess.run(["zstd", "-dcq"], input=raw, check=True,
                                 stdout=subprocess.PIPE).stdout
        # what the model is told of the pen names this file, or is its text
        self.told = (b"/run/pen/README" in raw or
                     b"This program runs in a pen" in raw)
        return json.loads(raw or b"{}")

    def answer(self, content, kind="application/json", status=200):
        data = content.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def stream(self, events, done=False):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for event in events:
            data = "data: %s\n\n" % json.dumps(event)
            if "type" in event:
                data = "event: %s\n" % event["type"] + data
            self.chunk(data.encode())
        if done:
            self.chunk(b"data: [DONE]\n\n")
        self.chunk(b"")

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def do_GET(self):
        self.note()
        if self.headers.get("Upgrade", "").lower() == "websocket":
            self.close_connection = True
            self.answer("{}", status=426)
        elif self.path == "/":
            self.answer("allowed-host\n", "text/plain")
        else:
            self.answer("{}", status=404)

    do_HEAD = do_GET

    def do_POST(self):
        body = self.body()
        path = self.path.partition("?")[0]
        if path == "/v1/messages":
            self.post_messages(body)
        elif path == "/v1/oauth/token":
            self.note(token=body)
            self.answer(json.dumps({
                "access_token": "sk-ant-oat01-RENEWED-0123456789abcdef",
                "refresh_token": "sk-ant-ort01-RENEWED",
                "expires_in": 28800, "token_type": "Bearer"}))
        elif path == "/v1/messages/count_tokens":
            self.note()
            self.answer('{"input_tokens": 1}')
        elif path == "/v1/responses":
            self.note(results=responses_results(body), told=self.told)
            self.stream(responses_events(
                responses_item(self.server.script, body)))
        elif path.endswith("/v1/chat/completions"):
            self.note(results=chat_results(body), told=self.told)
            self.stream(chat_events(self.server.script, body), True)
        elif path.endswith(":streamGenerateContent"):
            self.note(results=gemini_results(body), told=self.told)
            self.stream([gemini_answer(self.server.script, body)])
        elif path.endswith(":generateContent"):
            self.note()
            self.answer(json.dumps(gemini_answer(self.server.script, body)))
        else:
            self.note()
            self.answer("{}")

    def post_messages(self, body):
        block = messages_block(self.server.script, body)
        self.note(results=messages_results(body), told=self.told,
                  tools=len(body.get("tools") or []),
                  caching=json.dumps(body).count('"cache_control"'))
        if body.get("stream"):
            self.stream(messages_events(body, block))
        else:
            self.answer(json.dumps(messages_message(body, block)))


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that goes away, or does not know our CA, is not news."""
        kind, what, _ = sys.exc_info()
        if not issubclass(kind, OSError):
            self.log.write(error="%s: %s" % (kind.__name__, what))


def main(certificate, key, script, log):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = Server(("127.0.0.1", 0), Handler)
    # the handshake belongs in the connection's thread, not in accept()
    server.socket = context.wrap_socket(server.socket, server_side=True,
                                        do_handshake_on_connect=False)
    server.script = Script(script)
    server.log = Log(log)
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
