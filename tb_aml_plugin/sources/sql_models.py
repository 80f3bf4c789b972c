"""Models that runs have logged, from an MLflow database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from tb_aml_plugin.model import RunId
from tb_aml_plugin.sources.base import LoggedModel
from tb_aml_plugin.sources.schema import LOGGED_MODEL_PARAMS, LOGGED_MODELS

_STATUS = {1: "PENDING", 2: "READY", 3: "FAILED"}
"""MLflow's `LoggedModelStatus`, which is kept as a number."""


def has_models(engine: sa.Engine) -> bool:
    """Whether the database is of an MLflow that keeps models apart."""
    return sa.inspect(engine).has_table(LOGGED_MODELS.name)


def models(connection: sa.Connection, run_id: RunId) -> Sequence[LoggedModel]:
    """The models of a run, oldest first."""
    table, params = LOGGED_MODELS.c, LOGGED_MODEL_PARAMS.c
    query = sa.select(table.model_id, table.name, table.creation_timestamp_ms, table.status, table.model_type)
    query = query.where(table.source_run_id == run_id, table.lifecycle_stage == "active")
    rows: list[Any] = list(connection.execute(query.order_by(table.creation_timestamp_ms, table.model_id)))
    found: dict[str, dict[str, str]] = {id_: {} for id_, *_ in rows}
    if found:
        wanted = sa.select(params.model_id, params.param_key, params.param_value).where(params.model_id.in_(found))
        logged: list[Any] = list(connection.execute(wanted))
        for id_, key, value in logged:
            found[id_][key] = value or ""
    return [
        LoggedModel(id_, name or "", (ms or 0) / 1000 or None, _STATUS.get(status, ""), kind or "", found[id_])
        for id_, name, ms, status, kind in rows
    ]
