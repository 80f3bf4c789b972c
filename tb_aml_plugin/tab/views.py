"""The Board as the run table and the health strip show it. Pure."""

from __future__ import annotations

import collections
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from tb_aml_plugin.board import Board, Snapshot
from tb_aml_plugin.model import LatestPoint, Run, RunId
from tb_aml_plugin.series_cache import SeriesCache
from tb_aml_plugin.tab.wire import Better, Cell, Column, Health, Kind, NumberOrText, RunRow, RunTable, Status, Trouble
from tb_aml_plugin.visibility import Choice

USER_TAG = "mlflow.user"
_PRIVATE_TAG = re.compile(r"(mlflow|azureml)\.")
_CELL_LENGTH = 300

_STATUS: Mapping[str, Status] = {
    "SCHEDULED": "scheduled",
    "RUNNING": "running",
    "FINISHED": "finished",
    "FAILED": "failed",
    "KILLED": "killed",
}
_LOWER = re.compile(
    r"(loss|err(or)?|mse|mae|rmse|mape|perplexity|ppl|cost|latency|seconds|time|nll|wer|cer|fid)(\b|_|$)", re.IGNORECASE
)
_HIGHER = re.compile(
    r"(acc(uracy)?|auc|f1|precision|recall|r2|score|map|bleu|rouge|iou|dice|reward|throughput|success)(\b|_|$)",
    re.IGNORECASE,
)


def version(snapshot: Snapshot, choice: Choice) -> str:
    """Differs whenever the run table does."""
    return f"{snapshot.version}.{choice.version}"


def run_table(snapshot: Snapshot, choice: Choice, cells: Sequence[str] | None = None) -> RunTable:
    """All runs, with a cell for each of the columns that `cells` names; None chooses those that tell most."""
    described = columns(snapshot)
    known = {column["key"] for column in described}
    wanted = default_cells(described) if cells is None else [key for key in dict.fromkeys(cells) if key in known]
    experiments = {id_: experiment.name for id_, experiment in snapshot.experiments.items()}
    present = {run.id for run in snapshot.runs.values()}
    getters = [_getter(key) for key in wanted]
    return {
        "version": version(snapshot, choice),
        "columns": described,
        "cells": wanted,
        "runs": [
            {
                **_row(name, run, experiments.get(run.experiment_id, str(run.experiment_id)), present),
                "shown": choice.shows(run.id),
                "cells": [get(run) for get in getters],
            }
            for name, run in snapshot.runs.items()
        ],
        "limit": 0,
        "more": False,
    }


def columns(snapshot: Snapshot) -> list[Column]:
    """Every param, metric and tag of any run; those of most runs first, then by name. Private tags are left out."""
    runs = snapshot.runs.values()
    found = [
        *_columns("param", ((key, value) for run in runs for key, value in run.params.items()), len(runs)),
        *_columns("tag", ((key, value) for run in runs for key, value in people_tags(run).items()), len(runs)),
        *_metric_columns(runs),
    ]
    return sorted(found, key=lambda column: (column["kind"], -column["runs"], column["name"]))


def default_cells(described: Iterable[Column]) -> list[str]:
    """The columns that tell most: params that differ, the two commonest metrics, tags that differ."""
    by_kind: dict[Kind, list[str]] = {"param": [], "metric": [], "tag": []}
    for column in described:
        is_telling = column["varies"] or column["kind"] == "metric"
        if is_telling and not column["name"].startswith("system/"):
            by_kind[column["kind"]].append(column["key"])
    return [*by_kind["param"][:4], *by_kind["metric"][:2], *by_kind["tag"][:1]]


