"""MLflow's JSON as values of `model`. Pure; takes what is missing or odd as MLflow's own client does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tb_aml_plugin.model import (
    PARENT_TAG,
    RUN_NAME_TAG,
    Experiment,
    ExperimentId,
    LatestPoint,
    Points,
    Run,
    RunId,
    RunStatus,
)
from tb_aml_plugin.sources.base import LoggedModel

_INFINITY = np.finfo(np.float64).max
"""What a server with a database behind it sends for ±inf (`SqlAlchemyStore.log_metric`)."""


def experiment_of(found: Mapping[str, Any]) -> Experiment:
    """The experiment of an element of ``experiments``."""
    return Experiment(ExperimentId(str(found["experiment_id"])), str(found.get("name", "")))


def run_of(found: Mapping[str, Any]) -> Run:
    """The run of an element of ``runs``, or of ``run``."""
    info, data = found.get("info", {}), found.get("data", {})
    tags = _pairs(data.get("tags", ()))
    parent = tags.get(PARENT_TAG)
    return Run(
        id=RunId(str(info.get("run_id") or info.get("run_uuid", ""))),
        experiment_id=ExperimentId(str(info.get("experiment_id", ""))),
        display_name=str(info.get("run_name") or tags.get(RUN_NAME_TAG, "")),
        status=RunStatus.parse(info.get("status")),
        start_time_s=_seconds(info.get("start_time")),
        end_time_s=_seconds(info.get("end_time")),
        parent_id=RunId(parent) if parent else None,
        params=_pairs(data.get("params", ())),
        tags=tags,
        metrics={str(metric["key"]): _latest(metric) for metric in data.get("metrics", ())},
        artifact_uri=str(info.get("artifact_uri") or ""),
    )


def model_of(found: Mapping[str, Any]) -> LoggedModel:
    """The model of an element of ``models``."""
    info, data = found.get("info", {}), found.get("data", {})
    return LoggedModel(
        id=str(info.get("model_id", "")),
        name=str(info.get("name", "")),
        created_s=_seconds(info.get("creation_timestamp_ms")),
        status=str(info.get("status", "")).removeprefix("LOGGED_MODEL_"),
        kind=str(info.get("model_type", "")),
        params=_pairs(data.get("params", ())),
        metrics={str(one["key"]): _latest(one).value for one in sorted(data.get("metrics", ()), key=_age)},
        artifact_uri=str(info.get("artifact_uri") or ""),
    )


def is_active(found: Mapping[str, Any]) -> bool:
    """Whether an element of ``runs`` or ``experiments`` is not deleted."""
    return str(found.get("info", found).get("lifecycle_stage", "active")) == "active"


def points_of(metrics: Sequence[Mapping[str, Any]]) -> Points:
    """The points of a list of ``metrics``, in its order."""
    values = np.array([float(metric.get("value", 0.0)) for metric in metrics], np.float64)
    infinite = np.abs(values) >= _INFINITY
    values[infinite] = np.copysign(np.inf, values[infinite])
    return Points(
        np.array([int(metric.get("step", 0)) for metric in metrics], np.int64),
        np.array([int(metric.get("timestamp", 0)) for metric in metrics], np.float64) / 1000.0,
        values,
    )


def _age(metric: Mapping[str, Any]) -> tuple[int, int]:
    return int(metric.get("step", 0)), int(metric.get("timestamp", 0))


def _latest(metric: Mapping[str, Any]) -> LatestPoint:
    point = points_of([metric])
    return LatestPoint(int(point.steps[0]), float(point.wall_times_s[0]), float(point.values[0]))


def _pairs(found: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    return {str(pair["key"]): str(pair.get("value", "")) for pair in found}


def _seconds(milliseconds: object) -> float | None:
    """None for 0 too, which is how MLflow's JSON writes a time that is not there."""
    return int(milliseconds) / 1000 if isinstance(milliseconds, (int, str)) and int(milliseconds) else None
