"""Several runs side by side, measured against the first. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

from tb_aml_plugin.model import SYSTEM_PREFIX, Run
from tb_aml_plugin.tab.goals import Goals, better
from tb_aml_plugin.tab.wire import Better, ComparedMetric, ComparedText, Comparison, Verdict
from tb_aml_plugin.tab.words import brief, number, people_tags

MOST_RUNS = 10
_LONGEST = 5000


def comparison(runs: Sequence[Run], missing: Iterable[str], said: Goals) -> Comparison:
    """All that `runs` have, and how it differs; the first is the baseline."""
    return {
        "runs": [brief(run) for run in runs],
        "baseline": runs[0].id if runs else "",
        "params": _texts(runs, lambda run: run.params),
        "metrics": [
            _metric(key, runs, better(key, said))
            for key in sorted({key for run in runs for key in run.metrics}, key=_rank)
        ],
        "tags": _texts(runs, people_tags),
        "missing": list(missing),
    }


def _rank(metric: str) -> tuple[bool, str]:
    """By name, those last that MLflow takes of the machine."""
    return metric.startswith(SYSTEM_PREFIX), metric


def _texts(runs: Sequence[Run], pairs: Callable[[Run], Mapping[str, str]]) -> list[ComparedText]:
    columns = [pairs(run) for run in runs]
    return [
        {
            "key": key,
            "differs": len({column.get(key) for column in columns}) > 1,
            "values": [_short(column.get(key)) for column in columns],
        }
        for key in sorted({key for column in columns for key in column})
    ]


def _metric(key: str, runs: Sequence[Run], which: Better) -> ComparedMetric:
    values = [run.metrics[key].value if key in run.metrics else None for run in runs]
    shown = [None if value is None else number(value) for value in values]
    deltas = [_delta(value, values[0]) for value in values]
    return {
        "key": key,
        "differs": len(set(shown)) > 1,
        "better": which,
        "values": shown,
        "deltas": deltas,
        "verdicts": [_verdict(delta, which) for delta in deltas],
    }


def _delta(value: float | None, baseline: float | None) -> float | None:
    if value is None or baseline is None:
        return None
    delta = value - baseline
    return delta if math.isfinite(delta) else None


def _verdict(delta: float | None, which: Better) -> Verdict:
    if not delta or which == "unknown":
        return "neither"
    return "better" if (delta > 0) == (which == "higher") else "worse"


def _short(text: str | None) -> str | None:
    return text if text is None or len(text) <= _LONGEST else text[:_LONGEST] + "…"
