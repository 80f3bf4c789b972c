"""Runs that were chosen by id, with those below them: a tree is one search, by its root."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tb_aml_plugin.model import ExperimentId, Run, RunId
from tb_aml_plugin.sources.base import Selection
from tb_aml_plugin.sources.mlflow_rest import MlflowRestSource
from tb_aml_plugin.sources.wire import Refused

ROOT_TAG = "mlflow.rootRunId"
"""Azure ML marks every run with the root of its tree; MLflow itself does not."""
_MOST = 10_000
"""Runs of a tree; a sweep has a thousand trials at most."""


class Trees:
    """Remembers where the trees of runs begin. **Threads.** Any."""

    def __init__(self) -> None:
        self._roots: dict[RunId, tuple[ExperimentId, str]] = {}

    def whole(self, index: MlflowRestSource, run_ids: Sequence[RunId]) -> Mapping[RunId, Run] | None:
        """All runs of the trees that those of `run_ids` are in that exist; None where the place does not tell.

        Raises:
          SourceError: see `RunSource.runs`.
        """
        for run in index.find_runs([run_id for run_id in run_ids if run_id not in self._roots]):
            self._roots[run.id] = (run.experiment_id, run.tags.get(ROOT_TAG, run.id))
        named = [run_id for run_id in run_ids if run_id in self._roots]
        found: dict[RunId, Run] = {}
        for experiment_id, root in dict.fromkeys(self._roots[run_id] for run_id in named):
            tree = Selection((experiment_id,), filter=f"tags.`{ROOT_TAG}` = '{root}'", max_runs=_MOST)
            try:
                found |= {run.id: run for run in index.runs(tree, {})}
            except Refused:
                return None
        # One that is not among them was deleted, or is not marked with its root.
        return found if found.keys() >= set(named) else None


def at_and_below(run_ids: Sequence[RunId], tree: Mapping[RunId, Run]) -> list[Run]:
    """Those of `run_ids` that are in `tree`, and what is below them."""
    found: dict[RunId, Run] = {}
    level = [tree[run_id] for run_id in run_ids if run_id in tree]
    while level:
        found |= {run.id: run for run in level}
        level = [run for run in tree.values() if run.parent_id in found and run.id not in found]
    return list(found.values())
