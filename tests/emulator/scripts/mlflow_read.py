"""What azureml-mlflow tells of an experiment: ``mlflow_read EXPERIMENT``; the tracking URI is in the environment."""

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
    experiment = client.get_experiment_by_name(sys.argv[1])
    assert experiment is not None
    tell({run.info.run_id: describe(client, run) for run in client.search_runs([experiment.experiment_id])})
