"""Which searches find only runs that another has found, so that these alone need be searched. Pure."""

from __future__ import annotations

from tb_aml_plugin.search import terms
from tb_aml_plugin.search.terms import Term


def narrows(term: Term, before: Term) -> bool:
    """Whether `before`, asked of the same runs at any time, holds for every run that `term` holds for.

    False where nothing is known. So it is of what a person types on from `before`: a longer word, one more condition.
    """
    if isinstance(before, terms.All):
        return all(narrows(term, part) for part in before.parts)
    if isinstance(term, terms.Any):
        return all(narrows(part, before) for part in term.parts)
    if isinstance(before, terms.Any) and any(narrows(term, part) for part in before.parts):
        return True
    if isinstance(term, terms.All):
        return any(narrows(part, before) for part in term.parts)
    return _narrows(term, before)


def _narrows(term: Term, before: Term) -> bool:
    if isinstance(term, terms.Words) and isinstance(before, terms.Words):
        return term.text.startswith(before.text)  # what only contains it may start no id
    if isinstance(term, terms.Contains) and isinstance(before, terms.Contains):
        return term.field == before.field and before.text in term.text and not term.field.moves
    return term == before and not _moves(term)


def _moves(term: Term) -> bool:
    """Whether time alone may change what it holds for."""
    if isinstance(term, (terms.All, terms.Any)):
        return any(_moves(part) for part in term.parts)
    if isinstance(term, terms.Not):
        return _moves(term.part)
    field = getattr(term, "field", None)  # words have none
    return isinstance(field, terms.Field) and field.moves
