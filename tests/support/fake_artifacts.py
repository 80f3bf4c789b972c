"""A place in memory whose runs have artifacts: files come, grow, go and cannot be read, as a test says."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tb_aml_plugin.errors import ArtifactGone, SourceError, SourceUnavailable
from tb_aml_plugin.model import Artifact, Run, RunId
from tb_aml_plugin.sources.base import ArtifactStore, HoldsArtifacts, HoldsTypedMetrics, TypedMetric
from tests.support.fake_source import HANG_LIMIT_S, FakeSource


@dataclass
class Requests:
    """What was asked of a store.

    Attributes:
      listed: (run id, folder) of each listing.
      read: (path, bytes) of each read.
      most_at_once: how many were under way together.
    """

    listed: list[tuple[RunId, str]] = field(default_factory=list)
    read: list[tuple[str, int]] = field(default_factory=list)
    most_at_once: int = 0
    under_way: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


class ArtifactSource(FakeSource):
    """A `FakeSource` with artifacts and typed metrics.

    Attributes:
      refusal: what every request for artifacts raises, if it is set.
      broken: paths of files that are listed and cannot be read, and what reading one raises.
      metrics_refusal: what asking for typed metrics raises, if it is set.
      metrics: typed metrics by run.
    """

    def __init__(self) -> None:
        super().__init__()
        self.requests = Requests()
        self.refusal: SourceError | None = None
        self.broken: dict[str, Exception] = {}
        self.metrics_refusal: SourceError | None = None
        self.metrics: dict[RunId, list[TypedMetric]] = {}
        self._files: dict[RunId, dict[str, bytes]] = {}
        self._gate = threading.Event()
        self._gate.set()

    def put_file(self, run_id: RunId, path: str, content: bytes = b"") -> None:
        """Writes a file."""
        self._files.setdefault(run_id, {})[path] = content

    def remove_file(self, run_id: RunId, path: str) -> None:
        """Deletes a file."""
        del self._files[run_id][path]

    @contextlib.contextmanager
    def artifacts_hung(self) -> Iterator[None]:
        """Within, every request for artifacts waits; afterwards all go on."""
        self._gate.clear()
        try:
            yield
        finally:
            self._gate.set()

    def artifacts(self, run: Run) -> ArtifactStore:
        return _Store(self, run.id)

    def typed_metrics(self, run: Run) -> Sequence[TypedMetric]:
        if self.metrics_refusal is not None:
            raise self.metrics_refusal
        return self.metrics.get(run.id, ())

    @contextlib.contextmanager
    def _request(self) -> Iterator[None]:
        requests = self.requests
        with requests.lock:
            requests.under_way += 1
            requests.most_at_once = max(requests.most_at_once, requests.under_way)
        try:
            if not self._gate.wait(HANG_LIMIT_S):
                raise SourceUnavailable("memory hangs.")
            if self.refusal is not None:
                raise self.refusal
            yield
        finally:
            with requests.lock:
                requests.under_way -= 1


class _Store:
    def __init__(self, source: ArtifactSource, run_id: RunId) -> None:
        self._source = source
        self._run_id = run_id

    def list(self, folder: str = "") -> Sequence[Artifact]:
        self._source.requests.listed.append((self._run_id, folder))
        with self._source._request():
            prefix = f"{folder}/" if folder else ""
            found: dict[str, Artifact] = {}
            for path, content in self._source._files.get(self._run_id, {}).items():
                name, slash, _ = path.removeprefix(prefix).partition("/")
                if path.startswith(prefix):
                    entry = prefix + name
                    found[entry] = Artifact(entry, is_folder=True) if slash else Artifact(entry, False, len(content))
            return [found[path] for path in sorted(found)]

    def read(self, path: str, start: int = 0, length: int | None = None) -> bytes:
        with self._source._request():
            if path in self._source.broken:
                raise self._source.broken[path]
            content = self._source._files.get(self._run_id, {}).get(path)
            if content is None:
                raise ArtifactGone(f"{path} is no longer there.")
            part = content[start:] if length is None else content[start : start + length]
            self._source.requests.read.append((path, len(part)))
            return part


if TYPE_CHECKING:
    _: HoldsArtifacts = ArtifactSource()
    __: HoldsTypedMetrics = ArtifactSource()
