"""A threaded HTTPS server for a WSGI application, that leaves nothing behind when it stops."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"  # connections stay open, as Azure's do
    disable_nagle_algorithm = True
    timeout = 60

    def run_wsgi(self) -> None:
        """Answers one request. Werkzeug's own ends every connection, for fear of bodies that were not read."""
        begun: list[Any] = []
        body = self.server.app(self.make_environ(), lambda status, headers, *_: begun.extend((status, headers)))
        code, _, reason = begun[0].partition(" ")
        self.send_response(int(code), reason)
        for name, value in begun[1]:
            self.send_header(name, value)
        self.end_headers()
        for part in body:
            self.wfile.write(part)

    def log(self, *args: Any) -> None:
        """The journal keeps what tests ask about."""


class _Server(ThreadedWSGIServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, application: Application, tls: ssl.SSLContext) -> None:
        super().__init__("127.0.0.1", 0, application, _Handler)
        self.ssl_context = tls
        self._open: set[socket.socket] = set()

    def get_request(self) -> tuple[socket.socket, Any]:
        """The next connection. Its handshake runs in its own thread: a slow client delays nobody."""
        assert self.ssl_context is not None
        plain, address = self.socket.accept()
        connection = self.ssl_context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
        self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def log(self, *args: Any) -> None:
        """Nor is one that went away before it had sent all."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error of ours."""

    def close_all(self) -> None:
        """Ends the connections that clients keep open."""
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def serving(application: Application, tls: ssl.SSLContext) -> Iterator[int]:
    """Serves `application` on a free port of loopback; the port."""
    server = _Server(application, tls)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="emulator-accept")
    thread.start()
    try:
        yield int(server.port)
    finally:
        server.shutdown()
        server.close_all()
        server.server_close()
        thread.join()
