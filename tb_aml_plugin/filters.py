"""MLflow's search filters and order-by clauses: parsed, and applied to runs in memory. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from tb_aml_plugin.errors import FilterError
from tb_aml_plugin.filter_ast import AllOf, Filter, OrderBy


def parse(text: str) -> Filter:
    """Provisional: only the empty filter."""
    if text.strip():
        raise FilterError("Filters are not supported yet.", text, 0)
    return Filter(text, AllOf(()))


def parse_order_by(clauses: Sequence[str]) -> tuple[OrderBy, ...]:
    """Provisional: only the empty order."""
    if clauses:
        raise FilterError("Order-by clauses are not supported yet.", clauses[0], 0)
    return ()
