"""The real azureml-core and azureml-mlflow, unpatched, write and read through the emulator, and read each other."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.emulator import Emulator, scenarios
from tests.emulator.clients import run_script, started
from tests.emulator.scripts.ridge_sweep import ALPHAS, EXPERIMENT


def with_mlflow(azure: Emulator) -> dict[str, str]:
    """An environment as SDK v2's users have it."""
    return {"MLFLOW_TRACKING_URI": azure.tracking_uri, **azure.service_principal()}


@dataclass(frozen=True)
class Written:
    """What was logged, and what each SDK tells of all of it: run id → description."""

    sweep: dict[str, Any]
    training: dict[str, Any]
    by_core: dict[str, Any]
    by_mlflow: dict[str, Any]


@pytest.fixture(scope="module")
def written(azure: Emulator) -> Written:
    sweep = run_script(azure, "ridge_sweep")
    training = run_script(azure, "mlflow_write", "with-mlflow", more=with_mlflow(azure))
    pipeline = scenarios.pipeline(azure)
    odd = scenarios.add_run(azure, "pipeline", "odd-names", parent=pipeline)
    for name, values in (("accuracy ", [0.5, 0.75]), ("", [1.0]), ("many rows", [float(row) for row in range(250)])):
        scenarios.add_scalar(azure, odd, name, values, steps=range(len(values)))
    by_core = run_script(azure, "read_back", EXPERIMENT, "with-mlflow", "pipeline")
    by_mlflow = run_script(azure, "mlflow_read", EXPERIMENT, "with-mlflow", more=with_mlflow(azure))
    return Written(sweep, training, by_core, by_mlflow)


def test_azureml_core_reads_what_it_wrote(written: Written) -> None:
    found, sweep = written.by_core, written.sweep
    root = found[sweep["root"]]
    assert root["status"] == "Completed" and root["parent"] is None
    assert sorted(root["children"]) == sorted(sweep["children"])
    for id_, logged in sweep["children"].items():
        assert found[id_]["metrics"] == logged
        assert found[id_]["parent"] == sweep["root"]


def test_azureml_mlflow_reads_what_azureml_core_wrote(written: Written) -> None:
    found, sweep = written.by_mlflow, written.sweep
    assert len(sweep["children"]) == len(ALPHAS)
    assert {run["status"] for run in found.values()} == {"FINISHED"}
    for id_, logged in sweep["children"].items():
        assert found[id_]["latest"] == logged
        assert found[id_]["tags"]["mlflow.parentRunId"] == sweep["root"]
        assert found[id_]["history"]["mse"] == [[0, logged["mse"]]]


def test_azureml_core_reads_what_azureml_mlflow_wrote(azure: Emulator, written: Written) -> None:
    id_ = written.training["run"]
    run = written.by_core[id_]
    assert run["name"] == "training" and run["status"] == "Completed"
    assert run["metrics"] == {"loss": [1.0, 1 / 2, 1 / 3, 1 / 4], "later": 5.0}
    assert run["tags"]["team"] == "vision"
    assert run["children"] == [written.training["nested"]]
    assert run["files"] == ["notes/note.txt"]
    assert azure.blobs.get(azure.history.runs[id_], "notes/note.txt") == b"hello"


def test_azureml_mlflow_reads_what_it_wrote(written: Written) -> None:
    run = written.by_mlflow[written.training["run"]]
    assert run["params"] == {"lr": "0.1"}
    assert run["history"]["later"] == [[7, 5.0]]
    assert run["files"] == ["notes"]


def test_runs_put_in_directly_are_as_those_that_were_logged(written: Written) -> None:
    found = written.by_core
    assert sorted(found["pipeline-root"]["children"]) == ["odd-names", "pipeline-prepare", "pipeline-train"]
    assert found["pipeline-fold-0"]["parent"] == "pipeline-trial-0"
    assert found["pipeline-fold-0"]["metrics"] == {"loss": [2.0, 1.0]}
    metrics = found["odd-names"]["metrics"]
    assert metrics["accuracy "] == [0.5, 0.75] and metrics[""] == 1.0 and len(metrics["many rows"]) == 250


def test_every_kind_of_metric_comes_back(azure: Emulator) -> None:
    found = run_script(azure, "every_kind", "everything")
    metrics = found["metrics"]
    assert metrics["loss"] == [1.0, 1 / 2, 1 / 3, 1 / 4, 1 / 5]
    assert metrics["accuracy "] == 0.5
    assert metrics["rows"] == {"epoch": [0, 1, 2], "lr": [0.1, 0.05, 0.1 / 3]}
    assert metrics["table"]["label"] == ["a", "b", "c"]
    assert len(metrics["long list"]) == 250
    kinds = {name: metric.kind for name, metric in azure.history.runs[found["id"]].metrics.items()}
    for name in ("confusion_matrix", "accuracy_table", "residuals", "predictions", "image"):
        assert f"azureml.v2.{name}" in kinds.values()
    plot = found["files"].pop(4)
    assert re.fullmatch(r"plot_\d{10}\.png", plot)
    assert found["files"] == [
        "accuracy table",
        "matrix",
        "outputs/notes.txt",
        "picture.png",
        "predictions",
        "residuals",
    ]


def test_a_run_that_goes_on_can_be_watched(azure: Emulator) -> None:
    with started(azure, "live_training", "live") as training:
        assert training.stdin and training.stdout
        run = azure.history.runs[training.stdout.readline().strip()]
        assert run.status == "Running"
        for value in (3.0, 2.0):
            training.stdin.write(f"{value}\n")
            training.stdin.flush()
            assert training.stdout.readline() == "logged\n"
        assert [(row.step, row.data["loss"]) for row in run.metrics["loss"].rows] == [(0, 3.0), (1, 2.0)]
        training.stdin.close()
        assert training.wait(60) == 0
    assert run.status == "Completed"


def test_each_way_to_sign_in(azure: Emulator, tmp_path: Path) -> None:
    azure.signed_in = True
    ways = {
        "core-service-principal": azure.service_principal(),
        "environment": azure.service_principal(),
        "az": azure.write_az(tmp_path),
        "msi": azure.managed_identity(),
        "default": azure.write_az(tmp_path),
        "device": {},
        "browser": azure.browser(),
    }
    assert run_script(azure, "sign_in", json.dumps(ways), more={}) == dict.fromkeys(ways, "emulated")


def test_nobody_asks_a_host_that_is_not_emulated(azure: Emulator, written: Written) -> None:
    assert azure.proxy.refused == []
