"""What the tab is sent, field by field; `frontend/src/api/types.ts` says the same in TypeScript.

Times are seconds since the Unix epoch. JSON has no NaN and no infinity: where a number may be one, it comes as the
text "NaN", "Infinity" or "-Infinity"; in curves, as null.
"""

from __future__ import annotations

from typing import Literal, TypedDict

Number = float | Literal["NaN", "Infinity", "-Infinity"]
Cell = float | str | None
Status = Literal["scheduled", "running", "finished", "failed", "killed", "unknown"]
Sync = Literal["connecting", "live", "failing", "once"]
Kind = Literal["param", "metric", "tag"]
Better = Literal["lower", "higher", "unknown"]


class Column(TypedDict):
    """A param, a metric or a tag that some run has."""

    key: str  # "params.lr"
    kind: Kind
    name: str  # "lr"
    runs: int  # how many have it
    varies: bool  # whether two runs differ in it
    numeric: bool
    better: Better  # which way a metric is better, guessed from its name
    curve: bool  # a metric that some run logged at more than one step, as far as is known


class RunRow(TypedDict):
    """A run as the table shows it."""

    id: str
    name: str  # its name in TensorBoard
    label: str
    experiment: str
    parent: str | None  # run id; of a run that is in the table
    status: Status
    start_s: float | None
    end_s: float | None
    user: str
    shown: bool  # whether TensorBoard's dashboards see it
    cells: list[Cell]  # as `RunTable.cells` names them


class RunTable(TypedDict):
    """All runs on the Board, in the order in which they started."""

    version: str
    columns: list[Column]
    cells: list[str]  # keys of the columns that are in `RunRow.cells`
    runs: list[RunRow]


class Found(TypedDict):
    """Which runs a search finds."""

    version: str  # that of the table that `runs` counts in
    runs: list[int]  # indices into `RunTable.runs`, increasing


class Health(TypedDict):
    """Whether what is shown can be trusted."""

    version: str  # of the run table
    location: str
    sync: Sync
    problem: str  # why the last poll failed and the cure; "" when it did not
    curve_problem: str  # the same for reading curves
    runs: int
    shown: int
    experiments: list[str]
    cache_mb: float


class Fact(TypedDict):
    """One line about a run."""

    label: str
    value: str
    href: str | None  # http or https


class Pair(TypedDict):
    """A param or a tag."""

    key: str
    value: str


class LastPoint(TypedDict):
    """The newest point of a metric."""

    metric: str
    step: float
    wall_time_s: float
    value: Number
    better: Better


class RunDetail(TypedDict):
    """Everything the Board knows of one run."""

    id: str
    name: str
    label: str
    ancestors: list[Pair]  # run id, label; the root first
    status: Status
    start_s: float | None
    end_s: float | None
    facts: list[Fact]
    params: list[Pair]
    tags: list[Pair]  # those that people set
    metrics: list[LastPoint]
    note: str  # Markdown as typed
    python: str  # a snippet that reads the run


class Curve(TypedDict):
    """One metric of one run: three columns of equal length."""

    run: str  # id
    steps: list[float]
    wall_times_s: list[float]
    values: list[float | None]
    points: int  # in the range asked for, before any were left out
    not_finite: int  # how many of those are NaN or infinite
    first_wall_time_s: float  # of the whole curve


class Curves(TypedDict):
    """One metric of several runs."""

    metric: str
    curves: list[Curve]
    missing: list[str]  # ids of runs that have the metric and whose curve has not arrived
    problem: str  # why, when reading fails; "" otherwise


class Sparklines(TypedDict):
    """One metric of several runs, each in a few points."""

    metric: str
    values: dict[str, list[float | None]]  # by run id


class Shown(TypedDict):
    """What TensorBoard's dashboards see after a change."""

    version: str
    shown: int
    runs: int


class Problem(TypedDict):
    """Why a request was refused."""

    message: str  # with the cure
    position: int | None  # index of the offending character, where the request held a text to parse


class Refusal(TypedDict):
    """The one shape of every answer that is an error."""

    error: Problem
