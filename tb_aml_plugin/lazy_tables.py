"""Tables that are read when they are turned into something."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from tb_aml_plugin.errors import SettingsError
from tb_aml_plugin.export.tables import utc
from tb_aml_plugin.model import ScalarSeries

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_TIMES = ("start_time", "end_time")
_COLUMNS = {
    "runs": ("experiment", "run", "run_id", "display_name", "parent_id", "status", *_TIMES),
    "params": ("experiment", "run", "run_id", "param", "value"),
    "tags": ("experiment", "run", "run_id", "tag", "value"),
}
_OWNER = ("experiment", "run", "run_id", "metric")

Curves = Iterable[tuple[dict[str, Any], str, ScalarSeries]]
"""(what names the run, metric, curve)."""


class Table(Protocol):
    """A table. Each call reads it anew."""

    def to_pandas(self) -> pd.DataFrame:
        """As a pandas data frame.

        Raises:
          SettingsError: pandas is not installed.
        """
        ...

    def to_arrow(self) -> pa.Table:
        """As an Arrow table.

        Raises:
          SettingsError: pyarrow is not installed.
        """
        ...


class RowTable:
    """A table of few columns, made row by row."""

    def __init__(self, kind: str, rows: Callable[[], Sequence[dict[str, Any]]]) -> None:
        self._kind, self._columns = kind, _COLUMNS[kind]
        self._rows = rows

    def __repr__(self) -> str:
        return f"<{len(self._rows())} {self._kind}: {', '.join(self._columns)}; to_pandas() or to_arrow() reads them>"

    def to_pandas(self) -> pd.DataFrame:
        pandas = _pandas()
        fields = self._fields()
        for name in set(_TIMES) & fields.keys():
            # Not by `to_datetime`, which counts in ns and so ends in the year 2262.
            moments = np.array([v and v.replace(tzinfo=None) for v in fields[name]], "datetime64[ms]")
            fields[name] = pandas.Series(moments).dt.tz_localize("UTC")
        frame = pandas.DataFrame(fields, columns=list(self._columns))
        # A column without values says nothing of its type, and would be taken for numbers.
        return frame if len(frame) else frame.astype(dict.fromkeys(set(self._columns) - set(_TIMES), str))

    def to_arrow(self) -> pa.Table:
        arrow = _arrow()
        fields = self._fields()
        types = {name: arrow.timestamp("ms", "UTC") if name in _TIMES else arrow.string() for name in self._columns}
        arrays = [arrow.array(fields[name], types[name]) for name in self._columns]
        return arrow.table(arrays, names=list(self._columns))

    def _fields(self) -> dict[str, Any]:
        rows = [list(row.values()) for row in self._rows()]
        fields = {name: [row[number] for row in rows] for number, name in enumerate(self._columns)}
        return {name: [utc(v) for v in values] if name in _TIMES else values for name, values in fields.items()}


class CurveTable:
    """A table of points: the columns that name the curve, then step, wall time and value."""

    def __init__(self, curves: Callable[[], Curves], metrics: Sequence[str] | None = None) -> None:
        self._curves = curves
        self._metrics = metrics

    def __repr__(self) -> str:
        columns = ", ".join((*_OWNER, "step", "wall_time", "value"))
        of = "all metrics" if self._metrics is None else ", ".join(self._metrics)
        return f"<points of {of}: {columns}; to_pandas() or to_arrow() reads them>"

    def to_pandas(self) -> pd.DataFrame:
        pandas = _pandas()
        owners, numbers = self._columns()
        named = {
            name: pandas.Categorical.from_codes(codes, categories=texts) for name, (codes, texts) in owners.items()
        }
        return pandas.DataFrame({**named, **numbers})

    def to_arrow(self) -> pa.Table:
        arrow = _arrow()
        owners, numbers = self._columns()
        named = {
            name: arrow.DictionaryArray.from_arrays(codes, arrow.array(texts, arrow.string()))
            for name, (codes, texts) in owners.items()
        }
        return arrow.table({**named, **{name: arrow.array(column) for name, column in numbers.items()}})

    def _columns(self) -> tuple[dict[str, tuple[np.ndarray[Any, Any], list[str]]], dict[str, np.ndarray[Any, Any]]]:
        """Codes and texts of the columns that name the curve, and the numbers."""
        curves = list(self._curves())
        lengths = [len(series) for _, _, series in curves]
        labels = [(*owner.values(), metric) for owner, metric, _ in curves]
        owners = {}
        for number, name in enumerate(_OWNER):
            texts = list(dict.fromkeys(label[number] for label in labels))
            index = {text: code for code, text in enumerate(texts)}
            codes = np.array([index[label[number]] for label in labels], np.int32)
            owners[name] = (np.repeat(codes, lengths), texts)
        numbers = {
            "step": _joined([series.steps for _, _, series in curves], np.int64),
            "wall_time": _joined([series.wall_times_s for _, _, series in curves], np.float64),
            "value": _joined([series.values for _, _, series in curves], np.float64),  # noqa: PD011 - no pandas here
        }
        return owners, numbers


def _joined(parts: Sequence[np.ndarray[Any, Any]], dtype: Any) -> np.ndarray[Any, Any]:
    return np.concatenate(parts) if parts else np.empty(0, dtype)


def _pandas() -> Any:
    try:
        import pandas as pd
    except ImportError:
        raise SettingsError("to_pandas() needs pandas: pip install pandas") from None
    return pd


def _arrow() -> Any:
    try:
        import pyarrow as pa
    except ImportError:
        raise SettingsError('to_arrow() needs pyarrow: pip install "tb-aml-plugin[export]"') from None
    return pa
