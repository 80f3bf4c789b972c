"""A server on loopback that answers as a test says, and remembers what it was asked."""

from __future__ import annotations

import base64
import contextlib
import json
import threading
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Request:
    """What the server was asked.

    Attributes:
      path: behind the address, without the query.
      query: the values of each parameter.
      body: what was posted, parsed; {} where nothing was.
    """

    method: str
    path: str
    query: Mapping[str, list[str]]
    body: Any
    headers: Mapping[str, str]

    @property
    def basic_credentials(self) -> tuple[str, str]:
        """User and password, as HTTP's basic authentication carries them."""
        scheme, _, text = self.headers["Authorization"].partition(" ")
        assert scheme == "Basic"
        user, _, password = base64.b64decode(text).decode().partition(":")
        return user, password


@dataclass(frozen=True)
class Answer:
    """What it answers; a `body` that is not bytes is written as JSON."""

    body: Any = field(default_factory=dict)
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


def refusal(message: str, code: str = "INVALID_PARAMETER_VALUE", status: int = 400) -> Answer:
    """An error as MLflow words it."""
    return Answer({"error_code": code, "message": message}, status)


class ScriptedServer:
    """Answers each request with `answer`, which runs on the thread of the request."""

    def __init__(self, answer: Callable[[Request], Answer]) -> None:
        self.answer = answer
        self.requests: list[Request] = []
        self.most_at_once = 0
        self._at_once = 0
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), name="scripted-server")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(10)

    def asked(self, path: str) -> list[Request]:
        """The requests for a path that ends so."""
        return [request for request in self.requests if request.path.endswith(path)]

    def _respond(self, request: Request) -> Answer:
        with self._lock:
            self.requests.append(request)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            return self.answer(request)
        finally:
            with self._lock:
                self._at_once -= 1

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            # Connections are not kept, so that none outlives the test.
            def do_GET(self) -> None:
                split = urllib.parse.urlsplit(self.path)
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else {}
                query = urllib.parse.parse_qs(split.query)
                answer = server._respond(Request(self.command, split.path, query, body, dict(self.headers)))
                self.send_response(answer.status)
                headers = {"Content-Type": "application/json", "Content-Length": str(len(answer.content))}
                for name, value in {**headers, **answer.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    self.wfile.write(answer.content)

            do_POST = do_GET  # noqa: N815 - http.server's name

            def log_message(self, *_: object) -> None:
                pass

        return Handler


@contextlib.contextmanager
def scripted_server(answer: Callable[[Request], Answer]) -> Iterator[ScriptedServer]:
    """A `ScriptedServer` until the end of the context."""
    server = ScriptedServer(answer)
    server.start()
    try:
        yield server
    finally:
        server.stop()
