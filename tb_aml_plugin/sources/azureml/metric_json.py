"""The metric service's JSON as columns of numbers. Pure; what is malformed costs a value, never a metric or its run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import numpy as np

from tb_aml_plugin.model import LatestPoint, Points

SCALAR, LIST, TABLE = "scalar", "list", "table"
INLINE = (SCALAR, LIST, TABLE)
_NUMBERS = frozenset(("int", "long", "int32", "int64", "float", "double", "bool", "boolean", "number", "integer"))
_INT64 = np.iinfo(np.int64)


@dataclass(frozen=True, slots=True)
class Definition:
    """What a run's list says of one metric.

    Attributes:
      kind: "scalar", "list" or "table", or of a metric whose value is in a file "image", "confusion_matrix" and the
        like; "" if it does not say.
      columns: name → type as the service has it.
    """

    name: str
    kind: str
    columns: Mapping[str, str]

    @property
    def numeric_columns(self) -> tuple[str, ...]:
        """The columns that can be drawn as a curve."""
        return tuple(name for name, type_ in self.columns.items() if type_.lower() in _NUMBERS)


def definition_of(found: Mapping[str, Any]) -> Definition:
    """An element of a run's ``list``."""
    key = found.get("metricKey")
    name = key.get("name") if isinstance(key, dict) else found.get("name")
    columns = found.get("columns")
    properties = found.get("properties")
    kind = found.get("uxMetricType") or (properties.get("uxMetricType") if isinstance(properties, dict) else "")
    return Definition(
        "" if name is None else str(name),
        kind_of(str(kind or "")),
        {str(column): str(type_) for column, type_ in columns.items()} if isinstance(columns, dict) else {},
    )


def kind_of(ux_type: str) -> str:
    """``azureml.v1.table`` → ``table``."""
    return ux_type.rpartition(".")[2].lower()


class Rows:
    """The numbers of a metric that were read so far; grows page by page, some 30 bytes a row and column."""

    def __init__(self, columns: Iterable[str]) -> None:
        self._steps = np.empty(0, np.int64)
        self._times_ms = np.empty(0, np.int64)
        self._has_steps = False
        self._values = {column: np.empty(0, np.float64) for column in columns}
        self._is_number = {column: np.empty(0, np.bool_) for column in self._values}

    def __len__(self) -> int:
        return len(self._steps)

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return len(self) * (16 + 9 * len(self._values))

    @property
    def newest_ms(self) -> int:
        """When the newest row was logged, since the Unix epoch; 0 if there is none."""
        return int(self._times_ms.max()) if len(self) else 0

    def add(self, page: Mapping[str, Any], after_ms: int = -1) -> None:
        """Takes over the rows of one page of ``full``, of those the ones logged later than `after_ms`."""
        timed = [
            (row, milliseconds(str(row.get("createdUtc") or "")))
            for row in page.get("value") or ()
            if isinstance(row, dict)
        ]
        rows = [row for row, time_ms in timed if time_ms > after_ms]
        times_ms = [time_ms for _, time_ms in timed if time_ms > after_ms]
        steps = [_step(row.get("step")) for row in rows]
        self._has_steps = self._has_steps or any(step is not None for step in steps)
        self._steps = np.append(self._steps, np.array([step or 0 for step in steps], np.int64))
        self._times_ms = np.append(self._times_ms, np.array(times_ms, np.int64))
        for column in self._values:
            cells = [number(_cell(row, column)) for row in rows]
            found = np.array([cell is not None for cell in cells], np.bool_)
            values = np.array([0.0 if cell is None else cell for cell in cells], np.float64)
            self._values[column] = np.append(self._values[column], values)
            self._is_number[column] = np.append(self._is_number[column], found)

    def cut(self, after_ms: int) -> None:
        """Forgets the rows that were logged later than `after_ms`."""
        kept = self._times_ms <= after_ms
        self._steps, self._times_ms = self._steps[kept], self._times_ms[kept]
        for column in self._values:
            self._values[column] = self._values[column][kept]
            self._is_number[column] = self._is_number[column][kept]

    def points(self, column: str, *, by_index: bool) -> Points:
        """One column as a curve; cells that hold no number are left out.

        Args:
          by_index: rows without a step are counted; else they are at step 0, as MLflow's endpoint has them.
        """
        kept = self._is_number[column]
        counted = by_index and not self._has_steps
        steps = np.arange(len(self), dtype=np.int64) if counted else self._steps
        return Points(steps[kept], self._times_ms[kept] / 1000.0, self._values[column][kept])


def latest(points: Points) -> LatestPoint | None:
    """The newest of `points`: largest step, then wall time; None if there are none."""
    if not len(points):
        return None
    newest = np.lexsort((points.wall_times_s, points.steps))[-1]
    return LatestPoint(int(points.steps[newest]), float(points.wall_times_s[newest]), float(points.values[newest]))


def number(cell: object) -> float | None:
    """`cell` as a double; None if it holds none. JSON has no word for NaN: it comes as text."""
    if isinstance(cell, (bool, int, float)):
        try:
            return float(cell)
        except OverflowError:
            return float("inf") if cell > 0 else float("-inf")
    if isinstance(cell, str):
        try:
            return float(cell)
        except ValueError:
            return None
    return None


def milliseconds(text: str) -> int:
    """Milliseconds since the Unix epoch of an ISO 8601 time; 0 where it is none.

    Rounded down, as MLflow's endpoint does: the newest point is compared with the one that it tells.
    """
    head, _, tail = text.strip().replace("Z", "+00:00").partition(".")
    digits = tail[: len(tail) - len(tail.lstrip("0123456789"))]
    try:
        time = datetime.fromisoformat(head + tail[len(digits) :])
    except ValueError:
        return 0
    if time.tzinfo is None:
        time = time.replace(tzinfo=timezone.utc)
    whole_s = int((time - datetime(1970, 1, 1, tzinfo=timezone.utc)).total_seconds())
    return whole_s * 1000 + int(f"{digits[:3]:0<3}" if digits else 0)


def iso(time_ms: int) -> str:
    """The time as the service takes it."""
    time = datetime.fromtimestamp(time_ms // 1000, timezone.utc)
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time_ms % 1000:03d}Z"


def _cell(row: Mapping[str, Any], column: str) -> object:
    data = row.get("data")
    return data.get(column) if isinstance(data, dict) else None


def _step(found: object) -> int | None:
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        return None
    try:
        return min(max(int(found), int(_INT64.min)), int(_INT64.max))
    except (ValueError, OverflowError):
        return None
