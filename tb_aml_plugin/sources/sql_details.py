"""What was logged to some runs, from an MLflow database: all but the histories."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from tb_aml_plugin import under_way
from tb_aml_plugin.model import LatestPoint, Run, RunId
from tb_aml_plugin.sources.schema import LATEST_METRICS, PARAMS, TAGS
from tb_aml_plugin.sources.sql_rows import completed, metric_value

IDS_PER_STATEMENT = 500
"""Bound parameters in one statement; SQL Server allows 2100, old SQLite 999."""


class Details:
    """Params, tags and latest points of some runs, read table by table."""

    def __init__(self) -> None:
        self.params: dict[str, dict[str, str]] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.metrics: dict[str, dict[str, LatestPoint]] = {}

    @classmethod
    def read(cls, connection: sa.Connection, run_ids: Sequence[RunId], *, metrics: bool = True) -> Details:
        details = cls()
        for ids in chunks(run_ids, IDS_PER_STATEMENT):
            for table, found in ((PARAMS, details.params), (TAGS, details.tags)):
                query = sa.select(table.c.run_uuid, table.c.key, table.c.value).where(table.c.run_uuid.in_(ids))
                for run_id, key, value in connection.execute(query).cursor.fetchall():
                    found.setdefault(run_id, {})[key] = value or ""
            if metrics:
                details._read_latest(connection, ids)
                under_way.count(len(ids))
        return details

    def _read_latest(self, connection: sa.Connection, run_ids: Sequence[RunId]) -> None:
        table = LATEST_METRICS.c
        query = sa.select(table.run_uuid, table.key, table.step, table.timestamp, table.value, table.is_nan)
        for run_id, key, step, timestamp_ms, value, is_nan in connection.execute(
            query.where(table.run_uuid.in_(run_ids))
        ).cursor.fetchall():
            point = LatestPoint(step, (timestamp_ms or 0) / 1000, metric_value(value, is_nan))
            self.metrics.setdefault(run_id, {})[key] = point

    def complete(self, run: Run) -> Run:
        return completed(run, self.params.get(run.id, {}), self.tags.get(run.id, {}), self.metrics.get(run.id, {}))


def chunks(ids: Sequence[RunId], size: int) -> Iterator[Sequence[RunId]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
