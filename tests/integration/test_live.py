"""Runs that change, and places that fail, while a real ``tensorboard`` serves."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from mlflow.entities import Param
from mlflow.tracking import MlflowClient

from tests.support.event_files import write_scalar
from tests.support.mlflow_server import mlflow_server
from tests.support.ports import free_port
from tests.support.sweep import ALPHAS, write_sweep
from tests.support.tensorboard import TensorBoard, tensorboard
from tests.support.waiting import wait_until

START_MS = 1_700_000_000_000

_LOGGING_PROCESS = """
import sys
from mlflow.entities import Metric
from mlflow.tracking import MlflowClient
client, run_id = MlflowClient(sys.argv[1]), sys.argv[2]
for step in range(20):
    client.log_metric(run_id, "loss", 1 / (step + 1), timestamp=1_700_000_000_000 + step, step=step)
client.set_terminated(run_id)
"""


@pytest.fixture
def client(tmp_path: Path) -> MlflowClient:
    client = MlflowClient(f"sqlite:///{tmp_path / 'mlflow.db'}")
    client.create_experiment("live")
    return client


@pytest.fixture
def board(tmp_path: Path, client: MlflowClient) -> Iterator[TensorBoard]:
    with tensorboard("--aml_experiment", "live", "--reload_interval", "1", cwd=tmp_path) as running:
        yield running


def test_another_process_logs_and_its_points_and_end_appear(
    board: TensorBoard, client: MlflowClient, tmp_path: Path
) -> None:
    run = _start_run(client, "train")
    client.log_metric(run, "loss", 1.0, timestamp=START_MS, step=0)
    board.wait_for_run("live/train")
    assert wait_until(lambda: _statuses(board) == ["STATUS_RUNNING"])
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    subprocess.run([sys.executable, "-c", _LOGGING_PROCESS, uri, run], check=True, timeout=120)
    assert wait_until(lambda: len(_points(board, "loss", "live/train")) == 20)
    assert [point["value"] for point in _points(board, "loss", "live/train")] == [1 / (step + 1) for step in range(20)]
    assert wait_until(lambda: _statuses(board) == ["STATUS_SUCCESS"])


def test_a_deleted_run_goes_and_a_restored_one_comes_back(board: TensorBoard, client: MlflowClient) -> None:
    run = _start_run(client, "train")
    board.wait_for_run("live/train")
    client.delete_run(run)
    assert wait_until(lambda: board.runs() == [])
    client.restore_run(run)
    board.wait_for_run("live/train")


def test_experiments_that_match_later_appear(client: MlflowClient, tmp_path: Path) -> None:
    flags = ("--aml_experiment", "sweep-*", "--reload_interval", "1")
    with tensorboard(*flags, cwd=tmp_path) as board:
        assert "No experiment matches 'sweep-*' yet" in board.output
        client.create_run(client.create_experiment("sweep-1"), run_name="train")
        board.wait_for_run("sweep-1/train")


def test_a_renamed_run_keeps_its_points(board: TensorBoard, client: MlflowClient) -> None:
    run = _start_run(client, "train")
    client.log_metric(run, "loss", 0.5, timestamp=START_MS, step=3)
    board.wait_for_run("live/train")
    client.set_tag(run, "mlflow.runName", "better")
    board.wait_for_run("live/better")
    assert board.runs() == ["live/better"]
    assert [point["step"] for point in _points(board, "loss", "live/better")] == [3]


def test_ten_thousand_params_and_names_of_any_kind(board: TensorBoard, client: MlflowClient) -> None:
    names = ["/ leading", "quo\"ted'", "名前 🚀", "x" * 250, "a//b", "..", "C:/drive", " ", "new\nline"]
    for name in names:
        _start_run(client, name)
    run = _start_run(client, "many params")
    for start in range(0, 10_000, 100):
        client.log_batch(run, params=[Param(f"p{n:05}", str(n)) for n in range(start, start + 100)])
    assert wait_until(lambda: len(board.runs()) == len(names) + 1)
    assert wait_until(lambda: max(len(group["hparams"]) for group in board.sessions()) == 10_000)
    assert len(board.sessions()) == len(names) + 1


def test_a_locked_database_is_said_once_and_read_when_it_is_free(tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    write_sweep(uri)
    write_scalar(tmp_path / "logs" / "local", "loss", [1.0])
    lock = sqlite3.connect(tmp_path / "mlflow.db", isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    flags = ("--aml_experiment", "ridge-sweep", "--logdir", "logs", "--reload_interval", "1")
    with tensorboard(*flags, cwd=tmp_path) as board:
        board.wait_for_run("local")
        assert board.output.count("database is locked") == 1
        lock.execute("ROLLBACK")
        lock.close()
        board.wait_for_run("ridge-sweep/sweep")
        assert set(board.runs()) > {"local", "ridge-sweep/sweep"}
        assert "Traceback" not in board.output


def test_a_server_that_is_down_is_said_once_and_read_when_it_is_up(tmp_path: Path) -> None:
    port, store = free_port(), f"sqlite:///{tmp_path / 'mlflow.db'}"
    write_sweep(store)
    write_scalar(tmp_path / "logs" / "local", "loss", [1.0])
    uri = f"http://someone:hunter2@127.0.0.1:{port}"
    flags = ("--aml_experiment=ridge-sweep", "--aml_tracking_uri", uri, "--logdir", "logs", "--reload_interval", "1")
    with tensorboard(*flags, cwd=tmp_path) as board:
        board.wait_for_run("local")
        assert "TensorBoard starts without it and keeps trying" in board.output
        with mlflow_server(store, port=port):
            board.wait_for_run("ridge-sweep/sweep")
            assert "local" in board.runs()
        assert "hunter2" not in board.output + board.fetch("data/environment").decode()
        assert "Traceback" not in board.output


def test_a_server_that_dies_leaves_what_was_read(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path / 'mlflow.db'}"
    write_sweep(store)
    port = free_port()
    flags = ("--aml_experiment=ridge-sweep", f"--aml_tracking_uri=http://127.0.0.1:{port}", "--reload_interval=1")
    with mlflow_server(store, port=port) as server:
        running = tensorboard(*flags, cwd=tmp_path)
        board = running.__enter__()
        try:
            assert len(board.card("loss")) == len(ALPHAS)
            server.stop()
            assert wait_until(lambda: "does not answer" in board.output, 60)
            assert len(board.runs()) == len(ALPHAS) + 1
            assert len(board.card("loss")) == len(ALPHAS)
            assert board.card("mse") == {}  # never read; an answer all the same
            assert "Traceback" not in board.output
        finally:
            running.__exit__(None, None, None)


def _start_run(client: MlflowClient, name: str) -> str:
    experiment = client.get_experiment_by_name("live")
    return str(client.create_run(experiment.experiment_id, run_name=name).info.run_id)


def _points(board: TensorBoard, tag: str, run: str) -> list[dict[str, float]]:
    return board.card(tag).get(run, [])


def _statuses(board: TensorBoard) -> list[str]:
    return [group["sessions"][0].get("status", "STATUS_UNKNOWN") for group in board.sessions()]
