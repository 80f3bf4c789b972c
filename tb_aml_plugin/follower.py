"""Keeps the Board true to the place: asks it at every reload, writes what it learns."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Hashable, Iterable, Mapping
from types import MappingProxyType

from tb_aml_plugin import run_names, under_way
from tb_aml_plugin.board import Board, Health, Snapshot, Sync
from tb_aml_plugin.errors import SourceError
from tb_aml_plugin.experiment_names import match, unknown_experiment
from tb_aml_plugin.listing import above, listed
from tb_aml_plugin.model import Experiment, ExperimentId, Run, RunId, SignIn
from tb_aml_plugin.sources.abilities import Cautions, SignsIn, Unfolds
from tb_aml_plugin.sources.base import ChangeMarker, RunSource
from tb_aml_plugin.target import masked
from tb_aml_plugin.tasks import Cancelled, Task
from tb_aml_plugin.wanted import Wanted

GRACE_S = 60.0
"""How long a run that ended is asked about as if it were running: last points may still be on their way."""

FULL_LISTING_S = 60.0
"""How often everything is listed afresh, so that edits and deletions of ended runs are seen."""


class Follower:
    """Polls a source and publishes to a Board, on a thread of its own.

    *Settled runs.* A run that ended more than `GRACE_S` seconds ago, or at a time unknown, is settled: sources need not
    look at it again, but once in `FULL_LISTING_S` seconds everything is listed in full. *Nothing new.* Where the source can tell that
    nothing was written since the last poll, a poll is that one question.

    *Questions.* `want`, `resume` and `ask` make a poll begin at once. Each returns a number: when the Board's `Health`
    has it under `asked`, or a larger one, a poll that began after the call has ended.

    *Giving up.* A poll can be ended by way of its `task`. What a change of what is wanted would have brought is then given
    up with it; where nothing was changed, polling rests as if paused.

    **Failure.** A poll that fails leaves what the Board shows as it is, says why in its `Health` and, once for each
    new problem, through `report`; the next poll tries again. An experiment that was asked for by name and is not there
    is reported too.
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
        names: Mapping[RunId, str] = MappingProxyType({}),
        greet: Callable[[Wanted], Wanted] | None = None,
    ) -> None:
        """
        Args:
          interval_s: pause between two polls; 0 polls until it has succeeded once, then stops.
          report: gets one line for the terminal.
          names: what runs were called before; see `run_names.assign`.
          published: called after every poll that changed what is shown, on the follower's thread.
          greet: called when the place answers for the first time, with what is wanted; gives what is really meant.
            Raises `SourceError` if the place does not answer after all.
        """
        self._source = source
        self._board = board
        self._at_start = wanted
        self._wanted = wanted
        self._looked_for: Wanted | None = None
        self._interval_s = interval_s
        self._report = report
        self._now_s = now_s
        self._published = published
        self._published_version = 0
        self._greet = greet
        self._marker: Hashable | None = None
        self._runs: dict[RunId, Run] = {}
        self._parents: dict[RunId, Run] = {}
        self._names: dict[RunId, str] = dict(names)
        self._existing: tuple[Experiment, ...] = ()
        self._unknown: frozenset[str] = frozenset()
        self._listed_in_full_s = float("-inf")
        self._afresh = False
        self._paused = False
        self.task: Task | None = None
        """The poll under way, with the runs that it has read; None between two polls."""
        self._asked = 0
        self._changing = threading.Lock()
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="aml-follower", daemon=True)

    def start(self) -> None:
        """Begins to poll; returns at once."""
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Ends polling; waits at most `timeout_s` seconds for a poll under way."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    @property
    def wanted(self) -> Wanted:
        """What is wanted now; the Board may not show it yet."""
        return self._wanted

    @property
    def wanted_at_start(self) -> Wanted:
        return self._at_start

    @property
    def asked(self) -> int:
        """The newest question; see `Health.asked`."""
        return self._asked

    def want(self, change: Callable[[Wanted], Wanted]) -> int:
        """Follows ``change(what was wanted)`` from now on."""
        with self._changing:
            self._wanted = change(self._wanted)
        return self.ask()

    @property
    def paused(self) -> bool:
        """Whether it polls only when asked to."""
        return self._paused

    def pause(self) -> None:
        """Polls only when asked to, from the end of a poll under way on. Curves are still read when a card is drawn."""
        self._paused = True

    def resume(self) -> int:
        """Polls as before."""
        self._paused = False
        return self.ask()

    def ask(self, *, afresh: bool = False) -> int:
        """Polls now; with `afresh`, lists ended runs too, because one of them was changed."""
        with self._changing:
            self._afresh = self._afresh or afresh
            self._asked += 1
            self._wake.set()
            return self._asked

    def poll(self) -> None:
        """Asks the place once and publishes the answer, or the failure."""
        asked = self._asked
        task = self.task = Task(f"runs-{self._board.snapshot.health.polls}", "Reading the runs", None, self._now_s())
        try:
            with under_way.told(task.advance):
                snapshot = self._look()
            self._succeeded(snapshot, asked)
        except Cancelled:
            self._given_up(asked)
        except SourceError as error:
            self._failed(str(error), asked)
        # The thread must outlive a defect in one poll, or the dashboards would go stale without a word.
        except Exception as error:  # noqa: BLE001
            self._failed(
                f"Reading {self._board.location} failed unexpectedly ({type(error).__name__}: {masked(str(error))}).",
                asked,
            )
        finally:
            self.task = None

    def _follow(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            self.poll()
            self._rest()

    def _rest(self) -> None:
        """Waits until the next poll is due, or asked for."""
        is_done = self._board.snapshot.health.sync is Sync.ONCE
        while not self._wake.wait(None if is_done or self._paused else self._interval_s or 1.0) and self._paused:
            pass  # paused while it waited

    def _look(self) -> Snapshot:
        """What is to be shown now; the Board's own snapshot where nothing has changed."""
        if self._greet:
            self._at_start = meant = self._greet(self._at_start)
            with self._changing:  # what was changed meanwhile stays so
                self._wanted = dataclasses.replace(self._wanted, experiments=meant.experiments, run_ids=meant.run_ids)
            self._greet = None
        before, wanted = self._board.snapshot, self._wanted
        marker = self._source.change_marker() if isinstance(self._source, ChangeMarker) else None
        # Grace ends without a write; nothing else can change without one.
        same = wanted is self._looked_for and not self._afresh
        if same and marker is not None and marker == self._marker and before.health.sync in (Sync.LIVE, Sync.ONCE):
            return before
        self._existing = tuple(
            sorted(self._source.experiments(), key=lambda experiment: (experiment.name, experiment.id))
        )
        self._report_unknown(match(wanted.experiments, self._existing).unknown)
        chosen = wanted.chosen(self._existing)
        settled = self._settled(same)
        runs, more = listed(self._source, wanted, chosen, settled)
        if settled and self._runs.keys() - settled.keys() - {run.id for run in runs}:
            # One that went on is not among those that changed: deleted, or ended without a time. All of them tell.
            runs, more = listed(self._source, wanted, chosen, self._settled(same=False))
        under_way.count(0)  # whoever gave up may have come too late for the last page
        self._runs = {run.id: run for run in runs}
        self._find_parents()
        self._marker, self._looked_for = marker, wanted
        shown = chosen | {run.experiment_id for run in runs}
        experiments = {experiment.id: experiment for experiment in self._existing if experiment.id in shown}
        return self._shown(before, experiments, wanted.max_runs, more)

    def _report_unknown(self, names: Iterable[str]) -> None:
        """Tells of names that are not there: mistyped while the place was down at the start, or deleted since."""
        for name in sorted(set(names) - self._unknown):
            problem = unknown_experiment(name, self._existing, self._board.location)
            self._report(f"{problem} It is shown as soon as it exists.")
        self._unknown = frozenset(names)

    def _settled(self, same: bool) -> dict[RunId, Run]:
        """The runs that need not be listed; none where what is wanted has changed: they are of another choice."""
        now_s = self._now_s()
        if not same or now_s - self._listed_in_full_s >= FULL_LISTING_S:
            self._afresh = False
            self._listed_in_full_s = now_s
            self._parents = {}
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

    def _shown(
        self, before: Snapshot, experiments: Mapping[ExperimentId, Experiment], limit: int, more: bool
    ) -> Snapshot:
        self._names = run_names.assign(self._runs.values(), self._parents, experiments, self._names)
        ordered = sorted(self._runs.values(), key=run_names.by_start)
        runs = {self._names[run.id]: run for run in ordered}
        parents = above(self._runs, self._parents)
        made = Snapshot(
            MappingProxyType(runs),
            MappingProxyType(dict(experiments)),
            MappingProxyType(parents),
            limit=limit,
            more=more,
        )
        if before.version and made.is_like(before):
            return before
        return dataclasses.replace(made, version=before.version + 1)

    def _succeeded(self, snapshot: Snapshot, asked: int) -> None:
        health = self._board.snapshot.health
        if health.problem:
            self._report(f"{self._board.location} answers again.")
        goes_on = self._interval_s or (isinstance(self._source, Unfolds) and not self._source.is_complete)
        sync = Sync.LIVE if goes_on else Sync.ONCE
        health = self._cautioned(
            Health(sync, health.polls + 1, self._now_s(), asked=asked, sign_in=self._sign_in()), health
        )
        snapshot = dataclasses.replace(snapshot, health=health, existing=self._existing)
        self._board.publish(snapshot)
        if snapshot.version != self._published_version:
            self._published(snapshot)
            self._published_version = snapshot.version

    def _cautioned(self, health: Health, before: Health) -> Health:
        caution = self._source.caution if isinstance(self._source, Cautions) else ""
        if caution and caution != before.caution:
            self._report(caution)
        since_s = before.cautious_since_s if caution == before.caution else self._now_s()
        return dataclasses.replace(health, caution=caution, cautious_since_s=since_s if caution else None)

    def _given_up(self, asked: int) -> None:
        """Goes back to what was wanted before the change that was being read; where there was none, rests."""
        with self._changing:
            if self._looked_for is None or self._wanted is self._looked_for:
                self._paused = True
            else:
                self._wanted = self._looked_for
        before = self._board.snapshot
        health = dataclasses.replace(before.health, polls=before.health.polls + 1, asked=asked)
        self._board.publish(dataclasses.replace(before, health=health))

    def _failed(self, problem: str, asked: int) -> None:
        before = self._board.snapshot
        since_s = before.health.failing_since_s
        self._marker = None
        self._listed_in_full_s = float("-inf")  # it may have been a listing in full that failed
        if problem != before.health.problem:
            self._report(problem)
        health = Health(
            Sync.FAILING,
            before.health.polls + 1,
            before.health.last_success_s,
            problem,
            self._now_s() if since_s is None else since_s,
            asked=asked,
            sign_in=self._sign_in(),
        )
        self._board.publish(dataclasses.replace(before, health=health))

    def _sign_in(self) -> SignIn | None:
        return self._source.sign_in if isinstance(self._source, SignsIn) else None


def _is_settled(run: Run, now_s: float) -> bool:
    return run.status.is_terminal and (run.end_time_s is None or now_s - run.end_time_s > GRACE_S)
