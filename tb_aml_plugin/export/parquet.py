"""Parquet files, as Spark, DuckDB, pandas and Databricks read them: one dataset, partitioned as Hive does it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tb_aml_plugin.export.tables import RUNS, Rows, utc
from tb_aml_plugin.export.task import Task, quoted_segment
from tb_aml_plugin.model import ScalarSeries

_ROWS_AT_ONCE = 100_000
_POINTS = pa.schema(
    [
        ("metric", pa.dictionary(pa.int32(), pa.string())),
        ("step", pa.int64()),
        ("wall_time", pa.float64()),
        ("value", pa.float64()),
    ]
)
_TIMES = ("start_time", "end_time")


class Parquet:
    """The kind of table."""

    suffix = "parquet"

    def path(self, task: Task) -> str:
        experiment = quoted_segment(task.experiment, task.run.experiment_id)
        return f"scalars/experiment={experiment}/run_id={quoted_segment(task.run.id, task.run.id)}/points.parquet"

    def open(self, path: Path, task: Task) -> _Points:
        return _Points(path)

    def write(self, path: Path, columns: Sequence[str], rows: Rows) -> None:
        fields = {name: [row[number] for row in rows] for number, name in enumerate(columns)}
        types = {name: pa.timestamp("ms", "UTC") if name in _TIMES else pa.string() for name in columns}
        if tuple(columns) == RUNS:
            fields |= {name: [utc(value) for value in fields[name]] for name in _TIMES}
        arrays = [pa.array(fields[name], types[name]) for name in columns]
        pq.write_table(pa.table(arrays, names=list(columns)), path, compression="zstd")


class _Points:
    """Curves gathered into row groups of a good size."""

    def __init__(self, path: Path) -> None:
        self._writer = pq.ParquetWriter(path, _POINTS, compression="zstd")
        self._waiting: list[tuple[str, ScalarSeries]] = []
        self._rows = 0

    def points(self, tag: str, series: ScalarSeries) -> None:
        for first in range(0, len(series), _ROWS_AT_ONCE):
            part = slice(first, first + _ROWS_AT_ONCE)
            piece = ScalarSeries(series.steps[part], series.wall_times_s[part], series.values[part])
            self._waiting.append((tag, piece))
            self._rows += len(piece)
            if self._rows >= _ROWS_AT_ONCE:
                self._flush()

    def close(self) -> None:
        try:
            self._flush()
        finally:
            self._writer.close()

    def _flush(self) -> None:
        waiting, self._waiting, self._rows = self._waiting, [], 0
        if not waiting:
            return
        tags = sorted({tag for tag, _ in waiting})
        codes = pa.concat_arrays([pa.repeat(pa.scalar(tags.index(tag), pa.int32()), len(s)) for tag, s in waiting])
        columns = [
            pa.DictionaryArray.from_arrays(codes, pa.array(tags, pa.string())),
            pa.concat_arrays([pa.array(s.steps) for _, s in waiting]),
            pa.concat_arrays([pa.array(s.wall_times_s) for _, s in waiting]),
            pa.concat_arrays([pa.array(s.values) for _, s in waiting]),
        ]
        self._writer.write_table(pa.Table.from_arrays(columns, schema=_POINTS))
