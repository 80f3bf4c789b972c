"""The run table and the curves as rows of a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from tb_aml_plugin.board import Snapshot
from tb_aml_plugin.model import Run, ScalarSeries
from tb_aml_plugin.series_cache import SeriesCache
from tb_aml_plugin.tab.export_formats import Field, Format
from tb_aml_plugin.tab.wire import Cell
from tb_aml_plugin.tab.words import USER_TAG, label, number, status
from tb_aml_plugin.tasks import Cancelled, Task, Tasks

CURVE_TIMEOUT_S = 60.0
_RUNS_AT_ONCE = 50

_FIXED: Mapping[str, Callable[[str, Run, str], Cell]] = {
    "id": lambda name, run, experiment: run.id,
    "name": lambda name, run, experiment: name,
    "label": lambda name, run, experiment: label(run),
    "experiment": lambda name, run, experiment: experiment,
    "parent": lambda name, run, experiment: run.parent_id,
    "status": lambda name, run, experiment: status(run),
    "start_s": lambda name, run, experiment: run.start_time_s,
    "end_s": lambda name, run, experiment: run.end_time_s,
    "user": lambda name, run, experiment: run.tags.get(USER_TAG, ""),
}
_NUMBERS = ("start_s", "end_s")
_POINT_FIELDS = (
    *(Field(name) for name in ("run", "name", "metric")),
    Field("step", "whole"),
    *(Field(name, "number") for name in ("wall_time_s", "value")),
)


def runs(
    snapshot: Snapshot, wanted: Iterable[int], columns: Sequence[tuple[str, Callable[[Run], Cell]]], kind: Format
) -> Iterator[bytes]:
    """The runs at the indices `wanted` of `Snapshot.runs`, a line or an object each.

    Args:
      columns: key and what gets a run's cell; they follow those that every run has.
    """
    names = {experiment.id: experiment.name for experiment in snapshot.experiments.values()}
    named = list(snapshot.runs.items())
    keys = [*_FIXED, *(key for key, _ in columns)]
    fields = [Field(key, "number" if key in _NUMBERS or key.startswith("metrics.") else "text") for key in keys]
    chosen = (named[index] for index in wanted)
    rows = (
        [
            *(get(name, run, names.get(run.experiment_id, str(run.experiment_id))) for get in _FIXED.values()),
            *(get(run) for _, get in columns),
        ]
        for name, run in chosen
    )
    return kind.write(fields, rows)


def curves(
    cache: SeriesCache, tasks: Tasks, named: Mapping[str, Run], metrics: Sequence[str], kind: Format
) -> Iterator[bytes]:
    """Every point of `metrics` of the runs `named`, a line or an object each.

    Ends early when someone cancels the task, and where a curve does not arrive within `CURVE_TIMEOUT_S` seconds: the
    file then says so in its last line, rather than look whole.
    """
    return kind.write(_POINT_FIELDS, _points(cache, tasks, named, metrics))


def _points(
    cache: SeriesCache, tasks: Tasks, named: Mapping[str, Run], metrics: Sequence[str]
) -> Iterator[Sequence[Cell]]:
    total = sum(metric in run.metrics for run in named.values() for metric in metrics)
    with tasks.running("Exporting curves", total) as task:
        try:
            for metric in metrics:
                yield from _points_of(
                    cache, task, [pair for pair in named.items() if metric in pair[1].metrics], metric
                )
        except Cancelled as error:
            yield ["", f"INCOMPLETE: {error}", "", None, None, None]


def _points_of(
    cache: SeriesCache, task: Task, named: Sequence[tuple[str, Run]], metric: str
) -> Iterator[Sequence[Cell]]:
    for first in range(0, len(named), _RUNS_AT_ONCE):
        chunk = named[first : first + _RUNS_AT_ONCE]
        found: Mapping[Any, ScalarSeries] = cache.read(
            metric, [run for _, run in chunk], lambda series: series, CURVE_TIMEOUT_S
        )
        for name, run in chunk:
            if run.id not in found:
                raise Cancelled(f"{metric} of {name} did not arrive. {cache.problem}".strip())
            series = found[run.id]
            columns = (series.steps.tolist(), series.wall_times_s.tolist(), series.values.tolist())
            for step, wall_time_s, value in zip(*columns, strict=True):
                yield [run.id, name, metric, step, wall_time_s, number(value)]
            task.advance()
