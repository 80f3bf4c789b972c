"""What run history adds to the runs that MLflow's endpoint lists: exact states, compute, errors. Asked for once a run."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterable, Mapping, Sequence

from tb_aml_plugin.errors import SourceError
from tb_aml_plugin.model import ExperimentId, Run, RunId, RunStatus
from tb_aml_plugin.sources.azureml.client import Client
from tb_aml_plugin.sources.azureml.run_json import Record, record_of

_FEW = 3
"""So many runs are asked for one by one; beyond, pages of their experiment are less work."""


class Records:
    """Run history's records of runs, kept as long as the run is as it was. **Threads.** Any.

    **Failure.** None: what run history does not tell is left out. The index says whether the workspace answers.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._kept: dict[RunId, tuple[object, Record]] = {}

    def complete(self, runs: Sequence[Run], experiments: Mapping[ExperimentId, str]) -> list[Run]:
        """`runs`, each with what its record adds, without those that are archived. `experiments`: names by id."""
        with self._lock:
            missing = [run for run in runs if self._kept.get(run.id, (None,))[0] != _state(run)]
            if missing:
                self._fetch(missing, experiments)
            return [self._completed(run) for run in runs if not self._is_hidden(run)]

    def forget(self, run_id: RunId) -> None:
        """Has the run asked for again."""
        with self._lock:
            self._kept.pop(run_id, None)

    def forget_all_but(self, run_ids: set[RunId]) -> None:
        """Drops the records of other runs."""
        with self._lock:
            for run_id in self._kept.keys() - run_ids:
                del self._kept[run_id]

    def _fetch(self, missing: Sequence[Run], experiments: Mapping[ExperimentId, str]) -> None:
        states = {run.id: _state(run) for run in missing}
        try:
            found = self._one_by_one(missing) if len(missing) <= _FEW else self._by_experiment(missing, experiments)
        except SourceError:
            return  # with the next listing
        nothing = Record(RunStatus.UNKNOWN, {})
        self._kept |= {run_id: (state, found.get(run_id, nothing)) for run_id, state in states.items()}

    def _one_by_one(self, missing: Iterable[Run]) -> dict[RunId, Record]:
        found = {}
        for run in missing:
            element = self._client.run(run.id)
            with self._client.understood():
                found[run.id] = record_of(element)
        return found

    def _by_experiment(self, missing: Sequence[Run], experiments: Mapping[ExperimentId, str]) -> dict[RunId, Record]:
        found: dict[RunId, Record] = {}
        for experiment_id in dict.fromkeys(run.experiment_id for run in missing):
            wanted = {run.id for run in missing if run.experiment_id == experiment_id}
            if experiment_id not in experiments:
                continue
            for page in self._client.runs(experiments[experiment_id]):
                with self._client.understood():
                    found |= {RunId(str(element["runId"])): record_of(element) for element in page}
                if wanted <= found.keys():
                    break
        return found

    def _is_hidden(self, run: Run) -> bool:
        _, record = self._kept.get(run.id, (None, None))
        return record is not None and record.hidden

    def _completed(self, run: Run) -> Run:
        _, record = self._kept.get(run.id, (None, None))
        if record is None:
            return run
        status = record.status if run.status is RunStatus.UNKNOWN else run.status
        return dataclasses.replace(run, status=status, tags={**record.tags, **run.tags})


def _state(run: Run) -> object:
    return run.status, run.end_time_s
