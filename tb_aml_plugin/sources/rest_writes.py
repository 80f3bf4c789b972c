"""Changes runs of an MLflow tracking server by its REST API, without MLflow."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tb_aml_plugin.model import RUN_NAME_TAG, RunId
from tb_aml_plugin.sources.abilities import EVERY_ACTION, RunWriter
from tb_aml_plugin.sources.mlflow_http import Http
from tb_aml_plugin.sources.wire import Refused

_RUNS = "api/2.0/mlflow/runs"


class RestWriter:
    """See `RunWriter`. A server knows nothing of processes: a run that is stopped is marked as killed."""

    actions = EVERY_ACTION

    def __init__(self, http: Http) -> None:
        self._http = http

    def set_tag(self, run_id: RunId, key: str, value: str) -> None:
        self._http.post(f"{_RUNS}/set-tag", {"run_id": run_id, "key": key, "value": value})

    def delete_tag(self, run_id: RunId, key: str) -> None:
        try:
            self._http.post(f"{_RUNS}/delete-tag", {"run_id": run_id, "key": key})
        except Refused as error:
            if error.code != "RESOURCE_DOES_NOT_EXIST" or "tag" not in str(error).lower():
                raise

    def rename(self, run_id: RunId, name: str) -> None:
        self._http.post(f"{_RUNS}/update", {"run_id": run_id, "run_name": name})
        self.set_tag(run_id, RUN_NAME_TAG, name)  # the only place for it before MLflow 2.0

    def stop(self, run_id: RunId) -> None:
        self._http.post(
            f"{_RUNS}/update", {"run_id": run_id, "status": "KILLED", "end_time": round(time.time() * 1000)}
        )

    def archive(self, run_id: RunId) -> None:
        self._http.post(f"{_RUNS}/delete", {"run_id": run_id})

    def restore(self, run_id: RunId) -> None:
        self._http.post(f"{_RUNS}/restore", {"run_id": run_id})


if TYPE_CHECKING:

    def _conforms(http: Http) -> RunWriter:
        return RestWriter(http)
