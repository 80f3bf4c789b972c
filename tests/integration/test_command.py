"""Every way to start the command, with a real ``tensorboard``."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

import pytest
from mlflow.tracking import MlflowClient
from tensorboard import manager

from tests.support.event_files import write_scalar
from tests.support.sweep import ALPHAS
from tests.support.tensorboard import command_line, run_tensorboard, tensorboard

CHILDREN = {f"ridge-sweep/sweep/alpha {alpha}" for alpha in ALPHAS}
ALL = CHILDREN | {"ridge-sweep/sweep"}


def test_help_shows_every_flag_in_its_group(tmp_path: Path) -> None:
    code, output = run_tensorboard("--helpfull", cwd=tmp_path)
    assert code == 0
    _, _, group = output.partition("\nAzure ML:\n")
    for flag in ("experiment", "run", "tracking_uri", "filter", "order_by", "max_runs", "step"):
        assert f"--aml_{flag} " in group


def test_version_needs_no_store(tmp_path: Path) -> None:
    code, output = run_tensorboard("--aml_experiment", "nowhere", "--version", cwd=tmp_path)
    assert code == 0
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", output.splitlines()[-1])
    assert "Azure ML" not in output


def test_inspect_is_about_event_files_alone(tmp_path: Path) -> None:
    write_scalar(tmp_path / "logs", "loss", [1.0, 2.0])
    code, output = run_tensorboard("--aml_experiment", "x", "--inspect", "--logdir", "logs", cwd=tmp_path)
    assert code == 0
    assert "loss" in output


@pytest.mark.parametrize("load_fast", ["true", "false", "auto"])
def test_runs_stand_beside_those_of_the_logdir(sweep_folder: Path, tmp_path: Path, load_fast: str) -> None:
    write_scalar(tmp_path / "logs" / "local", "loss", [1.0, 2.0])
    flags = ("--logdir", str(tmp_path / "logs"), "--load_fast", load_fast, "--aml_experiment", "ridge-sweep")
    with tensorboard(*flags, cwd=sweep_folder) as board:
        board.wait_for_run("local")
        assert set(board.runs()) == {"local", *ALL}
        card = board.card("loss")
        assert set(card) == {"local", *CHILDREN}
        assert [point["value"] for point in card["local"]] == [1.0, 2.0]


def test_serve_is_the_same_command(sweep_folder: Path) -> None:
    with tensorboard("serve", "--aml_experiment", "baseline", cwd=sweep_folder) as board:
        assert len(board.runs()) == len(ALL)


def test_behind_a_path_prefix_and_on_all_interfaces(sweep_folder: Path) -> None:
    flags = ("--path_prefix", "/tb/here", "--bind_all", "--aml_experiment", "ridge-sweep")
    with tensorboard(*flags, cwd=sweep_folder) as board:
        assert board.url.endswith("/tb/here/")
        assert set(board.runs()) == ALL


@pytest.mark.parametrize(
    ("flags", "runs"),
    [
        (("--aml_experiment", "ridge-*"), ALL),
        (("--aml_experiment=ridge-sweep", "--aml_filter", "params.alpha = '0.2'"), {"ridge-sweep/sweep/alpha 0.2"}),
        (("--aml_experiment=ridge-sweep", "--aml_max_runs", "1"), {"ridge-sweep/sweep/alpha 0.3"}),
        (
            ("--aml_experiment=ridge-sweep", "--aml_max_runs=1", "--aml_order_by", "metrics.mse ASC"),
            {"ridge-sweep/sweep/alpha 0.1"},
        ),
    ],
)
def test_flags_choose_runs(sweep_folder: Path, flags: tuple[str, ...], runs: set[str]) -> None:
    with tensorboard(*flags, cwd=sweep_folder) as board:
        assert set(board.runs()) == runs


def test_the_id_of_a_run_may_stand_where_a_name_does(sweep_folder: Path, sweep_uri: str) -> None:
    client = MlflowClient(tracking_uri=sweep_uri)
    experiment_id = client.get_experiment_by_name("ridge-sweep").experiment_id
    (parent,) = client.search_runs([experiment_id], "attributes.run_name = 'sweep'")
    with tensorboard("--aml_experiment", parent.info.run_id, cwd=sweep_folder) as board:
        assert set(board.runs()) == ALL


def test_without_a_name_all_experiments_are_shown(sweep_folder: Path, sweep_uri: str, tmp_path: Path) -> None:
    with tensorboard("--aml_tracking_uri", sweep_uri, cwd=tmp_path) as board:
        assert {name.split("/")[0] for name in board.runs()} == {"ridge-sweep", "baseline"}


def test_the_environment_variable_names_the_store(sweep_uri: str, tmp_path: Path) -> None:
    environ = {"MLFLOW_TRACKING_URI": sweep_uri}
    with tensorboard("--aml_experiment", "baseline", cwd=tmp_path, environ=environ) as board:
        assert len(board.runs()) == len(ALL)


def test_index_steps_are_served_where_they_are_asked_for(sweep_folder: Path) -> None:
    with tensorboard("--aml_experiment=ridge-sweep", "--aml_step=index", cwd=sweep_folder) as board:
        steps = [point["step"] for point in board.card("mse")["ridge-sweep/sweep/alpha 0.2"]]
        assert steps == [0]


def test_nothing_is_written_to_disk(sweep_folder: Path, tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in sweep_folder.rglob("*")}
    with tensorboard("--aml_experiment=ridge-sweep", cwd=sweep_folder, environ={"TMPDIR": str(tmp_path)}) as board:
        board.card("loss")
        written = [path for path in tmp_path.rglob("*") if path.is_file() and ".tensorboard-info" not in path.parts]
        assert written == []
    assert {path: path.stat().st_mtime_ns for path in sweep_folder.rglob("*")} == before


INERT = """
import json, sys, threading, urllib.request
from tensorboard import default, program
board = program.TensorBoard(plugins=default.get_plugins())
board.configure(argv=["tensorboard", "--logdir", ".", "--port", "0"])
url = board.launch()
listing = json.load(urllib.request.urlopen(url + "data/plugins_listing"))
ours = [name for name in sys.modules if name.startswith("tb_aml_plugin")]
print(json.dumps({
    "modules": sorted(ours),
    "libraries": sorted({"sqlalchemy", "mlflow", "yaml", "azureml"} & set(sys.modules)),
    "threads": [thread.name for thread in threading.enumerate() if thread.name.startswith("aml-")],
    "tab": "azureml" in listing,
}))
"""


def test_without_our_flags_there_is_no_import_no_thread_and_no_tab(tmp_path: Path) -> None:
    found = subprocess.run([sys.executable, "-c", INERT], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert json.loads(found.stdout.splitlines()[-1]) == {
        "modules": ["tb_aml_plugin", "tb_aml_plugin.flags", "tb_aml_plugin.plugin"],
        "libraries": [],
        "threads": [],
        "tab": False,
    }


@pytest.fixture
def notebook(sweep_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder, and TensorBoard's list of running instances, as a notebook's kernel has them."""
    monkeypatch.chdir(sweep_folder)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TENSORBOARD_BINARY", command_line()[0])


