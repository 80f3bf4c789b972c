"""Each way of ``--aml_auth``, as far as a token that opens the workspace; what is asked stands beside it on this machine."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tb_aml_plugin.errors import AccessDenied
from tb_aml_plugin.sources.azureml.source import AzureSource
from tests.emulator import Emulator, scenarios
from tests.emulator.clients import environ
from tests.support.waiting import wait_until
from tests.support.workspace import workspace_target

Provide = Callable[[Emulator, Path], Mapping[str, str]]


@pytest.fixture
def workspace(azure: Emulator) -> Emulator:
    azure.reset()
    scenarios.add_run(azure, "signed in", "r")
    return azure


@pytest.fixture
def home(workspace: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This process takes the emulator for Azure, and nobody has signed in."""
    for name, value in workspace.environ(tmp_path).items():
        monkeypatch.setenv(name, value)
    return tmp_path


def _token(azure: Emulator, home: Path) -> Mapping[str, str]:
    return {"TB_AML_ACCESS_TOKEN": azure.tokens.issue()}


def _token_file(azure: Emulator, home: Path) -> Mapping[str, str]:
    path = home / "token"
    path.write_text(azure.tokens.issue() + "\n")
    return {"TB_AML_ACCESS_TOKEN_FILE": str(path)}


def _job(azure: Emulator, home: Path) -> Mapping[str, str]:
    token = azure.tokens.issue()
    return {"MLFLOW_TRACKING_URI": azure.tracking_uri, "MLFLOW_TRACKING_TOKEN": token, "MLFLOW_RUN_ID": "r"}


def _nothing(azure: Emulator, home: Path) -> Mapping[str, str]:
    return {}


