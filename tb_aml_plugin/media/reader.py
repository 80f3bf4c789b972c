"""Contents of files as payloads, when someone looks at them: read once, kept while there is room."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from tb_aml_plugin import kinds
from tb_aml_plugin.errors import AmlError, ArtifactGone, CannotShow, SourceError
from tb_aml_plugin.kinds.base import File
from tb_aml_plugin.media import Content, Histogram, InFile, Payload, Picture, PrCurve, Table, Text
from tb_aml_plugin.model import Artifact, NotShown, Run, RunId
from tb_aml_plugin.recent_reads import RecentReads
from tb_aml_plugin.sources.base import HoldsArtifacts, RunSource

BUDGET_BYTES = 128 * 2**20
MAX_IN_FLIGHT = 8
ACTIVE_FRESH_S = 30.0
"""A file of a run that goes on may be written anew with the same size; of one that has ended, it stays as it is."""
FAILURE_FRESH_S = 60.0
_ENTRY_BYTES = 1000

_Key = tuple[RunId, InFile]


@dataclass(slots=True)
class _Kept:
    """A payload, or why there is none; `lock` is held by the one who reads it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    payload: Payload | None = None
    problem: AmlError | None = None
    good_until_s: float = float("-inf")
    size_bytes: int = 0  # as counted in the budget


class MediaReader:
    """Reads the contents of points.

    A content is read once for all who want it, and kept until `budget_bytes` are used up by others. At most
    `MAX_IN_FLIGHT` files are read at once.

    **Threads.** Any number.
    """

    def __init__(
        self,
        source: RunSource,
        budget_bytes: int = BUDGET_BYTES,
        *,
        not_shown: Callable[[RunId, NotShown], None] = lambda run_id, problem: None,
        gone: Callable[[RunId, str], None] = lambda run_id, path: None,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """
        Args:
          not_shown: told what turned out not to be shown, and why.
          gone: told the path of a file that is no longer there.
        """
        self._source = source
        self._budget_bytes = budget_bytes
        self._not_shown = not_shown
        self._gone = gone
        self._now_s = now_s
        self._lock = threading.Lock()
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()
        self._held_bytes = 0
        self._recent = RecentReads(now_s=now_s)
        self._reading = threading.BoundedSemaphore(MAX_IN_FLIGHT)

    @property
    def nbytes(self) -> int:
        """Bytes held now."""
        return self._held_bytes + self._recent.nbytes

    @property
    def budget_bytes(self) -> int:
        """Bytes that may be held."""
        return self._budget_bytes + self._recent.budget_bytes

    def read(self, run: Run, content: Content) -> Payload:
        """What `content`, of a point of a series of `run`, holds.

        Raises:
          CannotShow: nothing that can be shown.
          SourceError: it cannot be read: `ArtifactGone`, if it is no longer there.
        """
        if not isinstance(content, InFile):
            return content
        key = (run.id, content)
        with self._lock:
            kept = self._kept.setdefault(key, _Kept())
            self._kept.move_to_end(key)
        with kept.lock:
            if self._now_s() >= kept.good_until_s:
                self._renew(kept, run, content)
                self._count(key, kept)
            problem, payload = kept.problem, kept.payload
        if problem is not None or payload is None:
            raise problem or CannotShow("There is nothing in it.")
        return payload

    def _renew(self, kept: _Kept, run: Run, content: InFile) -> None:
        kept.payload, kept.problem = None, None
        fresh_s = ACTIVE_FRESH_S if not run.status.is_terminal else float("inf")
        try:
            kept.payload = self._payload(run, content)
        except CannotShow as problem:
            kept.problem = problem
            self._not_shown(run.id, NotShown(content.path, str(problem)))
        except ArtifactGone as problem:
            kept.problem, fresh_s = problem, FAILURE_FRESH_S
            self._gone(run.id, content.path)
        except SourceError as problem:  # the next one who asks tries again
            kept.problem, fresh_s = problem, 0.0
        kept.good_until_s = self._now_s() + fresh_s

    def _payload(self, run: Run, content: InFile) -> Payload:
        if not isinstance(self._source, HoldsArtifacts):
            raise CannotShow("The artifacts of this place cannot be read.")
        store = self._source.artifacts(run)
        artifact = Artifact(content.path, size_bytes=content.size_bytes)

        def read(start: int, length: int) -> bytes:
            key = (run.id, content.path, content.size_bytes, start, length)
            return self._recent.get(key, lambda: store.read(content.path, start, length))

        file = File(run, artifact, (), read)
        with self._reading:
            return kinds.named(content.kind).payload(file, content.part)

    def _count(self, key: _Key, kept: _Kept) -> None:
        """Counts what `kept` takes, and makes room for it."""
        with self._lock:
            if self._kept.get(key) is not kept:
                return  # it had to make room while it was read; its readers have it still
            size = _ENTRY_BYTES + (size_bytes(kept.payload) if kept.payload is not None else 0)
            self._held_bytes += size - kept.size_bytes
            kept.size_bytes = size
            while self._held_bytes > self._budget_bytes and len(self._kept) > 1:
                _, oldest = self._kept.popitem(last=False)
                self._held_bytes -= oldest.size_bytes


def size_bytes(payload: Payload) -> int:
    """About how much memory `payload` takes."""
    if isinstance(payload, Picture):
        return len(payload.data)
    if isinstance(payload, Text):
        return len(payload.text) * 2
    if isinstance(payload, Table):
        return sum(len(cell) + 60 for row in payload.rows for cell in row)
    if isinstance(payload, Histogram):
        return int(payload.buckets.nbytes)
    if isinstance(payload, PrCurve):
        return int(payload.values.nbytes)
    return payload.nbytes
