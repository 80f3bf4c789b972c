"""Names that people type: which are globs, and which there are that they may have meant. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_GLOB = frozenset("*?[")


def is_glob(text: str) -> bool:
    """Whether `text` may stand for several names."""
    return not _GLOB.isdisjoint(text)


def closest(name: str, existing: Iterable[str]) -> list[str]:
    """At most three of `existing` that look most like `name`, the likest first."""
    lower = {text.lower(): text for text in existing}
    return [lower[found] for found in difflib.get_close_matches(name.lower(), lower, n=3, cutoff=0.5)]


def hint(names: Iterable[str]) -> str:
    """A sentence that offers `names`; "" for none."""
    quoted = ", ".join(map(repr, names))
    return f"Closest: {quoted}." if quoted else ""
