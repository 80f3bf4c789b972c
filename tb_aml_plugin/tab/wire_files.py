"""What the tab is sent of the files of a run: artifacts, logs, and what can be drawn from them.

Each names a file by `run` and `path`, a path below the run's artifacts. Contents are fetched from

* ``api/artifacts/file?run=&path=``: pictures, audio, video and plain text as what they are, with ranges; anything
  else, and everything with ``&download=1``, as a download;
* ``api/artifacts/page?run=&path=``: an HTML file, for a frame with the attribute ``sandbox`` and nothing else;
* ``api/artifacts/zip?run=&folder=``: a folder with all that is below it.
"""

from __future__ import annotations

from typing import Literal, TypedDict

from tb_aml_plugin.tab.wire import Cell

Preview = Literal["text", "markdown", "json", "table", "image", "audio", "video", "html", "trace", "none"]
MediaKind = Literal[
    "image", "audio", "video", "table", "matrix", "accuracy", "predictions", "residuals", "text", "html", "trace"
]
Sought = Literal["error", "text"]


class Artifact(TypedDict):
    """A file or a folder."""

    path: str
    name: str  # the last part of `path`
    is_folder: bool
    size_bytes: int | None  # None where the place does not tell
    preview: Preview  # how it can be looked at, guessed from its name


class ArtifactList(TypedDict):
    """What is in a folder, one level deep: folders first, then by name."""

    run: str
    folder: str  # "" the root
    artifacts: list[Artifact]  # the first 1000
    total: int


class TextPart(TypedDict):
    """The beginning of a text file."""

    path: str
    text: str  # at most 256 KB of it; bytes that are no UTF-8 are replaced
    size_bytes: int | None
    truncated: bool
    binary: bool  # whether it is no text after all; `text` is empty then


class TableColumn(TypedDict):
    """A column of a table."""

    name: str
    numeric: bool


class TablePage(TypedDict):
    """Some rows of a table: sorted and filtered first, then cut out."""

    path: str
    columns: list[TableColumn]  # the first 200
    rows: list[list[Cell]]  # NaN and infinity as text
    first: int  # index of the first of `rows` among those found
    found: int  # how many rows pass the filter
    total: int  # how many rows were read
    truncated: bool  # whether the file holds more rows than were read


class Matrix(TypedDict):
    """A confusion matrix: `counts[i][j]` is how often class i was taken for class j."""

    path: str
    labels: list[str]
    counts: list[list[float]]


class RateCurves(TypedDict):
    """One class against the rest at each threshold: five columns of equal length, thresholds increasing."""

    label: str
    thresholds: list[float]
    precision: list[float | None]  # null where nothing was predicted
    recall: list[float | None]  # null where there is nothing to find
    false_positive_rate: list[float | None]
    average_precision: float | None
    area: float | None  # under the ROC curve


class Accuracy(TypedDict):
    """An accuracy table as curves: precision over recall, recall over false positive rate."""

    path: str
    classes: list[RateCurves]


class Bins(TypedDict):
    """Residuals or predictions in bins; `edges` is one longer than the others."""

    path: str
    edges: list[float]
    counts: list[float]
    averages: list[float | None]  # of predictions in each bin; empty for residuals
    errors: list[float | None]  # their standard errors; empty for residuals


class Frame(TypedDict):
    """A file of a series."""

    path: str
    step: int | None
    size_bytes: int | None


class MediaSeries(TypedDict):
    """What was logged under one key, at each of its steps."""

    key: str
    kind: MediaKind
    frames: list[Frame]  # steps increasing


class FileProblem(TypedDict):
    """A file that cannot be shown."""

    path: str
    reason: str


class Media(TypedDict):
    """What the panels of a run's page have to show; a panel with nothing is left out."""

    run: str
    series: list[MediaSeries]  # by kind, then by key
    logs: int  # log files
    files: int  # all files that were seen
    complete: bool  # whether every folder was looked into
    problems: list[FileProblem]


class LogFile(TypedDict):
    """A log of a run."""

    path: str
    name: str
    node: str  # the machine or the rank that wrote it; "" where there is one only
    size_bytes: int | None


class Logs(TypedDict):
    """The logs of a run, the one to read first at the front."""

    run: str
    files: list[LogFile]


class LogPart(TypedDict):
    """Some bytes of a log, as text. Ask again from `end` for what came since."""

    path: str
    start: int  # offset of the first byte in `text`; begins a line where the request let us choose
    end: int  # offset behind the last one
    size_bytes: int | None  # as far as known; what is behind `end` is for the next request
    text: str  # bytes that are no UTF-8 are replaced; ANSI colours are left in
    final: bool  # whether the run has ended and this reaches the end of the file


class LogPlace(TypedDict):
    """Where something stands in a log."""

    path: str
    offset: int | None  # of the line; None when it was not found
    line: str  # its first 500 characters
    searched_to: int  # offset up to which was looked; go on from there unless `complete`
    complete: bool
