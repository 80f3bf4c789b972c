"""The first rows of a Parquet file."""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Iterator
from typing import Any

from tb_aml_plugin.errors import CannotShow
from tb_aml_plugin.kinds.base import File, megabytes
from tb_aml_plugin.kinds.ranged import RangedFile
from tb_aml_plugin.kinds.table_values import MOST_COLUMNS, MOST_ROWS, SHOWN_ROWS, Rows, rows

_MOST_UNPACKED_BYTES = 256 * 2**20
_MOST_TEXT_BYTES = 16 * 2**20
_TOO_LONG = "…"


def parse(file: File) -> Rows:
    """The first rows of `file`; of its first group of rows no more than the columns that are shown are read.

    Columns of anything but numbers are whole as far as rows are shown, and empty behind them.

    Raises:
      CannotShow: pyarrow is not installed, or it holds no table.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise CannotShow("Parquet needs a package: pip install pyarrow") from None
    try:
        with pq.ParquetFile(RangedFile(file)) as found:
            names = found.schema_arrow.names[:MOST_COLUMNS]
            leaves = _leaves_within(found.metadata, names)
            total = found.metadata.num_rows
        # Words that are repeated stay one word each: ten kilobytes could else unpack to gigabytes.
        with pq.ParquetFile(RangedFile(file), read_dictionary=leaves) as found:
            batch = next(found.iter_batches(MOST_ROWS, row_groups=[0], columns=names), None)
            columns = [] if batch is None else [_cells(column) for column in batch.columns]
    except (pa.ArrowException, OSError, ValueError, IndexError, OverflowError) as error:
        raise CannotShow(f"It is no Parquet file that can be read ({type(error).__name__}).") from None
    values = list(zip(*columns, strict=True))
    return rows(names, values, total, is_whole=len(values) == total)


def _leaves_within(metadata: Any, names: list[str]) -> list[str]:
    """Paths of the columns of Parquet that those called `names` are made of."""
    if not metadata.num_row_groups:
        raise CannotShow("It holds no rows.")
    group = metadata.row_group(0)
    columns = [group.column(index) for index in range(group.num_columns)]
    wanted = [column for column in columns if column.path_in_schema.split(".")[0] in names]
    unpacked = sum(column.total_uncompressed_size for column in wanted)
    if unpacked > _MOST_UNPACKED_BYTES:
        raise CannotShow(f"Its first group of rows unpacks to {megabytes(unpacked)}.")
    return [column.path_in_schema for column in wanted]


def _cells(column: Any) -> list[Any]:
    import pyarrow as pa

    types = pa.types
    if types.is_integer(column.type) or types.is_floating(column.type) or types.is_decimal(column.type):
        return [_plain(value) for value in column.to_pylist()]
    shown = column.slice(0, SHOWN_ROWS)
    if types.is_dictionary(shown.type) and not types.is_nested(shown.type.value_type):
        words = [_plain(word) for word in shown.dictionary.to_pylist()]
        cells = [None if index is None else words[index] for index in shown.indices.to_pylist()]
    elif sum(_most_bytes(shown)) > _MOST_TEXT_BYTES:
        cells = [_TOO_LONG] * len(shown)
    else:
        cells = [_plain(value) for value in shown.to_pylist()]
    return cells + [None] * (len(column) - len(shown))


def _most_bytes(column: Any) -> Iterator[int]:
    """How much the parts of a column unpack to, at most."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_nested(column.type):
        parts = column.flatten()
        for part in parts if isinstance(parts, list) else [parts]:
            yield from _most_bytes(part)
    elif pa.types.is_dictionary(column.type) and len(column.dictionary):
        yield len(column) * (pc.max(pc.binary_length(column.dictionary)).as_py() or 0)
    else:
        yield int(column.nbytes)


def _plain(value: Any) -> Any:
    """`value` as JSON would have it."""
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    return value
