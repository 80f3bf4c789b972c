"""What a user is told when something cannot work: one clear text, no traceback, no secret, nothing else lost."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from tests.support.tensorboard import run_tensorboard

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--aml_experiment", "ridge-swep"), "No experiment 'ridge-swep' at sqlite:///"),
        (("--aml_experiment", "ridge-swep"), "Closest: 'ridge-sweep'"),
        (("--aml_run", "0123"), "No run '0123' at sqlite:///"),
        (("--aml_tracking_uri", "htp://host"), "Unknown scheme 'htp'"),
        (("--aml_tracking_uri", "http://:5000"), "has no host"),
        (("--aml_tracking_uri", "http://host:port"), "has no valid port"),
        (("--aml_tracking_uri", f"ftp://me:{SECRET}@host"), "Unknown scheme 'ftp'"),
        (("--aml_tracking_uri", f"postgresql+nodriver://me:{SECRET}@localhost/x"), "cannot be opened"),
        (("--aml_tracking_uri", "sqlite:///absent.db"), "There is no file at sqlite:///absent.db"),
        (("--aml_tracking_uri", "sqlite:///notes.txt"), "not an SQLite file"),
        (("--aml_tracking_uri", "sqlite:///other.db"), "no MLflow tracking store"),
        (("--aml_tracking_uri", "sqlite:///folder"), "cannot be opened"),
        (("--aml_tracking_uri", "./absent"), "absent"),
        (("--aml_tracking_uri", "azureml://westeurope.api.azureml.ms/x"), "names no workspace"),
        (("--aml_tracking_uri", "https://ml.azure.com/experiments"), "does not say which workspace"),
        (("--aml_workspace_config", "absent.json"), "absent.json cannot be read"),
        (("--aml_workspace_config", "notes.txt"), "notes.txt is not JSON"),
        (("--aml_workspace_config", "folder"), "nor above it"),
        (("--aml_workspace_name", "ws"), "--aml_subscription_id and --aml_resource_group are missing"),
        (("--aml_workspace_name", "ws", "--aml_tracking_uri", "mlflow.db"), "leave one of them out"),
        (("--aml_experiment=x", "--aml_auth", "password"), "invalid choice: 'password'"),
        (("--aml_experiment=ridge-sweep", "--aml_max_runs", "0"), "at least 1"),
        (("--aml_experiment=ridge-sweep", "--aml_step", "sideways"), "invalid choice: 'sideways'"),
        (
            ("--aml_experiment=ridge-sweep", "--aml_filter", "params.alpha ~ '1'"),
            "\n  params.alpha ~ '1'\n               ^",
        ),
        (("--aml_experiment=ridge-sweep", "--aml_order_by", "metrics.mse UPWARD"), "metrics.mse UPWARD"),
    ],
)
def test_what_cannot_work_ends_the_start_with_its_reason(
    folder_of_oddities: Path, flags: tuple[str, ...], said: str
) -> None:
    code, output = run_tensorboard(*flags, cwd=folder_of_oddities)
    assert code != 0
    assert said in output
    assert "Traceback" not in output
    assert SECRET not in output


def test_nothing_to_read_says_where_it_looked(tmp_path: Path) -> None:
    code, output = run_tensorboard("--aml_experiment", "x", cwd=tmp_path)
    assert code != 0
    assert "No tracking store found" in output
    assert "--aml_tracking_uri" in output


def test_an_azure_workspace_is_named_as_not_yet_readable(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"subscription_id": "s", "resource_group": "g", "workspace_name": "w"}')
    code, output = run_tensorboard("--aml_experiment", "x", cwd=tmp_path)
    assert code != 0
    assert "cannot connect to yet" in output


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file; the PostgreSQL contract tests the refusal")
def test_a_file_that_may_not_be_read_says_so(folder_of_oddities: Path) -> None:
    (folder_of_oddities / "mlflow.db").chmod(0)
    code, output = run_tensorboard("--aml_experiment", "x", cwd=folder_of_oddities)
    assert code != 0
    assert "Check that you may read the file" in output


def test_a_driver_that_is_missing_is_named_with_its_cure(folder_of_oddities: Path) -> None:
    flags = ("--aml_tracking_uri", f"mysql://me:{SECRET}@localhost/x")
    code, output = run_tensorboard(*flags, cwd=folder_of_oddities, environ={"PYTHONWARNINGS": "ignore"})
    assert code != 0
    assert "MySQLdb" in output
    assert SECRET not in output


@pytest.fixture
def folder_of_oddities(tmp_path: Path, sweep_folder: Path) -> Path:
    """A folder with a good store, a text file, another program's database and a folder."""
    (tmp_path / "mlflow.db").write_bytes((sweep_folder / "mlflow.db").read_bytes())
    (tmp_path / "notes.txt").write_text("not a database, but long enough to be looked at as one " * 100)
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE recipes (name TEXT)")
    other.close()
    (tmp_path / "folder").mkdir()
    return tmp_path
