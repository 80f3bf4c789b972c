"""The part of OData that run history takes: filters with and/or, and orderings."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

Document = dict[str, Any]
Test = Callable[[Document], bool]

_TOKEN = re.compile(
    r"\s*(?:(?P<bracket>[()])|(?P<join>\b(?:and|or)\b)"
    r"|(?P<field>[\w./\-]+)\s+(?P<operator>eq|ne|ge|gt|le|lt)\s+(?P<value>'(?:[^']|'')*'|.*?)(?=\s*\)|\s+(?:and|or)\s|$))",
    re.IGNORECASE,
)
_COMPARE: dict[str, Callable[[str, str], bool]] = {
    "eq": lambda one, other: one == other,
    "ne": lambda one, other: one != other,
    "ge": lambda one, other: one >= other,
    "gt": lambda one, other: one > other,
    "le": lambda one, other: one <= other,
    "lt": lambda one, other: one < other,
}


def parse(text: str | None) -> Test:
    """What the filter `text` says of a run as JSON; everything passes when there is none.

    Raises:
      ValueError: it is no filter.
    """
    if not text or not text.strip():
        return lambda _document: True
    tokens = _tokens(text)
    test = _either(tokens)
    if tokens:
        raise ValueError(f"unexpected {tokens[0][0]!r} in the filter")
    return test


def sort(documents: list[Document], orderby: str | list[str] | None) -> list[Document]:
    """`documents` in the order that `orderby` ("StartTimeUtc desc, RunId") asks for."""
    orderby = ",".join(orderby) if isinstance(orderby, list) else orderby
    for key in reversed([part for part in (orderby or "").split(",") if part.strip()]):
        field, _, direction = key.strip().partition(" ")
        documents = sorted(
            documents, key=lambda document: str(_read(document, field) or ""), reverse=direction.strip() == "desc"
        )
    return documents


def _tokens(text: str) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    at = 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if not match:
            raise ValueError(f"cannot read the filter from {text[at:]!r}")
        at = match.end()
        word = match["bracket"] or match["join"]
        found.append((word.lower(),) if word else (match["field"], match["operator"].lower(), match["value"]))
    return found


def _either(tokens: list[tuple[str, ...]]) -> Test:
    tests = [_both(tokens)]
    while tokens and tokens[0] == ("or",):
        tokens.pop(0)
        tests.append(_both(tokens))
    return lambda document: any(test(document) for test in tests)


def _both(tokens: list[tuple[str, ...]]) -> Test:
    tests = [_one(tokens)]
    while tokens and tokens[0] == ("and",):
        tokens.pop(0)
        tests.append(_one(tokens))
    return lambda document: all(test(document) for test in tests)


def _one(tokens: list[tuple[str, ...]]) -> Test:
    if not tokens:
        raise ValueError("the filter ends too early")
    token = tokens.pop(0)
    if token == ("(",):
        test = _either(tokens)
        if not tokens or tokens.pop(0) != (")",):
            raise ValueError("a bracket is not closed")
        return test
    if len(token) != 3:
        raise ValueError(f"unexpected {token[0]!r} in the filter")
    return _comparison(*token)


def _comparison(field: str, operator: str, value: str) -> Test:
    wanted = value.strip()
    if wanted.startswith("'"):
        wanted = wanted[1:-1].replace("''", "'")
    if wanted == "null":
        empty = operator == "eq"
        return lambda document: (_read(document, field) is None) == empty

    def test(document: Document) -> bool:
        found = _read(document, field)
        return found is not None and _COMPARE[operator](*_alike(str(found), wanted))

    return test


def _alike(one: str, other: str) -> tuple[str, str]:
    """Times are compared without the zone and the blank that clients write differently."""
    if re.match(r"\d{4}-\d\d-\d\d[T ]", other):
        return one[:26], other.replace(" ", "T").removesuffix("Z").partition("+")[0][:26]
    return one, other


def _read(document: Document, field: str) -> Any:
    """The value at ``Tags/name``; the names of fields are not case-sensitive, those of tags are."""
    head, _, rest = field.partition("/")
    value = next((document[key] for key in document if key.lower() == head.lower()), None)
    if not rest:
        return value
    return value.get(rest) if isinstance(value, dict) else None
