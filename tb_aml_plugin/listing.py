"""What a place lists of what is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tb_aml_plugin import descendants
from tb_aml_plugin.model import ExperimentId, Run, RunId
from tb_aml_plugin.sources.base import RunSource, Selection
from tb_aml_plugin.wanted import Wanted


def listed(
    source: RunSource, wanted: Wanted, experiment_ids: Iterable[ExperimentId], settled: Mapping[RunId, Run]
) -> tuple[Sequence[Run], bool]:
    """The wanted runs, in any order, and whether the limit may have kept others away.

    Raises:
      SourceError: see `RunSource.runs`.
    """
    # Those that are kept off the Board make room for others.
    most = wanted.max_runs + len(wanted.removed_runs)
    chosen = tuple(sorted(experiment_ids))
    selection = Selection(chosen, wanted.run_ids, wanted.filter, wanted.order_by, most)
    found = descendants.listed(source, selection, settled)
    runs = [run for run in found if run.id not in wanted.removed_runs][: wanted.max_runs]
    present = {run.id for run in runs}
    # Whoever picks a run means it, whatever filter and limit say of the others.
    picked = [id_ for id_ in wanted.added_runs if id_ not in present]
    runs += [settled[id_] for id_ in picked if id_ in settled]
    unsettled = tuple(id_ for id_ in picked if id_ not in settled)
    if unsettled:
        runs += source.runs(Selection(run_ids=unsettled, max_runs=len(unsettled)), {})
    return runs, len(found) >= most


def above(runs: Mapping[RunId, Run], parents: Mapping[RunId, Run]) -> dict[RunId, Run]:
    """Those of `parents` that some of `runs` is below, at any depth."""
    found: dict[RunId, Run] = {}
    for run in runs.values():
        id_ = run.parent_id
        while id_ is not None and id_ in parents and id_ not in found and id_ not in runs:
            found[id_] = parents[id_]
            id_ = parents[id_].parent_id
    return found
