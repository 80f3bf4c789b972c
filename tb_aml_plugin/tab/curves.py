"""Curves as the page draws them: as few points as the screen can show, no peak lost. Pure but for the cache."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tb_aml_plugin.model import Run, ScalarSeries
from tb_aml_plugin.series_cache import SeriesCache
from tb_aml_plugin.tab.wire import Curve, Curves, Sparklines

SPARKLINE_POINTS = 60
_ODD_POINTS = 100
"""So many of the points that are NaN or infinite are drawn beside the others."""


@dataclass(frozen=True, slots=True)
class Window:
    """The part of curves to draw.

    Attributes:
      points: at most about so many of each curve; never under 4.
      lowest, highest: bounds on the axis, both included, so that a zoom gets every point within.
      by_wall_time: whether the bounds are seconds since the Unix epoch; steps otherwise.
    """

    points: int = 1000
    lowest: float = float("-inf")
    highest: float = float("inf")
    by_wall_time: bool = False


def curves(cache: SeriesCache, metric: str, runs: Sequence[Run], window: Window, timeout_s: float) -> Curves:
    """`metric` of each of `runs` that has it, in the order of `runs`.

    Waits at most `timeout_s` seconds; what has not arrived by then is named as missing.
    """
    found = cache.read(metric, runs, lambda series: _curve(series, window), timeout_s)
    having = [run for run in runs if metric in run.metrics]
    return {
        "metric": metric,
        "curves": [{**found[run.id], "run": run.id} for run in having if run.id in found],
        "missing": [run.id for run in having if run.id not in found],
        "problem": cache.problem,
    }


def sparklines(cache: SeriesCache, metric: str, runs: Iterable[Run], timeout_s: float) -> Sparklines:
    """`metric` of each of `runs` whose curve has arrived within `timeout_s` seconds, in at most 60 points."""
    found = cache.read(metric, runs, _sparkline, timeout_s)
    return {"metric": metric, "values": {str(run_id): values for run_id, values in found.items()}}


def reduced(values: npt.NDArray[np.float64], most: int) -> npt.NDArray[np.intp]:
    """Indices, increasing, of at most `most` points that draw like all of `values`.

    First and last stay; of each stretch between, the lowest and the highest: what a screen shows of a curve that has
    more points than it has pixels.
    """
    n = len(values)
    if n <= max(most, 4):
        return np.arange(n)
    stretches = max(1, (most - 2) // 2)
    width = -(-(n - 2) // stretches)
    middle = np.full(width * -(-(n - 2) // width), np.nan)
    middle[: n - 2] = values[1:-1]
    middle[~np.isfinite(middle)] = np.nan
    blocks = middle.reshape(-1, width)
    starts = 1 + width * np.arange(len(blocks))
    lowest = np.where(np.isnan(blocks), np.inf, blocks).argmin(axis=1)
    highest = np.where(np.isnan(blocks), -np.inf, blocks).argmax(axis=1)
    return np.union1d(np.concatenate(([0, n - 1], starts + lowest)), starts + highest).astype(np.intp)


def _curve(series: ScalarSeries, window: Window) -> Curve:
    axis = series.wall_times_s if window.by_wall_time else series.steps
    within = np.flatnonzero((axis >= window.lowest) & (axis <= window.highest))
    odd = np.flatnonzero(~np.isfinite(series.values[within]))
    told = odd[:: -(-len(odd) // _ODD_POINTS) or 1]  # so that none goes unseen where there are few
    kept = within[np.union1d(reduced(series.values[within], window.points), told)]
    return {
        "run": "",
        "steps": series.steps[kept].tolist(),
        "wall_times_s": series.wall_times_s[kept].tolist(),
        "values": _finite(series.values[kept]),
        "points": len(within),
        "not_finite": len(odd),
        "first_wall_time_s": float(series.wall_times_s.min()) if len(series) else 0.0,
    }


def _sparkline(series: ScalarSeries) -> list[float | None]:
    values = _finite(series.values[reduced(series.values, SPARKLINE_POINTS)])
    return [None if value is None else float(f"{value:.4g}") for value in values]


def _finite(values: npt.NDArray[np.float64]) -> list[float | None]:
    return [value if np.isfinite(value) else None for value in values.tolist()]
