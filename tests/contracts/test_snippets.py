"""The code that the tab gives for a run reads that run, from each kind of place and in any folder."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from mlflow.tracking import MlflowClient

from tb_aml_plugin import sources, target
from tb_aml_plugin.tab.snippet import snippet
from tests.support.empty_store import empty_store
from tests.support.mlflow_server import mlflow_server


def logged(client: MlflowClient) -> str:
    run = client.create_run(client.create_experiment("main")).info.run_id
    client.log_metric(run, "loss", 0.25)
    return str(run)


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Address → id of a run there; relative ones are meant from the folder of the test."""
    monkeypatch.chdir(tmp_path)
    served = logged(empty_store(tmp_path / "mlflow.db"))
    with monkeypatch.context() as patch:
        patch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
        filed = logged(MlflowClient(tracking_uri=(tmp_path / "mlruns").as_uri()))
    with mlflow_server(f"sqlite:///{tmp_path}/mlflow.db") as server:
        yield {"sqlite:///mlflow.db": served, "./mlruns": filed, server.url: served}


def test_each_snippet_reads_its_run_in_another_folder(places: dict[str, str], tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    code = ""
    for uri, run_id in places.items():
        source = sources.connect(target.parse(uri), {})
        code += snippet(source.location, run_id) + "print(run.data.metrics['loss'])\n"
        source.close()
    command = [sys.executable, "-W", "ignore", "-c", code]
    found = subprocess.run(command, cwd=elsewhere, env=dict(os.environ), capture_output=True, text=True, timeout=120)
    assert found.stdout.split() == ["0.25"] * len(places), found.stderr[-2000:]
    assert list(elsewhere.iterdir()) == []  # a wrong address would have made a new store


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("https://ada:***@mlflow.example/x", "'https://mlflow.example/x'"),
        ("https://ada:***@mlflow.example/x", "MLFLOW_TRACKING_PASSWORD"),
        ("postgresql://ada:***@db.example/mlflow", "lacks the password"),
        ("azureml://eastus.api.azureml.ms/mlflow/v1.0/x", "azureml-mlflow"),
        ("sqlite:////data/mlflow.db", "'sqlite:////data/mlflow.db'"),
    ],
)
def test_what_else_it_takes_is_said_beside_it(uri: str, said: str) -> None:
    code = snippet(uri, "0123'\n")
    compile(code, "snippet", "exec")
    assert said in code
