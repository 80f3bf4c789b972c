"""The vocabulary: what a run, a metric and a series are. Values only; units are in the names."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NewType

import numpy as np
import numpy.typing as npt

RunId = NewType("RunId", str)
ExperimentId = NewType("ExperimentId", str)

PARENT_TAG = "mlflow.parentRunId"
"""Tag in which MLflow stores the id of a nested run's parent."""

NOTE_TAG = "mlflow.note.content"
"""Tag in which MLflow keeps a run's description, Markdown."""

RUN_NAME_TAG = "mlflow.runName"
"""Tag in which MLflow keeps a run's display name; the only place for it before MLflow 2.0."""

SYSTEM_PREFIX = "system/"
"""Of the metrics that MLflow takes of the machine by itself."""


class RunStatus(enum.Enum):
    """Where a run stands, in MLflow's words."""

    SCHEDULED = "SCHEDULED"
    RUNNING = "RUNNING"
    FINISHED = "FINISHED"
    FAILED = "FAILED"
    KILLED = "KILLED"
    UNKNOWN = "UNKNOWN"

    @property
    def is_terminal(self) -> bool:
        """Whether the run says that it will log nothing more."""
        return self in (RunStatus.FINISHED, RunStatus.FAILED, RunStatus.KILLED)

    @classmethod
    def parse(cls, text: object) -> RunStatus:
        """The status called `text`; UNKNOWN for anything MLflow does not define."""
        try:
            return cls(text)
        except ValueError:
            return cls.UNKNOWN


@dataclass(frozen=True, slots=True)
class Experiment:
    """A named group of runs."""

    id: ExperimentId
    name: str


@dataclass(frozen=True, slots=True)
class LatestPoint:
    """The newest point of one metric of one run: largest step, then largest wall time.

    It changes whenever the metric grows at its end, so it tells which series to read again.
    """

    step: int
    wall_time_s: float
    value: float  # may be NaN or ±inf

    def __eq__(self, other: object) -> bool:
        # NaN equals NaN here: a metric that stands at NaN has not changed.
        if not isinstance(other, LatestPoint):
            return NotImplemented
        return (
            self.step == other.step
            and self.wall_time_s == other.wall_time_s
            and (self.value == other.value or (self.value != self.value and other.value != other.value))
        )

    def __hash__(self) -> int:
        return hash((self.step, self.wall_time_s))


@dataclass(frozen=True, slots=True)
class Run:
    """One run as its store describes it.

    `metrics` has an entry for each metric that was logged, with its newest point; the histories are read
    apart, on demand.
    """

    id: RunId
    experiment_id: ExperimentId
    display_name: str  # "" where the store has none
    status: RunStatus
    start_time_s: float | None
    end_time_s: float | None
    parent_id: RunId | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, LatestPoint] = field(default_factory=dict)
    artifact_uri: str = ""  # where its artifacts are, as the store has it; "" where it does not say
    url: str = ""  # its page at the place, such as Azure ML studio's; "" where there is none
    not_shown: tuple[NotShown, ...] = ()  # metrics that no chart shows


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file or a folder among the artifacts of a run."""

    path: str  # relative to the run's artifacts, parts separated by "/"
    is_folder: bool = False
    size_bytes: int | None = None  # None where the store does not say


@dataclass(frozen=True, slots=True)
class NotShown:
    """Something that a run holds and no dashboard shows, and why."""

    what: str  # an artifact's path, a metric's or a tag's name
    reason: str  # a sentence for people, with the cure where there is one


@dataclass(frozen=True, slots=True)
class SignIn:
    """What a person has to do before a place can be read.

    Attributes:
      message: what happened and what to do.
      url: the page to open, "" while there is no code.
      code: what to enter there.
      expires_s: when the code is no good any more, seconds since the Unix epoch.
    """

    message: str
    url: str = ""
    code: str = ""
    expires_s: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Points of one metric of one run as logged: any order, steps may repeat.

    Three columns of equal length: `steps` int64, `wall_times_s` float64 (seconds since the Unix epoch),
    `values` float64 (NaN and ±inf allowed).
    """

    steps: npt.NDArray[np.int64]
    wall_times_s: npt.NDArray[np.float64]
    values: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.steps)


@dataclass(frozen=True, slots=True, eq=False)
class ScalarSeries(Points):
    """A curve as the dashboards draw it: steps strictly increasing."""

    @property
    def nbytes(self) -> int:
        """Bytes held by the three columns."""
        return int(self.steps.nbytes + self.wall_times_s.nbytes + self.values.nbytes)
