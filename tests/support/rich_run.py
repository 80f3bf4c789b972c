"""A run that holds one of everything, logged by MLflow's own client as a training script would."""

from __future__ import annotations

import io
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from mlflow.tracking import MlflowClient
from PIL import Image

EXPERIMENT = "mnist"
RUN = "mnist/rich"
START_MS = 1_700_000_000_000
STEPS = (0, 5, 10)

CONFUSION_MATRIX = {
    "schema_type": "confusion_matrix",
    "schema_version": "1.0.0",
    "data": {
        "class_labels": ["cat", "dog", "<b>bird</b>", "fish & chips"],
        "matrix": [[30, 2, 1, 0], [4, 25, 0, 3], [0, 0, 40, 1], [2, 2, 2, 12]],
    },
}
ACCURACY_TABLE = {
    "schema_type": "accuracy_table",
    "schema_version": "1.0.1",
    "data": {
        "probability_tables": [
            [[82, 118, 0, 0], [75, 31, 87, 7], [66, 9, 109, 16], [46, 2, 116, 36], [0, 0, 118, 82]],
            [[60, 140, 0, 0], [56, 20, 120, 4], [47, 4, 136, 13], [28, 0, 140, 32], [0, 0, 140, 60]],
        ],
        "percentile_tables": [[[82, 118, 0, 0]] * 5] * 2,
        "probability_thresholds": [0.0, 0.25, 0.5, 0.75, 1.0],
        "percentile_thresholds": [0.0, 0.01, 0.24, 0.98, 1.0],
        "class_labels": ["0", "1"],
    },
}
RESIDUALS = {
    "schema_type": "residuals",
    "schema_version": "1.0.0",
    "data": {"bin_edges": [-100, -50, 0, 50, 100], "bin_counts": [5, 30, 25.5, 3]},
}
PREDICTIONS = {
    "schema_type": "predictions",
    "schema_version": "1.0.0",
    "data": {
        "bin_averages": [0.2, 0.45, 0.9],
        "bin_errors": [0.05, 0.1, 0.02],
        "bin_counts": [50, 20, 40],
        "bin_edges": [0.0, 0.33, 0.66, 1.0],
    },
}
NOTE = "# Digits\n\nA *small* net. <script>alert('note')</script>"


def picture(seed: int, size: tuple[int, int] = (28, 28)) -> Image.Image:
    """A picture of noise."""
    return Image.fromarray(np.random.default_rng(seed).integers(0, 255, (*size, 3), dtype=np.uint8))


def encoded(image: Image.Image, form: str) -> bytes:
    """`image` as a file."""
    buffer = io.BytesIO()
    image.save(buffer, form)
    return buffer.getvalue()


def write_rich_run(uri: str, artifact_location: str | None = None) -> str:
    """Logs the run into the store at `uri`; its id."""
    client = MlflowClient(tracking_uri=uri)
    experiment = client.get_experiment_by_name(EXPERIMENT)
    id_ = experiment.experiment_id if experiment else client.create_experiment(EXPERIMENT, artifact_location)
    run = client.create_run(id_, start_time=START_MS, run_name="rich").info.run_id
    client.log_param(run, "lr", "0.1")
    client.log_param(run, "markup", "<img src=x onerror=alert('param')> *not bold*")
    client.set_tag(run, "mlflow.note.content", NOTE)
    client.set_tag(run, "team", "vision")
    client.log_metric(run, "loss", 0.5, step=0)
    client.log_metric(run, "system/cpu_utilization_percentage", 12.5, step=0)
    _log_images(client, run)
    _log_texts(client, run)
    _log_tables(client, run)
    _log_evaluations(client, run)
    _log_arrays(client, run)
    client.set_terminated(run, end_time=START_MS + 60_000)
    return str(run)


def log_file(client: MlflowClient, run: str, path: str, content: bytes) -> None:
    """Logs a file as an artifact."""
    with TemporaryDirectory() as folder:
        file = Path(folder, Path(path).name)
        file.write_bytes(content)
        client.log_artifact(run, str(file), str(Path(path).parent) if "/" in path else None)


def _log_images(client: MlflowClient, run: str) -> None:
    for step in STEPS:
        client.log_image(run, picture(step), key="val/sample", step=step, timestamp=START_MS + step)
    if not client.tracking_uri.startswith("http"):  # a server takes "#" and "%" in names for something else
        old = f"images/old#key%step%7%timestamp%{START_MS}%0123.png"
        log_file(client, run, old, encoded(picture(7), "PNG"))
    for form in ("jpeg", "gif", "bmp", "webp"):
        log_file(client, run, f"plots/roc.{form}", encoded(picture(1), form))
    client.log_image(run, picture(3, (3000, 4000)), artifact_file="plots/huge.png")
    log_file(client, run, "plots/curve.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    _log_figure(client, run)


def _log_figure(client: MlflowClient, run: str) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3, 2))
    figure.subplots().plot([1, 3, 2])
    client.log_figure(run, figure, "plots/figure.png")


def _log_texts(client: MlflowClient, run: str) -> None:
    client.log_text(run, "plain *text*\n<script>alert('text')</script>\n```\nfence", "notes/log.txt")
    client.log_text(run, "# Title\n\n<script>alert('md')</script> [x](javascript:alert(1)) **bold**", "notes/readme.md")
    client.log_dict(run, {"lr": 0.1, "layers": [1, 2]}, "config.json")
    client.log_dict(run, {"optimizer": {"name": "adam"}}, "config.yaml")


def _log_tables(client: MlflowClient, run: str) -> None:
    table = {"epoch": [1, 2, 3], "f1": [0.1, 0.5, 0.75], "text": ["a", "<b>b</b>", "| c"]}
    client.log_table(run, table, "tables/eval.json")
    log_file(client, run, "tables/metrics.csv", b"name,precision\ncat,0.5\ndog,0.75\n")
    _log_parquet(client, run)


def _log_parquet(client: MlflowClient, run: str) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.write_table(pa.table({"x": [1.5, 2.5], "label": ["a", "b"]}), buffer)
    log_file(client, run, "tables/data.parquet", buffer.getvalue())


def _log_evaluations(client: MlflowClient, run: str) -> None:
    client.log_dict(run, CONFUSION_MATRIX, "confusion.json")
    client.log_dict(run, ACCURACY_TABLE, "accuracy.json")
    log_file(client, run, "residuals", json.dumps(RESIDUALS).encode())
    client.log_dict(run, PREDICTIONS, "predictions.json")


def _log_arrays(client: MlflowClient, run: str) -> None:
    weights = np.random.default_rng(0).normal(size=1000)
    buffer = io.BytesIO()
    np.save(buffer, weights)
    log_file(client, run, "weights/dense.npy", buffer.getvalue())
    buffer = io.BytesIO()
    np.savez_compressed(buffer, conv1=weights[:500], conv2=weights[500:])
    log_file(client, run, "weights/all.npz", buffer.getvalue())
    log_file(client, run, "weights/list.json", json.dumps(weights[:50].tolist()).encode())
    log_file(client, run, "weights/model.bin", b"\0\1\2")
