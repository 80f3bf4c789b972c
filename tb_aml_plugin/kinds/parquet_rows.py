"""The first rows of a Parquet file."""

from __future__ import annotations

import datetime as dt
import decimal
from typing import Any

from tb_aml_plugin.errors import CannotShow
from tb_aml_plugin.kinds.base import File, megabytes
from tb_aml_plugin.kinds.ranged import RangedFile
from tb_aml_plugin.kinds.table_values import MOST_COLUMNS, MOST_ROWS, Rows, rows

_MOST_UNPACKED_BYTES = 256 * 2**20


def parse(file: File) -> Rows:
    """The first rows of `file`; of its first group of rows no more than the columns that are shown are read.

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
            _check_size(found.metadata, names)
            batch = next(found.iter_batches(MOST_ROWS, row_groups=[0], columns=names), None)
            columns = (
                [] if batch is None else [[_plain(value) for value in column.to_pylist()] for column in batch.columns]
            )
            total = found.metadata.num_rows
    except (pa.ArrowException, OSError, ValueError, IndexError, OverflowError) as error:
        raise CannotShow(f"It is no Parquet file that can be read ({type(error).__name__}).") from None
    values = list(zip(*columns, strict=True))
    return rows(names, values, total, is_whole=len(values) == total)


def _check_size(metadata: Any, names: list[str]) -> None:
    if not metadata.num_row_groups:
        raise CannotShow("It holds no rows.")
    group = metadata.row_group(0)
    wanted = [group.column(index) for index in range(group.num_columns)]
    unpacked = sum(column.total_uncompressed_size for column in wanted if column.path_in_schema.split(".")[0] in names)
    if unpacked > _MOST_UNPACKED_BYTES:
        raise CannotShow(f"Its first group of rows unpacks to {megabytes(unpacked)}.")


def _plain(value: Any) -> Any:
    """`value` as JSON would have it."""
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    return value
