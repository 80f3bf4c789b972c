"""Filters and order-by clauses as SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from tb_aml_plugin.filter_ast import Filter, OrderBy
from tb_aml_plugin.sources.schema import RUNS


def where(wanted: Filter) -> list[sa.ColumnElement[bool]]:
    """Provisional: only the empty filter."""
    del wanted
    return []


def ordered(query: sa.Select[Any], order_by: Sequence[OrderBy]) -> sa.Select[Any]:
    """Provisional: only the default order."""
    del order_by
    missing = sa.case((RUNS.c.start_time.is_(None), 1), else_=0)
    return query.order_by(missing, RUNS.c.start_time.desc(), RUNS.c.run_uuid)
