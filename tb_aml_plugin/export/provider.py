"""The data provider of one run, as the dashboards would have it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from types import MappingProxyType

from tb_aml_plugin.board import Board, Health, Snapshot, Sync
from tb_aml_plugin.export.task import Task
from tb_aml_plugin.model import Experiment
from tb_aml_plugin.provider import RunHistoryDataProvider
from tb_aml_plugin.scalars import StepMode
from tb_aml_plugin.series_cache import SeriesCache
from tb_aml_plugin.sources.base import RunSource

_CACHE_BYTES = 2**20


@contextlib.contextmanager
def of_run(source: RunSource, task: Task) -> Iterator[RunHistoryDataProvider]:
    """A provider that shows the run of `task` alone."""
    board = Board(source.location)
    experiment = Experiment(task.run.experiment_id, task.experiment)
    board.publish(
        Snapshot(
            runs=MappingProxyType({task.name: task.run}),
            experiments=MappingProxyType({experiment.id: experiment}),
            version=1,
            health=Health(Sync.ONCE, polls=1),
        )
    )
    cache = SeriesCache(source, StepMode.AUTO, _CACHE_BYTES)
    try:
        yield RunHistoryDataProvider(board, cache)
    finally:
        cache.close()
