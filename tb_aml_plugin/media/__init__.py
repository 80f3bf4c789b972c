"""The vocabulary of what runs hold besides metrics: pictures, text, tables, histograms, PR curves. Values only.

A *series* is what one dashboard shows of one run under one tag. Its *points* say at which step something was logged and
where its *content* is: right here, or in a file among the run's artifacts that is read when someone looks. What a
content turns into when it is read is a *payload*.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tb_aml_plugin.model import Artifact, NotShown, RunId, ScalarSeries


class Dashboard(enum.Enum):
    """A dashboard of TensorBoard, by the name of its plugin."""

    SCALARS = "scalars"
    IMAGES = "images"
    TEXT = "text"
    HISTOGRAMS = "histograms"
    PR_CURVES = "pr_curves"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that every browser shows."""

    data: bytes  # a whole PNG, JPEG, GIF or BMP file


@dataclass(frozen=True, slots=True)
class Text:
    """A text, Markdown or to be shown letter for letter. Never safe HTML: whoever shows it escapes or sanitises it."""

    text: str
    is_markdown: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """The first rows of a table, as texts to be shown letter for letter. Each row is as long as `columns`."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""  # what is missing, such as "The first 100 of 5000 rows."; "" if nothing is


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """How values are distributed.

    Attributes:
      buckets: float64 of shape (k, 3), rows (left, right, count), adjoining, left edges increasing. k may be 0.
    """

    buckets: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class PrCurve:
    """Precision and recall of a classifier over n thresholds, ``linspace(0, 1, n)``.

    Attributes:
      values: float64 of shape (6, n), rows: true positives, false positives, true negatives, false negatives,
        precision, recall; as TensorBoard's PR Curves dashboard takes it.
    """

    values: npt.NDArray[np.float64]


Payload = Picture | Text | Table | Histogram | PrCurve | ScalarSeries
"""By dashboard: IMAGES a `Picture`; TEXT a `Text` or a `Table`; SCALARS a `ScalarSeries`, a whole curve in one point."""


@dataclass(frozen=True, slots=True)
class InFile:
    """A content that is to be read from a file among the run's artifacts.

    Two that are equal have the same content: a file that changes changes its size, as far as anyone can tell.
    """

    path: str  # as in `Artifact.path`
    kind: str  # name of the kind in `kinds.KINDS` that reads it
    part: str = ""  # what of the file, in words of the kind: a column, a class
    size_bytes: int | None = None


Content = InFile | Text | Table | Histogram | ScalarSeries
"""Where a payload is: in a file, or here already."""


@dataclass(frozen=True, slots=True)
class MediaPoint:
    """Something that was logged once."""

    step: int
    wall_time_s: float  # seconds since the Unix epoch; the run's start where the place does not say
    content: Content


@dataclass(frozen=True, slots=True)
class MediaSeries:
    """What one dashboard shows of a run under one tag.

    Attributes:
      points: at least one; steps strictly increasing, of several logged at a step the newest. A series of SCALARS has
        one point, whose payload is the whole curve.
    """

    dashboard: Dashboard
    tag: str
    points: tuple[MediaPoint, ...]


@dataclass(frozen=True, slots=True)
class RunMedia:
    """All that is known at one moment of what a run holds besides metrics. Never changes.

    Attributes:
      series: sorted by dashboard, then tag; no two with the same of both.
      not_shown: what no dashboard shows, and why. Files of kinds that no dashboard is for are one entry per kind.
      files: every file that was seen among the artifacts, by path; event files, logs and models too.
      complete: whether all artifacts were looked at; False before the first listing, and for a run of too many.
    """

    run_id: RunId
    series: tuple[MediaSeries, ...] = ()
    not_shown: tuple[NotShown, ...] = ()
    files: tuple[Artifact, ...] = ()
    complete: bool = False
