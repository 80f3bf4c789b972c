"""The curves of runs, read from a source in the order that costs it least."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tb_aml_plugin.model import Points, Run, RunId, ScalarSeries
from tb_aml_plugin.scalars import StepMode, to_series
from tb_aml_plugin.sources.base import ReadsWholeRuns, RunSource

_MOST_POINTS_AT_ONCE = 200_000
"""Rows of one answer, some 60 MB as Python holds them; a longer run is read metric by metric."""

_RUNS_AT_ONCE = 32


def batch_size(source: RunSource) -> int:
    """How many runs are best read together."""
    return 1 if isinstance(source, ReadsWholeRuns) else _RUNS_AT_ONCE


def read(source: RunSource, runs: Sequence[Run], mode: StepMode) -> Iterator[tuple[RunId, str, ScalarSeries]]:
    """(run, metric, curve) of all that was logged to `runs`, every point of it, in any order.

    At most one run of `_MOST_POINTS_AT_ONCE` points, or one metric of few runs, is in memory at a time.

    Raises:
      SourceError: see `RunSource.histories`.
    """
    for run_id, metric, points in _points(source, runs):
        series = to_series(points, mode)
        if len(series):
            yield run_id, metric, series


def _points(source: RunSource, runs: Sequence[Run]) -> Iterator[tuple[RunId, str, Points]]:
    left = list(runs)
    if isinstance(source, ReadsWholeRuns):
        left = []
        for run in runs:
            whole = source.whole_history(run.id, _MOST_POINTS_AT_ONCE) if run.metrics else {}
            if whole is None:
                left.append(run)
            else:
                yield from ((run.id, metric, points) for metric, points in sorted(whole.items()))
    for metric in sorted({metric for run in left for metric in run.metrics}):
        having = [run.id for run in left if metric in run.metrics]
        yield from ((run_id, metric, points) for run_id, points in source.histories(metric, having))
