"""Curves, fetched when a dashboard asks for them, kept within a byte budget, read again only where they grew."""

from __future__ import annotations

import collections
import queue
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np

from tb_aml_plugin.errors import SourceError
from tb_aml_plugin.model import LatestPoint, Points, Run, RunId, RunStatus, ScalarSeries
from tb_aml_plugin.rate import Rate
from tb_aml_plugin.scalars import StepMode, to_series
from tb_aml_plugin.sources.base import LimitsThreads, RunSource
from tb_aml_plugin.target import masked

T = TypeVar("T")
Key = tuple[str, RunId]  # metric, run

_ENTRY_OVERHEAD = 512
"""Bytes that an entry costs beside its columns: array headers, keys, table slots."""
_WORKERS = 4


@dataclass(frozen=True, slots=True)
class _Version:
    """What the Board said of a metric when its curve was asked for."""

    latest: LatestPoint
    ended: tuple[RunStatus, float | None] | None  # how and when the run had ended; None while it ran

    def serves(self, wanted: _Version) -> bool:
        # Since it ended nothing can have been logged out of order, unless it was resumed: then it ends anew.
        return self.latest == wanted.latest and wanted.ended in (None, self.ended)


@dataclass(frozen=True, slots=True)
class _Entry:
    series: ScalarSeries
    version: _Version

    @property
    def nbytes(self) -> int:
        return self.series.nbytes + _ENTRY_OVERHEAD


@dataclass(slots=True, eq=False)
class _Reader(Generic[T]):
    """One call of `SeriesCache.read` that waits for curves."""

    reduce: Callable[[ScalarSeries], T]
    missing: set[RunId] = field(default_factory=set)
    found: dict[RunId, T] = field(default_factory=dict)


