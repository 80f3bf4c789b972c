"""What a search asks of a run, as values that answer for themselves. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from tb_aml_plugin.filters.evaluation import is_like
from tb_aml_plugin.filters.tree import COMPARED
from tb_aml_plugin.model import Run

_USER_TAG = "mlflow.user"
_TEXT_LENGTH = 300
"""Regular expressions look at so many characters: their time grows faster than the text."""

_REMEMBERED_LENGTH = 20_000
"""Words of a run that are longer are put together anew for each search, so that memory stays bounded."""

Value = float | str | None


class Subject:
    """A run and what there is to know about it beside. Never changes; any thread may ask it.

    Attributes:
      name: its name in TensorBoard.
      experiment: the experiment's name.
      parent: display name of the run above; "" when there is none on the Board.
      now_s: the clock that ages are told by.
    """

    __slots__ = ("_words", "experiment", "name", "now_s", "parent", "run")

    def __init__(self, name: str, run: Run, experiment: str, parent: str, now_s: Callable[[], float]) -> None:
        self.name = name
        self.run = run
        self.experiment = experiment
        self.parent = parent
        self.now_s = now_s
        self._words: str | None = None

    def is_of(self, name: str, run: Run, experiment: str, parent: str) -> bool:
        """Whether it was made of the very same."""
        return self.run is run and (self.name, self.experiment, self.parent) == (name, experiment, parent)

    @property
    def words(self) -> str:
        """The texts that bare words are looked for in: lower case, with a NUL between two. Put together once."""
        if self._words is not None:
            return self._words
        run = self.run
        texts = (self.name, run.display_name, run.status.value, *run.tags.values(), *run.params.values())
        words = "\0".join(texts).lower()
        if len(words) <= _REMEMBERED_LENGTH:
            self._words = words
        return words


class Term(Protocol):
    """A question that a run answers with yes or no."""

    def holds(self, subject: Subject) -> bool: ...


@dataclass(frozen=True, slots=True)
class All:
    """Holds when every part does; with no parts, always."""

    parts: tuple[Term, ...]

    def holds(self, subject: Subject) -> bool:
        return all(part.holds(subject) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Any:
    """Holds when some part does."""

    parts: tuple[Term, ...]

    def holds(self, subject: Subject) -> bool:
        return any(part.holds(subject) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Not:
    """Holds when `part` does not."""

    part: Term

    def holds(self, subject: Subject) -> bool:
        return not self.part.holds(subject)


@dataclass(frozen=True, slots=True)
class Words:
    """Holds when the text is in the run's name or status, or in one of its params or tags; or starts its id."""

    text: str  # lower case

    def holds(self, subject: Subject) -> bool:
        return self.text in subject.words or subject.run.id.lower().startswith(self.text)


@dataclass(frozen=True, slots=True)
class Field:
    """Something of a run that can be compared.

    Attributes:
      name: no two that differ have the same.
      get: None where the run lacks it.
      numeric: whether it is a number, not text.
      moves: whether it changes with time, though the run does not.
    """

    name: str
    get: Callable[[Subject], Value] = field(compare=False)
    numeric: bool = False
    moves: bool = False


@dataclass(frozen=True, slots=True)
class Compares:
    """A number against a number. Holds for no run that lacks it, nor where it is text or NaN; but NaN is unlike all."""

    field: Field
    how: str  # = != < <= > >=
    number: float

    def holds(self, subject: Subject) -> bool:
        found = as_number(self.field.get(subject))
        return found is not None and bool(_ORDERS[self.how](found, self.number))


@dataclass(frozen=True, slots=True)
class Equals:
    """A text as a whole. `loosely` takes 0.10 for 0.1 and leaves the case aside."""

    field: Field
    text: str
    loosely: bool = False

    def holds(self, subject: Subject) -> bool:
        found = self.field.get(subject)
        if found is None:
            return False
        if str(found) == self.text or not self.loosely:
            return str(found) == self.text
        one, other = as_number(found), as_number(self.text)
        return str(found).lower() == self.text.lower() or (one is not None and one == other)


@dataclass(frozen=True, slots=True)
class Contains:
    """A part of a text, whatever its case."""

    field: Field
    text: str  # lower case

    def holds(self, subject: Subject) -> bool:
        found = self.field.get(subject)
        return found is not None and self.text in str(found).lower()


@dataclass(frozen=True, slots=True)
class Resembles:
    """A text that the pattern finds somewhere in."""

    field: Field
    pattern: re.Pattern[str]

    def holds(self, subject: Subject) -> bool:
        found = self.field.get(subject)
        return found is not None and self.pattern.search(str(found)[:_TEXT_LENGTH]) is not None


@dataclass(frozen=True, slots=True)
class Like:
    """A text as SQL's LIKE compares it: % is any text, _ one character."""

    field: Field
    pattern: str
    ignore_case: bool

    def holds(self, subject: Subject) -> bool:
        found = self.field.get(subject)
        if found is None:
            return False
        text = str(found)
        return is_like(text.lower(), self.pattern.lower()) if self.ignore_case else is_like(text, self.pattern)


@dataclass(frozen=True, slots=True)
class OneOf:
    """A text that is one of several."""

    field: Field
    texts: frozenset[str]

    def holds(self, subject: Subject) -> bool:
        return self.field.get(subject) in self.texts


@dataclass(frozen=True, slots=True)
class Exists:
    """Holds for the runs that have it at all."""

    field: Field

    def holds(self, subject: Subject) -> bool:
        return self.field.get(subject) is not None


_ORDERS = {how.value: compare for how, compare in COMPARED.items()}


def as_number(value: Value) -> float | None:
    """The number that `value` is or spells; None for any other text."""
    if value is None or isinstance(value, float):
        return value
    try:
        return float(value)
    except ValueError:
        return None


def keyed(kind: str, key: str) -> Field:
    """The metric, param or tag `key`; `kind` is "metrics", "params" or "tags"."""
    name = f"{kind}.{key}"
    if kind == "metrics":
        return Field(name, lambda s: s.run.metrics[key].value if key in s.run.metrics else None, numeric=True)
    if kind == "params":
        return Field(name, lambda s: s.run.params.get(key))
    return Field(name, lambda s: s.run.tags.get(key))


def _duration_s(subject: Subject) -> float | None:
    run = subject.run
    if run.start_time_s is None or (run.end_time_s is None and run.status.is_terminal):
        return None
    return (run.end_time_s if run.end_time_s is not None else subject.now_s()) - run.start_time_s


def _age_s(subject: Subject) -> float | None:
    start_s = subject.run.start_time_s
    return None if start_s is None else max(0.0, subject.now_s() - start_s)


def _finite(seconds: float | None) -> float | None:
    return seconds if seconds is not None and math.isfinite(seconds) else None


NAME = Field("name", lambda s: s.run.display_name)
USER = Field("user", lambda s: s.run.tags.get(_USER_TAG))
STATUS = Field("status", lambda s: s.run.status.value)
EXPERIMENT = Field("experiment", lambda s: s.experiment)
PARENT = Field("parent", lambda s: s.run.parent_id)
PARENT_NAME = Field("name of the parent", lambda s: s.parent or None)
ID = Field("id", lambda s: s.run.id)
AGE = Field("age", _age_s, numeric=True, moves=True)
DURATION = Field("duration", _duration_s, numeric=True, moves=True)
STARTED = Field("started", lambda s: _finite(s.run.start_time_s), numeric=True)
ENDED = Field("ended", lambda s: _finite(s.run.end_time_s), numeric=True)
