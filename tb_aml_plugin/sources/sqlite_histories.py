"""Curves out of an MLflow SQLite file: in short SELECTs, along the index that touches least of the file.

The rows of one curve lie all over the file, a few on a page, since a training loop logs its metrics in turn. The
primary key (key, timestamp, step, run_uuid, value, is_nan) has them together, for all runs, and whole: reading a row
from it is fifty times as fast as looking one up through an index on runs. So that is the way to read a metric of
more than a few of the runs that have it, and, in databases made before March 2026, of any: there no index leads to
a single curve.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from tb_aml_plugin.model import Points, RunId
from tb_aml_plugin.sources.schema import LATEST_METRICS, METRICS
from tb_aml_plugin.sources.sql_rows import PointColumns

Rows = Sequence[Sequence[Any]]

_SCANNED_ROWS = 10_000
_LOOKED_UP_ROWS = 2_000
"""In one SELECT, which lasts about 20 ms: so long may a reader keep a writer waiting."""

_IDS = 500
"""Bound parameters in one statement; SQLite before 3.32 allows 999."""

_CURVE_INDEX = "index_metrics_run_uuid_key_step"
_LOOKUP_COST = 32
"""Looking a row up costs as much as scanning so many."""

_PRIMARY_KEY = (METRICS.c.timestamp, METRICS.c.step, METRICS.c.run_uuid, METRICS.c.value, METRICS.c.is_nan)
"""Its columns after the first, which is the metric."""
_ROWID = sa.literal_column("metrics.rowid", sa.BigInteger)
"""In the order in which points were logged. It is part of every index."""
_NUMBERED_POINTS = sa.select(
    METRICS.c.run_uuid, METRICS.c.step, METRICS.c.timestamp, METRICS.c.value, METRICS.c.is_nan, _ROWID
)
# The plus keeps SQLite from choosing an index for this condition (https://www.sqlite.org/optoverview.html).
_UNINDEXED_RUN = sa.literal_column("+metrics.run_uuid", sa.String)


class SqliteHistories:
    """Reads curves with `fetch`, which executes a SELECT and returns its rows.

    **Threads.** Any number; SELECTs take turns. Python's lock changes hands at every row, so two threads that fetch
    at once take four times as long as one after the other.
    """

    def __init__(self, fetch: Callable[[sa.Select[Any]], Rows]) -> None:
        self._execute = fetch
        self._turn = threading.Lock()

    def read(self, metric: str, run_ids: Sequence[RunId]) -> Iterator[tuple[RunId, Points]]:
        """All points of `metric` of each of `run_ids`; see `RunSource.histories`."""
        all_runs, has_index = self._fetch(_extent(metric))[0]
        if has_index and len(run_ids) * _LOOKUP_COST < all_runs:
            for run_id in run_ids:
                yield from _gathered([run_id], self._looked_up(metric, run_id))
        elif len(run_ids) * 2 >= all_runs:
            yield from _gathered(run_ids, self._scanned(_NUMBERED_POINTS.where(METRICS.c.key == metric)))
        else:
            for start in range(0, len(run_ids), _IDS):
                ids = run_ids[start : start + _IDS]
                query = _NUMBERED_POINTS.where(METRICS.c.key == metric, _UNINDEXED_RUN.in_(ids))
                yield from _gathered(ids, self._scanned(query))

    def _fetch(self, query: sa.Select[Any]) -> Rows:
        with self._turn:
            return self._execute(query)

    def _scanned(self, query: sa.Select[Any]) -> Iterator[Rows]:
        """`query`, by the primary key."""
        query = query.order_by(*_PRIMARY_KEY).limit(_SCANNED_ROWS)
        rows = self._fetch(query)
        yield rows
        while len(rows) == _SCANNED_ROWS:
            run_id, step, timestamp_ms, value, is_nan, _ = rows[-1]
            rows = self._fetch(query.where(sa.tuple_(*_PRIMARY_KEY) > (timestamp_ms, step, run_id, value, is_nan)))
            yield rows

    def _looked_up(self, metric: str, run_id: RunId) -> Iterator[Rows]:
        """One curve, by `_CURVE_INDEX`."""
        query = _NUMBERED_POINTS.where(METRICS.c.key == metric, METRICS.c.run_uuid == run_id)
        query = query.order_by(METRICS.c.step, _ROWID).limit(_LOOKED_UP_ROWS)
        rows = self._fetch(query)
        yield rows
        while len(rows) == _LOOKED_UP_ROWS:
            rows = self._fetch(query.where(sa.tuple_(METRICS.c.step, _ROWID) > (rows[-1][1], rows[-1][-1])))
            yield rows


def _extent(metric: str) -> sa.Select[Any]:
    """How many runs have `metric`, and whether there is an index on curves."""
    of_metric = sa.select(sa.func.count()).where(LATEST_METRICS.c.key == metric)
    indexes: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(sa.text("sqlite_master"))
    named = indexes.where(sa.text("type = 'index' AND name = :name").bindparams(name=_CURVE_INDEX))
    return sa.select(of_metric.scalar_subquery(), sa.exists(named))


def _gathered(run_ids: Sequence[RunId], pages: Iterator[Rows]) -> Iterator[tuple[RunId, Points]]:
    columns = PointColumns(run_ids)
    for rows in pages:
        columns.add(rows)
    yield from columns.by_run()
