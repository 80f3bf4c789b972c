"""Models that runs have logged, from an MLflow database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from tb_aml_plugin.model import RunId
from tb_aml_plugin.sources.base import LoggedModel
from tb_aml_plugin.sources.schema import LOGGED_MODEL_METRICS, LOGGED_MODEL_PARAMS, LOGGED_MODELS

STATUS = {1: "PENDING", 2: "READY", 3: "FAILED"}
"""MLflow's `LoggedModelStatus`, which is kept as a number."""


def has_models(engine: sa.Engine) -> bool:
    """Whether the database is of an MLflow that keeps models apart."""
    return sa.inspect(engine).has_table(LOGGED_MODELS.name)


def models(connection: sa.Connection, run_id: RunId) -> Sequence[LoggedModel]:
    """The models of a run, oldest first."""
    table = LOGGED_MODELS.c
    query = sa.select(
        table.model_id,
        table.name,
        table.creation_timestamp_ms,
        table.status,
        table.model_type,
        table.artifact_location,
    ).where(table.source_run_id == run_id, table.lifecycle_stage == "active")
    rows: list[Any] = list(connection.execute(query.order_by(table.creation_timestamp_ms, table.model_id)))
    if not rows:
        return []
    ids = [id_ for id_, *_ in rows]
    params, metrics = _params(connection, ids), _metrics(connection, ids)
    return [
        LoggedModel(
            id=id_,
            name=name or "",
            created_s=(ms or 0) / 1000 or None,
            status=STATUS.get(status, ""),
            kind=kind or "",
            params=params.get(id_, {}),
            metrics=metrics.get(id_, {}),
            artifact_uri=place or "",
        )
        for id_, name, ms, status, kind, place in rows
    ]


def _params(connection: sa.Connection, ids: Iterable[str]) -> Mapping[str, Mapping[str, str]]:
    table = LOGGED_MODEL_PARAMS.c
    query = sa.select(table.model_id, table.param_key, table.param_value).where(table.model_id.in_(ids))
    return _by_model(connection.execute(query), lambda value: value or "")


def _metrics(connection: sa.Connection, ids: Iterable[str]) -> Mapping[str, Mapping[str, float]]:
    table = LOGGED_MODEL_METRICS.c
    query = sa.select(table.model_id, table.metric_name, table.metric_value).where(table.model_id.in_(ids))
    # The newest last, which is the one that stays.
    return _by_model(connection.execute(query.order_by(table.metric_step, table.metric_timestamp_ms)), float)


def _by_model(rows: Iterable[Any], value_of: Any) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for model_id, key, value in rows:
        if value is not None:
            found.setdefault(model_id, {})[key] = value_of(value)
    return found
