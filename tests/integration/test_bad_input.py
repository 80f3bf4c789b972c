"""What a user is told when something cannot work: one clear text, no traceback, no secret, nothing else lost."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from tensorboard import default, program
from tensorboard.plugins import base_plugin

from tests.support.ports import free_port
from tests.support.tensorboard import run_tensorboard, tensorboard

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
def test_what_cannot_work_is_refused_with_its_reason(
    refusal: Callable[..., str], flags: tuple[str, ...], said: str
) -> None:
    told = refusal(*flags)
    assert said in told
    assert SECRET not in told


@pytest.fixture
def refusal(
    folder_of_oddities: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """What is told of flags that are refused, in a folder of oddities. In this process, which is quicker to start."""
    monkeypatch.chdir(folder_of_oddities)

    def ask(*flags: str) -> str:
        board = program.TensorBoard(plugins=default.get_plugins())
        with pytest.raises((base_plugin.FlagsError, SystemExit)) as refused:
            board.configure(argv=["tensorboard", *flags])
        return str(refused.value) + capsys.readouterr().err

    return ask


def test_the_command_ends_as_with_any_flag_that_tensorboard_refuses(folder_of_oddities: Path, tmp_path: Path) -> None:
    code, output = run_tensorboard("--aml_experiment", "ridge-swep", cwd=folder_of_oddities)
    assert code == run_tensorboard(cwd=tmp_path)[0]
    (line,) = [line for line in output.splitlines() if line.startswith("Error: ")]
    assert line.startswith("Error: No experiment 'ridge-swep' at sqlite:///")
    assert line.endswith("Closest: 'ridge-sweep'.")
    assert "Traceback" not in output


def test_nothing_to_read_says_where_it_looked(refusal: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").unlink()
    told = refusal("--aml_experiment", "x")
    assert "No tracking store found" in told
    assert "--aml_tracking_uri" in told


def test_a_file_that_may_not_be_read_says_so(folder_of_oddities: Path) -> None:
    (folder_of_oddities / "mlflow.db").chmod(0)
    # Root may read every file, but for one who has put that power down.
    prefix = ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if os.geteuid() == 0 else ()
    code, output = run_tensorboard("--aml_experiment", "x", cwd=folder_of_oddities, prefix=prefix)
    assert code != 0
    assert "Error: sqlite:///" in output
    assert "Check that you may read the file" in output
    assert "Traceback" not in output


def test_a_driver_that_is_missing_is_named_with_its_cure(refusal: Callable[..., str]) -> None:
    told = refusal("--aml_tracking_uri", f"mysql://me:{SECRET}@localhost/x")
    assert "MySQLdb" in told
    assert "pip install pymysql" in told
    assert SECRET not in told


def test_a_password_is_masked_wherever_tensorboard_shows_flags(tmp_path: Path) -> None:
    uri = f"postgresql://me:{SECRET}@127.0.0.1:{free_port()}/x"
    with tensorboard("--aml_tracking_uri", uri, cwd=tmp_path) as board:
        assert "connection refused" in board.output.lower()
        assert "keeps trying" in board.output
        environment = board.fetch("data/environment").decode()
        assert "postgresql://me:***@127.0.0.1" in environment
        assert board.runs() == []
        assert SECRET not in environment + board.output


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
