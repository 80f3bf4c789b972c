"""Metrics that are no numbers, as Azure ML has them, as points of series. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from tb_aml_plugin import kinds
from tb_aml_plugin.errors import CannotShow
from tb_aml_plugin.kinds import arrays, table_values
from tb_aml_plugin.kinds.assembly import Piece
from tb_aml_plugin.kinds.base import File
from tb_aml_plugin.kinds.table_values import Rows
from tb_aml_plugin.media import Dashboard, InFile
from tb_aml_plugin.model import Run
from tb_aml_plugin.sources.base import TypedMetric

_KINDS = ("image", "confusion_matrix", "accuracy_table", "residuals", "predictions")
"""Those whose value is in a file, named as in `kinds.KINDS`."""


def pieces_of(metric: TypedMetric, run: Run, file: File | None) -> Iterator[Piece]:
    """What `metric` of `run` gives.

    Args:
      file: the one at `metric.path`, for a metric whose value is in a file.

    Raises:
      CannotShow: nothing, and why.
    """
    if metric.kind in _KINDS:
        yield from _of_file(metric, file)
    elif metric.kind == "table" or (metric.kind == "list" and _holds_texts(metric)):
        yield from _of_table(metric, run)
    elif metric.kind == "list":
        yield from _of_list(metric)
    else:
        raise CannotShow(f"It is a metric of the kind {metric.kind!r}, which no dashboard shows.")


def _of_file(metric: TypedMetric, file: File | None) -> Iterator[Piece]:
    if file is None:
        raise CannotShow("Its value is in a file that is not there.")
    for found in kinds.named(metric.kind).find(file):
        content = InFile(file.path, metric.kind, found.part, file.artifact.size_bytes)
        tag = metric.name + found.tag.removeprefix(file.path) if found.tag.startswith(file.path) else metric.name
        step = found.step if metric.step is None else metric.step
        yield Piece(found.dashboard, tag, content, step, metric.wall_time_s or found.wall_time_s)


def _of_table(metric: TypedMetric, run: Run) -> Iterator[Piece]:
    rows = _rows(metric)
    wall_time_s = metric.wall_time_s or run.start_time_s or 0.0
    for found in table_values.find(rows, metric.name):
        content = table_values.curve(rows, found.part, wall_time_s) if found.part else table_values.table(rows)
        yield Piece(found.dashboard, found.tag, content, metric.step, metric.wall_time_s)


def _holds_texts(metric: TypedMetric) -> bool:
    return any(isinstance(value, str) and _is_text(value) for column in metric.columns.values() for value in column)


def _is_text(value: str) -> bool:
    """Whether `value` is no number: JSON has no word for NaN and infinity, which come as texts."""
    try:
        float(value)
    except ValueError:
        return True
    return False


def _of_list(metric: TypedMetric) -> Iterator[Piece]:
    numbers = [value for column in metric.columns.values() for value in column if isinstance(value, (int, float))]
    if len(numbers) < arrays.LEAST_NUMBERS:
        return  # a curve of few points, which Scalars shows
    histogram = arrays.histogram(np.array(numbers, np.float64))
    yield Piece(Dashboard.HISTOGRAMS, metric.name, histogram, metric.step, metric.wall_time_s)


def _rows(metric: TypedMetric) -> Rows:
    values = list(itertools.zip_longest(*metric.columns.values()))
    return table_values.rows(
        metric.columns, values, metric.rows_total or len(values), is_whole=metric.rows_total is None
    )
