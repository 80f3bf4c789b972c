"""The contract of a place that holds runs."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from tb_aml_plugin.model import Artifact, Experiment, ExperimentId, Points, Run, RunId


@dataclass(frozen=True, slots=True)
class Selection:
    """Which runs to list.

    All parts hold together: a run is selected when it is in one of `experiment_ids`, or named in `run_ids`,
    and passes `filter`. Deleted runs never are. Of more than `max_runs`, those first by `order_by` stay;
    with no `order_by`, those started last.

    Attributes:
      experiment_ids: experiments whose runs are wanted.
      run_ids: runs wanted besides, whatever their experiment.
      filter: MLflow search filter, already checked by `filters.parse`; "" for all.
      order_by: MLflow order-by clauses, already checked by `filters.parse_order_by`.
      max_runs: at most so many runs.
    """

    experiment_ids: tuple[ExperimentId, ...] = ()
    run_ids: tuple[RunId, ...] = ()
    filter: str = ""
    order_by: tuple[str, ...] = ()
    max_runs: int = 500


class RunSource(Protocol):
    """Reads runs from one place: a database, a tracking server, a folder, a workspace.

    **Reading only.** No method changes anything at the place, nor keeps anyone from writing there.

    **Threads.** Methods may be called from several threads at once.

    **Time.** Every wait inside a method is bounded; a place that hangs is `SourceUnavailable`.

    **Failure.** Every method raises `SourceError` or one of its subclasses and nothing else. The text is safe
    to show and says what to do. `runs` tells `under_way.count` of runs as they arrive, and lets `tasks.Cancelled` through
    that it may raise.

    **Values** returned are never mutated later.
    """

    @property
    def location(self) -> str:
        """The place, for people to read: an address with no secret in it. No I/O."""
        ...

    def experiments(self) -> Sequence[Experiment]:
        """All experiments that are not deleted, in any order."""
        ...

    def runs(self, selection: Selection, settled: Mapping[RunId, Run]) -> Sequence[Run]:
        """The selected runs, those started last first (ties: by id), or as `selection.order_by` says.

        `settled` holds runs as returned before that the caller takes for finished. If it is empty the listing
        is complete and fresh. If not, a source may save work: it may return a settled run as it was given,
        without looking whether it was edited or deleted meanwhile. Runs that are not settled are always fresh.
        """
        ...

    def find_runs(self, run_ids: Sequence[RunId]) -> Sequence[Run]:
        """Those of `run_ids` that exist, deleted ones left out, in any order; `Run.metrics` may be left empty.

        For names: the parents of runs that were selected without them.
        """
        ...

    def histories(self, metric: str, run_ids: Sequence[RunId]) -> Iterator[tuple[RunId, Points]]:
        """All points of `metric` of each of `run_ids`, one run at a time, as they arrive, in any order.

        Each run comes exactly once; one that has no such metric, or is gone for good, comes with no points, one that
        was deleted and can be restored with or without.
        No lock is held at the place between two runs.
        """
        ...

    def close(self) -> None:
        """Lets go of connections and threads. Harmless when called twice."""
        ...


@runtime_checkable
class ChangeMarker(Protocol):
    """A source that can tell cheaply that nothing at its place has changed."""

    def change_marker(self) -> Hashable | None:
        """A value that is equal to the one of an earlier call only if nothing was written in between.

        One small query. None where the place cannot tell at this moment.
        """
        ...


@runtime_checkable
class ReadsWholeRuns(Protocol):
    """A source that reads all metrics of a run in less time than one after the other."""

    def whole_history(self, run_id: RunId, most_points: int) -> Mapping[str, Points] | None:
        """All points of the run by metric; None if there are more than `most_points`, to be read metric by metric."""
        ...


@runtime_checkable
class LimitsThreads(Protocol):
    """A source that gains nothing from many threads, each of which would keep memory of its own."""

    @property
    def history_threads(self) -> int:
        """How many threads should call `histories` at once, at most."""
        ...


class ArtifactStore(Protocol):
    """The artifacts of one run. Threads, time and failure as in `RunSource`; made without I/O and cheap to drop."""

    def list(self, folder: str = "") -> Sequence[Artifact]:
        """What is in `folder`, one level deep, sorted by path; nothing where there is no such folder.

        `folder` is a path as in `Artifact.path`, "" the root. A store that learns all paths in one request may keep
        them for later calls on the same object.
        """
        ...

    def read(self, path: str, start: int = 0, length: int | None = None) -> bytes:
        """The bytes of the file `path` from `start` on, at most `length` of them, all for None.

        Fewer only at the end of the file; none beyond it. Moves no more over the wire than it returns, where the place
        allows that. The caller bounds `length`.

        Raises:
          ArtifactGone: there is no such file.
        """
        ...


@runtime_checkable
class HoldsArtifacts(Protocol):
    """A source that can read the artifacts of its runs."""

    def artifacts(self, run: Run) -> ArtifactStore:
        """The artifacts of `run`.

        Raises:
          AccessDenied: they are at a place that this source cannot reach; the text says why and the cure.
        """
        ...


@dataclass(frozen=True, slots=True)
class TypedMetric:
    """A metric that is no number: a table, or something whose value is in a file among the artifacts.

    Attributes:
      kind: "table", "list", "image", "confusion_matrix", "accuracy_table", "residuals" or "predictions".
      step: as logged; None where the place does not say.
      wall_time_s: when it was logged, seconds since the Unix epoch; None where the place does not say.
      path: of the file that holds the value, as in `Artifact.path`; "" for a table and a list.
      columns: of a table the columns, all equally long; of a list one column. The first 10 000 rows at most.
      rows_total: how many rows there are; None if `columns` holds all.
    """

    name: str
    kind: str
    step: int | None = None
    wall_time_s: float | None = None
    path: str = ""
    columns: Mapping[str, Sequence[object]] = field(default_factory=dict)
    rows_total: int | None = None


@runtime_checkable
class HoldsTypedMetrics(Protocol):
    """A source whose runs have metrics that are no numbers."""

    def typed_metrics(self, run: Run) -> Sequence[TypedMetric]:
        """Those of `run`, in any order. A name may come several times, for several steps."""
        ...


MODEL_DOCUMENT = ("MLmodel", 0, 2**20)
"""What of a model's files says how it is loaded and called, as `ArtifactStore.read` takes it."""


@dataclass(frozen=True, slots=True)
class LoggedModel:
    """A model that a run has logged beside its artifacts, as MLflow 3 does."""

    id: str
    name: str
    created_s: float | None = None  # seconds since the Unix epoch
    status: str = ""  # READY, PENDING, FAILED; "" where the place does not say
    kind: str = ""  # what its author says it is
    params: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)  # the newest value of each
    artifact_uri: str = ""  # where its files are, as the place has it


@runtime_checkable
class HoldsModels(Protocol):
    """A source that knows the models of its runs."""

    def models(self, run: Run) -> Sequence[LoggedModel]:
        """Those of `run`, oldest first; none where the place is too old to know any."""
        ...

    def model_document(self, run: Run, model: LoggedModel) -> bytes:
        """The file ``MLmodel`` of one of `models`, which says how it is loaded and called; at most 1 MB of it.

        Raises:
          ArtifactGone: there is none, or not yet.
          AccessDenied: its files are at a place that this source cannot reach.
        """
        ...
