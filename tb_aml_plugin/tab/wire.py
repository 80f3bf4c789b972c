"""What the tab is sent of runs, field by field. Files are in `wire_files`, what can be changed in `wire_changes`.

`frontend/src/api/types.ts` says the same in TypeScript; it is written from these modules.

Times are seconds since the Unix epoch. JSON has no NaN and no infinity: where a number may be one, it comes as the
text "NaN", "Infinity" or "-Infinity"; in curves, as null. Texts are as they were logged: hostile until escaped.
"""

from __future__ import annotations

from typing import Literal, TypedDict

from tb_aml_plugin.tab.wire_changes import SignIn, Task

NumberOrText = float | Literal["NaN", "Infinity", "-Infinity"]
Cell = float | str | None
Status = Literal["scheduled", "running", "finished", "failed", "killed", "unknown"]
Sync = Literal["connecting", "live", "failing", "once"]
Kind = Literal["param", "metric", "tag"]
Better = Literal["lower", "higher", "unknown"]
Verdict = Literal["better", "worse", "neither"]
Subject = Literal["runs", "curves", "artifacts", "mirror", "sign-in"]


class Column(TypedDict):
    """A param, a metric or a tag that some run has."""

    key: str  # "params.lr"
    kind: Kind
    name: str  # "lr"
    runs: int  # how many have it
    varies: bool  # whether two runs differ in it
    numeric: bool
    better: Better  # which way a metric is better, as a sweep says or its name suggests
    curves: int  # how many runs logged the metric at more than one step, as far as is known
    primary: bool  # a metric that a sweep is after


class RunRow(TypedDict):
    """A run as the table shows it."""

    id: str
    name: str  # its name in TensorBoard
    label: str
    experiment: str
    parent: str | None  # run id; of a run that is in the table
    stub: bool  # not on the Board itself: stands for its children, has no cells and cannot be shown
    status: Status
    start_s: float | None
    end_s: float | None
    user: str
    shown: bool  # whether TensorBoard's dashboards see it
    cells: list[Cell]  # as `RunTable.cells` names them


class RunTable(TypedDict):
    """All runs on the Board, in the order in which they started; behind them the stubs."""

    version: str
    columns: list[Column]
    cells: list[str]  # keys of the columns that are in `RunRow.cells`
    runs: list[RunRow]
    limit: int  # at most so many runs are on the Board
    more: bool  # whether the place may hold further runs that only the limit keeps away


class Found(TypedDict):
    """Which runs a search finds."""

    version: str  # that of the table that `runs` counts in
    runs: list[int]  # indices into `RunTable.runs`, increasing


class PlaceFound(TypedDict):
    """What a search finds at the place itself, among the runs that are not on the Board."""

    filter: str  # the part of the search that the place was asked for, as an MLflow filter; "" when none can be
    runs: list[RunRow]  # started last first; no cells, not shown
    more: bool  # whether the place may hold further ones


class Trouble(TypedDict):
    """Something that does not work now."""

    about: Subject
    message: str  # what happened and what to do
    since_s: float


class CacheUse(TypedDict):
    """Something that is kept so that the place need not be asked again."""

    what: str  # such as "curves"
    mb: float
    limit_mb: float


class Health(TypedDict):
    """Whether what is shown can be trusted. The header X-Polled tells the time of the last good poll."""

    version: str  # of the run table
    location: str
    identity: str  # whom the place takes us for; "" where it does not tell
    sync: Sync
    paused: bool  # whether polling rests because someone said so
    troubles: list[Trouble]
    throttled_until_s: float | None  # when the place may be asked again; None when it does not hold us back
    points_per_s: float  # of curves that arrived lately
    runs: int
    shown: int
    limit: int  # as in RunTable
    more: bool  # as in RunTable
    experiments: list[str]  # names of those on the Board
    not_shown: int  # things that no dashboard can show, see NotShownList
    caches: list[CacheUse]
    tasks: list[Task]
    sign_in: SignIn | None  # None when nobody has to sign in
    writes: bool  # whether runs can be changed from here, see WriteAccess


class NotShownRow(TypedDict):
    """Something that a run holds and no dashboard shows."""

    run: str  # id
    label: str
    what: str  # an artifact's path, a metric's or a tag's name
    reason: str  # with the cure where there is one


class NotShownList(TypedDict):
    """Everything that no dashboard shows, as far as it has been looked at."""

    total: int
    rows: list[NotShownRow]  # the first 1000


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
    value: NumberOrText
    better: Better


class Link(TypedDict):
    """A page elsewhere about the run."""

    label: str  # such as "Azure ML studio"
    href: str  # http or https


class RunBrief(TypedDict):
    """A run where others are spoken of."""

    id: str
    label: str
    status: Status


class RunDetail(TypedDict):
    """Everything the Board knows of one run."""

    id: str
    name: str
    label: str
    experiment: str
    ancestors: list[Pair]  # run id, label; the root first
    children: list[RunBrief]  # the first 1000, in the order in which they started
    child_count: int
    status: Status
    start_s: float | None
    end_s: float | None
    shown: bool
    facts: list[Fact]
    links: list[Link]
    uri: str  # "runs:/…", which MLflow's functions take
    artifact_uri: str  # where the artifacts are, without secrets; "" where the place does not tell
    params: list[Pair]
    tags: list[Pair]  # those that people set
    metrics: list[LastPoint]
    note: str  # Markdown as typed
    python: str  # a snippet that reads the run


class ComparedText(TypedDict):
    """A param or a tag of several runs, in the order of `Comparison.runs`."""

    key: str
    differs: bool
    values: list[str | None]


class ComparedMetric(TypedDict):
    """The last values of a metric of several runs, in the order of `Comparison.runs`."""

    key: str
    differs: bool
    better: Better
    values: list[NumberOrText | None]
    deltas: list[float | None]  # to the baseline; null where one of the two is missing or not finite
    verdicts: list[Verdict]


class Comparison(TypedDict):
    """Up to ten runs side by side."""

    runs: list[RunBrief]
    baseline: str  # run id
    params: list[ComparedText]
    metrics: list[ComparedMetric]
    tags: list[ComparedText]  # those that people set
    missing: list[str]  # ids asked for that are not on the Board


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


class Exports(TypedDict):
    """What downloads can be."""

    formats: list[str]  # "csv", "json" and, where pyarrow is installed, "parquet"


class Problem(TypedDict):
    """Why a request was refused."""

    message: str  # with the cure
    position: int | None  # index of the offending character, where the request held a text to parse


class Refusal(TypedDict):
    """The one shape of every answer that is an error."""

    error: Problem
