"""How good a model is, as Azure ML's documents say it: pictures, PR curves, histograms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from tb_aml_plugin.errors import CannotShow
from tb_aml_plugin.kinds import drawing, schemas
from tb_aml_plugin.kinds.base import File, Found
from tb_aml_plugin.kinds.schemas import AccuracyTable, Bins
from tb_aml_plugin.media import Dashboard, Histogram, Payload, PrCurve

_MOST_CLASSES = 100
_LONGEST_NAME = 100
_PICTURE, _HISTOGRAM = "picture", "histogram"


class ConfusionMatrices:
    """``schema_type: confusion_matrix`` as a picture with labels."""

    name = "confusion_matrix"

    def claims(self, file: File) -> bool:
        return schemas.schema_type(file) == "confusion_matrix"

    def find(self, file: File) -> Iterable[Found]:
        return (Found(Dashboard.IMAGES, file.path),)

    def payload(self, file: File, part: str) -> Payload:
        return drawing.confusion_matrix(schemas.confusion_matrix(file), file.path)


class AccuracyTables:
    """``schema_type: accuracy_table`` as a PR curve for each class."""

    name = "accuracy_table"

    def claims(self, file: File) -> bool:
        return schemas.schema_type(file) == "accuracy_table"

    def find(self, file: File) -> Iterable[Found]:
        labels = schemas.accuracy_table(file).labels
        if len(labels) > _MOST_CLASSES:
            raise CannotShow(f"The accuracy table has {len(labels)} classes; up to {_MOST_CLASSES} are shown.")
        return [Found(Dashboard.PR_CURVES, f"{file.path}/{name}", part=str(n)) for n, name in enumerate(_names(labels))]

    def payload(self, file: File, part: str) -> PrCurve:
        table = schemas.accuracy_table(file)
        if not part.isdecimal() or int(part) >= len(table.labels):
            raise CannotShow("There is no such class in it.")
        return pr_curve(table, int(part))


class Residuals:
    """``schema_type: residuals`` as a picture and as a histogram."""

    name = "residuals"

    def claims(self, file: File) -> bool:
        return schemas.schema_type(file) == "residuals"

    def find(self, file: File) -> Iterable[Found]:
        return _as_picture_and_histogram(file)

    def payload(self, file: File, part: str) -> Payload:
        bins = schemas.bins(file, self.name)
        return drawing.residuals(bins, file.path) if part == _PICTURE else histogram(bins)


class Predictions:
    """``schema_type: predictions`` as a picture and as a histogram."""

    name = "predictions"

    def claims(self, file: File) -> bool:
        return schemas.schema_type(file) == "predictions"

    def find(self, file: File) -> Iterable[Found]:
        return _as_picture_and_histogram(file)

    def payload(self, file: File, part: str) -> Payload:
        bins = schemas.bins(file, self.name)
        return drawing.predictions(bins, file.path) if part == _PICTURE else histogram(bins)


def pr_curve(table: AccuracyTable, number: int) -> PrCurve:
    """The curve of the class with this `number`, at as many even thresholds as `table` has of its own.

    Between two of its thresholds a classifier says what it says at the lower one: nothing is between them.
    """
    thresholds = np.linspace(0.0, 1.0, max(2, min(len(table.thresholds), 1001)))
    # A little to the right: thresholds that were written as 0.30000000000000004 are those that are meant.
    at = np.searchsorted(table.thresholds, thresholds + 1e-9, side="right") - 1
    true_positive, false_positive, true_negative, false_negative = table.rates[number, at.clip(0)].T
    predicted = true_positive + false_positive
    positive = true_positive + false_negative
    # As TensorBoard's own summaries have it where nothing was predicted (`pr_curve/summary.py`).
    precision = np.divide(true_positive, predicted, out=np.zeros_like(predicted), where=predicted > 0)
    recall = np.divide(true_positive, positive, out=np.zeros_like(positive), where=positive > 0)
    return PrCurve(np.stack([true_positive, false_positive, true_negative, false_negative, precision, recall]))


def histogram(bins: Bins) -> Histogram:
    """`bins` as the Histograms dashboard takes them."""
    return Histogram(np.stack([bins.edges[:-1], bins.edges[1:], bins.counts.clip(0)], axis=1))


def _names(labels: Sequence[str]) -> list[str]:
    """`labels` short, and each another: two classes of one name would be one curve."""
    short = [label[:_LONGEST_NAME] or f"#{number}" for number, label in enumerate(labels)]
    times = Counter(short)
    return [name if times[name] == 1 else f"{name} #{number}" for number, name in enumerate(short)]


def _as_picture_and_histogram(file: File) -> list[Found]:
    return [
        Found(Dashboard.IMAGES, file.path, part=_PICTURE),
        Found(Dashboard.HISTOGRAMS, file.path, part=_HISTOGRAM),
    ]
