"""What a kind is: one way in which a file that was logged becomes series of a dashboard."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Protocol

from tb_aml_plugin.errors import CannotShow
from tb_aml_plugin.media import Dashboard, Payload
from tb_aml_plugin.model import Artifact, Run

HEAD_BYTES = 2**16
TAIL_BYTES = 256


@dataclass(frozen=True, eq=False)
class File:
    """A file among the artifacts of a run, for a kind to look at.

    Attributes:
      beside: the paths of all files of the run.
      read: gives at most so many bytes from an offset on: ``read(start, length)``. May raise `SourceError`.
    """

    run: Run
    artifact: Artifact
    beside: Collection[str]
    read: Callable[[int, int], bytes]

    @property
    def path(self) -> str:
        return self.artifact.path

    @property
    def suffix(self) -> str:
        """The last part of the name with its dot, in small letters; "" if there is none."""
        name = self.path.rpartition("/")[2]
        _, dot, suffix = name.rpartition(".")
        return f".{suffix.lower()}" if dot else ""

    @functools.cached_property
    def head(self) -> bytes:
        """The first `HEAD_BYTES` bytes, read once."""
        return self.read(0, HEAD_BYTES)

    @functools.cached_property
    def tail(self) -> bytes:
        """The last `TAIL_BYTES` bytes, read once; none where the place does not say how large the file is."""
        size = self.artifact.size_bytes
        return b"" if size is None else self.read(max(0, size - TAIL_BYTES), TAIL_BYTES)

    def whole(self, most_bytes: int) -> bytes:
        """All bytes.

        Raises:
          CannotShow: there are more than `most_bytes`.
        """
        size = self.artifact.size_bytes
        if size is None or size <= most_bytes:
            if size is not None and size <= HEAD_BYTES and "head" in self.__dict__:
                return self.head
            content = self.read(0, most_bytes + 1)
            if len(content) <= most_bytes:
                return content
        raise CannotShow(f"It has {megabytes(size)}; up to {megabytes(most_bytes)} of such a file are read.")


@dataclass(frozen=True, slots=True)
class Found:
    """One point that a file gives to a series.

    Attributes:
      step: None where the file does not say; such points of one series are counted, as `wall_time_s` and path order them.
      wall_time_s: None where the file does not say.
      part: what of the file it is, for `Kind.payload`.
    """

    dashboard: Dashboard
    tag: str
    step: int | None = None
    wall_time_s: float | None = None
    part: str = ""


class Kind(Protocol):
    """Reads one kind of file. Pure but for what `File.read` does; any bytes at all give a result or `CannotShow`."""

    @property
    def name(self) -> str:
        """Unique among all kinds, and stable: it is part of addresses that pages keep."""
        ...

    def claims(self, file: File) -> bool:
        """Whether `file` is of this kind. By its name where that is enough; at most `File.head` is read."""
        ...

    def find(self, file: File) -> Iterable[Found]:
        """What `file`, which was claimed, gives to which series; nothing if it belongs to another file that does.

        Raises:
          CannotShow: it cannot be shown.
        """
        ...

    def payload(self, file: File, part: str) -> Payload:
        """What a part of `file` holds, of the type that the dashboard of its series takes.

        Raises:
          CannotShow: it cannot be shown.
        """
        ...


def megabytes(size_bytes: int | None) -> str:
    """`size_bytes` for people."""
    if size_bytes is None:
        return "more"
    return f"{size_bytes / 2**20:.1f} MB" if size_bytes >= 2**20 else f"{-(-size_bytes // 1024)} kB"