@dataclass(slots=True)
class _Pending:
    version: _Version
    readers: list[_Reader[object]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of the curves that were asked for since `since_s` (seconds since the Unix epoch) have arrived."""

    arrived: int = 0
    asked: int = 0
    since_s: float = 0.0


@dataclass(frozen=True, slots=True)
class _Job:
    """Curves to fetch."""

    metric: str
    run_ids: list[RunId]
    given_up: int  # what `SeriesCache._given_up` was: pointless once it is another


class SeriesCache:
    """Scalar curves by metric and run.

    A curve is fetched the first time it is asked for, together with those of all other runs in the same call. It is
    fetched again when the metric's newest point on the Board has changed, and once more when its run has ended, so
    that points logged out of order are not lost. What was read longest ago is dropped when `budget_bytes` is full.

    **Threads.** `read` may be called from any thread; it waits without holding the lock. Fetching happens on
    daemon threads, so that a place that hangs never keeps TensorBoard from ending.
    """

    def __init__(self, source: RunSource, mode: StepMode, budget_bytes: int) -> None:
        self._source = source
        self._mode = mode
        self._budget_bytes = budget_bytes
        self._entries: collections.OrderedDict[Key, _Entry] = collections.OrderedDict()
        self._nbytes = 0
        self._pending: dict[Key, _Pending] = {}
        self._changed = threading.Condition()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._asked = 0  # curves since nothing was under way
        self._asked_since_s = 0.0
        self._given_up = 0  # times that someone did
        self._rate = Rate()
        self._most_workers = source.history_threads if isinstance(source, LimitsThreads) else _WORKERS
        self._workers: list[threading.Thread] = []
        self._closed = False
        self._problem = ""
        self.problem_since_s: float | None = None
        """When `problem` began, seconds since the Unix epoch; None when nothing is wrong."""

    @property
    def nbytes(self) -> int:
        """Bytes held now."""
        return self._nbytes

    @property
    def budget_bytes(self) -> int:
        """Bytes that may be held."""
        return self._budget_bytes

    @property
    def problem(self) -> str:
        """Why the last fetch failed and the cure, safe to show; "" when it did not."""
        return self._problem

    @problem.setter
    def problem(self, text: str) -> None:
        self._problem = text
        self.problem_since_s = (self.problem_since_s or time.time()) if text else None

    @property
    def points_per_s(self) -> float:
        """Points that arrived lately, a second."""
        return self._rate.per_s

    @property
    def progress(self) -> Progress:
        """How far the curves under way are; nothing asked, nothing arrived where none is."""
        with self._changed:
            waiting = len(self._pending)
            return Progress(self._asked - waiting, self._asked, self._asked_since_s) if waiting else Progress()

    def give_up(self) -> None:
        """Waits no longer for the curves under way: readers get what there is, and the next to ask asks again."""
        with self._changed:
            self._given_up += 1
            for key in list(self._pending):
                self._release(key)
            self._changed.notify_all()

    def read(
        self, metric: str, runs: Iterable[Run], reduce: Callable[[ScalarSeries], T], timeout_s: float
    ) -> dict[RunId, T]:
        """``reduce(curve)`` of `metric` for each of `runs` that has it.

        Waits until all have arrived, at most `timeout_s` seconds. What has not arrived by then, or could not be
        read, is given as it was read last, and left out where it never was. Never raises on account of the place.

        Args:
          reduce: called once a curve, from any thread, outside the lock; keeps memory small when many runs have
            long curves.
        """
        reader: _Reader[T] = _Reader(reduce)
        versions = {run.id: _version(run, metric) for run in runs if metric in run.metrics}
        with self._changed:
            held = self._collect(metric, versions, reader)
        for run_id, series in held.items():
            reader.found[run_id] = reduce(series)
        with self._changed:
            self._changed.wait_for(lambda: not reader.missing, timeout_s)
            late = {run_id: self._entries[metric, run_id] for run_id in versions if (metric, run_id) in self._entries}
        for run_id, entry in late.items():
            if run_id not in reader.found:
                reader.found[run_id] = reduce(entry.series)
        return reader.found

    def forget_all_but(self, run_ids: Mapping[RunId, object] | set[RunId]) -> None:
        """Drops the curves of runs that are gone."""
        with self._changed:
            for key in [key for key in self._entries if key[1] not in run_ids]:
                self._drop(key)

    def close(self) -> None:
        """Ends the threads that are idle; one that waits for the place ends with it or with the process.

        What is read from now on is what was read before.
        """
        with self._changed:
            self._closed = True
            for _ in self._workers:
                self._jobs.put(None)

    def join(self, timeout_s: float) -> None:
        """Waits until the threads have ended, at most `timeout_s` seconds for each."""
        for worker in self._workers:
            worker.join(timeout_s)

    def _collect(
        self, metric: str, versions: Mapping[RunId, _Version], reader: _Reader[T]
    ) -> dict[RunId, ScalarSeries]:
        held: dict[RunId, ScalarSeries] = {}
        fetch: list[RunId] = []
        for run_id, version in versions.items():
            key = (metric, run_id)
            entry = self._entries.get(key)
            if entry is not None and entry.version.serves(version):
                self._entries.move_to_end(key)
                held[run_id] = entry.series
                continue
            if key not in self._pending:
                if not self._pending:
                    self._asked, self._asked_since_s = 0, time.time()
                self._asked += 1
                self._pending[key] = _Pending(version)
                fetch.append(run_id)
            reader.missing.add(run_id)
            self._pending[key].readers.append(reader)  # type: ignore[arg-type]
        if fetch:
            self._enqueue(metric, fetch)
        return held

    def _enqueue(self, metric: str, run_ids: list[RunId]) -> None:
        if self._closed:
            for run_id in run_ids:
                self._release((metric, run_id))
            return
        self._workers = [worker for worker in self._workers if worker.is_alive()]
        if len(self._workers) < self._most_workers:
            worker = threading.Thread(target=self._work, name=f"aml-curves-{len(self._workers)}", daemon=True)
            self._workers.append(worker)
            worker.start()
        self._jobs.put(_Job(metric, run_ids, self._given_up))

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            metric, run_ids = job.metric, job.run_ids
            try:
                if job.given_up != self._given_up:
                    continue
                for run_id, points in self._source.histories(metric, run_ids):
                    self._rate.count(len(points))
                    self._arrived((metric, run_id), points)
                    if job.given_up != self._given_up:
                        break
                self.problem = ""
            except SourceError as error:
                self.problem = str(error)
            # On this thread nobody else would hear of it; the curves are asked for again with the next card.
            except Exception as error:  # noqa: BLE001
                self.problem = masked(
                    f"Reading {metric!r} from {self._source.location} failed unexpectedly "
                    f"({type(error).__name__}: {error})."
                )
            finally:
                self._let_go(job)

    def _arrived(self, key: Key, points: Points) -> None:
        series = to_series(points, self._mode)
        with self._changed:
            pending = self._pending.pop(key, None)
            if pending is None:
                return
            if len(series):
                self._keep(key, _Entry(series, _reached(pending.version, points)))
        for reader in pending.readers:
            if len(series):
                reader.found[key[1]] = reader.reduce(series)
        with self._changed:
            for reader in pending.readers:
                reader.missing.discard(key[1])
            if not all(reader.missing for reader in pending.readers):  # a reader that waits for more sleeps on
                self._changed.notify_all()

    def _let_go(self, job: _Job) -> None:
        """Lets go of the readers of whatever a fetch did not bring."""
        with self._changed:
            for run_id in job.run_ids if job.given_up == self._given_up else ():
                self._release((job.metric, run_id))
            self._changed.notify_all()

    def _release(self, key: Key) -> None:
        pending = self._pending.pop(key, None)
        for reader in pending.readers if pending else ():
            reader.missing.discard(key[1])

    def _keep(self, key: Key, entry: _Entry) -> None:
        self._drop(key)
        self._entries[key] = entry
        self._nbytes += entry.nbytes
        while self._nbytes > self._budget_bytes and self._entries:
            self._drop(next(iter(self._entries)))

    def _drop(self, key: Key) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._nbytes -= entry.nbytes


def _version(run: Run, metric: str) -> _Version:
    return _Version(run.metrics[metric], (run.status, run.end_time_s) if run.status.is_terminal else None)


def _reached(asked: _Version, points: Points) -> _Version:
    """The version of a fetched curve, which may hold points newer than the Board knew when it was asked for."""
    newest = np.lexsort((points.wall_times_s, points.steps))[-1]
    step, wall_time_s = int(points.steps[newest]), float(points.wall_times_s[newest])
    if (step, wall_time_s) <= (asked.latest.step, asked.latest.wall_time_s):
        return asked
    return _Version(LatestPoint(step, wall_time_s, float(points.values[newest])), asked.ended)
