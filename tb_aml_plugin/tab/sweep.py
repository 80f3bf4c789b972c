"""A sweep: which params its runs differ in, and how each came out. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from tb_aml_plugin.model import Run
from tb_aml_plugin.tab.wire import Better, Cell, Sweep, SweepAxis
from tb_aml_plugin.tab.words import as_number, better, brief, number

_MOST_AXES = 50
_LOG_FROM = 100
"""Ratio of the largest to the smallest value from which a log scale tells more."""


def sweep(named: Mapping[str, Run], metric: str) -> Sweep:
    """The runs of `named` that have `metric`, in its order, which is that in which they started.

    Args:
      named: runs by their name in TensorBoard.
    """
    having = {name: run for name, run in named.items() if metric in run.metrics}
    runs = list(having.values())
    values = [run.metrics[metric].value for run in runs]
    which = better(metric)
    return {
        "metric": metric,
        "better": which,
        "runs": [brief(run) for run in runs],
        "names": list(having),
        "start_s": [run.start_time_s for run in runs],
        "values": [number(value) for value in values],
        "best": best_so_far(values, which),
        "axes": _axes(runs),
    }


def best_so_far(values: Iterable[float], which: Better) -> list[float | None]:
    """The best of the finite values until then; where nobody knows which way is better, the largest."""
    found: list[float | None] = []
    best: float | None = None
    for value in values:
        if math.isfinite(value) and (best is None or (value < best if which == "lower" else value > best)):
            best = value
        found.append(best)
    return found


def _axes(runs: Sequence[Run]) -> list[SweepAxis]:
    counts: dict[str, int] = {}
    for run in runs:
        for key in run.params:
            counts[key] = counts.get(key, 0) + 1
    keys = sorted(counts, key=lambda key: (-counts[key], key))
    varying = [key for key in keys if len({run.params.get(key) for run in runs}) > 1]
    return [_axis(key, [run.params.get(key) for run in runs]) for key in varying[:_MOST_AXES]]


def _axis(key: str, texts: Sequence[str | None]) -> SweepAxis:
    numbers = [None if text is None else as_number(text) for text in texts]
    numeric = all(value is not None for value, text in zip(numbers, texts, strict=True) if text is not None)
    finite = [value for value in numbers if value is not None and math.isfinite(value)]
    values: list[Cell] = [*texts]
    if numeric:
        values = [value if value is not None and math.isfinite(value) else None for value in numbers]
    is_log = numeric and bool(finite) and min(finite) > 0 and max(finite) / min(finite) >= _LOG_FROM
    return {"key": key, "numeric": numeric, "log": is_log, "values": values}
