"""What a filter and an order-by say, as values. The words are MLflow's."""

from __future__ import annotations

import enum
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


class Entity(enum.Enum):
    """What kind of thing of a run a comparison looks at."""

    ATTRIBUTE = "attribute"
    METRIC = "metric"
    PARAM = "param"
    TAG = "tag"
    DATASET = "dataset"


class Operator(enum.Enum):
    """How a comparison compares; the value is how it is written."""

    EQ = "="
    NE = "!="
    GT = ">"
    GE = ">="
    LT = "<"
    LE = "<="
    LIKE = "LIKE"
    ILIKE = "ILIKE"
    IN = "IN"
    NOT_IN = "NOT IN"
    IS_NULL = "IS NULL"
    IS_NOT_NULL = "IS NOT NULL"


COMPARED: Mapping[Operator, Callable[[Any, Any], Any]] = {
    Operator.EQ: operator.eq,
    Operator.NE: operator.ne,
    Operator.GT: operator.gt,
    Operator.GE: operator.ge,
    Operator.LT: operator.lt,
    Operator.LE: operator.le,
}
"""Those that compare two values, numbers and texts as well as columns of SQLAlchemy."""

Value = float | str | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One thing of a run against one value.

    Attributes:
      entity: where to look.
      key: what to look at there; for attributes one of `ATTRIBUTES`, never an alias.
      operator: how to compare.
      value: a float for metrics and times (times in ms since the Unix epoch), a tuple for IN and NOT IN, None for
        IS NULL and IS NOT NULL, otherwise a text.
      position: where the comparison starts in the filter's text.
    """

    entity: Entity
    key: str
    operator: Operator
    value: Value
    position: int


@dataclass(frozen=True, slots=True)
class AllOf:
    """Holds when every part holds; with no parts, always."""

    parts: tuple[Expression, ...]


Expression = Comparison | AllOf
"""What can be asked of a run. A new node is a class here and a case in `filters.evaluation` and `sources.sql_filters`."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter that parsed. `text` is as typed."""

    text: str
    root: Expression


@dataclass(frozen=True, slots=True)
class OrderBy:
    """One thing to sort runs by. Runs that lack it come last, whichever the direction.

    Attributes:
      entity: where to look; never a dataset.
      key: what to look at there; for attributes one of `ATTRIBUTES`, never an alias.
      ascending: the direction.
      text: the clause as typed.
      position: where the key starts in `text`.
    """

    entity: Entity
    key: str
    ascending: bool
    text: str
    position: int = 0


TIMES = frozenset({"start_time", "end_time"})
"""Attributes that are numbers; all others are texts."""

ATTRIBUTES = TIMES | {"run_id", "run_name", "status", "user_id", "artifact_uri"}
