"""The first rows of a file of separated values."""

from __future__ import annotations

import csv
import io
import itertools
from typing import Any

from tb_aml_plugin.errors import CannotShow
from tb_aml_plugin.kinds.base import File
from tb_aml_plugin.kinds.table_values import MOST_ROWS, Rows, rows
from tb_aml_plugin.kinds.text_files import decoded

_PART_BYTES = 2**20


def parse(file: File) -> Rows:
    """The first rows of `file`, of which no more than 1 MB is read.

    The first line names the columns, unless a number is among its cells. Numbers that count from 0 are names too: pandas
    writes them over columns that have none.

    Raises:
      CannotShow: it holds no table.
    """
    content = file.read(0, _PART_BYTES + 1)
    is_whole = len(content) <= _PART_BYTES
    text = decoded(content[:_PART_BYTES])
    if not is_whole:
        text = text[: text.rfind("\n") + 1]
    lines = _lines(text)
    if not lines:
        raise CannotShow("It holds no rows.")
    if any(isinstance(_value(cell), float) for cell in lines[0]) and not _counts(lines[0]):
        names, values = [f"column {number}" for number in range(len(lines[0]))], lines
    else:
        names, values = lines[0], lines[1:]
    typed = [[_value(cell) for cell in line] for line in values]
    return rows(names, typed, len(typed) if is_whole else None, is_whole=is_whole)


def _lines(text: str) -> list[list[str]]:
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)  # the comma where none is there
    try:
        # Not `splitlines`, which would part a cell at any of the letters that Unicode ends lines with.
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        return [line for line in itertools.islice(reader, MOST_ROWS + 2) if line]
    except csv.Error as error:
        raise CannotShow(f"It cannot be read as separated values: {error}.") from None


def _counts(cells: list[str]) -> bool:
    named = cells[1:] if not cells[0] else cells  # the first is over the index
    return len(named) > 1 and named == [str(number) for number in range(len(named))]


def _value(cell: str) -> Any:
    """A number where `cell` is one, None where it is empty."""
    if not cell.strip():
        return None
    try:
        return float(cell) if "_" not in cell else cell
    except ValueError:
        return cell
