"""Tables and evaluations among the files of a run, as the page draws them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tb_aml_plugin import kinds, media
from tb_aml_plugin.errors import CannotShow
from tb_aml_plugin.kinds import schemas
from tb_aml_plugin.kinds.base import File
from tb_aml_plugin.kinds.table_values import Rows
from tb_aml_plugin.kinds.tables import CsvTables, JsonTables, ParquetTables
from tb_aml_plugin.model import Artifact, Run
from tb_aml_plugin.sources.base import ArtifactStore
from tb_aml_plugin.tab.artifacts import size_of
from tb_aml_plugin.tab.wire import Cell
from tb_aml_plugin.tab.wire_files import Accuracy, Bins, Matrix, RateCurves, TablePage
from tb_aml_plugin.tab.words import as_number, number

MOST_ROWS = 1000
_MOST_COLUMNS = 200
_MOST_LETTERS = 2000
_MOST_CLASSES = 100
_MOST_LABELS = 200

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cut:
    """Which rows of a table are wanted.

    Attributes:
      first, count: of those found and sorted.
      sort: index of the column to sort by; None leaves them as they are.
      find: only rows with this text in one of their cells, whatever its case.
    """

    first: int = 0
    count: int = 100
    sort: int | None = None
    descending: bool = False
    find: str = ""


def file_of(store: ArtifactStore, run: Run, path: str, known: Mapping[str, int]) -> File:
    """The file at `path`, for a kind to read; see `size_of` for `known`.

    Raises:
      ArtifactGone: there is none.
    """
    artifact = Artifact(path, size_bytes=size_of(store, path, known))
    return File(run, artifact, (), lambda start, length: store.read(path, start, length))


def rows_of(file: File) -> Rows:
    """The first rows of a table.

    Raises:
      CannotShow: it is none.
    """
    kind = kinds.of(file)
    if not isinstance(kind, (JsonTables, CsvTables, ParquetTables)):
        raise CannotShow(f"{file.path} is no table that can be read.")
    return kind.rows(file)


def inline_rows(table: media.Table) -> Rows:
    """The rows of a table that is in no file."""
    return Rows(table.columns, table.rows, None, is_whole=not table.note)


def page(path: str, rows: Rows, cut: Cut) -> TablePage:
    """Some of `rows`."""
    names = rows.names[:_MOST_COLUMNS]
    cells = [[_cell(value) for value in row[: len(names)]] for row in rows.values]
    found = _found(cells, cut.find)
    if cut.sort is not None and 0 <= cut.sort < len(names):
        found = _sorted(found, cut.sort, descending=cut.descending)
    return {
        "path": path,
        "columns": [{"name": name, "numeric": _is_numeric(cells, index)} for index, name in enumerate(names)],
        "rows": found[cut.first : cut.first + cut.count],
        "first": cut.first,
        "found": len(found),
        "total": len(cells),
        "truncated": not rows.is_whole or len(rows.names) > len(names),
    }


def matrix(file: File) -> Matrix:
    """A confusion matrix. Raises `CannotShow` where there is none, or one too large to be looked at."""
    found = schemas.confusion_matrix(file)
    if len(found.labels) > _MOST_LABELS:
        raise CannotShow(f"The matrix has {len(found.labels)} classes; up to {_MOST_LABELS} are drawn.")
    return {"path": file.path, "labels": list(found.labels), "counts": found.counts.tolist()}


def accuracy(file: File) -> Accuracy:
    """An accuracy table as curves. Raises `CannotShow` where there is none."""
    found = schemas.accuracy_table(file)
    if len(found.labels) > _MOST_CLASSES:
        raise CannotShow(f"The accuracy table has {len(found.labels)} classes; up to {_MOST_CLASSES} are drawn.")
    return {
        "path": file.path,
        "classes": [
            _rate_curves(label, found.thresholds, rates) for label, rates in zip(found.labels, found.rates, strict=True)
        ],
    }


def bins(file: File) -> Bins:
    """Residuals or predictions. Raises `CannotShow` where there are none."""
    kind = schemas.schema_type(file)
    if kind not in ("residuals", "predictions"):
        raise CannotShow(f"{file.path} holds neither residuals nor predictions.")
    found = schemas.bins(file, kind)
    return {
        "path": file.path,
        "edges": found.edges.tolist(),
        "counts": found.counts.tolist(),
        "averages": [] if found.averages is None else _finite(found.averages),
        "errors": [] if found.errors is None else _finite(found.errors),
    }


def _rate_curves(label: str, thresholds: Numbers, rates: Numbers) -> RateCurves:
    true_positive, false_positive, true_negative, false_negative = rates.T
    precision = _share(true_positive, true_positive + false_positive)
    recall = _share(true_positive, true_positive + false_negative)
    fall_out = _share(false_positive, false_positive + true_negative)
    return {
        "label": label,
        "thresholds": thresholds.tolist(),
        "precision": _finite(precision),
        "recall": _finite(recall),
        "false_positive_rate": _finite(fall_out),
        "average_precision": _average_precision(precision, recall),
        "area": _area(fall_out, recall),
    }


def _share(part: Numbers, whole: Numbers) -> Numbers:
    return np.divide(part, whole, out=np.full_like(whole, np.nan), where=whole > 0)


def _average_precision(precision: Numbers, recall: Numbers) -> float | None:
    """The mean of precision, weighed by what each threshold adds to recall: the area below the steps."""
    known = np.isfinite(precision) & np.isfinite(recall)
    if not known.any():
        return None
    order = np.argsort(recall[known], kind="stable")
    gained = np.diff(recall[known][order], prepend=0.0)
    return float((gained * precision[known][order]).sum())


def _area(fall_out: Numbers, recall: Numbers) -> float | None:
    """The area below recall over false positive rate, from (0, 0) to (1, 1)."""
    known = np.isfinite(fall_out) & np.isfinite(recall)
    if not known.any():
        return None
    order = np.lexsort((recall[known], fall_out[known]))
    x = np.concatenate(([0.0], fall_out[known][order], [1.0]))
    y = np.concatenate(([0.0], recall[known][order], [1.0]))
    return float(((y[1:] + y[:-1]) / 2 * np.diff(x)).sum())


def _finite(values: Numbers) -> list[float | None]:
    return [value if math.isfinite(value) else None for value in values.tolist()]


def _cell(value: Any) -> Cell:
    """A number as a number, anything else as text."""
    if value is None or isinstance(value, str):
        return value if value is None or len(value) <= _MOST_LETTERS else f"{value[:_MOST_LETTERS]}…"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return number(float(value)) if abs(value) <= 2**53 or value != value else str(value)  # noqa: PLR0124
    text = json.dumps(value, default=str)
    return text if len(text) <= _MOST_LETTERS else f"{text[:_MOST_LETTERS]}…"


def _found(cells: list[list[Cell]], text: str) -> list[list[Cell]]:
    wanted = text.strip().lower()
    if not wanted:
        return cells
    return [row for row in cells if any(cell is not None and wanted in str(cell).lower() for cell in row)]


def _sorted(rows: list[list[Cell]], column: int, *, descending: bool) -> list[list[Cell]]:
    """By number where all are numbers, else by text; what is missing or NaN comes last either way."""
    present = [row for row in rows if row[column] is not None and row[column] != "NaN"]
    missing = [row for row in rows if row[column] is None or row[column] == "NaN"]
    if _is_numeric(present, column):
        present.sort(key=lambda row: as_number(str(row[column])) or 0.0, reverse=descending)
    else:
        present.sort(key=lambda row: str(row[column]).lower(), reverse=descending)
    return present + missing


def _is_numeric(rows: Sequence[Sequence[Cell]], column: int) -> bool:
    found = [row[column] for row in rows if row[column] is not None]
    return bool(found) and all(isinstance(cell, float) or as_number(str(cell)) is not None for cell in found)
