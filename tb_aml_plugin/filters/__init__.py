"""MLflow's search filters and order-by clauses: parsed, and applied to runs in memory. Pure."""

from __future__ import annotations

from tb_aml_plugin.filters.evaluation import check_local, comparisons, matches, sort
from tb_aml_plugin.filters.parser import parse, parse_order_by
from tb_aml_plugin.filters.tree import AllOf, Comparison, Entity, Filter, Operator, OrderBy

__all__ = [
    "AllOf",
    "Comparison",
    "Entity",
    "Filter",
    "Operator",
    "OrderBy",
    "check_local",
    "comparisons",
    "matches",
    "parse",
    "parse_order_by",
    "sort",
]
