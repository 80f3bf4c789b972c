"""Models that runs have logged, from an MLflow tracking server: those of a whole experiment at once."""

from __future__ import annotations

import threading
import time
import urllib.parse
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tb_aml_plugin.errors import ArtifactGone, NotATrackingStore
from tb_aml_plugin.model import ExperimentId, Run, RunId
from tb_aml_plugin.sources.base import MODEL_DOCUMENT, LoggedModel
from tb_aml_plugin.sources.mlflow_http import Http
from tb_aml_plugin.sources.mlflow_json import model_of
from tb_aml_plugin.sources.wire import Refused

FRESH_S = 5.0
"""For so long, what was asked about an experiment answers for all of its runs."""
MOST_MODELS = 1000
"""Of an experiment; where there are more, its runs are asked about one by one."""

_FILES = "ajax-api/2.0/mlflow/logged-models/{}/artifacts/files"
"""Where MLflow's own page gets files of models."""

_ByRun = Mapping[RunId, Sequence[LoggedModel]]
_Search = Callable[[Mapping[str, object], int], Sequence[Mapping[str, Any]]]


@dataclass(slots=True)
class _Experiment:
    """What was asked about one; `lock` is held by the one who asks."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    models: _ByRun | None = None  # None where they are too many
    good_until_s: float = float("-inf")


class ServerModels:
    """Asks a server for the models of runs. **Threads.** Any; those who ask about one experiment wait for one answer."""

    def __init__(self, http: Http, search: _Search, now_s: Callable[[], float] = time.monotonic) -> None:
        """
        Args:
          search: gives the elements of ``logged-models/search`` for a body, and stops asking at so many.
        """
        self._http = http
        self._search = search
        self._now_s = now_s
        self._lock = threading.Lock()
        self._known: dict[ExperimentId, _Experiment] = {}
        self._are_there = True

    def of(self, run: Run) -> Sequence[LoggedModel]:
        """Those of `run`, oldest first; none where the server is too old to know any."""
        if not self._are_there:
            return []
        with self._lock:
            experiment = self._known.setdefault(run.experiment_id, _Experiment())
        try:
            with experiment.lock:
                if self._now_s() >= experiment.good_until_s:
                    experiment.models = self._of_experiment(run.experiment_id)
                    experiment.good_until_s = self._now_s() + FRESH_S
            if experiment.models is None:
                found, _ = self._asked(run.experiment_id, f"source_run_id = '{run.id}'")
                return found.get(run.id, [])
            return experiment.models.get(run.id, [])
        except (Refused, NotATrackingStore):  # a server older than MLflow 3
            self._are_there = False
            return []

    def document(self, model: LoggedModel) -> bytes:
        """As `HoldsModels.model_document`."""
        name, start, length = MODEL_DOCUMENT
        path = _FILES.format(urllib.parse.quote(model.id, ""))
        try:
            return self._http.get_range(path, {"artifact_file_path": name}, start, length)
        except (Refused, NotATrackingStore):
            raise ArtifactGone(f"The model {model.id} has no file {name}.") from None

    def _of_experiment(self, experiment_id: ExperimentId) -> _ByRun | None:
        found, are_all = self._asked(experiment_id, "")
        return found if are_all else None

    def _asked(self, experiment_id: ExperimentId, condition: str) -> tuple[_ByRun, bool]:
        elements = self._search({"experiment_ids": [experiment_id], "filter": condition}, MOST_MODELS + 1)
        by_run: dict[RunId, list[LoggedModel]] = defaultdict(list)
        with self._http.understood():
            for element in elements:
                by_run[RunId(str(element.get("info", {}).get("source_run_id", "")))].append(model_of(element))
        for models in by_run.values():
            models.sort(key=lambda model: (model.created_s or 0.0, model.id))
        return by_run, len(elements) <= MOST_MODELS
