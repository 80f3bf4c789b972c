"""Training as SDK v2 users write it, with MLflow alone: ``mlflow_write EXPERIMENT``."""

from __future__ import annotations

import sys

import mlflow

from tests.emulator.scripts.workspace import tell


def main() -> None:
    mlflow.set_experiment(sys.argv[1])
    with mlflow.start_run(run_name="training") as run:
        mlflow.log_param("lr", 0.1)
        mlflow.set_tag("team", "vision")
        for step in range(4):
            mlflow.log_metric("loss", 1 / (step + 1), step=step)
        mlflow.log_metrics({"later": 5.0}, step=7, synchronous=False)
        mlflow.log_text("hello", "notes/note.txt")
        with mlflow.start_run(run_name="fold 1", nested=True) as nested:
            mlflow.log_metrics({"accuracy": 0.5})
    mlflow.flush_async_logging()
    tell({"run": run.info.run_id, "nested": nested.info.run_id})


if __name__ == "__main__":
    main()
