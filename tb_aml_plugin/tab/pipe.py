"""A file that is sent while it is written."""

from __future__ import annotations

import io


class Pipe(io.RawIOBase):
    """Takes what is written to it, until it is taken away."""

    def __init__(self) -> None:
        super().__init__()
        self._chunks: list[bytes] = []
        self._held = 0

    def writable(self) -> bool:
        return True

    def write(self, content: object) -> int:
        chunk = bytes(content)  # type: ignore[call-overload]
        self._chunks.append(chunk)
        self._held += len(chunk)
        return len(chunk)

    def taken(self, least: int = 0) -> bytes:
        """What was written since the last time, if that is at least so much."""
        if self._held <= least:
            return b""
        content, self._chunks, self._held = b"".join(self._chunks), [], 0
        return content
