"""The real azureml-core and azureml-mlflow, unpatched, write and read through the emulator, and read each other."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator import Emulator
from tests.emulator.clients import run_script
from tests.emulator.scripts.ridge_sweep import ALPHAS, EXPERIMENT


@pytest.fixture(scope="module")
def sweep(azure: Emulator) -> dict[str, Any]:
    """The article's sweep, written once."""
    return dict(run_script(azure, "ridge_sweep"))


def test_azureml_core_reads_what_it_wrote(azure: Emulator, sweep: dict[str, Any]) -> None:
    found = run_script(azure, "read_back", EXPERIMENT)
    root = found[sweep["root"]]
    assert root["status"] == "Completed" and root["parent"] is None
    assert sorted(root["children"]) == sorted(sweep["children"])
    for id_, logged in sweep["children"].items():
        assert found[id_]["metrics"] == logged
        assert found[id_]["parent"] == sweep["root"]


def test_azureml_mlflow_reads_what_azureml_core_wrote(azure: Emulator, sweep: dict[str, Any]) -> None:
    found = run_script(azure, "mlflow_read", EXPERIMENT, environ={"MLFLOW_TRACKING_URI": azure.tracking_uri})
    assert len(found) == 1 + len(ALPHAS)
    assert {run["status"] for run in found.values()} == {"FINISHED"}
    for id_, logged in sweep["children"].items():
        assert found[id_]["latest"] == logged
        assert found[id_]["tags"]["mlflow.parentRunId"] == sweep["root"]
        assert found[id_]["history"]["mse"] == [[0, logged["mse"]]]


def test_azureml_core_reads_what_azureml_mlflow_wrote(azure: Emulator) -> None:
    uri = {"MLFLOW_TRACKING_URI": azure.tracking_uri}
    written = run_script(azure, "mlflow_write", "with-mlflow", environ=uri)
    run = run_script(azure, "read_back", "with-mlflow")[written["run"]]
    assert run["name"] == "training" and run["status"] == "Completed"
    assert run["metrics"] == {"loss": [1.0, 1 / 2, 1 / 3, 1 / 4], "later": 5.0}
    assert run["tags"]["team"] == "vision"
    assert run["children"] == [written["nested"]]
    assert run["files"] == ["notes/note.txt"]
    again = run_script(azure, "mlflow_read", "with-mlflow", environ=uri)[written["run"]]
    assert again["params"] == {"lr": "0.1"}
    assert again["history"]["later"] == [[7, 5.0]]
    assert azure.blobs.get(azure.history.runs[written["run"]], "notes/note.txt") == b"hello"


def test_nobody_asks_a_host_that_is_not_emulated(azure: Emulator, sweep: dict[str, Any]) -> None:
    assert azure.proxy.refused == []
