"""An HTTPS proxy that brings the names of the emulated cloud to the emulator, and refuses every other.

It spares an edit of /etc/hosts: a process with ``HTTPS_PROXY`` set reaches ``ACCOUNT.blob.…`` here, unpatched; and
whoever would have left the machine is refused and remembered.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator


class Proxy(socketserver.ThreadingTCPServer):
    """Answers CONNECT. `refused` lists ``host:port`` of what it did not let through."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, emulated: Callable[[str], bool], port: Callable[[], int]) -> None:
        super().__init__(("127.0.0.1", 0), _Tunnel)
        self.emulated, self.port = emulated, port
        self.refused: list[str] = []
        self.tunnels: set[socket.socket] = set()

    @property
    def url(self) -> str:
        """What goes into ``HTTPS_PROXY``."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Tunnel(socketserver.StreamRequestHandler):
    server: Proxy
    timeout = 60

    def handle(self) -> None:
        words = self.rfile.readline(65536).decode("latin-1").split()
        while self.rfile.readline(65536).strip():
            pass
        if len(words) < 2 or words[0] != "CONNECT" or not self.server.emulated(words[1].rpartition(":")[0]):
            self.server.refused.append(" ".join(words[:2]))
            self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return
        with socket.create_connection(("127.0.0.1", self.server.port())) as upstream:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self.server.tunnels.add(self.connection)
            with contextlib.suppress(OSError):
                _relay(self.connection, upstream)
            self.server.tunnels.discard(self.connection)


def _relay(one: socket.socket, other: socket.socket) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(one, selectors.EVENT_READ, other)
        selector.register(other, selectors.EVENT_READ, one)
        while True:
            for key, _ in selector.select():
                data = key.fileobj.recv(65536)  # type: ignore[union-attr]
                if not data:
                    return
                key.data.sendall(data)


@contextlib.contextmanager
def proxying(emulated: Callable[[str], bool], port: Callable[[], int]) -> Iterator[Proxy]:
    """A proxy on loopback that connects the hosts that are `emulated` to `port`."""
    with Proxy(emulated, port) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="emulator-proxy")
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            for tunnel in list(server.tunnels):
                with contextlib.suppress(OSError):
                    tunnel.shutdown(socket.SHUT_RDWR)
            thread.join()
