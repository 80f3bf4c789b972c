"""Rows of an MLflow database as values of `model`. Pure."""

from __future__ import annotations

import dataclasses
import itertools
import operator
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tb_aml_plugin.model import PARENT_TAG, RUN_NAME_TAG, ExperimentId, LatestPoint, Points, Run, RunId, RunStatus

_INFINITY = sys.float_info.max
"""How MLflow stores ±inf, which some databases refuse (`SqlAlchemyStore.log_metric`)."""

_RUN_ID, _STEP, _TIMESTAMP_MS, _VALUE, _IS_NAN, _NUMBER = map(operator.itemgetter, range(6))
"""The columns of a row of points. Taking them one by one is half the work of ``zip(*rows)``."""

_EMPTY = Points(np.empty(0, np.int64), np.empty(0, np.float64), np.empty(0, np.float64))


def metric_value(value: float, is_nan: int | bool) -> float:
    """The logged number: MLflow stores NaN as 0 with a flag, and ±inf as the largest finite number."""
    if is_nan:
        return float("nan")
    if abs(value) >= _INFINITY:
        return float("inf") if value > 0 else float("-inf")
    return float(value)


def run_of(row: Sequence[Any]) -> Run:
    """The run of a row of run_uuid, experiment_id, name, status, start_time ms, end_time ms, artifact_uri; nothing logged."""
    id_, experiment_id, name, status, start_time_ms, end_time_ms, artifact_uri = row
    return Run(
        id=RunId(id_),
        experiment_id=ExperimentId(str(experiment_id)),
        display_name=name or "",
        status=RunStatus.parse(status),
        start_time_s=_seconds(start_time_ms),
        end_time_s=_seconds(end_time_ms),
        artifact_uri=artifact_uri or "",
    )


def completed(run: Run, params: Mapping[str, str], tags: Mapping[str, str], metrics: Mapping[str, LatestPoint]) -> Run:
    """`run` with what was logged to it, and with the name and parent that its tags tell."""
    parent = tags.get(PARENT_TAG)
    return dataclasses.replace(
        run,
        display_name=run.display_name or tags.get(RUN_NAME_TAG, ""),
        parent_id=RunId(parent) if parent else None,
        params=params,
        tags=tags,
        metrics=metrics,
    )


class PointColumns:
    """Points of some runs, put together from rows (run_uuid, step, timestamp ms, value, is_nan).

    Points of a run come as their rows did; of one step and time, where rows have a sixth column, as that says: it is
    the order in which they were logged. Rows are turned into columns as they come: a million of them as Python objects
    would take a gigabyte.
    """

    def __init__(self, run_ids: Sequence[RunId]) -> None:
        self._run_ids = run_ids
        self._number = {run_id: number for number, run_id in enumerate(run_ids)}
        self._owners: list[npt.NDArray[np.int32]] = []
        self._points: list[Points] = []
        self._numbers: list[npt.NDArray[np.int64]] = []

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        """Takes in `rows`; those of other runs count for nothing."""
        if not rows:
            return
        nobody = itertools.repeat(len(self._run_ids))
        owners = map(self._number.get, map(_RUN_ID, rows), nobody)
        self._owners.append(np.fromiter(owners, np.int32, len(rows)))
        steps = np.fromiter(map(_STEP, rows), np.int64, len(rows))
        times_s = np.fromiter(map(_TIMESTAMP_MS, rows), np.float64, len(rows)) / 1000.0
        self._points.append(Points(steps, times_s, _logged(rows)))
        if len(rows[0]) > 5:
            self._numbers.append(np.fromiter(map(_NUMBER, rows), np.int64, len(rows)))

    def by_run(self) -> Iterator[tuple[RunId, Points]]:
        """The points of every run, in the order in which the runs were given."""
        if not self._points:
            yield from ((run_id, _EMPTY) for run_id in self._run_ids)
            return
        owner = np.concatenate(self._owners)
        steps = np.concatenate([points.steps for points in self._points])
        times_s = np.concatenate([points.wall_times_s for points in self._points])
        values = np.concatenate([points.values for points in self._points])
        order = np.argsort(owner, kind="stable")
        if self._numbers and _has_ties(owner[order], steps[order], times_s[order]):
            order = np.lexsort((np.concatenate(self._numbers), owner))
        ends = np.searchsorted(owner[order], np.arange(len(self._run_ids)), side="right")
        start = 0
        for run_id, end in zip(self._run_ids, ends, strict=True):
            mine = order[start:end]
            yield run_id, Points(steps[mine], times_s[mine], values[mine])
            start = end


def _has_ties(*columns: npt.NDArray[Any]) -> bool:
    """Whether two rows that follow each other are equal in all of `columns`."""
    return bool(np.logical_and.reduce([column[1:] == column[:-1] for column in columns]).any())


def points_by_metric(rows: Sequence[Sequence[Any]]) -> dict[str, Points]:
    """The points of each metric of one run, from rows (key, step, timestamp ms, value, is_nan) in any order."""
    columns = PointColumns([RunId(metric) for metric in dict.fromkeys(row[0] for row in rows)])
    columns.add(rows)
    return {str(metric): points for metric, points in columns.by_run()}


def _logged(rows: Sequence[Sequence[Any]]) -> npt.NDArray[np.float64]:
    array = np.fromiter(map(_VALUE, rows), np.float64, len(rows))
    infinite = np.abs(array) >= _INFINITY
    if infinite.any():
        array[infinite] = np.copysign(np.inf, array[infinite])
    nan = np.fromiter(map(_IS_NAN, rows), np.bool_, len(rows))
    if nan.any():
        array[nan] = np.nan
    return array


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000
