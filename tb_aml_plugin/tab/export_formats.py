"""Rows as files: CSV for spreadsheets, JSON for programs, Parquet for data frames. Made while they are sent.

A new format is a function here and a line in `FORMATS`.
"""

from __future__ import annotations

import csv
import importlib.util
import io
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tb_aml_plugin.tab.pipe import Pipe
from tb_aml_plugin.tab.wire import Cell
from tb_aml_plugin.tab.words import as_number

Kind = Literal["text", "whole", "number"]
Rows = Iterable[Sequence[Cell]]

_ROWS_AT_ONCE = 500
_ROWS_OF_A_GROUP = 50_000
"""Of Parquet: what is compressed together."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a file."""

    name: str
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file.

    Attributes:
      write: from columns and rows to the bytes of the file, piece by piece.
      needs: the package without which it cannot be written; "" for none.
    """

    media_type: str
    write: Callable[[Sequence[Field], Rows], Iterator[bytes]]
    needs: str = ""

    @property
    def is_here(self) -> bool:
        """Whether it can be written."""
        return not self.needs or importlib.util.find_spec(self.needs) is not None


def _csv(fields: Sequence[Field], rows: Rows) -> Iterator[bytes]:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([plain(field.name) for field in fields])
    for count, row in enumerate(rows, 1):
        writer.writerow([plain(cell) for cell in row])
        if count % _ROWS_AT_ONCE == 0:
            yield text.getvalue().encode("utf-8", "replace")
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode("utf-8", "replace")


def _json(fields: Sequence[Field], rows: Rows) -> Iterator[bytes]:
    names = [field.name for field in fields]
    before = "[\n"
    for row in rows:
        yield (before + json.dumps(dict(zip(names, row, strict=True)))).encode()
        before = ",\n"
    yield b"\n]\n" if before != "[\n" else b"[]\n"


def _parquet(fields: Sequence[Field], rows: Rows) -> Iterator[bytes]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {"text": pa.string(), "whole": pa.int64(), "number": pa.float64()}
    schema = pa.schema([(field.name, types[field.kind]) for field in fields])
    waiting, pipe = iter(rows), Pipe()
    with pq.ParquetWriter(pipe, schema, compression="zstd") as writer:
        while group := list(itertools.islice(waiting, _ROWS_OF_A_GROUP)):
            columns = zip(*group, strict=True)
            arrays = [_array(pa, field, column, types) for field, column in zip(fields, columns, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            yield pipe.taken()
    yield pipe.taken()


def _array(pa: Any, field: Field, column: Sequence[Cell], types: Mapping[str, Any]) -> Any:
    if field.kind == "text":
        texts = [None if cell is None else str(cell).encode("utf-8", "replace").decode() for cell in column]
        return pa.array(texts, types["text"])
    number = int if field.kind == "whole" else float  # which reads "NaN" and "Infinity", too
    return pa.array([None if cell is None else number(cell) for cell in column], types[field.kind])


FORMATS: Mapping[str, Format] = {
    "csv": Format("text/csv; charset=utf-8", _csv),
    "json": Format("application/json", _json),
    "parquet": Format("application/vnd.apache.parquet", _parquet, needs="pyarrow"),
}


def plain(cell: Cell) -> Cell:
    """`cell` so that a spreadsheet takes it for what it is: a text that looks like a formula gets an apostrophe.

    Without NUL, which Python 3.10 cannot write.
    """
    if not isinstance(cell, str):
        return cell
    text = cell.replace("\0", "")
    return f"'{text}" if text.startswith(_FORMULA) and as_number(text) is None else text
