"""The metric service's JSON as columns of numbers. Pure; what is malformed costs a value, never a metric or its run."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import numpy as np

from tb_aml_plugin.model import LatestPoint, Points

SCALAR, LIST, TABLE = "scalar", "list", "table"
INLINE = (SCALAR, LIST, TABLE)
_NUMBERS = frozenset(("int", "long", "int32", "int64", "float", "double", "bool", "boolean", "number", "integer"))
_LEAST, _MOST = -(2**63), 2**63 - 1  # of an int64


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


class _Column:
    """Numbers that grow at the end: with thousands of small pages, copying all of them each time would be the cost."""

    def __init__(self, kind: type[np.generic]) -> None:
        self._held = np.empty(0, kind)
        self._size = 0

    @property
    def values(self) -> Any:
        """An array that does not change until the next change of the column."""
        return self._held[: self._size]

    def extend(self, values: Sequence[object]) -> None:
        size = self._size + len(values)
        if size > len(self._held):
            held = np.empty(size * 3 // 2, self._held.dtype)
            held[: self._size] = self.values
            self._held = held
        self._held[self._size : size] = values
        self._size = size

    def keep(self, kept: Any) -> None:
        """Only those where `kept` is true."""
        self._held = self.values[kept]
        self._size = len(self._held)


class Rows:
    """The numbers of a metric that were read so far; grows page by page, some 30 bytes a row and column."""

    def __init__(self, columns: Iterable[str]) -> None:
        self._steps = _Column(np.int64)
        self._times_ms = _Column(np.int64)
        self._has_steps = False
        self._values = {column: _Column(np.float64) for column in columns}
        self._is_number = {column: _Column(np.bool_) for column in self._values}

    def __len__(self) -> int:
        return len(self._steps.values)

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return len(self) * (16 + 9 * len(self._values))

    @property
    def newest_ms(self) -> int:
        """When the newest row was logged, since the Unix epoch; 0 if there is none."""
        return int(self._times_ms.values.max()) if len(self) else 0

    def add(self, page: Mapping[str, Any], after_ms: int = -1) -> None:
        """Takes over the rows of one page of ``full``, of those the ones logged later than `after_ms`."""
        timed = [
            (row, milliseconds(str(row.get("createdUtc") or "")))
            for row in page.get("value") or ()
            if isinstance(row, dict)
        ]
        rows = [row for row, time_ms in timed if time_ms > after_ms]
        steps = [_step(row.get("step")) for row in rows]
        self._has_steps = self._has_steps or any(step is not None for step in steps)
        self._steps.extend([step or 0 for step in steps])
        self._times_ms.extend([time_ms for _, time_ms in timed if time_ms > after_ms])
        for column, values in self._values.items():
            cells = [number(_cell(row, column)) for row in rows]
            self._is_number[column].extend([cell is not None for cell in cells])
            values.extend([0.0 if cell is None else cell for cell in cells])

    def cut(self, after_ms: int) -> None:
        """Forgets the rows that were logged later than `after_ms`."""
        kept = self._times_ms.values <= after_ms
        for column in (self._steps, self._times_ms, *self._values.values(), *self._is_number.values()):
            column.keep(kept)

    def points(self, column: str, *, by_index: bool) -> Points:
        """One column as a curve; cells that hold no number are left out.

        Args:
          by_index: rows without a step are counted; else they are at step 0, as MLflow's endpoint has them.
        """
        kept = self._is_number[column].values
        counted = by_index and not self._has_steps
        steps = np.arange(len(self), dtype=np.int64) if counted else self._steps.values
        return Points(steps[kept], self._times_ms.values[kept] / 1000.0, self._values[column].values[kept])


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
    zone = tail.lstrip("0123456789")
    whole_s = _seconds(head + zone)
    if whole_s is None:
        return 0
    return whole_s * 1000 + int(f"{tail[: len(tail) - len(zone)][:3]:0<3}")


@functools.lru_cache(maxsize=1024)
def _seconds(text: str) -> int | None:
    """Seconds since the Unix epoch of a time without fractions. Rows that were logged in the same second come together."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    if time.tzinfo is None:
        time = time.replace(tzinfo=timezone.utc)
    return int((time - datetime(1970, 1, 1, tzinfo=timezone.utc)).total_seconds())


def iso(time_ms: int) -> str:
    """The time as the service takes it."""
    time = datetime.fromtimestamp(time_ms // 1000, timezone.utc)
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time_ms % 1000:03d}Z"


def _cell(row: Mapping[str, Any], column: str) -> object:
    data = row.get("data")
    return data.get(column) if isinstance(data, dict) else None


def _step(found: object) -> int | None:
    if type(found) is int and _LEAST <= found <= _MOST:
        return found
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        return None
    try:
        return min(max(int(found), _LEAST), _MOST)
    except (ValueError, OverflowError):
        return None
