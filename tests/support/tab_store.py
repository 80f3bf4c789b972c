"""A store that has something for every part of the tab, and names that try to be more than names."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from mlflow.entities import Metric, Param, RunTag
from mlflow.tracking import MlflowClient

from tb_aml_plugin.demo import EXPERIMENT, log_sweep

__all__ = ["EXPERIMENT", "HOSTILE", "RICH", "VISION", "fill", "run_ids"]

VISION = "vision"
RICH = "resnet50-best"
"""The run that has images, tables, texts, logs and files."""
HOSTILE = '<img src=x onerror="parent.hacked=1">'
HOSTILE_TAG = "<b onclick=alert(1)>tag</b>"
START_MS = 1_750_000_000_000
LOG_LINES = 20_000
_LABELS = ["cat", "dog", "bird"]


def fill(folder: Path, log_lines: int = LOG_LINES) -> str:
    """The tracking URI of a store in `folder`: the demo's sweep, and the experiment `VISION` of six runs."""
    uri = log_sweep(folder)
    client = MlflowClient(tracking_uri=uri)
    experiment = client.create_experiment(VISION, artifact_location=(folder.absolute() / VISION).as_uri())
    for place, (name, depth, rate) in enumerate(
        [("resnet18-slow", 18, 1e-3), ("resnet18-fast", 18, 1e-1), ("resnet34", 34, 1e-2), (RICH, 50, 1e-2)]
    ):
        run = _train(client, experiment, name, place, {"depth": depth, "lr": rate, "optimizer": "sgd"})
        client.set_terminated(run, "FAILED" if name == "resnet34" else "FINISHED")
    _fill(client, run, log_lines)
    _train(client, experiment, "resnet18-now", 5, {"depth": 18, "lr": 1e-2, "optimizer": "adam"})
    _hostile(client, experiment)
    return uri


def run_ids(uri: str) -> dict[str, str]:
    """Display name → run id, in all experiments."""
    client = MlflowClient(tracking_uri=uri)
    experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    return {run.info.run_name: run.info.run_id for run in client.search_runs(experiments, max_results=1000)}


def _train(client: MlflowClient, experiment: str, name: str, place: int, params: dict[str, Any]) -> str:
    tags = {
        "mlflow.user": "ada" if place % 2 else "grace",
        "mlflow.source.name": "train.py",
        "mlflow.source.git.commit": "3f2c1d9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e",
        "mlflow.source.git.repoURL": "https://git.example/vision.git",
        "team": "vision" if place % 2 else "research",
    }
    start = START_MS + place * 3_600_000
    run = client.create_run(experiment, start_time=start, run_name=name, tags=tags).info.run_id
    speed = 20 + 10 * place
    points = [
        Metric(metric, value(step, speed), start + step * 1000, step)
        for metric, value in (("train/loss", _loss), ("val/accuracy", _accuracy))
        for step in range(120)
    ]
    client.log_batch(run, points, [Param(key, str(value)) for key, value in params.items()])
    return str(run)


def _loss(step: int, speed: int) -> float:
    return 2.3 * math.exp(-step / speed) + 0.1 + 0.02 * math.sin(7 * step)


def _accuracy(step: int, speed: int) -> float:
    return 0.93 - 0.8 * math.exp(-step / speed) + 0.01 * math.sin(5 * step)


def _fill(client: MlflowClient, run: str, log_lines: int) -> None:
    for step in (0, 50, 100):
        client.log_image(run, _picture(step), key="samples", step=step)
    rows = range(450)
    table = {"image": [f"img_{row:04}.png" for row in rows], "score": [round(1 / (1 + row), 6) for row in rows]}
    client.log_table(run, table, "predictions.json")
    client.log_dict(run, _confusion(), "confusion_matrix.json")
    client.log_dict(run, _accuracy_table(), "accuracy_table.json")
    client.log_text(run, "# Results\n\n**Best** so far.\n\n<script>parent.hacked=1</script>\n", "report.md")
    client.log_text(run, "<h1>Report</h1><script>parent.hacked=1</script>", "report.html")
    client.log_text(run, _log(log_lines), "user_logs/std_log.txt")
    client.log_text(run, "step,value\n1,2\n3,4\n", "data/values.csv")
    client.log_batch(run, tags=[RunTag("mlflow.note.content", "Trained with **mixup**.")])


def _picture(step: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    across, down = np.meshgrid(np.linspace(0, 1, 240), np.linspace(0, 1, 180))
    circle = (across - 0.3 - step / 400) ** 2 + (down - 0.5) ** 2 < 0.04
    picture = np.stack([60 + 120 * across, 80 + 100 * down, np.full_like(across, 160)], axis=-1)
    picture[circle] = (244, 180, 40)
    return picture.astype(np.uint8)


def _confusion() -> dict[str, Any]:
    matrix = [[50, 3, 1], [4, 45, 6], [0, 2, 60]]
    return _azure("confusion_matrix", {"class_labels": _LABELS, "matrix": matrix})


def _accuracy_table() -> dict[str, Any]:
    thresholds = [place / 20 for place in range(21)]
    tables = [
        [
            [int(50 * (1 - t**p)), int(100 * (1 - t) ** p), int(100 - 100 * (1 - t) ** p), int(50 * t**p)]
            for t in thresholds
        ]
        for p in (2, 3, 4)
    ]
    data = {
        "probability_tables": tables,
        "percentile_tables": tables,
        "probability_thresholds": thresholds,
        "percentile_thresholds": thresholds,
        "class_labels": _LABELS,
    }
    return _azure("accuracy_table", data)


def _azure(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    """As Azure ML's ``log_confusion_matrix`` and ``log_accuracy_table`` write it."""
    return json.loads(json.dumps({"schema_type": kind, "schema_version": "1.0.1", "data": data}))  # type: ignore[no-any-return]


def _log(count: int) -> str:
    lines = [f"INFO epoch {line // 200} step {line} loss={2.3 * math.exp(-line / 6000):.4f}" for line in range(count)]
    lines[count // 2 : count // 2] = [
        "\x1b[1;31mERROR\x1b[0m out of memory",
        "Traceback (most recent call last):",
        "RuntimeError",
    ]
    lines.append("".join(f"\rsaving {part} %" for part in range(101)))
    return "\n".join(lines) + "\n"


def _hostile(client: MlflowClient, experiment: str) -> None:
    tags = {
        "mlflow.note.content": f"{HOSTILE}<iframe src=x></iframe>[link](javascript:alert(1))",
        HOSTILE_TAG[:40]: HOSTILE,
    }
    run = client.create_run(experiment, START_MS, run_name=HOSTILE, tags=tags).info.run_id
    client.log_param(run, "x" * 200, f"\u202e{HOSTILE}" * 20)
    client.log_text(
        run,
        f"{HOSTILE}\n" + "long " * 20_000 + "\x1b[31m<script>parent.hacked=1</script>\x1b[0m\n",
        "user_logs/std_log.txt",
    )
    client.log_text(run, HOSTILE, "a<b>'&.txt")
    client.set_terminated(run)
