"""Azure ML's JSON documents (``schema_type``): confusion matrix, accuracy table, residuals, predictions. Pure.

Their forms are those in the docstrings of azureml-core's ``Run.log_confusion_matrix``, ``log_accuracy_table``,
``log_residuals`` and ``log_predictions``. azureml-core writes them to files without a suffix; logged through MLflow they
are JSON artifacts, and studio does not draw them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tb_aml_plugin.errors import CannotShow
from tb_aml_plugin.kinds.base import HEAD_BYTES, File
from tb_aml_plugin.kinds.json_rows import loads

_TYPE = re.compile(rb'"schema_type"\s*:\s*"(\w+)"')
_BEGINS_WITH_DATA = re.compile(rb'\s*\{\s*"data"\s*:\s*\{')
_MOST_BYTES = 16 * 2**20
_MOST_NUMBERS = 4_000_000

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class ConfusionMatrix:
    """How often class i was taken for class j: `counts` of shape (n, n), row by true class."""

    labels: tuple[str, ...]
    counts: Numbers


@dataclass(frozen=True, slots=True, eq=False)
class AccuracyTable:
    """True and false positives and negatives of each class against the rest.

    Attributes:
      thresholds: shape (m,), increasing.
      rates: shape (classes, m, 4): true positives, false positives, true negatives, false negatives.
    """

    labels: tuple[str, ...]
    thresholds: Numbers
    rates: Numbers


@dataclass(frozen=True, slots=True, eq=False)
class Bins:
    """Residuals or predictions in bins.

    Attributes:
      edges: shape (n + 1,), increasing.
      counts: shape (n,).
      averages: of predictions, their average in each bin, shape (n,); None for residuals. May hold NaN.
      errors: their standard deviations, likewise.
    """

    edges: Numbers
    counts: Numbers
    averages: Numbers | None = None
    errors: Numbers | None = None


def schema_type(file: File) -> str:
    """The ``schema_type`` of `file`; "" if there is none at its beginning or end, or its name is not that of JSON."""
    if file.suffix not in (".json", "") or file.head.lstrip()[:1] != b"{":
        return ""
    found = _TYPE.search(file.head)
    # Keys in the order of the alphabet have it behind all of the data.
    if found is None and len(file.head) == HEAD_BYTES and _BEGINS_WITH_DATA.match(file.head):
        found = _TYPE.search(file.tail)
    return found.group(1).decode() if found else ""


def confusion_matrix(file: File) -> ConfusionMatrix:
    """
    Raises:
      CannotShow: it holds none.
    """
    data = _data(file, "confusion_matrix")
    counts = _numbers(data, "matrix", 2)
    labels = _labels(data, len(counts))
    if counts.shape != (len(labels), len(labels)) or not len(labels):
        raise CannotShow(
            f"The confusion matrix is not square: {len(labels)} labels, {' × '.join(map(str, counts.shape))} counts."
        )
    return ConfusionMatrix(labels, counts)


def accuracy_table(file: File) -> AccuracyTable:
    """
    Raises:
      CannotShow: it holds none.
    """
    data = _data(file, "accuracy_table")
    rates = _numbers(data, "probability_tables", 3)
    thresholds = _numbers(data, "probability_thresholds", 1)
    labels = _labels(data, len(rates))
    if rates.shape != (len(labels), len(thresholds), 4) or not rates.size:
        raise CannotShow("The accuracy table is not as its labels and thresholds say.")
    if (np.diff(thresholds) < 0).any():
        raise CannotShow("The thresholds of the accuracy table do not increase.")
    return AccuracyTable(labels, thresholds, rates)


def bins(file: File, kind: str) -> Bins:
    """The bins of a document of `kind` "residuals" or "predictions".

    Raises:
      CannotShow: it holds none.
    """
    data = _data(file, kind)
    edges, counts = _numbers(data, "bin_edges", 1), _numbers(data, "bin_counts", 1)
    if len(edges) != len(counts) + 1 or not len(counts) or (np.diff(edges) < 0).any():
        raise CannotShow("The bins are not as their edges say.")
    if kind == "residuals":
        return Bins(edges, counts)
    averages = _numbers(data, "bin_averages", 1, missing=len(counts))
    errors = _numbers(data, "bin_errors", 1, missing=len(counts))
    if not len(averages) == len(errors) == len(counts):
        raise CannotShow("The bins do not have one average and one error each.")
    return Bins(edges, counts, averages, errors)


def _data(file: File, kind: str) -> Mapping[str, Any]:
    document = loads(file.whole(_MOST_BYTES))
    data = document.get("data") if isinstance(document, dict) else None
    if not isinstance(data, dict) or document.get("schema_type") != kind:
        raise CannotShow(f'It is not of the form of a {kind}: "schema_type" and "data".')
    return data


def _numbers(data: Mapping[str, Any], name: str, dimensions: int, missing: int | None = None) -> Numbers:
    found = data.get(name)
    if found is None and missing is not None:
        return np.full(missing, np.nan)
    try:
        numbers = np.array(found, np.float64)
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise CannotShow(f"{name!r} is not made of numbers, or its rows differ in length.") from None
    if numbers.ndim != dimensions or numbers.size > _MOST_NUMBERS:
        raise CannotShow(f"{name!r} has {numbers.ndim} dimensions and {numbers.size} numbers.")
    # Averages of empty bins are NaN; anything that is counted or ordered must be a number.
    if missing is None and not np.isfinite(numbers).all():
        raise CannotShow(f"{name!r} holds values that are not finite.")
    return numbers


def _labels(data: Mapping[str, Any], count: int) -> tuple[str, ...]:
    found = data.get("class_labels")
    if not isinstance(found, list):
        return tuple(str(number) for number in range(count))
    return tuple(str(label) for label in found)
