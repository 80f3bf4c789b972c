"""Experiments, runs and curves in a few words, as a place that holds them and as a Board that shows them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from tb_aml_plugin import run_names
from tb_aml_plugin.board import Board, Health, Snapshot, Sync
from tb_aml_plugin.model import Experiment, ExperimentId, Run, RunId, RunStatus
from tb_aml_plugin.provider import RunHistoryDataProvider
from tb_aml_plugin.scalars import StepMode
from tb_aml_plugin.series_cache import SeriesCache
from tb_aml_plugin.sources.base import Selection
from tests.support.fake_source import FakeSource, MarkedSource

EPOCH_S = 1_700_000_000.0


class BoardBuilder:
    """``BoardBuilder().experiment("ridge").run("train").metric("loss", steps=3)``: each word adds to the one before.

    Ids are names: of an experiment ``"id of ridge"``, of a run ``"train-0123456789"``.
    """

    def __init__(self, *, marked: bool = False) -> None:
        self.source = MarkedSource() if marked else FakeSource()
        self._experiment = ExperimentId("")
        self._run = RunId("")
        self._count = 0

    def experiment(self, name: str) -> BoardBuilder:
        self._experiment = ExperimentId(f"id of {name}")
        self.source.put(Experiment(self._experiment, name))
        return self

    def run(
        self,
        name: str,
        *,
        start: float | None = None,
        end: float | None = None,
        status: RunStatus = RunStatus.RUNNING,
        parent: str = "",
        params: Mapping[str, str] | None = None,
        run_id: str = "",
    ) -> BoardBuilder:
        """A run, by default started a second after the one before; one with an `end` has finished."""
        self._count += 1
        self._run = RunId(run_id) if run_id else id_of(name)
        self.source.put(
            Run(
                self._run,
                self._experiment,
                name,
                RunStatus.FINISHED if end is not None and status is RunStatus.RUNNING else status,
                EPOCH_S + self._count if start is None else start,
                end,
                id_of(parent) if parent else None,
                params or {},
            )
        )
        return self

    def metric(
        self, tag: str, values: Sequence[float] = (), *, steps: int | Sequence[int] = 0, start: float = EPOCH_S
    ) -> BoardBuilder:
        """A curve of the newest run: `values` at `steps`, or as many halves of 1 as `steps` says; a point a second."""
        at = range(steps or len(values)) if isinstance(steps, int) else steps
        numbers = values or [0.5**n for n in range(len(at))]
        points = [(step, start + n, value) for n, (step, value) in enumerate(zip(at, numbers, strict=True))]
        self.source.log(self._run, tag, *points)
        return self

    def snapshot(self, version: int = 1) -> Snapshot:
        """What a poll would show now."""
        experiments = {experiment.id: experiment for experiment in self.source.experiments()}
        runs = self.source.runs(Selection(tuple(experiments), max_runs=10_000), {})
        names = run_names.assign(runs, {}, experiments, {})
        ordered = {names[run.id]: run for run in sorted(runs, key=run_names.by_start)}
        return Snapshot(
            runs=MappingProxyType(ordered),
            experiments=MappingProxyType(experiments),
            existing=tuple(experiments.values()),
            version=version,
            health=Health(Sync.LIVE, version, time.time()),
        )

    def board(self) -> Board:
        """A Board that shows everything."""
        board = Board(self.source.location)
        board.publish(self.snapshot())
        return board


class Shown:
    """What a `BoardBuilder` holds, as TensorBoard gets it."""

    def __init__(self, built: BoardBuilder, mode: StepMode, budget_bytes: int) -> None:
        self.built = built
        self.board = built.board()
        self.cache = SeriesCache(built.source, mode, budget_bytes)
        self.provider = RunHistoryDataProvider(self.board, self.cache)

    def refresh(self) -> None:
        """Shows what is there now."""
        self.board.publish(self.built.snapshot(self.board.snapshot.version + 1))


@contextlib.contextmanager
def shown(built: BoardBuilder, mode: StepMode = StepMode.AUTO, budget_bytes: int = 2**24) -> Iterator[Shown]:
    """`built` behind a provider, until the end of the context."""
    running = Shown(built, mode, budget_bytes)
    try:
        yield running
    finally:
        running.cache.close()
        running.cache.join(10)


def id_of(name: str) -> RunId:
    """The id that `BoardBuilder.run` gives to the run `name`."""
    return RunId(f"{name}-0123456789")
