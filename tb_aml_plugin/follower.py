"""Keeps the Board true to the place: asks it at every reload, writes what it learns."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Hashable, Iterable, Mapping
from types import MappingProxyType

from tb_aml_plugin import run_names
from tb_aml_plugin.board import Board, Health, Snapshot, Sync
from tb_aml_plugin.errors import SourceError
from tb_aml_plugin.experiment_names import match
from tb_aml_plugin.model import Experiment, ExperimentId, Run, RunId
from tb_aml_plugin.sources.base import ChangeMarker, RunSource, Selection

GRACE_S = 60.0
"""How long a run that ended is asked about as if it were running: last points may still be on their way."""

FULL_LISTING_S = 60.0
"""How often everything is listed afresh, so that edits and deletions of ended runs are seen."""


@dataclasses.dataclass(frozen=True, slots=True)
class Wanted:
    """What the user asked to see; see `flags.Settings`."""

    experiments: tuple[str, ...]
    run_ids: tuple[RunId, ...] = ()
    filter: str = ""
    order_by: tuple[str, ...] = ()
    max_runs: int = 500


class Follower:
    """Polls a source and publishes to a Board, on a thread of its own.

    *Settled runs.* A run that ended more than `GRACE_S` seconds ago is settled: sources need not look at it again,
    but once in `FULL_LISTING_S` seconds everything is listed in full. *Nothing new.* Where the source can tell that
    nothing was written since the last poll, a poll is that one question.

    **Failure.** A poll that fails leaves what the Board shows as it is, says why in its `Health` and, once for each
    new problem, through `report`; the next poll tries again.
    """

    def __init__(
        self,
        source: RunSource,
        board: Board,
        wanted: Wanted,
        *,
        interval_s: float,
        report: Callable[[str], None],
        now_s: Callable[[], float] = time.time,
        published: Callable[[Snapshot], None] = lambda snapshot: None,
    ) -> None:
        """
        Args:
          interval_s: pause between two polls; 0 polls until it has succeeded once, then stops.
          report: gets one line for the terminal.
          published: called after every poll that changed what is shown, on the follower's thread.
        """
        self._source = source
        self._board = board
        self._wanted = wanted
        self._interval_s = interval_s
        self._report = report
        self._now_s = now_s
        self._published = published
        self._marker: Hashable | None = None
        self._runs: dict[RunId, Run] = {}
        self._parents: dict[RunId, Run] = {}
        self._names: dict[RunId, str] = {}
        self._listed_in_full_s = float("-inf")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="aml-follower", daemon=True)

    def start(self) -> None:
        """Begins to poll; returns at once."""
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Ends polling; waits at most `timeout_s` seconds for a poll under way."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def poll(self) -> None:
        """Asks the place once and publishes the answer, or the failure."""
        try:
            snapshot = self._look()
        except SourceError as error:
            self._failed(str(error))
        # The thread must outlive a defect in one poll, or the dashboards would go stale without a word.
        except Exception as error:  # noqa: BLE001
            self._failed(f"Reading {self._board.location} failed unexpectedly ({type(error).__name__}: {error}).")
        else:
            self._succeeded(snapshot)

    def _follow(self) -> None:
        while not self._stop.is_set():
            self.poll()
            done = self._board.snapshot.health.sync is Sync.ONCE
            if done or self._stop.wait(self._interval_s or 1.0):
                return

    def _look(self) -> Snapshot:
        """What is to be shown now; the Board's own snapshot where nothing has changed."""
        before = self._board.snapshot
        marker = self._source.change_marker() if isinstance(self._source, ChangeMarker) else None
        # Grace ends without a write; nothing else can change without one.
        if marker is not None and marker == self._marker and before.health.sync is Sync.LIVE:
            return before
        existing = self._source.experiments()
        chosen = {experiment.id for experiment in match(self._wanted.experiments, existing).experiments}
        runs = self._source.runs(self._selection(chosen), self._settled())
        self._runs = {run.id: run for run in runs}
        self._find_parents()
        self._marker = marker
        shown = chosen | {run.experiment_id for run in runs}
        return self._shown(before, {experiment.id: experiment for experiment in existing if experiment.id in shown})

    def _selection(self, experiment_ids: Iterable[ExperimentId]) -> Selection:
        wanted = self._wanted
        return Selection(tuple(sorted(experiment_ids)), wanted.run_ids, wanted.filter, wanted.order_by, wanted.max_runs)

    def _settled(self) -> dict[RunId, Run]:
        now_s = self._now_s()
        if now_s - self._listed_in_full_s >= FULL_LISTING_S:
            self._listed_in_full_s = now_s
            return {}
        return {run.id: run for run in self._runs.values() if _is_settled(run, now_s)}

    def _find_parents(self) -> None:
        """Parents that were not selected themselves, up to the root: they name their children."""
        known = {**self._parents, **self._runs}
        wanted = {run.parent_id for run in self._runs.values() if run.parent_id} - known.keys()
        while wanted:
            found = self._source.find_runs(sorted(wanted))
            self._parents.update((run.id, run) for run in found)
            known.update(self._parents)
            wanted = {run.parent_id for run in found if run.parent_id} - known.keys()

    def _shown(self, before: Snapshot, experiments: Mapping[ExperimentId, Experiment]) -> Snapshot:
        self._names = run_names.assign(self._runs.values(), self._parents, experiments, self._names)
        ordered = sorted(self._runs.values(), key=run_names.by_start)
        runs = {self._names[run.id]: run for run in ordered}
        if runs == before.runs and experiments == before.experiments and before.version:
            return before
        return Snapshot(MappingProxyType(runs), MappingProxyType(dict(experiments)), before.version + 1)

    def _succeeded(self, snapshot: Snapshot) -> None:
        health = self._board.snapshot.health
        if health.problem:
            self._report(f"{self._board.location} answers again.")
        sync = Sync.LIVE if self._interval_s else Sync.ONCE
        changed = snapshot is not self._board.snapshot
        snapshot = dataclasses.replace(snapshot, health=Health(sync, health.polls + 1, self._now_s()))
        self._board.publish(snapshot)
        if changed:
            self._published(snapshot)

    def _failed(self, problem: str) -> None:
        before = self._board.snapshot
        self._marker = None
        if problem != before.health.problem:
            self._report(problem)
        health = Health(Sync.FAILING, before.health.polls + 1, before.health.last_success_s, problem)
        self._board.publish(dataclasses.replace(before, health=health))


def _is_settled(run: Run, now_s: float) -> bool:
    return run.status.is_terminal and run.end_time_s is not None and now_s - run.end_time_s > GRACE_S
