"""The run table and the curves as files: CSV for spreadsheets, JSON for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from tb_aml_plugin.board import Snapshot
from tb_aml_plugin.model import Run, ScalarSeries
from tb_aml_plugin.series_cache import SeriesCache
from tb_aml_plugin.tab.wire import Cell
from tb_aml_plugin.tab.words import USER_TAG, as_number, label, number, status
from tb_aml_plugin.tasks import Cancelled, Task, Tasks

Format = Literal["csv", "json"]
MEDIA_TYPES: Mapping[Format, str] = {"csv": "text/csv; charset=utf-8", "json": "application/json"}

CURVE_TIMEOUT_S = 60.0
_RUNS_AT_ONCE = 50
_ROWS_AT_ONCE = 500
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

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
_POINT_COLUMNS = ("run", "name", "metric", "step", "wall_time_s", "value")


def runs(
    snapshot: Snapshot, wanted: Iterable[int], columns: Sequence[tuple[str, Callable[[Run], Cell]]], kind: Format
) -> Iterator[bytes]:
    """The runs at the indices `wanted` of `Snapshot.runs`, a line or an object each.

    Args:
      columns: key and what gets a run's cell; they follow those that every run has.
    """
    names = {experiment.id: experiment.name for experiment in snapshot.experiments.values()}
    named = list(snapshot.runs.items())
    header = [*_FIXED, *(key for key, _ in columns)]
    chosen = (named[index] for index in wanted)
    rows = (
        [
            *(get(name, run, names.get(run.experiment_id, str(run.experiment_id))) for get in _FIXED.values()),
            *(get(run) for _, get in columns),
        ]
        for name, run in chosen
    )
    return _written(header, rows, kind)


def curves(
    cache: SeriesCache, tasks: Tasks, named: Mapping[str, Run], metrics: Sequence[str], kind: Format
) -> Iterator[bytes]:
    """Every point of `metrics` of the runs `named`, a line or an object each.

    Ends early when someone cancels the task, and where a curve does not arrive within `CURVE_TIMEOUT_S` seconds: the
    file then says so in its last line, rather than look whole.
    """
    return _written(_POINT_COLUMNS, _points(cache, tasks, named, metrics), kind)


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


def _written(header: Sequence[str], rows: Iterable[Sequence[Cell]], kind: Format) -> Iterator[bytes]:
    return _csv(header, rows) if kind == "csv" else _json(header, rows)


def _csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([plain(name) for name in header])
    for count, row in enumerate(rows, 1):
        writer.writerow([plain(cell) for cell in row])
        if count % _ROWS_AT_ONCE == 0:
            yield text.getvalue().encode("utf-8", "replace")
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode("utf-8", "replace")


def _json(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    before = "[\n"
    for row in rows:
        yield (before + json.dumps(dict(zip(header, row, strict=True)))).encode()
        before = ",\n"
    yield b"\n]\n" if before != "[\n" else b"[]\n"


def plain(cell: Cell) -> Cell:
    """`cell` so that a spreadsheet takes it for what it is: a text that looks like a formula gets an apostrophe.

    Without NUL, which Python 3.10 cannot write.
    """
    if not isinstance(cell, str):
        return cell
    text = cell.replace("\0", "")
    return f"'{text}" if text.startswith(_FORMULA) and as_number(text) is None else text
