"""A place that holds runs, in memory: it grows, fails and hangs as a test says, and counts what it is asked."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tb_aml_plugin import filters, under_way
from tb_aml_plugin.errors import SourceError, SourceUnavailable
from tb_aml_plugin.model import Experiment, ExperimentId, LatestPoint, Points, Run, RunId, RunStatus
from tb_aml_plugin.sources.base import ChangeMarker, RunSource, Selection

HANG_LIMIT_S = 30.0

Point = tuple[int, float, float]  # step, wall time in seconds, value


class FakeSource:
    """An honest `RunSource` that saves as much work as the contract allows.

    Attributes:
      calls: the names of the methods that were called, in order.
      curves_read: (metric, run id) of each curve that was handed out.
    """

    location = "memory"

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.curves_read: list[tuple[str, RunId]] = []
        self.hanging = 0  # calls that wait now
        self._experiments: dict[ExperimentId, Experiment] = {}
        self._runs: dict[RunId, Run] = {}
        self._points: dict[tuple[str, RunId], list[Point]] = {}
        self._problem: Exception | None = None
        self._open = threading.Event()
        self._open.set()
        self._halts_after = 0
        self.writes = 0

    def put(self, thing: Experiment | Run) -> None:
        """Writes an experiment or a run, the one before of that id replaced."""
        self.writes += 1
        if isinstance(thing, Experiment):
            self._experiments[thing.id] = thing
        else:
            self._runs[thing.id] = thing

    def log(self, run_id: RunId, metric: str, *points: Point) -> None:
        """Adds `points` to a curve and keeps the run's newest one."""
        self.writes += 1
        logged = self._points.setdefault((metric, run_id), [])
        logged += points
        run = self._runs[run_id]
        newest = {**run.metrics, metric: LatestPoint(*max(logged, key=lambda point: point[:2]))}
        self._runs[run_id] = dataclasses.replace(run, metrics=newest)

    def end(self, run_id: RunId, end_time_s: float, status: RunStatus = RunStatus.FINISHED) -> None:
        """Ends a run."""
        self.put(dataclasses.replace(self._runs[run_id], status=status, end_time_s=end_time_s))

    def change(self, run_id: RunId, **fields: object) -> None:
        """Edits a run."""
        self.put(dataclasses.replace(self._runs[run_id], **fields))  # type: ignore[arg-type]

    def delete(self, run_id: RunId) -> None:
        """Deletes a run."""
        self.writes += 1
        del self._runs[run_id]

    def fail(self, problem: Exception | None) -> None:
        """From now on every question raises `problem`; None heals it."""
        self._problem = problem

    @contextlib.contextmanager
    def hung(self) -> Iterator[None]:
        """Within, every question waits; afterwards all go on."""
        self._open.clear()
        try:
            yield
        finally:
            self._open.set()

    @contextlib.contextmanager
    def halting(self, after: int) -> Iterator[None]:
        """Within, a listing comes no further than so many runs."""
        self._halts_after = after
        try:
            yield
        finally:
            self._halts_after = 0

    def run(self, run_id: RunId) -> Run:
        """The run as it stands, not counted."""
        return self._runs[run_id]

    def experiments(self) -> Sequence[Experiment]:
        self._asked("experiments")
        return list(self._experiments.values())

    def runs(self, selection: Selection, settled: Mapping[RunId, Run]) -> Sequence[Run]:
        self._asked("runs")
        wanted = filters.parse(selection.filter)
        # As lazy as the contract allows: a settled run is not looked at again, even where it is gone.
        known = {**self._runs, **settled}
        found = [run for run in known.values() if _is_selected(run, selection) and filters.matches(wanted, run)]
        listed = filters.sort(found, filters.parse_order_by(selection.order_by))[: selection.max_runs]
        for number, _ in enumerate(listed, 1):
            under_way.count(1)
            while number == self._halts_after:
                under_way.count(0)  # until whoever waits has enough
        return listed

    def find_runs(self, run_ids: Sequence[RunId]) -> Sequence[Run]:
        self._asked("find_runs")
        found = [self._runs[run_id] for run_id in run_ids if run_id in self._runs]
        return [dataclasses.replace(run, metrics={}) for run in found]

    def histories(self, metric: str, run_ids: Sequence[RunId]) -> Iterator[tuple[RunId, Points]]:
        self._asked("histories")
        for run_id in run_ids:
            self._answer()
            self.curves_read.append((metric, run_id))
            yield run_id, columns(self._points.get((metric, run_id), ()) if run_id in self._runs else ())

    def close(self) -> None:
        self.calls.append("close")

    def _asked(self, question: str) -> None:
        self.calls.append(question)
        self._answer()

    def _answer(self) -> None:
        self.hanging += 1
        try:
            if not self._open.wait(HANG_LIMIT_S):
                raise SourceUnavailable("memory hangs.")
        finally:
            self.hanging -= 1
        if self._problem is not None:
            raise self._problem


class MarkedSource(FakeSource):
    """A `FakeSource` that can tell that nothing was written."""

    def change_marker(self) -> int:
        self._asked("change_marker")
        return self.writes


def columns(points: Sequence[Point]) -> Points:
    """`points` as three columns."""
    steps, wall_times_s, values = zip(*points, strict=True) if points else ((), (), ())
    return Points(np.array(steps, np.int64), np.array(wall_times_s, np.float64), np.array(values, np.float64))


def unavailable() -> SourceError:
    """What a place that does not answer raises."""
    return SourceUnavailable("memory does not answer. Trying again.")


def _is_selected(run: Run, selection: Selection) -> bool:
    return run.experiment_id in selection.experiment_ids or run.id in selection.run_ids


if TYPE_CHECKING:
    _: RunSource = FakeSource()
    __: ChangeMarker = MarkedSource()