def test_a_notebook_starts_it_and_finds_it_again(notebook: None) -> None:
    # What %tensorboard does with its line.
    line = ["--aml_experiment", "ridge-sweep", "--port", "0"]
    started = manager.start(line)
    assert isinstance(started, manager.StartLaunched), started
    try:
        with urllib.request.urlopen(f"http://localhost:{started.info.port}/data/runs", timeout=30) as answer:
            assert set(json.load(answer)) == ALL
        assert isinstance(manager.start(line), manager.StartReused)
    finally:
        os.kill(started.info.pid, signal.SIGTERM)
        os.waitpid(started.info.pid, 0)


def test_a_notebook_shows_why_it_cannot_start(notebook: None) -> None:
    failed = manager.start(["--aml_experiment", "ridge-swep"])
    assert isinstance(failed, manager.StartFailed), failed
    assert "Closest: 'ridge-sweep'" in failed.stderr


def test_runs_are_chosen_by_id_beside_experiments(sweep_folder: Path, sweep_uri: str) -> None:
    client = MlflowClient(sweep_uri)
    experiment = client.get_experiment_by_name("ridge-sweep")
    ids = [run.info.run_id for run in client.search_runs([experiment.experiment_id], "params.alpha != '0.2'")]
    with tensorboard("--aml_run", ",".join(ids), "--aml_experiment", "baseline", cwd=sweep_folder) as board:
        chosen = {name for name in board.runs() if name.startswith("ridge-sweep/")}
        assert chosen == {"ridge-sweep/sweep/alpha 0.1", "ridge-sweep/sweep/alpha 0.3"}
        assert len(board.runs()) == len(ALL) + 2
