"""The first rows of a table in JSON, as pandas writes it with ``orient="split"``."""

from __future__ import annotations

import json
import re
from typing import Any

from tb_aml_plugin.errors import CannotShow
from tb_aml_plugin.kinds.base import File
from tb_aml_plugin.kinds.table_values import MOST_ROWS, Rows, rows

_PART_BYTES = 2**20
_BEGIN = re.compile(rb'\s*\{\s*"columns"\s*:\s*\[')
_DECODER = json.JSONDecoder()


def begins_table(head: bytes) -> bool:
    """Whether `head` begins as such a table does."""
    return _BEGIN.match(head) is not None and b'"data"' in head


def parse(file: File) -> Rows:
    """The first rows of `file`, of which no more than 1 MB is read.

    Raises:
      CannotShow: it holds no such table.
    """
    content = file.read(0, _PART_BYTES + 1)
    if len(content) > _PART_BYTES:
        return _first_rows(content[:_PART_BYTES].decode("utf-8", "ignore"))
    found = loads(content)
    if (
        not isinstance(found, dict)
        or not isinstance(found.get("columns"), list)
        or not isinstance(found.get("data"), list)
    ):
        raise CannotShow('It is no table: a table has "columns" and "data".')
    return rows(found["columns"], found["data"], len(found["data"]))


def loads(content: bytes) -> Any:
    """The value in `content`.

    Raises:
      CannotShow: it is no JSON.
    """
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise CannotShow("It is no JSON that can be read.") from None


def _first_rows(text: str) -> Rows:
    """The rows that are whole in the beginning of a table, which `text` is."""
    try:
        columns_at = text.index("[", text.index('"columns"'))
        columns, end = _DECODER.raw_decode(text, columns_at)
        position = text.index("[", text.index('"data"', end)) + 1
    except (ValueError, RecursionError):
        raise CannotShow('It is no table that can be read: "columns" and "data" are not at its beginning.') from None
    found: list[Any] = []
    while len(found) < MOST_ROWS:
        try:
            row, position = _DECODER.raw_decode(text, text.index("[", position))
        except (ValueError, RecursionError):
            break
        found.append(row)
    return rows(columns, found, is_whole=False)
