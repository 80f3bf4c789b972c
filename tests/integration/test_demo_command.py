"""``tb-aml demo``, which ``make demo`` ends with."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import urllib.request
from pathlib import Path

import pytest
from mlflow.tracking import MlflowClient

from tb_aml_plugin import cli
from tb_aml_plugin.demo import ALPHAS, CURVE, EXPERIMENT, log_sweep
from tests.support.processes import running
from tests.support.waiting import wait_until


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    log_sweep(folder)
    return folder


def test_it_logs_a_parent_and_a_child_for_each_alpha_once(folder: Path) -> None:
    assert cli.main(["demo", "--dir", str(folder), "--no-serve"]) == 0  # there already
    client = MlflowClient(f"sqlite:///{folder / 'mlflow.db'}")
    experiment = client.get_experiment_by_name(EXPERIMENT)
    runs = {run.info.run_name: run for run in client.search_runs([experiment.experiment_id])}
    assert set(runs) == {"sweep", *(f"alpha {alpha}" for alpha in ALPHAS)}
    parent = runs.pop("sweep")
    for run in runs.values():
        assert run.data.tags["mlflow.parentRunId"] == parent.info.run_id
        assert run.info.run_name == f"alpha {run.data.params['alpha']}"
        curve = client.get_metric_history(run.info.run_id, CURVE)
        assert len({point.step for point in curve}) == len(curve) == 10
        assert curve[-1].value == run.data.metrics["mse"]
        assert {file.path for file in client.list_artifacts(run.info.run_id)} == {"predictions.json", "predictions.png"}
    for metric in ("alpha", "mse"):
        steps = [point.step for point in client.get_metric_history(parent.info.run_id, metric)]
        assert sorted(steps) == list(range(len(ALPHAS)))


def test_it_ends_with_tensorboard_serving_until_it_is_interrupted(folder: Path, tmp_path: Path) -> None:
    command = [str(Path(sys.executable).with_name("tb-aml")), "demo", "--dir", str(folder), "--port", "0"]
    log = tmp_path / "log"
    with running(command, log, cwd=tmp_path) as process:
        assert wait_until(
            lambda: re.search(r"http://localhost:\d+/", log.read_text()) or process.poll() is not None, 60
        )
        found = re.search(r"http://localhost:\d+/", log.read_text())
        assert found, log.read_text()
        with urllib.request.urlopen(found.group() + "data/runs", timeout=30) as answer:
            assert len(json.load(answer)) == 1 + len(ALPHAS)
        os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C in a terminal: everyone in front gets it
        process.wait(30)
    assert "Traceback" not in log.read_text()
