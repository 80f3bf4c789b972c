"""The SQL of filters on databases that the tests cannot start."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mssql, mysql

from tb_aml_plugin import filters
from tb_aml_plugin.sources import sql_filters
from tb_aml_plugin.sources.schema import RUNS


def _sql(dialect: sa.Dialect, text: str, *order_by: str) -> str:
    query = sa.select(RUNS.c.run_uuid).where(*sql_filters.where(filters.parse(text)))
    query = sql_filters.ordered(query, filters.parse_order_by(order_by))
    return str(query.compile(dialect=dialect))


@pytest.mark.parametrize("text", ["tags.x = 'a'", "tags.x != 'a'", "tags.x LIKE 'a'", "run_id IN ('a')"])
def test_databases_that_take_a_for_capital_a_are_told_not_to(text: str) -> None:
    assert "AS BINARY) " in _sql(mysql.dialect(), text)
    assert "_BIN2 " in _sql(mssql.dialect(), text)


def test_no_condition_is_compared_with_one_where_the_database_has_no_booleans() -> None:
    assert "= 1" not in _sql(mssql.dialect(), "tags.x LIKE 'a' AND tags.x IS NULL AND dataset.name LIKE 'b'")


@pytest.mark.parametrize("dialect", [mssql.dialect(), mysql.dialect()], ids=lambda dialect: dialect.name)
def test_missing_values_come_last_without_nulls_last(dialect: sa.Dialect) -> None:
    assert "NULLS" not in _sql(dialect, "", "metrics.x DESC", "params.y")


def test_no_column_is_sorted_by_twice() -> None:
    order = _sql(mssql.dialect(), "", "run_id DESC", "start_time").split("ORDER BY")[1]
    assert order.count("runs.run_uuid DESC") == order.count(", runs.start_time ASC") == 1
    assert not order.rstrip().endswith(", runs.run_uuid")
