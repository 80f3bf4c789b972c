"""What the workspace holds: experiments, runs, metrics, artifacts. One lock; every service reads and writes here."""

from __future__ import annotations

import hashlib
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

_COLOURS = ("amber", "blue", "coral", "green", "ivory", "olive", "plum", "teal")
_THINGS = ("apple", "bridge", "carrot", "feather", "lamp", "pebble", "river", "tooth")
ENDED = ("Completed", "Failed", "Canceled")


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(timezone.utc)


def _made_up(run_id: str) -> str:
    digest = hashlib.sha256(run_id.encode()).digest()
    colour, thing = _COLOURS[digest[0] % len(_COLOURS)], _THINGS[digest[1] % len(_THINGS)]
    return f"{colour}_{thing}_{digest[2:6].hex()}"


@dataclass(frozen=True)
class Row:
    """One row of a metric: `data` by column. A scalar has one column, named like the metric."""

    created: datetime
    data: dict[str, Any]
    step: int | None = None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass
class Metric:
    """All rows of one metric of a run, in order of arrival."""

    name: str
    kind: str  # uxMetricType, such as azureml.v1.scalar
    columns: dict[str, str] = field(default_factory=dict)  # name → type
    rows: list[Row] = field(default_factory=list)


@dataclass
class Artifact:
    """A file of a run; its content is in the blob store."""

    path: str
    created: datetime = field(default_factory=now)
    etag: str = field(default_factory=lambda: uuid.uuid4().hex)


@dataclass
class Experiment:
    """`number` is its id in MLflow's database, which takes no GUIDs."""

    name: str
    number: int
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    created: datetime = field(default_factory=now)
    tags: dict[str, str] = field(default_factory=dict)
    description: str | None = None
    archived: datetime | None = None


@dataclass
class Run:
    """A run as run history knows it. `params` are those logged with MLflow: azureml-core has none."""

    id: str
    experiment: Experiment
    number: int = 0
    parent_id: str | None = None
    root_id: str = ""
    name: str | None = None
    display_name: str | None = None
    description: str | None = None
    status: str = "NotStarted"
    created: datetime = field(default_factory=now)
    started: datetime | None = None
    ended: datetime | None = None
    user: str = ""
    run_type: str | None = None
    target: str | None = None
    script: str | None = None
    primary_metric: str | None = None
    hidden: bool = False
    cancel_url: str | None = None
    error: dict[str, Any] | None = None
    warnings: list[dict[str, Any]] = field(default_factory=list)
    properties: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, Metric] = field(default_factory=dict)
    artifacts: dict[str, Artifact] = field(default_factory=dict)
    definition: dict[str, Any] | None = None

    @property
    def label(self) -> str:
        """What people see as its name: as given, or made up, as the service does for who gives none."""
        given = self.display_name or (self.name or "").rpartition(">")[2]
        return given if given and given != f"run_{self.id}" else _made_up(self.id)

    @property
    def container(self) -> str:
        """Its data container: the part of an artifact's address that names the run."""
        return f"dcid.{self.id}"


class History:
    """The runs of a workspace. Take `lock` for anything that reads or changes more than one thing."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.clear()

    def clear(self) -> None:
        """Forgets all."""
        with self.lock:
            self.experiments: dict[str, Experiment] = {}  # by name
            self.runs: dict[str, Run] = {}
            self.changed: set[str] = set()  # ids of runs that MLflow's database does not show yet
            self.late = False
            self._held: list[tuple[str, Metric, list[Row]]] = []
            self._children: dict[str, list[str]] = {}

    def experiment(self, name_or_id: str) -> Experiment | None:
        """The experiment with this name, or this id."""
        with self.lock:
            found = self.experiments.get(name_or_id)
            return found or next((e for e in self.experiments.values() if e.id == name_or_id), None)

    def create_experiment(self, name: str) -> Experiment:
        """The experiment with this name; made when there is none."""
        with self.lock:
            if name not in self.experiments:
                self.experiments[name] = Experiment(name, number=len(self.experiments) + 1)
            return self.experiments[name]

    def create_run(self, experiment: Experiment, run_id: str | None = None, parent_id: str | None = None) -> Run:
        """The run `run_id` of `experiment`; made, below `parent_id`, when there is none."""
        with self.lock:
            run_id = run_id or str(uuid.uuid4())
            if run_id not in self.runs:
                run = Run(run_id, experiment, number=len(self.runs) + 1, parent_id=parent_id)
                parent = self.runs.get(parent_id) if parent_id else None
                run.root_id = parent.root_id if parent else run_id
                self.runs[run_id] = run
                if parent_id:
                    self._children.setdefault(parent_id, []).append(run_id)
            self.changed.add(run_id)
            return self.runs[run_id]

    def children(self, run_id: str) -> list[Run]:
        """One level below `run_id`, in order of creation."""
        with self.lock:
            return [self.runs[child] for child in self._children.get(run_id, ())]

    def descendants(self, run_id: str) -> Iterator[Run]:
        """All below `run_id`, parents first."""
        for child in self.children(run_id):
            yield child
            yield from self.descendants(child.id)

    def log(self, run_id: str, name: str, kind: str, columns: dict[str, str], rows: list[Row]) -> None:
        """Adds `rows` to a metric of a run; while `late`, they are kept back until `deliver`."""
        with self.lock:
            if self.late:
                self._held.append((run_id, Metric(name, kind, columns), rows))
                return
            metric = self.runs[run_id].metrics.setdefault(name, Metric(name, kind))
            metric.columns.update(columns)
            metric.rows.extend(rows)
            self.changed.add(run_id)

    def deliver(self) -> None:
        """Ends the lateness: what was kept back is there now, with the times at which it was logged."""
        with self.lock:
            self.late, held, self._held = False, self._held, []
            for run_id, metric, rows in held:
                self.log(run_id, metric.name, metric.kind, metric.columns, rows)
