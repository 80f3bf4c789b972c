"""Threads that keep a mirror true while runs go on logging."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tb_aml_plugin.errors import SourceError
from tb_aml_plugin.mirror import Mirror
from tb_aml_plugin.model import Artifact, Run, RunId
from tb_aml_plugin.sources.base import ArtifactStore

THREADS = 4


@dataclass(frozen=True, slots=True)
class _Job:
    run: Run
    name: str
    files: Sequence[Artifact]


class MirrorWorkers:
    """Brings a run's copies up to date whenever its artifacts have been listed.

    Runs that started last come first. What is offered while the run waits replaces what was offered before.

    **Threads.** Any thread may call any method; none waits for the place. Copying happens on daemon threads, begun
    with the first run that has something to copy.
    """

    def __init__(self, mirror: Mirror, artifacts: Callable[[Run], ArtifactStore]) -> None:
        """
        Args:
          artifacts: the artifacts of a run; raises `SourceError` where they cannot be reached.
        """
        self._mirror = mirror
        self._artifacts = artifacts
        self._waiting: dict[RunId, _Job] = {}
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._closed = False

    def offer(self, run: Run, name: str, files: Sequence[Artifact]) -> None:
        """Says which artifacts `run`, shown as `name`, has now: all of them."""
        with self._changed:
            if self._closed:
                return
            self._waiting[run.id] = _Job(run, name, files)
            if len(self._threads) < min(THREADS, len(self._waiting)):
                thread = threading.Thread(target=self._work, name=f"aml-mirror-{len(self._threads)}", daemon=True)
                self._threads.append(thread)
                thread.start()
            self._changed.notify()

    def keep_only(self, run_ids: set[RunId]) -> None:
        """Says which runs there are; the copies of others are no longer shown."""
        with self._changed:
            for run_id in self._waiting.keys() - run_ids:
                del self._waiting[run_id]
        gone = self._mirror.run_ids() - run_ids
        if gone:
            self._mirror.forget(gone)

    def close(self) -> None:
        """Lets the threads end with what they copy now."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            self._changed.notify_all()

    def join(self, timeout_s: float) -> None:
        """Waits until the threads have ended, at most `timeout_s` seconds for each."""
        for thread in self._threads:
            thread.join(timeout_s)

    def _work(self) -> None:
        while (job := self._next()) is not None:
            try:
                store = self._artifacts(job.run)
            except SourceError:
                continue  # said where the artifacts were to be listed
            self._mirror.update(job.run.id, job.name, store, job.files)

    def _next(self) -> _Job | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            if self._closed:
                return None
            newest = max(self._waiting.values(), key=lambda job: job.run.start_time_s or 0.0)
            return self._waiting.pop(newest.run.id)
