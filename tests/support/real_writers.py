"""A script that logs as a training script does, with MLflow's own calls and scikit-learn: ``real_writers.py URI …``."""

from __future__ import annotations

import sys

import mlflow
import numpy as np
import pandas as pd
from mlflow.metrics import MetricValue, make_metric
from mlflow.models import infer_signature
from PIL import Image
from sklearn.linear_model import LinearRegression, LogisticRegression

EXPERIMENT = "writers"
REQUIREMENTS = ["scikit-learn"]  # else MLflow loads the model in a process of its own to find out
PARAMS = {"C": 0.5, "solver": "lbfgs"}


def data() -> pd.DataFrame:
    """Two hundred rows of two features, one of three classes, and a value."""
    chance = np.random.default_rng(0)
    rows = pd.DataFrame(chance.normal(size=(200, 2)), columns=["x0", "x1"])
    rows["class"] = np.digitize(rows["x0"] + 0.3 * chance.normal(size=200), [-0.4, 0.4])
    rows["value"] = 2 * rows["x0"] + 0.1 * chance.normal(size=200)
    return rows


def classifier(rows: pd.DataFrame) -> None:
    """A classifier is logged, measured, and evaluated as MLflow's guide does it."""
    features = rows[["x0", "x1"]]
    with mlflow.start_run(run_name="classifier", description="A *classifier*."):
        mlflow.log_params(PARAMS)
        mlflow.set_tag("team", "vision")
        model = LogisticRegression(**PARAMS).fit(features, rows["class"])
        logged = mlflow.sklearn.log_model(
            model,
            name="clf",
            params=PARAMS,
            signature=infer_signature(features, rows["class"].astype(float)),
            pip_requirements=REQUIREMENTS,
        )
        mlflow.log_metric("val_loss", 0.25, step=1, model_id=logged.model_id)
        mlflow.log_metric("val_loss", 0.125, step=2, model_id=logged.model_id)
        evaluate(logged.model_uri, rows[["x0", "x1", "class"]], "class", "classifier")


def regressor(rows: pd.DataFrame) -> None:
    """A regressor is evaluated."""
    with mlflow.start_run(run_name="regressor"):
        model = LinearRegression().fit(rows[["x0", "x1"]], rows["value"])
        logged = mlflow.sklearn.log_model(model, name="reg", pip_requirements=REQUIREMENTS)
        evaluate(logged.model_uri, rows[["x0", "x1", "value"]], "value", "regressor")


def _distance(predictions: pd.Series, targets: pd.Series, metrics: object) -> MetricValue:
    """A metric with a score for each row, which MLflow puts into ``eval_results_table.json``."""
    distances = (predictions - targets).abs()
    return MetricValue(scores=distances.tolist(), aggregate_results={"mean": float(distances.mean())})


def evaluate(model: str, rows: pd.DataFrame, targets: str, kind: str) -> None:
    """MLflow's default evaluator, without SHAP."""
    mlflow.models.evaluate(
        model,
        rows,
        targets=targets,
        model_type=kind,
        evaluators="default",
        extra_metrics=[make_metric(eval_fn=_distance, greater_is_better=False, name="distance")],
        evaluator_config={"log_model_explainability": False},
    )


def figures() -> None:
    """Figures, pictures and tables, by the calls of MLflow's fluent interface."""
    import matplotlib.pyplot as plt

    with mlflow.start_run(run_name="figures", log_system_metrics=True) as run:
        figure, axes = plt.subplots()
        axes.plot([1, 3, 2])
        mlflow.log_figure(figure, "plots/curve.png")
        for step in range(3):
            mlflow.log_image(np.full((8, 8, 3), 80 * step, np.uint8), key="samples", step=step)
        mlflow.log_image(Image.new("RGB", (8, 8), "red"), "one.png")
        for epoch in range(2):
            mlflow.log_table({"epoch": [epoch], "f1": [0.5 + epoch / 4]}, "eval.json")
        mlflow.log_text("**bold**", "notes.md")
        mlflow.log_dict({"depth": 3}, "config.yaml")
        wait_for_system_metrics(run.info.run_id)


def wait_for_system_metrics(run_id: str) -> None:
    """Waits until a first sample of the machine is in the store."""
    import time

    give_up_s = time.monotonic() + 30
    client = mlflow.MlflowClient()
    while not any(key.startswith("system/") for key in client.get_run(run_id).data.metrics):
        if time.monotonic() > give_up_s:
            raise TimeoutError("no system metrics")
        time.sleep(0.1)


def main() -> None:
    mlflow.set_system_metrics_sampling_interval(0.5)
    mlflow.set_system_metrics_samples_before_logging(1)
    rows = data()
    for uri in sys.argv[1:]:
        mlflow.set_tracking_uri(uri)
        mlflow.set_experiment(EXPERIMENT)
        classifier(rows)
        regressor(rows)
        figures()


if __name__ == "__main__":
    main()
