"""Which runs of the place are wanted on the Board: as typed at the start, and as changed in the tab since. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from tb_aml_plugin.experiment_names import match
from tb_aml_plugin.model import Experiment, ExperimentId, RunId

MOST_RUNS = 100_000
"""The largest limit that can be asked for in the tab: the Board is held in memory."""


@dataclasses.dataclass(frozen=True, slots=True)
class Wanted:
    """What the user asked to see; see `flags.Settings`.

    Attributes:
      experiments: names, ids and globs, as typed.
      run_ids: runs wanted besides, with those below them, whatever their experiment.
      added, removed: experiments that were put on the Board, or taken from it, since the start.
      added_runs: runs that were picked one by one since the start: on the Board whatever filter and limit say.
      removed_runs: runs that are kept off the Board.
    """

    experiments: tuple[str, ...]
    run_ids: tuple[RunId, ...] = ()
    filter: str = ""
    order_by: tuple[str, ...] = ()
    max_runs: int = 500
    added: frozenset[ExperimentId] = frozenset()
    removed: frozenset[ExperimentId] = frozenset()
    added_runs: tuple[RunId, ...] = ()
    removed_runs: frozenset[RunId] = frozenset()

    def chosen(self, existing: Iterable[Experiment]) -> set[ExperimentId]:
        """Those of the `existing` experiments whose runs are wanted."""
        existing = list(existing)
        typed = {experiment.id for experiment in match(self.experiments, existing).experiments}
        return (typed | {e.id for e in existing if e.id in self.added}) - self.removed

    def with_experiments(self, ids: Iterable[ExperimentId]) -> Wanted:
        """These besides."""
        ids = frozenset(ids)
        return dataclasses.replace(self, added=self.added | ids, removed=self.removed - ids)

    def without_experiments(self, ids: Iterable[ExperimentId]) -> Wanted:
        """No longer these; one that is made anew later has another id."""
        ids = frozenset(ids)
        return dataclasses.replace(self, added=self.added - ids, removed=self.removed | ids)

    def with_only(self, ids: Iterable[ExperimentId], existing: Iterable[Experiment]) -> Wanted:
        """These and none other of the `existing`; those that appear later are wanted as typed."""
        ids = frozenset(ids)
        others = frozenset(experiment.id for experiment in existing) - ids
        return dataclasses.replace(self, added=ids, removed=others)

    def with_runs(self, ids: Sequence[RunId]) -> Wanted:
        """These besides, whatever their experiment."""
        added = tuple(dict.fromkeys((*self.added_runs, *ids)))
        return dataclasses.replace(self, added_runs=added, removed_runs=self.removed_runs - frozenset(ids))

    def without_runs(self, ids: Iterable[RunId]) -> Wanted:
        """No longer these."""
        ids = frozenset(ids)
        added = tuple(id_ for id_ in self.added_runs if id_ not in ids)
        return dataclasses.replace(self, added_runs=added, removed_runs=self.removed_runs | ids)

    def with_limit(self, max_runs: int) -> Wanted:
        """At most so many runs."""
        return dataclasses.replace(self, max_runs=min(max(max_runs, 1), MOST_RUNS))
