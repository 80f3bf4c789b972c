"""Logged points → the curve that a dashboard draws. Pure."""

from __future__ import annotations

import enum

import numpy as np

from tb_aml_plugin.model import Points, ScalarSeries


class StepMode(enum.Enum):
    """What stands on the step axis."""

    AUTO = "auto"
    """Logged steps; but where every point has the same one (MLflow's default is 0), as with INDEX."""
    LOGGED = "logged"
    """Logged steps; of points that share one, the newest stays."""
    INDEX = "index"
    """0, 1, 2 … in the order of wall time; no point is dropped."""


def to_series(points: Points, mode: StepMode) -> ScalarSeries:
    """The curve of `points`: steps strictly increasing, every value as logged, NaN and ±inf included.

    Points that share a step: the one with the newest wall time wins, and of equal times the one logged last.
    """
    if mode is StepMode.INDEX or (mode is StepMode.AUTO and _all_steps_equal(points)):
        order = np.lexsort((points.steps, points.wall_times_s))
        return _take(points, order, np.arange(len(points), dtype=np.int64))
    if len(points) < 2 or (points.steps[1:] > points.steps[:-1]).all():
        return ScalarSeries(points.steps, points.wall_times_s, points.values)
    order = np.lexsort((points.wall_times_s, points.steps))
    steps = points.steps[order]
    newest = np.append(steps[1:] != steps[:-1], True)
    return _take(points, order[newest], steps[newest])


def _all_steps_equal(points: Points) -> bool:
    return len(points) > 1 and bool((points.steps == points.steps[0]).all())


def _take(points: Points, order: np.ndarray[tuple[int], np.dtype[np.intp]], steps: np.ndarray) -> ScalarSeries:
    return ScalarSeries(steps, points.wall_times_s[order], points.values[order])
