"""The part of a search that the place itself can answer, as an MLflow filter. Pure.

The filter is never stricter than the search: what it lets through is searched here once more.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from tb_aml_plugin.errors import FilterError
from tb_aml_plugin.filters.parser import parse
from tb_aml_plugin.filters.tree import AllOf
from tb_aml_plugin.search import terms
from tb_aml_plugin.search.terms import Field, Term

_ATTRIBUTES = {terms.NAME: "attributes.run_name", terms.STATUS: "attributes.status"}
_TIMES = {terms.STARTED: "attributes.start_time", terms.ENDED: "attributes.end_time"}
_ORDERS = ("=", "<", "<=", ">", ">=")
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def pushed(term: Term, now_s: float) -> str:
    """What every run that `term` holds for passes, as a filter; "" where nothing can be said.

    OR, NOT and bare words cannot: Azure ML has none of them, and MLflow only compares.
    """
    return " AND ".join(comparison for part in _parts(term) if (comparison := _comparison(part, now_s)))


def _parts(term: Term) -> Iterator[Term]:
    if isinstance(term, terms.All):
        for part in term.parts:
            yield from _parts(part)
    else:
        yield term


def _comparison(term: Term, now_s: float) -> str:
    if isinstance(term, terms.Compares):
        return _number(term, now_s)
    if isinstance(term, terms.Equals):
        if not term.loosely or term.field is terms.STATUS:
            return _text(term.field, "=", term.text)
        return "" if terms.as_number(term.text) is not None else _text(term.field, "ILIKE", term.text)
    if isinstance(term, terms.Contains):
        return _text(term.field, "ILIKE", f"%{term.text}%")
    if isinstance(term, terms.Like):
        return _text(term.field, "ILIKE" if term.ignore_case else "LIKE", term.pattern)
    return ""


def _number(term: terms.Compares, now_s: float) -> str:
    if term.how not in _ORDERS or not math.isfinite(term.number):
        return ""
    if term.field is terms.AGE:
        # Younger than so many seconds is started after that moment. A run from the future is of age 0.
        how = _MIRRORED.get(term.how)
        is_any = term.how in (">", ">=") and term.number <= 0
        if how is None or is_any:
            return ""
        return f"attributes.start_time {how} {_milliseconds(now_s - term.number, how)}"
    if term.field in _TIMES:
        if term.how == "=":
            return ""
        return f"{_TIMES[term.field]} {term.how} {_milliseconds(term.number, term.how)}"
    if term.field.name.startswith("metrics."):
        number = repr(float(term.number)).replace("e+", "e")
        return _safe(f"{_keyed(term.field)} {term.how} {number}")
    return ""


def _text(field: Field, how: str, text: str) -> str:
    # SQLite ignores case in ASCII alone; a backslash means something else to each database.
    if "'" in text or "\\" in text or (how == "ILIKE" and not text.isascii()):
        return ""
    # A run without a name has an empty one here, and none at the place.
    if not text.strip("%"):
        return ""
    if field in _ATTRIBUTES:
        if field is terms.STATUS and how != "=":
            return ""
        return _safe(f"{_ATTRIBUTES[field]} {how} '{text}'")
    if field is terms.USER:
        return _safe(f"tags.`mlflow.user` {how} '{text}'")
    if field.name.startswith(("params.", "tags.")):
        return _safe(f"{_keyed(field)} {how} '{text}'")
    return ""


def _keyed(field: Field) -> str:
    kind, _, key = field.name.partition(".")
    return f"{kind}.`{key}`"


def _safe(comparison: str) -> str:
    """`comparison` if MLflow's grammar takes it for just that one."""
    try:
        root = parse(comparison).root
    except FilterError:
        return ""
    return comparison if isinstance(root, AllOf) and len(root.parts) == 1 else ""


def _milliseconds(seconds: float, how: str) -> int:
    """A moment to compare a whole number of milliseconds with: a little too far, so that rounding loses no run."""
    return math.floor(seconds * 1000) - 1 if how in (">", ">=") else math.ceil(seconds * 1000) + 1
