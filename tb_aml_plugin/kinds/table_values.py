"""Rows of a table as texts to read and as curves to draw. Pure."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_aml_plugin.errors import CannotShow
from tb_aml_plugin.kinds.base import Found
from tb_aml_plugin.media import Dashboard, Table
from tb_aml_plugin.model import ScalarSeries

SHOWN_ROWS = 100
MOST_ROWS = 10_000
"""Rows that are looked at: what curves are drawn from."""
MOST_COLUMNS = 50
_MOST_LETTERS = 300

_STEPS = re.compile(r"(?i)(global_)?step|epoch|iter(ation)?")


@dataclass(frozen=True, slots=True)
class Rows:
    """The first rows of a table.

    Attributes:
      names: of the columns.
      values: rows, each as long as `names`; cells of any type that JSON, CSV or Parquet has.
      total: how many rows there are; None where only a part was read and nobody says.
      is_whole: whether `values` are all rows.
    """

    names: tuple[str, ...]
    values: Sequence[Sequence[Any]]
    total: int | None = None
    is_whole: bool = True


def rows(names: Iterable[Any], values: Iterable[Any], total: int | None = None, *, is_whole: bool = True) -> Rows:
    """`Rows` of what a foreign file says they are: rows of other lengths are cut or filled up.

    Raises:
      CannotShow: they are no table.
    """
    columns = tuple(str(name) for name in names)
    if not columns:
        raise CannotShow("The table has no columns.")
    cut = []
    for row in values:
        if not isinstance(row, (list, tuple)):
            raise CannotShow("It is no table: its rows are no lists.")
        cut.append(tuple(row[: len(columns)]) + (None,) * (len(columns) - len(row)))
        if len(cut) > MOST_ROWS:
            return Rows(columns, cut[:MOST_ROWS], total, is_whole=False)
    return Rows(columns, cut, total, is_whole)


def table(found: Rows) -> Table:
    """`found` to be read by people."""
    names = found.names[:MOST_COLUMNS]
    shown = found.values[:SHOWN_ROWS]
    cells = tuple(tuple(_text(cell) for cell in row[: len(names)]) for row in shown)
    return Table(tuple(_text(name) for name in names), cells, _note(found, len(shown), len(names)))


def find(found: Rows, tag: str) -> list[Found]:
    """The series that a table gives: itself as a text, and a curve for each column of numbers."""
    last = len(found.values) - 1
    curves = [] if last < 1 else [name for name in found.names[:MOST_COLUMNS] if _is_numeric(_column(found, name))]
    steps = _step_column(found)
    return [
        Found(Dashboard.TEXT, tag),
        *(Found(Dashboard.SCALARS, f"{tag}/{name}", part=name) for name in dict.fromkeys(curves) if name != steps),
    ]


def curve(found: Rows, name: str, wall_time_s: float) -> ScalarSeries:
    """The column `name` over the table's own column of steps, or over the rows, counted from 0.

    Raises:
      CannotShow: there is no such column of numbers.
    """
    column = _column(found, name) if name in found.names else []
    if not _is_numeric(column):
        raise CannotShow(f"The table has no column {name!r} of numbers.")
    steps = _step_column(found)
    at = range(len(column)) if steps is None else [int(value) for value in _column(found, steps)]
    values = np.array([math.nan if value is None else float(value) for value in column], np.float64)
    return ScalarSeries(np.array(at, np.int64), np.full(len(values), wall_time_s), values)


def _column(found: Rows, name: str) -> list[Any]:
    index = found.names.index(name)
    return [row[index] for row in found.values]


def _is_numeric(column: Sequence[Any]) -> bool:
    """Whether it holds numbers, and gaps, and nothing else."""
    numbers = [value for value in column if value is not None]
    return bool(numbers) and all(_is_number(value) for value in numbers)


def _is_number(value: Any) -> bool:
    return (isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= 1e308) or value != value  # noqa: PLR0124


def _step_column(found: Rows) -> str | None:
    """The column that says the step: named so, whole numbers, increasing."""
    for name in found.names:
        if _STEPS.fullmatch(name):
            column = _column(found, name)
            whole = all(isinstance(v, (int, float)) and v == v and abs(v) < 2**62 and int(v) == v for v in column)  # noqa: PLR0124
            if column and whole and all(a < b for a, b in itertools.pairwise(column)):
                return name
    return None


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    text = f"{cell:.6g}" if isinstance(cell, float) else str(cell)
    return text if len(text) <= _MOST_LETTERS else text[:_MOST_LETTERS] + "…"


def _note(found: Rows, shown_rows: int, shown_columns: int) -> str:
    notes = []
    total = len(found.values) if found.is_whole else found.total
    if total is None or total > shown_rows:
        notes.append(f"The first {shown_rows} of {total} rows." if total else f"The first {shown_rows} rows of more.")
    if len(found.names) > shown_columns:
        notes.append(f"The first {shown_columns} of {len(found.names)} columns.")
    return " ".join(notes)