def health(board: Board, cache: SeriesCache, choice: Choice) -> Health:
    """What the health strip says."""
    snapshot = board.snapshot
    return {
        "version": version(snapshot, choice),
        "location": board.location,
        "identity": "",
        "sync": snapshot.health.sync.value,
        "paused": False,
        "troubles": _troubles(snapshot, cache),
        "throttled_until_s": None,
        "points_per_s": 0.0,
        "runs": len(snapshot.runs),
        "shown": sum(choice.shows(run.id) for run in snapshot.runs.values()),
        "limit": 0,
        "more": False,
        "experiments": sorted(experiment.name for experiment in snapshot.experiments.values()),
        "not_shown": 0,
        "cache_mb": round(cache.nbytes / 2**20, 1),
        "cache_limit_mb": 0.0,
        "tasks": [],
        "sign_in": None,
        "writes": False,
    }


def _troubles(snapshot: Snapshot, cache: SeriesCache) -> list[Trouble]:
    found: list[Trouble] = []
    if snapshot.health.problem:
        found.append({"about": "runs", "message": snapshot.health.problem, "since_s": 0.0})
    if cache.problem:
        found.append({"about": "curves", "message": cache.problem, "since_s": 0.0})
    return found


def people_tags(run: Run) -> dict[str, str]:
    """The tags that people set, not those that MLflow and Azure keep their own state in."""
    return {key: value for key, value in run.tags.items() if not _PRIVATE_TAG.match(key)}


def label(run: Run) -> str:
    """What a run is called among its siblings."""
    return run.display_name.strip() or run.id


def status(run: Run) -> Status:
    """The run's status in the page's words."""
    return _STATUS.get(run.status.value, "unknown")


def number(value: float) -> NumberOrText:
    """`value` as JSON can hold it."""
    if math.isfinite(value):
        return value
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def better(metric: str) -> Better:
    """Which way `metric` is better, guessed from the last word of its name that says so."""
    lower = max((match.start() for match in _LOWER.finditer(metric)), default=-1)
    higher = max((match.start() for match in _HIGHER.finditer(metric)), default=-1)
    if lower == higher:
        return "unknown"
    return "lower" if lower > higher else "higher"


def _row(name: str, run: Run, experiment: str, present: set[RunId]) -> RunRow:
    return {
        "id": run.id,
        "name": name,
        "label": label(run),
        "experiment": experiment,
        "parent": run.parent_id if run.parent_id in present and run.parent_id != run.id else None,
        "stub": False,
        "status": status(run),
        "start_s": run.start_time_s,
        "end_s": run.end_time_s,
        "user": run.tags.get(USER_TAG, ""),
        "shown": True,
        "cells": [],
    }


def _columns(kind: Kind, pairs: Iterable[tuple[str, str]], runs: int) -> Iterable[Column]:
    values: dict[str, set[str]] = collections.defaultdict(set)
    counts: collections.Counter[str] = collections.Counter()
    for key, value in pairs:
        counts[key] += 1
        values[key].add(value)
    for key, count in counts.items():
        yield {
            "key": f"{kind}s.{key}",
            "kind": kind,
            "name": key,
            "runs": count,
            "varies": len(values[key]) > 1 or (kind == "tag" and count < runs),
            "numeric": kind == "param" and all(_is_number(value) for value in values[key]),
            "better": "unknown",
            "curve": False,
        }


def _metric_columns(runs: Iterable[Run]) -> Iterable[Column]:
    points: dict[str, list[LatestPoint]] = collections.defaultdict(list)
    for run in runs:
        for key, point in run.metrics.items():
            points[key].append(point)
    for key, found in points.items():
        yield {
            "key": f"metrics.{key}",
            "kind": "metric",
            "name": key,
            "runs": len(found),
            "varies": len({point.value for point in found}) > 1,
            "numeric": True,
            "better": better(key),
            "curve": any(point.step > 0 for point in found),
        }


def _getter(key: str) -> Callable[[Run], Cell]:
    kind, _, name = key.partition(".")
    if kind == "metrics":
        return lambda run: number(run.metrics[name].value) if name in run.metrics else None
    if kind == "params":
        return lambda run: _short(run.params.get(name))
    return lambda run: _short(run.tags.get(name))


def _short(text: str | None) -> str | None:
    return text if text is None or len(text) <= _CELL_LENGTH else text[:_CELL_LENGTH] + "…"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
