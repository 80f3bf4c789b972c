"""Files for kinds to look at: in memory, or only said to be large."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tb_aml_plugin.kinds.base import File
from tb_aml_plugin.model import Artifact, ExperimentId, Run, RunId, RunStatus

START_S = 1_700_000_000.0


class Bytes:
    """The content of a file; counts what is read of it."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.moved_bytes = 0

    def __call__(self, start: int, length: int) -> bytes:
        part = self.content[start : start + length]
        self.moved_bytes += len(part)
        return part


class Repeated(Bytes):
    """A content of any size that is `head` and then `pattern` without end, made as it is read."""

    def __init__(self, head: bytes, pattern: bytes, size_bytes: int) -> None:
        super().__init__(head)
        self._pattern = pattern
        self.size_bytes = size_bytes

    def __call__(self, start: int, length: int) -> bytes:
        end = min(start + length, self.size_bytes)
        times = max(0, end - len(self.content)) // len(self._pattern) + 2
        part = (self.content + self._pattern * times)[start:end]
        self.moved_bytes += len(part)
        return part


def run(tags: Mapping[str, str] | None = None, params: Mapping[str, str] | None = None) -> Run:
    """A run that goes on."""
    return Run(
        RunId("r"), ExperimentId("e"), "r", RunStatus.RUNNING, START_S, None, tags=tags or {}, params=params or {}
    )


def file(
    path: str,
    content: bytes | Bytes = b"",
    *,
    of: Run | None = None,
    beside: Collection[str] = (),
    size_known: bool = True,
) -> File:
    """The file `path` of a run that has those `beside` it too."""
    read = content if isinstance(content, Bytes) else Bytes(content)
    size = read.size_bytes if isinstance(read, Repeated) else len(read.content)
    artifact = Artifact(path, size_bytes=size if size_known else None)
    return File(of or run(), artifact, {path, *beside}, read)
