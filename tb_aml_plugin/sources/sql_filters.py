"""Filters and order-by clauses as SQL over `schema`, with the meaning MLflow gives them on the same database.

Every value is a bound parameter. The tables of datasets are only named when the filter asks for a dataset, so a
store from before MLflow 2.4, which has none, can be filtered by everything else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from tb_aml_plugin.filters.tree import COMPARED, Comparison, Entity, Expression, Filter, Operator, OrderBy
from tb_aml_plugin.model import RUN_NAME_TAG
from tb_aml_plugin.sources.schema import DATASETS, INPUT_TAGS, INPUTS, LATEST_METRICS, PARAMS, RUNS, TAGS
from tb_aml_plugin.sources.sql_text import cased, closed, is_like

_TABLES = {Entity.METRIC: LATEST_METRICS, Entity.PARAM: PARAMS, Entity.TAG: TAGS}
_COLUMNS = {name: RUNS.c[name] for name in ("status", "start_time", "end_time", "user_id", "artifact_uri")} | {
    "run_id": RUNS.c.run_uuid,
    "run_name": RUNS.c.name,
}
_DATASET_CONTEXT = "mlflow.data.context"

_COMPARED: Mapping[Operator, Callable[[Any, Any], sa.ColumnElement[bool]]] = COMPARED


def where(wanted: Filter) -> list[sa.ColumnElement[bool]]:
    """Conditions on rows of `RUNS` that hold, all together, for the runs that pass."""
    return _conditions(wanted.root)


def ordered(query: sa.Select[Any], order_by: Sequence[OrderBy]) -> sa.Select[Any]:
    """`query`, which selects from `RUNS`, with its rows in that order; missing values and ties as in `filters.sort`."""
    for order in order_by:
        if order.entity is Entity.ATTRIBUTE:
            query = _by(query, _COLUMNS[order.key], order.ascending)
            continue
        table = _TABLES[order.entity].alias()
        query = query.outerjoin(table, sa.and_(table.c.run_uuid == RUNS.c.run_uuid, cased(table.c.key) == order.key))
        if order.entity is Entity.METRIC:
            query = query.order_by(sa.case((_is_nan(table, True), 1), (table.c.value.is_(None), 2), else_=0))
        query = _by(query, table.c.value, order.ascending)
    # SQL Server refuses to sort by one column twice.
    attributes = {order.key for order in order_by if order.entity is Entity.ATTRIBUTE}
    if "start_time" not in attributes:
        query = _by(query, RUNS.c.start_time, ascending=False)
    return query if "run_id" in attributes else query.order_by(RUNS.c.run_uuid)


def _by(query: sa.Select[Any], column: sa.ColumnElement[Any], ascending: bool) -> sa.Select[Any]:
    # MySQL and SQL Server have no NULLS LAST.
    return query.order_by(sa.case((column.is_(None), 1), else_=0), column.asc() if ascending else column.desc())


def _conditions(expression: Expression) -> list[sa.ColumnElement[bool]]:
    if isinstance(expression, Comparison):
        return [_condition(expression)]
    return [condition for part in expression.parts for condition in _conditions(part)]


def _condition(comparison: Comparison) -> sa.ColumnElement[bool]:
    entity, key = comparison.entity, comparison.key
    if entity is Entity.DATASET:
        return _dataset(comparison)
    if entity is Entity.METRIC:
        return _logged(LATEST_METRICS, key, _metric(comparison))
    if entity is Entity.ATTRIBUTE and key != "run_name":
        return _compared(_COLUMNS[key], comparison)
    if entity is Entity.ATTRIBUTE:
        # As MLflow does: before 2.0 it left the column `name` empty.
        return _logged(TAGS, RUN_NAME_TAG, _compared(TAGS.c.value, comparison))
    table = _TABLES[entity]
    if comparison.operator is Operator.IS_NULL:
        return ~_logged(table, key)
    if comparison.operator is Operator.IS_NOT_NULL:
        return _logged(table, key)
    return _logged(table, key, _compared(table.c.value, comparison))


def _logged(table: sa.Table, key: str, *conditions: sa.ColumnElement[bool]) -> sa.Exists:
    """Whether a row of `table` has the run's id, `key`, and passes `conditions`."""
    return (
        sa.exists().where(table.c.run_uuid == RUNS.c.run_uuid, cased(table.c.key) == key, *conditions).correlate(RUNS)
    )


def _metric(comparison: Comparison) -> sa.ColumnElement[bool]:
    # NaN is stored as 0 with a flag: the 0 must not pass for a number.
    compared = _compared(LATEST_METRICS.c.value, comparison)
    if comparison.operator is Operator.NE:
        return sa.or_(compared, _is_nan(LATEST_METRICS, True))
    return sa.and_(compared, _is_nan(LATEST_METRICS, False))


def _is_nan(table: sa.FromClause, wanted: bool) -> sa.ColumnElement[bool]:
    # The column is a BOOLEAN on PostgreSQL and an integer elsewhere; `schema` reads it as an integer.
    return sa.type_coerce(table.c.is_nan, sa.Boolean) == (sa.true() if wanted else sa.false())


def _dataset(comparison: Comparison) -> sa.ColumnElement[bool]:
    tables = INPUTS.join(DATASETS, DATASETS.c.dataset_uuid == INPUTS.c.source_id)
    if comparison.key == "context":
        is_context = sa.and_(INPUT_TAGS.c.input_uuid == INPUTS.c.input_uuid, INPUT_TAGS.c.name == _DATASET_CONTEXT)
        tables = tables.join(INPUT_TAGS, is_context)
        compared = _compared(INPUT_TAGS.c.value, comparison)
    else:
        compared = _compared(DATASETS.c[comparison.key], comparison)
    return sa.exists().select_from(tables).where(INPUTS.c.destination_id == RUNS.c.run_uuid, compared).correlate(RUNS)


def _compared(column: sa.ColumnElement[Any], comparison: Comparison) -> sa.ColumnElement[bool]:
    how, value = comparison.operator, comparison.value
    if isinstance(value, float):
        # A float also where the column holds integers: a whole number could be too large for them, a part be cut off.
        return _COMPARED[how](column, sa.literal(value, sa.Double()))
    if isinstance(value, tuple):
        listed = cased(column).in_(value)
        return listed if how is Operator.IN else ~listed
    if how is Operator.LIKE:
        return is_like(column, str(value))
    if how is Operator.ILIKE:
        return column.ilike(closed(str(value)))
    return _COMPARED[how](cased(column), str(value))
