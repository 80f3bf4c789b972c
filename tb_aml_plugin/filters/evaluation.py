"""Filters and order-by clauses applied to runs in memory, as MLflow's file store applies them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from tb_aml_plugin.errors import FilterError
from tb_aml_plugin.filters.tree import COMPARED, AllOf, Comparison, Entity, Expression, Filter, Operator, OrderBy
from tb_aml_plugin.model import RUN_NAME_TAG, Run

_USER_TAG = "mlflow.user"
_NO_USER = "unknown"
"""What MLflow's client records as the user of a run that was created without the tag."""


def check_local(wanted: Filter, order_by: Sequence[OrderBy]) -> None:
    """Whether `matches` and `sort` can tell them from what a `Run` holds.

    Raises:
      FilterError: they ask for a dataset or the artifact URI, which a `Run` does not hold; points there.
    """
    for comparison in comparisons(wanted.root):
        if not _is_local(comparison):
            raise _not_local(comparison, wanted.text)
    for order in order_by:
        if not _is_local(order):
            raise _not_local(order, order.text)


def matches(wanted: Filter, run: Run) -> bool:
    """Whether `run` passes.

    A comparison with something that the run lacks fails, ``!=`` included; NaN is unlike every number. Texts compare
    with their case, but for ILIKE; in a pattern ``%`` stands for any text and ``_`` for one character.

    Raises:
      FilterError: see `check_local`.
    """
    check_local(wanted, ())
    return _holds(wanted.root, run)


def sort(runs: Iterable[Run], order_by: Sequence[OrderBy]) -> list[Run]:
    """`runs` in that order. Those that lack the thing come last, before them those where it is NaN.

    Ties, and everything where nothing was asked: those started last first, then by id.

    Raises:
      FilterError: see `check_local`.
    """
    check_local(Filter("", AllOf(())), order_by)
    found = sorted(runs, key=lambda run: (-_start(run), run.id))
    for order in reversed(order_by):
        found = _sorted_by(order, found)
    return found


def comparisons(expression: Expression) -> Iterable[Comparison]:
    """Every comparison in `expression`."""
    if isinstance(expression, Comparison):
        yield expression
    else:
        for part in expression.parts:
            yield from comparisons(part)


def _is_local(what: Comparison | OrderBy) -> bool:
    return what.entity is not Entity.DATASET and (what.entity, what.key) != (Entity.ATTRIBUTE, "artifact_uri")


def _not_local(what: Comparison | OrderBy, text: str) -> FilterError:
    return FilterError(
        f"This store cannot look at the {what.entity.value} {what.key!r}; use attributes, metrics, params or tags, "
        "or an MLflow database or server.",
        text,
        what.position,
    )


def _holds(expression: Expression, run: Run) -> bool:
    if isinstance(expression, Comparison):
        return _compares(expression, _found(run, expression.entity, expression.key))
    return all(_holds(part, run) for part in expression.parts)


def _compares(comparison: Comparison, found: float | str | None) -> bool:
    asked = comparison.value
    if asked is None:
        return (found is None) is (comparison.operator is Operator.IS_NULL)
    if isinstance(found, float) and isinstance(asked, float):
        return bool(COMPARED[comparison.operator](found, asked))
    if not isinstance(found, str):
        return False
    if isinstance(asked, tuple):
        return (found in asked) is (comparison.operator is Operator.IN)
    return isinstance(asked, str) and _text_compares(comparison.operator, found, asked)


def _text_compares(how: Operator, found: str, asked: str) -> bool:
    if how is Operator.LIKE:
        return is_like(found, asked)
    if how is Operator.ILIKE:
        return is_like(found.lower(), asked.lower())
    return (found == asked) is (how is Operator.EQ)


def is_like(text: str, pattern: str) -> bool:
    """Whether `text` is as `pattern` says; takes at most the product of their lengths, whatever the pattern."""
    at = in_pattern = retry_at = 0
    after_percent = -1
    while at < len(text):
        wanted = pattern[in_pattern : in_pattern + 1]
        if wanted == "%":
            in_pattern += 1
            after_percent, retry_at = in_pattern, at
        elif wanted in ("_", text[at]):
            at, in_pattern = at + 1, in_pattern + 1
        elif after_percent >= 0:
            retry_at += 1
            at, in_pattern = retry_at, after_percent
        else:
            return False
    return not pattern[in_pattern:].strip("%")


def _found(run: Run, entity: Entity, key: str) -> float | str | None:
    if entity is Entity.METRIC:
        point = run.metrics.get(key)
        return None if point is None else float(point.value)
    if entity is Entity.PARAM:
        return run.params.get(key)
    if entity is Entity.TAG:
        return run.tags.get(key)
    return _ATTRIBUTES[key](run)


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else float(round(seconds * 1000))


_ATTRIBUTES: dict[str, Callable[[Run], float | str | None]] = {
    "run_id": lambda run: run.id,
    "run_name": lambda run: run.tags.get(RUN_NAME_TAG, run.display_name or None),
    "status": lambda run: run.status.value,
    "start_time": lambda run: _milliseconds(run.start_time_s),
    "end_time": lambda run: _milliseconds(run.end_time_s),
    "user_id": lambda run: run.tags.get(_USER_TAG, _NO_USER),
}


def _start(run: Run) -> float:
    return float("-inf") if run.start_time_s is None else run.start_time_s


def _sorted_by(order: OrderBy, runs: Sequence[Run]) -> list[Run]:
    present: list[tuple[float | str, Run]] = []
    nan: list[Run] = []
    missing: list[Run] = []
    for run in runs:
        value = _found(run, order.entity, order.key)
        if value is None:
            missing.append(run)
        elif isinstance(value, float) and math.isnan(value):
            nan.append(run)
        else:
            present.append((value, run))
    present.sort(key=lambda pair: pair[0], reverse=not order.ascending)
    return [run for _, run in present] + nan + missing
