"""What Python callers hand in: objects as the packages make them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from mlflow.entities import Experiment, Run, RunData, RunInfo

from tb_aml_plugin.errors import SettingsError
from tb_aml_plugin.launch import chosen
from tb_aml_plugin.launch.chosen import Chosen

RUN_ID = "0123456789abcdef0123456789abcdef"
WORKSPACE = (
    "azureml://westeurope.api.azureml.ms/mlflow/v1.0/subscriptions/sub/resourceGroups/rg"
    "/providers/Microsoft.MachineLearningServices/workspaces/ws"
)


@pytest.fixture(autouse=True)
def store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///here.db")


def mlflow_run(run_id: str = RUN_ID) -> Run:
    return Run(RunInfo(run_id, "1", "user", "FINISHED", 0, 1, "active"), RunData())


def workspace(name: str = "ws") -> Any:
    return SimpleNamespace(subscription_id="sub", resource_group="rg", name=name, location="westeurope")


def azureml_experiment(name: str = "diabetes", at: Any = None) -> Any:
    return SimpleNamespace(workspace=at or workspace(), name=name, id="b0b5-…")


def azureml_run(id_: str = "diabetes_1", at: Any = None) -> Any:
    return SimpleNamespace(id=id_, experiment=azureml_experiment(at=at), display_name="calm_sea")


def job(name: str = "plucky_cat_1") -> Any:
    tracking = SimpleNamespace(endpoint=WORKSPACE)
    return SimpleNamespace(name=name, experiment_name="diabetes", services={"Tracking": tracking})


@pytest.mark.parametrize(
    ("handed_in", "meant"),
    [
        (mlflow_run(), Chosen("sqlite:///here.db", (), (RUN_ID,))),
        ([mlflow_run(), mlflow_run("b")], Chosen("sqlite:///here.db", (), (RUN_ID, "b"))),
        ((run for run in [mlflow_run()]), Chosen("sqlite:///here.db", (), (RUN_ID,))),
        (Experiment("7", "diabetes", "file:///a", "active"), Chosen("sqlite:///here.db", ("diabetes",), ())),
        (azureml_run(), Chosen(WORKSPACE, (), ("diabetes_1",))),
        ([azureml_run("a"), azureml_run("b"), azureml_run("a")], Chosen(WORKSPACE, (), ("a", "b"))),
        (azureml_experiment(), Chosen(WORKSPACE, ("diabetes",), ())),
        (job(), Chosen(WORKSPACE, (), ("plucky_cat_1",))),
        (RUN_ID, Chosen("sqlite:///here.db", (), (RUN_ID,))),
        ("12345678-1234-1234-1234-123456789abc", Chosen("sqlite:///here.db", (), ("12345678-1234-1234-1234-123456789abc",))),
        ("diabetes", Chosen("sqlite:///here.db", ("diabetes",), ())),
        (["diabetes", RUN_ID, azureml_run()], Chosen(WORKSPACE, ("diabetes",), (RUN_ID, "diabetes_1"))),
        (pd.DataFrame({"run_id": [RUN_ID], "metrics.mse": [1.0]}), Chosen("sqlite:///here.db", (), (RUN_ID,))),
        ([], Chosen()),
    ],
)  # fmt: skip
def test_everything_that_can_be_handed_in(handed_in: object, meant: Chosen) -> None:
    assert chosen.read(handed_in) == meant


def test_what_the_workspace_says_of_its_tracking_uri_is_taken() -> None:
    at = workspace()
    at.get_mlflow_tracking_uri = lambda: "azureml://said"
    assert chosen.read(azureml_run(at=at)).tracking_uri == "azureml://said"


def test_runs_of_several_experiments_of_a_place_go_together() -> None:
    other = azureml_run("x")
    other.experiment.name = "other"
    assert chosen.read([azureml_run("a"), other]).run_ids == ("a", "x")


@pytest.mark.parametrize(
    ("handed_in", "said"),
    [
        ([azureml_run(), azureml_run("b", workspace("ws2"))], "at different places: .*ws and .*ws2"),
        ([azureml_run(), mlflow_run()], "at different places"),
        (None, "None was handed in where an azureml or MLflow run"),
        ([None], "A builtins.NoneType is not an azureml"),
        (7, "A builtins.int is not"),
        ([mlflow_run(), 3.5], "A builtins.float is not"),
        ("", "An empty text"),
        ([" "], "An empty text"),
    ],
)
def test_what_cannot_work_is_said(handed_in: object, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        chosen.read(handed_in)


def test_no_password_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://ada:secret@host")
    assert "secret" not in repr(chosen.read(mlflow_run()))
    with pytest.raises(SettingsError) as caught:
        chosen.read([mlflow_run(), azureml_run()])
    assert "secret" not in str(caught.value)
