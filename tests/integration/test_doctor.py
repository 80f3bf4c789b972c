"""``tb-aml doctor``: what it says of places that work and of those that do not, and its exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tb_aml_plugin.doctor import packages, places, workspaces
from tb_aml_plugin.doctor.findings import Finding, Verdict, as_text, works
from tb_aml_plugin.flags import Settings
from tests.emulator import Emulator, scenarios
from tests.emulator.clients import environ
from tests.support.without import pretending, without
from tests.support.workspace import trusted, workspace_environ, workspace_target

SECRET = "hunter2"
SERVICES = (
    "Services at ",
    "MLflow's endpoint: ",
    "MLflow's endpoint: the newest 3 runs",
    "Run history: 3 runs",
    "Metrics: 2",
    "Artifacts: 0",
)


@pytest.fixture(scope="module")
def home(azure: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the config.json of a workspace that has a small sweep."""
    folder = tmp_path_factory.mktemp("home")
    azure.write_config(folder)
    scenarios.sweep(azure, "sweep", children=2, metrics=2, points=3)
    return folder


def test_a_store_that_works_is_read_once_and_is_well(sweep_folder: Path) -> None:
    code, said = _doctor("--aml_experiment", "ridge-sweep", cwd=sweep_folder)
    assert code == 0
    assert "All requirements are met" in said
    assert "Plugins that load beside TensorBoard's own: azureml" in said
    assert f"sqlite:///{sweep_folder}/mlflow.db" in said
    assert "1 of them chosen; their newest 4 runs" in said
    assert "The history of" in said and " ms)" in said
    assert said.endswith("The plugin works.\n")


def test_a_workspace_is_read_service_by_service(azure: Emulator, home: Path) -> None:
    found = _json(azure, home, more=azure.service_principal())
    assert found["works"]
    texts = [finding["text"] for finding in found["findings"]]
    for start in SERVICES:
        assert any(text.startswith(start) for text in texts), start
    assert "EnvironmentCredential gave a token" in " ".join(texts)
    assert all(finding["seconds"] is not None for finding in found["findings"] if finding["about"] == "Services")
    assert azure.client_secret not in json.dumps(found)


def test_a_workspace_named_by_its_uri_needs_no_azureml_core(azure: Emulator, home: Path, tmp_path: Path) -> None:
    more = {**azure.service_principal(), **without(tmp_path, "azureml")}
    found = _json(azure, home, "--aml_tracking_uri", azure.tracking_uri, "--aml_auth", "env", more=more)
    services = [finding for finding in found["findings"] if finding["about"] == "Services"]
    assert [finding["verdict"] for finding in services] == ["ok"] * len(SERVICES)


def test_a_deleted_workspace_and_each_credential_that_fails_say_why(azure: Emulator, home: Path) -> None:
    azure.faults.workspace_deleted = True
    found = _json(azure, home, more=azure.service_principal(), code=1)
    azure.faults.clear()
    assert [finding["text"] for finding in found["findings"] if finding["verdict"] == "bad"] == [
        (
            f"There is no Azure ML workspace {azure.workspace_name} (resource group {azure.resource_group}) in subscription "
            f"{azure.subscription_id}, or it was deleted. Check the three names in {home / 'config.json'}; `az ml workspace "
            "list` shows those that there are."
        )
    ]
    found = _json(azure, home, code=1)
    said = {
        finding["text"].partition(":")[0]: finding for finding in found["findings"] if finding["about"] == "Sign-in"
    }
    assert {"EnvironmentCredential", "ManagedIdentityCredential", "AzureCliCredential", "tb-aml login"} < said.keys()
    assert not any(len(finding["text"]) > 200 or "https://" in finding["text"] for finding in list(said.values())[1:])
    assert "Nobody has signed in" in said["tb-aml login"]["text"]
    assert any("tb-aml login" in finding["cure"] for finding in said.values())
    assert not [finding for finding in found["findings"] if finding["about"] == "Services"]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (Settings(), "No tracking store found"),
        (Settings(tracking_uri="sqlite:///absent.db"), "There is no file at"),
        (Settings(tracking_uri=f"http://ada:{SECRET}@127.0.0.1:1"), "does not answer"),
        (Settings(tracking_uri="azureml://host"), "names no workspace"),
    ],
)
def test_a_place_that_cannot_be_read_is_bad(tmp_path: Path, settings: Settings, says: str) -> None:
    found = list(places.findings(settings, tmp_path, {}))
    assert not works(found)
    assert says in found[-1].text
    assert SECRET not in "".join(as_text(found))


def test_a_name_that_is_not_there_is_bad(sweep_folder: Path) -> None:
    found = list(places.findings(Settings(experiments=("ridge-swep",)), sweep_folder, {}))
    assert not works(found)
    assert "Closest: 'ridge-sweep'" in found[-1].text


@pytest.mark.parametrize(("vital", "verdict"), [("azureml-core", Verdict.BAD), ("tensorboard", Verdict.NOTE)])
def test_a_version_that_does_not_fit_is_named_with_its_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, vital: str, verdict: Verdict
) -> None:
    pretending(tmp_path, "pathspec", "1.5")
    monkeypatch.syspath_prepend(tmp_path)
    (found,) = [conflict for conflict in packages.conflicts_of({vital}) if "pathspec" in conflict.text]
    assert found.verdict is verdict
    assert found.text.startswith("azureml-core ") and found.text.endswith("and pathspec 1.5 is installed.")
    assert '-m pip install "pathspec<1' in found.cure


@pytest.mark.parametrize(
    ("kind", "status", "says"),
    [
        ("mlflow.*", 403, "needs the role"),
        ("history.query", 500, "failed"),
        ("metrics.*", 404, "refused the request"),
        ("artifacts.*", 401, "Sign in again"),
    ],
)
def test_a_service_that_fails_is_told_apart_from_the_others(
    azure: Emulator, home: Path, kind: str, status: int, says: str
) -> None:
    azure.faults.fail(kind, status, times=99)
    bad = [finding.text for finding in _of_workspace(azure) if finding.verdict is Verdict.BAD]
    azure.faults.clear()
    assert len(bad) == 1 and says in bad[0], bad


def _of_workspace(azure: Emulator) -> Sequence[Finding]:
    with trusted(azure):
        return list(workspaces.findings(workspace_target(azure), workspace_environ(azure), Settings()))


def _doctor(*flags: str, cwd: Path, more: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Exit code and what was printed."""
    found = subprocess.run(
        [sys.executable, "-m", "tb_aml_plugin", "doctor", *flags],
        cwd=cwd,
        env={**os.environ, **(more or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert "Traceback" not in found.stdout + found.stderr
    assert found.stderr == ""
    return found.returncode, found.stdout


def _json(
    azure: Emulator, home: Path, *flags: str, more: Mapping[str, str] | None = None, code: int = 0
) -> dict[str, Any]:
    found_code, said = _doctor("--json", *flags, cwd=home, more={**environ(azure, home), **(more or {})})
    assert found_code == code, said
    return dict(json.loads(said))
