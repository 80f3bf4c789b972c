"""MLflow's search filters and order-by clauses: parsed, and applied to runs in memory. Pure."""

from __future__ import annotations

from tb_aml_plugin.filter_ast import AllOf, Comparison, Entity, Filter, Operator, OrderBy
from tb_aml_plugin.filter_eval import check_local, comparisons, matches, sort
from tb_aml_plugin.filter_parser import parse, parse_order_by

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
