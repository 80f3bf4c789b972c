"""Threads that keep a mirror true while runs go on logging."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from tb_aml_plugin.board import Snapshot
from tb_aml_plugin.errors import SourceError
from tb_aml_plugin.model import Artifact, NotShown, Run, RunId
from tb_aml_plugin.native import native_logs
from tb_aml_plugin.native.mirror import Mirror
from tb_aml_plugin.sources.base import ArtifactStore
from tb_aml_plugin.turns import in_background

THREADS = 8
"""Each has one request under way: so many at once, and no more."""


class Notes(Protocol):
    """Where it is written down what is not shown; `media.index.MediaIndex` is one."""

    def note(self, run_id: RunId, problem: NotShown) -> None: ...

    def take_back(self, run_id: RunId, what: str) -> None: ...


@dataclass(frozen=True, slots=True)
class _Job:
    run: Run
    files: Sequence[Artifact]


class MirrorWorkers:
    """Brings a run's copies up to date whenever its artifacts have been listed.

    Runs that started last come first. What is offered while the run waits replaces what was offered before. Copies are
    looked through for damage when there is nothing to copy, by one thread for at most half of its time: it is work for
    the processor, which a person who looks at a dashboard wants too.

    **Threads.** Any thread may call any method; none waits for the place but in `wait_until_copied`. Copying happens on
    daemon threads, begun with the first run that has something to copy.
    """

    def __init__(
        self,
        mirror: Mirror,
        artifacts: Callable[[Run], ArtifactStore],
        notes: Notes,
        again: Callable[[RunId], None] = lambda run_id: None,
    ) -> None:
        """
        Args:
          artifacts: the artifacts of a run; raises `SourceError` where they cannot be reached.
          notes: is told what is not shown, and when it is again.
          again: asks for another listing of a run, after a copy failed that may work later.
        """
        self._mirror = mirror
        self._artifacts = artifacts
        self._notes = notes
        self._again = again
        self._names: dict[RunId, str] = {}
        self._offered: dict[RunId, _Job] = {}  # those with native logs, for when they are renamed
        self._waiting: dict[RunId, _Job] = {}
        self._unverified: dict[RunId, None] = {}
        self._heard_of: set[RunId] = set()  # whose artifacts were listed, if only once
        self._copying = 0
        self._is_verifying = False
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._closed = False

    def offer(self, run: Run, files: Sequence[Artifact]) -> None:
        """Says which artifacts `run` has now: all of them."""
        has_any = native_logs.native_logs(artifact.path for artifact in files) or run.id in self._mirror.run_ids()
        with self._changed:
            if run.id in self._names:
                self._heard_of.add(run.id)
                if has_any:
                    self._enqueue(_Job(run, files))
                self._changed.notify_all()

    def follow(self, snapshot: Snapshot) -> None:
        """Says which runs there are, and their names; the copies of others are no longer shown."""
        names = {run.id: name for name, run in snapshot.runs.items()}
        with self._changed:
            renamed = [
                job for run_id, job in self._offered.items() if names.get(run_id) not in (self._names.get(run_id), None)
            ]
            for jobs in (self._waiting, self._offered):
                for run_id in jobs.keys() - names.keys():
                    del jobs[run_id]
            self._names = names
            self._heard_of &= names.keys()
            for job in renamed:
                self._enqueue(job)
            self._changed.notify_all()
        gone = self._mirror.run_ids() - names.keys()
        if gone:
            self._mirror.forget(gone)

    def wait_until_copied(self, timeout_s: float) -> None:
        """Waits until the artifacts of all runs were listed and what was to be copied is, at most `timeout_s` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._is_all_copied(), timeout_s)

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

    def _enqueue(self, job: _Job) -> None:
        if self._closed:
            return
        self._offered[job.run.id] = self._waiting[job.run.id] = job
        if len(self._threads) < min(THREADS, len(self._waiting) + self._copying + self._is_verifying):
            thread = threading.Thread(target=self._work, name=f"aml-mirror-{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _work(self) -> None:
        while (job := self._next()) is not None:
            run_id = job if isinstance(job, str) else job.run.id
            noted = {problem.what for problem in self._mirror.not_shown(run_id)}
            if isinstance(job, _Job):
                self._copy(job)
            else:
                self._verify(run_id)
            problems = self._mirror.not_shown(run_id)
            for problem in problems:
                self._notes.note(run_id, problem)
            for what in noted - {problem.what for problem in problems}:
                self._notes.take_back(run_id, what)

    def _copy(self, job: _Job) -> None:
        run_id, is_whole = job.run.id, True
        try:
            with in_background():
                is_whole = self._mirror.update(run_id, self._names.get(run_id, ""), self._artifacts(job.run), job.files)
        except SourceError:
            pass  # no way to its artifacts: said where they were to be listed
        finally:
            with self._changed:
                self._copying -= 1
                self._unverified[run_id] = None
                self._changed.notify_all()
        if not is_whole:
            self._again(run_id)

    def _verify(self, run_id: RunId) -> None:
        try:
            self._mirror.verify(run_id, self._breathe)
        finally:
            with self._changed:
                self._is_verifying = False
                self._changed.notify_all()

    def _breathe(self, worked_s: float) -> None:
        """Waits as long as was worked."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed, worked_s)

    def _next(self) -> _Job | RunId | None:
        """The next run to copy; where none waits, the id of one to verify; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed or self._may_verify())
            if self._closed:
                return None
            if not self._waiting:
                self._is_verifying = True
                run_id = next(iter(self._unverified))
                del self._unverified[run_id]
                return run_id
            newest = max(self._waiting.values(), key=lambda job: job.run.start_time_s or 0.0)
            self._copying += 1
            return self._waiting.pop(newest.run.id)

    def _may_verify(self) -> bool:
        return bool(self._unverified) and not self._copying and not self._is_verifying

    def _is_all_copied(self) -> bool:
        return not self._waiting and not self._copying and self._names.keys() <= self._heard_of
