"""What azureml-mlflow tells of the runs of experiments: ``mlflow_read EXPERIMENT…``; the URI is the environment's."""

from __future__ import annotations

import sys

from mlflow.entities import Run
from mlflow.tracking import MlflowClient

from tests.emulator.scripts.workspace import tell


def describe(client: MlflowClient, run: Run) -> dict[str, object]:
    id_ = run.info.run_id
    return {
        "name": run.info.run_name,
        "status": run.info.status,
        "params": run.data.params,
        "tags": run.data.tags,
        "latest": run.data.metrics,
        "history": {
            name: [[point.step, point.value] for point in client.get_metric_history(id_, name)]
            for name in run.data.metrics
        },
        "files": [file.path for file in client.list_artifacts(id_)],
    }


if __name__ == "__main__":
    client = MlflowClient()
    ids = [client.get_experiment_by_name(name).experiment_id for name in sys.argv[1:]]
    tell({run.info.run_id: describe(client, run) for run in client.search_runs(ids)})
