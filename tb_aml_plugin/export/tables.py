"""Runs as tables: CSV, JSON lines and Parquet.

All numbers are float64, as logged. Of each run a file of its curves; beside them one table of runs and one of params:

    scalars/experiment=NAME/run_id=ID/points.parquet   metric, step, wall_time (s), value; the rest is in the path
    scalars/NAME/ID.csv, .jsonl                        experiment, run_id, metric, step, wall_time, value
    runs.*                                             experiment, run, run_id, display_name, …
    params.*, tags.*                                   experiment, run, run_id, param or tag, value

The columns are called as those of `tb_aml_plugin.open`: ``run`` is a run's name in TensorBoard.
"""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Protocol

from tb_aml_plugin.errors import SettingsError
from tb_aml_plugin.export.destination import Destination, writing
from tb_aml_plugin.export.task import Task, quoted_segment, safe_segment
from tb_aml_plugin.model import ScalarSeries

Rows = Sequence[Sequence[Any]]

POINTS = ("experiment", "run_id", "metric", "step", "wall_time", "value")
OWNER = ("experiment", "run", "run_id")
RUNS = (*OWNER, "display_name", "parent_id", "status", "start_time", "end_time")


class TableFile(Protocol):
    """A table that is being written."""

    def points(self, tag: str, series: ScalarSeries) -> None:
        """Adds a curve."""
        ...

    def close(self) -> None:
        """Completes it."""
        ...


class TableKind(Protocol):
    """A kind of file that holds a table."""

    suffix: str

    def path(self, task: Task) -> str:
        """Where the curves of a run go."""
        ...

    def open(self, path: Path, task: Task) -> TableFile:
        """A new table of the curves of one run."""
        ...

    def write(self, path: Path, columns: Sequence[str], rows: Rows) -> None:
        """A whole table."""
        ...


class TableFormat:
    """Tables in one kind of file."""

    takes_everything = False

    def __init__(self, kind: TableKind) -> None:
        self._kind = kind

    def begin(self, task: Task, destination: Destination) -> _RunTable:
        return _RunTable(self._kind, task, destination)

    def row(self, task: Task) -> Mapping[str, Any]:
        run = task.run
        facts = (run.display_name, run.parent_id or "", run.status.value, run.start_time_s, run.end_time_s)
        owner = (task.experiment, task.name, run.id)
        return {"run": [*owner, *facts], "params": dict(run.params), "tags": dict(in_reading_order(run.tags))}

    def conclude(self, rows: Iterable[Mapping[str, Any]], destination: Destination) -> None:
        rows = [row for row in rows if row]
        self._place("runs", RUNS, [row["run"] for row in rows], destination)
        for kind, column in (("params", "param"), ("tags", "tag")):
            pairs = [[*row["run"][: len(OWNER)], *pair] for row in rows for pair in row[kind].items()]
            self._place(kind, (*OWNER, column, "value"), pairs, destination)

    def _place(self, name: str, columns: Sequence[str], content: Rows, destination: Destination) -> None:
        path = f"{name}.{self._kind.suffix}"
        staged = destination.stage(path)
        with writing(destination.location):
            self._kind.write(staged, columns, content)
        destination.place(staged, path)


class _RunTable:
    def __init__(self, kind: TableKind, task: Task, destination: Destination) -> None:
        self._destination = destination
        self.path = kind.path(task)
        self._staged = destination.stage(self.path)
        with writing(destination.location):
            self._table = kind.open(self._staged, task)
        self._is_empty = True

    def scalars(self, tag: str, series: ScalarSeries) -> None:
        self._is_empty = False
        with writing(self._destination.location):
            self._table.points(tag, series)

    def finish(self) -> tuple[str, ...]:
        with writing(self._destination.location):
            self._table.close()
        if self._is_empty:
            return ()
        self._destination.place(self._staged, self.path)
        return (self.path,)

    def abandon(self) -> None:
        with contextlib.suppress(OSError):  # no room for what was still in the buffer
            self._table.close()
        self._staged.unlink(missing_ok=True)


def csv_format() -> TableFormat:
    """CSV with a line of column names; numbers as Python writes them, so that they are read back exactly."""
    return TableFormat(_Text("csv", _csv_lines, header=True))


def jsonl_format() -> TableFormat:
    """A JSON object a line; NaN and ±inf as TensorBoard's own JSON has them: "NaN", "Infinity", "-Infinity"."""
    return TableFormat(_Text("jsonl", _json_lines, header=False))


def parquet_format() -> TableFormat:
    """Parquet.

    Raises:
      SettingsError: pyarrow is not installed.
    """
    try:
        from tb_aml_plugin.export.parquet import Parquet
    except ImportError:
        raise SettingsError('--format parquet needs pyarrow: pip install "tb-aml-plugin[export]"') from None
    return TableFormat(Parquet())


class _Text:
    """A kind of file that is text, a line for each row."""

    def __init__(self, suffix: str, write_lines: Any, *, header: bool) -> None:
        self.suffix = suffix
        self._write_lines = write_lines
        self._header = header

    def path(self, task: Task) -> str:
        folder = safe_segment(quoted_segment(task.experiment, task.run.experiment_id), task.run.experiment_id)
        return f"scalars/{folder}/{quoted_segment(task.run.id, task.run.id)}.{self.suffix}"

    def open(self, path: Path, task: Task) -> _TextTable:
        file = path.open("w", encoding="utf-8", newline="", buffering=2**20)
        return _TextTable(file, task, self._write_lines, header=self._header)

    def write(self, path: Path, columns: Sequence[str], rows: Rows) -> None:
        with path.open("w", encoding="utf-8", newline="") as file:
            if self._header:
                csv.writer(file).writerow(columns)
            self._write_lines(file, columns, rows)


class _TextTable:
    def __init__(self, file: IO[str], task: Task, write_lines: Any, *, header: bool) -> None:
        self._file = file
        self._write_lines = write_lines
        self._owner = (task.experiment, task.run.id)
        if header:
            csv.writer(file).writerow(POINTS)

    def points(self, tag: str, series: ScalarSeries) -> None:
        self._write_lines(self._file, POINTS, self._rows(tag, series))

    def close(self) -> None:
        self._file.close()

    def _rows(self, tag: str, series: ScalarSeries) -> Iterator[tuple[Any, ...]]:
        columns = zip(series.steps.tolist(), series.wall_times_s.tolist(), series.values.tolist(), strict=True)
        return ((*self._owner, tag, step, wall_time_s, value) for step, wall_time_s, value in columns)


def _csv_lines(file: IO[str], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    csv.writer(file).writerows(rows)


def _json_lines(file: IO[str], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    for row in rows:
        file.write(json.dumps({name: _finite(value) for name, value in zip(columns, row, strict=True)}) + "\n")


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"  # noqa: PLR0124
    return value


def in_reading_order(tags: Mapping[str, str]) -> list[tuple[str, str]]:
    """Sorted; the tags that people gave before those that MLflow gives."""
    return sorted(tags.items(), key=lambda tag: (tag[0].startswith("mlflow."), tag))


def utc(seconds: float | None) -> dt.datetime | None:
    """The moment, for kinds of tables that have moments; None also for one that no calendar has, such as a time in ns."""
    if seconds is None:
        return None
    try:
        return dt.datetime.fromtimestamp(seconds, dt.timezone.utc)
    except (ValueError, OverflowError, OSError):
        return None
