"""Runs that change, and places that fail, while a real ``tensorboard`` serves."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import urllib.error
from collections.abc import Iterator
from pathlib import Path

import pytest
from mlflow.tracking import MlflowClient

from tests.support.empty_store import empty_store
from tests.support.event_files import write_scalar
from tests.support.mlflow_server import mlflow_server
from tests.support.ports import free_port
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
    client = empty_store(tmp_path / "mlflow.db")
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


def test_ten_thousand_params_and_names_of_any_kind(board: TensorBoard, client: MlflowClient, tmp_path: Path) -> None:
    names = ["/ leading", "quo\"ted'", "名前 🚀", "x" * 250, "a//b", "..", "C:/drive", " ", "new\nline"]
    for name in names:
        _start_run(client, name)
    run = _start_run(client, "many params")
    with sqlite3.connect(tmp_path / "mlflow.db") as database:  # as MLflow writes them, but in one go
        rows = [(f"p{n:05}", str(n), run) for n in range(10_000)]
        database.executemany("INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?)", rows)
    database.close()
    assert wait_until(lambda: len(board.runs()) == len(names) + 1)
    assert wait_until(lambda: max(len(group["hparams"]) for group in board.sessions()) == 10_000)
    assert len(board.sessions()) == len(names) + 1


def test_a_run_that_vanishes_from_the_database_leaves_the_others(tmp_path: Path, client: MlflowClient) -> None:
    for name in ("stays", "goes"):
        client.log_metric(_start_run(client, name), "loss", 1.0, timestamp=START_MS)
    # Listed once and not again: what the Board shows is out of date, as between two reloads.
    with tensorboard("--aml_experiment", "live", "--reload_interval", "0", cwd=tmp_path) as board:
        board.wait_for_run("live/goes")
        with sqlite3.connect(tmp_path / "mlflow.db") as database:
            gone = "(SELECT run_uuid FROM runs WHERE name = 'goes')"
            for table in ("metrics", "latest_metrics", "tags"):
                database.execute(f"DELETE FROM {table} WHERE run_uuid IN {gone}")
            database.execute("DELETE FROM runs WHERE name = 'goes'")
        database.close()
        assert set(board.card("loss")) == {"live/stays"}
        assert len(board.sessions()) == 2
        with pytest.raises(urllib.error.HTTPError, match="404"):
            board.get("data/plugin/scalars/scalars", run="live/goes", tag="loss")
        assert "Traceback" not in board.output


def test_a_locked_database_is_said_once_and_read_when_it_is_free(tmp_path: Path, client: MlflowClient) -> None:
    _start_run(client, "train")
    write_scalar(tmp_path / "logs" / "local", "loss", [1.0])
    lock = sqlite3.connect(tmp_path / "mlflow.db", isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    flags = ("--aml_experiment", "live", "--logdir", "logs", "--reload_interval", "1")
    with tensorboard(*flags, cwd=tmp_path) as board:
        board.wait_for_run("local")
        assert board.output.count("database is locked") == 1
        lock.execute("ROLLBACK")
        lock.close()
        board.wait_for_run("live/train")
        assert set(board.runs()) == {"local", "live/train"}
        assert "Traceback" not in board.output


def test_a_server_may_be_down_come_up_die_and_come_back(tmp_path: Path, client: MlflowClient) -> None:
    """One word for each change in the terminal; what was read stays, and what is elsewhere is shown all the while."""
    port, store = free_port(), f"sqlite:///{tmp_path / 'mlflow.db'}"
    run = _start_run(client, "train")
    for metric in ("loss", "never read"):
        client.log_metric(run, metric, 0.5, timestamp=START_MS, step=1)
    write_scalar(tmp_path / "logs" / "local", "loss", [1.0])
    uri = f"http://someone:hunter2@127.0.0.1:{port}"
    flags = ("--aml_experiment=live", "--aml_tracking_uri", uri, "--logdir", "logs", "--reload_interval", "1")
    with tensorboard(*flags, cwd=tmp_path) as board:
        board.wait_for_run("local")
        assert board.output.count("TensorBoard starts without it and keeps trying") == 1
        with mlflow_server(store, port=port) as server:
            board.wait_for_run("live/train", 60)
            assert set(board.card("loss")) == {"local", "live/train"}
            server.stop()
            assert wait_until(lambda: _said(board, "does not answer") == 2, 60)
            assert set(board.runs()) == {"local", "live/train"}
            assert set(board.card("loss")) == {"local", "live/train"}
            assert board.card("never read") == {}  # an answer all the same
        _start_run(client, "after")
        with mlflow_server(store, port=port):
            board.wait_for_run("live/after", 60)
            assert [point["value"] for point in _points(board, "never read", "live/train")] == [0.5]
            assert _said(board, "answers again") == 2
        assert "hunter2" not in board.output + board.fetch("data/environment").decode()
        assert "Traceback" not in board.output


def _said(board: TensorBoard, words: str) -> int:
    return sum(line.startswith("Azure ML: ") and words in line for line in board.output.splitlines())


def _start_run(client: MlflowClient, name: str) -> str:
    experiment = client.get_experiment_by_name("live")
    return str(client.create_run(experiment.experiment_id, run_name=name).info.run_id)


def _points(board: TensorBoard, tag: str, run: str) -> list[dict[str, float]]:
    return board.card(tag).get(run, [])


def _statuses(board: TensorBoard) -> list[str]:
    return [group["sessions"][0].get("status", "STATUS_UNKNOWN") for group in board.sessions()]