WAYS: dict[str, tuple[str, Provide, str, str]] = {
    "az login": ("cli", lambda azure, home: azure.write_az(home), "AzureCliCredential", "entra.azure_cli"),
    "the machine's identity": (
        "msi",
        lambda azure, home: azure.managed_identity(),
        "ManagedId",
        "entra.managed_identity",
    ),
    "a secret": ("service-principal", lambda azure, home: azure.service_principal(), "service pr", "entra.token"),
    "a certificate": ("service-principal", lambda azure, home: azure.certificate(home), "service pr", "entra.token"),
    "the environment": ("env", lambda azure, home: azure.service_principal(), "EnvironmentCred", "entra.token"),
    "its certificate": ("env", lambda azure, home: azure.certificate(home), "EnvironmentCred", "entra.token"),
    "a token": ("token", _token, "TB_AML_ACCESS_TOKEN", ""),
    "a file with a token": ("token", _token_file, "TB_AML_ACCESS_TOKEN_FILE", ""),
    "a job": ("default", _job, "MLFLOW_TRACKING_TOKEN", ""),
    "whatever there is: az": ("default", lambda azure, home: azure.write_az(home), "AzureCli", "entra.azure_cli"),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_way_to_sign_in_opens_the_workspace(
    workspace: Emulator, home: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    auth, provide, name, asked = WAYS[way]
    for variable, value in provide(workspace, home).items():
        monkeypatch.setenv(variable, value)
    source = AzureSource(workspace_target(workspace, auth), os.environ)
    try:
        assert "signed in" in {experiment.name for experiment in source.experiments()}
        assert source.identity == workspace.user
        assert source.sign_in is None
        assert source._workspace.tokens.name.startswith(name)
        assert workspace.journal.count("entra.*") >= bool(asked)
        assert not asked or workspace.journal.count(asked) == 1
    finally:
        source.close()


REFUSED: dict[str, tuple[str, Provide, str]] = {
    "nobody at az": ("cli", lambda azure, home: azure.write_az(home), "Please run 'az login'"),
    "a wrong secret": (
        "service-principal",
        lambda azure, home: {**azure.service_principal(), "AZURE_CLIENT_SECRET": "hunter2"},
        "Invalid client secret",
    ),
    "half a service principal": (
        "service-principal",
        lambda azure, home: {"AZURE_CLIENT_ID": azure.client_id},
        "needs the environment variables AZURE_TENANT_ID, AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH",
    ),
    "no certificate there": (
        "service-principal",
        lambda azure, home: {**azure.certificate(home), "AZURE_CLIENT_CERTIFICATE_PATH": str(home / "absent.pem")},
        "absent.pem",
    ),
    "an empty environment": ("env", _nothing, "EnvironmentCredential"),
    "no token": ("token", _nothing, "There is no token in TB_AML_ACCESS_TOKEN"),
    "no token at all": (
        "token",
        lambda azure, home: {"TB_AML_ACCESS_TOKEN": "hunter2"},
        "What is in TB_AML_ACCESS_TOKEN is no access token",
    ),
    "no identity of the machine": ("msi", _nothing, "Assign a managed identity to this machine"),
    "no file": (
        "token",
        lambda azure, home: {"TB_AML_ACCESS_TOKEN_FILE": str(home / "absent")},
        "The file that TB_AML_ACCESS_TOKEN_FILE names cannot be read",
    ),
    "an old token": (
        "token",
        lambda azure, home: {"TB_AML_ACCESS_TOKEN": azure.tokens.issue(lifetime_s=-1)},
        "has expired. Start again with a new one",
    ),
    "nobody": ("interactive", _nothing, "Run `tb-aml login --browser`"),
    "nobody in any way": ("default", _nothing, "\n  AzureCliCredential: "),
}


@pytest.mark.parametrize("way", REFUSED)
def test_a_way_that_leads_nowhere_says_why_in_a_few_lines_and_no_secret(
    workspace: Emulator, home: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    auth, provide, said = REFUSED[way]
    workspace.az_signed_in = False
    for variable, value in provide(workspace, home).items():
        monkeypatch.setenv(variable, value)
    source = AzureSource(workspace_target(workspace, auth), os.environ)
    try:
        with pytest.raises(AccessDenied) as refused:
            source.experiments()
    finally:
        source.close()
    assert said in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert all(len(line) < 300 for line in str(refused.value).splitlines()), refused.value


@pytest.mark.parametrize("auth", ["default", "cli"])
def test_az_is_asked_in_the_directory_that_the_address_of_the_workspace_tells(
    workspace: Emulator, home: Path, monkeypatch: pytest.MonkeyPatch, auth: str
) -> None:
    monkeypatch.setenv("PATH", workspace.write_az(home)["PATH"])
    target = dataclasses.replace(workspace_target(workspace, auth), tenant_id="another-directory")
    source = AzureSource(target, os.environ)
    try:
        source.experiments()
    finally:
        source.close()
    assert workspace.az_tenants == ["another-directory"]


def test_a_browser_signs_in_once_and_tensorboard_does_so_silently_from_then_on(workspace: Emulator, home: Path) -> None:
    workspace.write_config(home)
    found = subprocess.run(
        [sys.executable, "-m", "tb_aml_plugin", "login", "--browser"],
        cwd=home,
        env=environ(workspace, home) | workspace.browser(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert f"Signed in as {workspace.user}" in found.stdout + found.stderr
    source = AzureSource(workspace_target(workspace, "interactive"), os.environ)
    try:
        assert "signed in" in {experiment.name for experiment in source.experiments()}
        assert source.identity == workspace.user
    finally:
        source.close()


def test_a_token_that_ends_while_we_read_is_replaced_before_a_service_refuses_it(
    workspace: Emulator, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in workspace.service_principal().items():
        monkeypatch.setenv(variable, value)
    workspace.tokens.lifetime_s = 4
    source = AzureSource(workspace_target(workspace, "service-principal"), os.environ)
    try:
        run_ids = [run.id for run in source.find_runs(["r"])]
        workspace.journal.clear()

        def asks() -> int:
            source._workspace.opened.client.run(run_ids[0])  # type: ignore[union-attr]
            return workspace.journal.count("entra.token")

        assert wait_until(lambda: asks() >= 2, 30)
        assert {entry.status for entry in workspace.journal.entries} == {200}
    finally:
        source.close()


def test_a_file_with_a_token_is_read_again_when_the_token_ends(
    workspace: Emulator, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = home / "token"
    path.write_text(workspace.tokens.issue())
    monkeypatch.setenv("TB_AML_ACCESS_TOKEN_FILE", str(path))
    source = AzureSource(workspace_target(workspace, "token"), os.environ)
    try:
        source.experiments()
        workspace.tokens.expire_all()
        with pytest.raises(AccessDenied, match="refuses access"):
            source.find_runs(["r"])
        path.write_text(workspace.tokens.issue())
        assert [run.id for run in source.find_runs(["r"])] == ["r"]
    finally:
        source.close()
