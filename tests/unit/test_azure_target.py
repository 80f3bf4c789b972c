"""How people name an Azure ML workspace, and what they are told when they name none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_aml_plugin.azure_target import AzureTarget, completed, find_config, parse_http, parse_uri, read_config
from tb_aml_plugin.errors import TargetError
from tb_aml_plugin.target import parse

WORKSPACE = {"subscription_id": "s-1", "resource_group": "rg", "workspace_name": "ws"}
RESOURCE = "/subscriptions/s-1/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws"
EAST_US = AzureTarget("s-1", "rg", "ws", endpoint="https://eastus.api.azureml.ms", cloud="AzureCloud")


@pytest.mark.parametrize(
    ("text", "target"),
    [
        (f"azureml://eastus.api.azureml.ms/mlflow/v2.0{RESOURCE}", EAST_US),
        (f"azureml://eastus.api.azureml.ms/mlflow/v1.0{RESOURCE}?", EAST_US),
        (f"azureml://eastus.api.azureml.ms/mlflow/v1.0{RESOURCE}?is-remote=True", EAST_US),
        (f"AzureML://eastus.api.azureml.ms/mlflow/v1.0{RESOURCE.replace('resourceGroups', 'resourcegroups')}", EAST_US),
        (f"https://eastus.api.azureml.ms/mlflow/v2.0{RESOURCE}", EAST_US),
        (f"https://eastus.api.azureml.ms/mlflow/v2.0{RESOURCE}/api/2.0/mlflow/runs/search", EAST_US),
        (f"https://someone:pw@eastus.api.azureml.ms/mlflow/v2.0{RESOURCE}", EAST_US),
        (
            f"azureml://usgovvirginia.api.ml.azure.us/mlflow/v2.0{RESOURCE}",
            AzureTarget("s-1", "rg", "ws", "https://usgovvirginia.api.ml.azure.us", "AzureUSGovernment"),
        ),
        (f"azureml://localhost:8443/mlflow/v2.0{RESOURCE}", AzureTarget("s-1", "rg", "ws", "https://localhost:8443")),
        ("azureml://subscriptions/s-1/resourcegroups/rg/workspaces/ws/datastores/d", AzureTarget("s-1", "rg", "ws")),
        (
            "https://ml.azure.com/runs/calm_tree_1?wsid=/subscriptions/s-1/resourcegroups/rg/workspaces/ws&tid=t-1",
            AzureTarget("s-1", "rg", "ws", cloud="AzureCloud", tenant_id="t-1"),
        ),
        (f"https://ml.azure.com/?wsid={RESOURCE.lower()}", None),
        (
            "https://ml.azure.us/experiments?WSID=%2Fsubscriptions%2Fs-1%2FresourceGroups%2Frg%2Fworkspaces%2Fws",
            AzureTarget("s-1", "rg", "ws", cloud="AzureUSGovernment"),
        ),
        (
            "https://studio.ml.azure.cn/?wsid=/subscriptions/s-1/resourcegroups/rg/workspaces/ws",
            AzureTarget("s-1", "rg", "ws", cloud="AzureChinaCloud"),
        ),
    ],
)
def test_each_form_names_the_workspace(text: str, target: AzureTarget | None) -> None:
    assert parse(text) == (target or AzureTarget("s-1", "rg", "ws", cloud="AzureCloud"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("azureml://", "names no host"),
        ("azureml://eastus.api.azureml.ms/x", "names no workspace"),
        ("azureml://eastus.api.azureml.ms/mlflow/v2.0/subscriptions/s/resourceGroups/g", "names no workspace"),
        (f"azureml://host:port/mlflow/v2.0{RESOURCE}", "malformed"),
        (f"azureml:///mlflow/v2.0{RESOURCE}", "names no host"),
        ("https://ml.azure.com/experiments", "?wsid="),
        ("https://ml.azure.com/?wsid=/subscriptions/s", "does not say which workspace"),
    ],
)
def test_what_names_no_workspace_is_refused_with_the_cure(text: str, says: str) -> None:
    with pytest.raises(TargetError) as refused:
        parse(text)
    assert says in str(refused.value)


@given(st.text())
def test_any_text_is_a_workspace_or_a_target_error(text: str) -> None:
    for read, form in ((parse_uri, "azureml://{}"), (parse_http, "https://ml.azure.com/{}"), (parse_http, "http://{}")):
        try:
            found = read(form.format(text))
        except TargetError as error:
            assert str(error)
        else:
            assert found is None or isinstance(found, AzureTarget)


def test_the_path_of_a_workspace_is_that_of_every_service() -> None:
    assert EAST_US.resource_id == RESOURCE


@pytest.mark.parametrize("folder", [".azureml", "aml_config", "."])
def test_a_config_is_found_from_a_folder_below(tmp_path: Path, folder: str) -> None:
    config = tmp_path / folder / "config.json"
    config.parent.mkdir(exist_ok=True)
    config.write_text(json.dumps(WORKSPACE))
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert find_config(tmp_path / "a" / "b") == config.resolve()
    assert read_config(tmp_path / "a") == AzureTarget("s-1", "rg", "ws")
    assert read_config(tmp_path / "a").config == str(config.resolve())


def test_a_hidden_config_further_up_comes_before_a_plain_one_as_the_sdk_has_it(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    for path, name in ((tmp_path / ".azureml", "above"), (folder, "beside")):
        path.mkdir(exist_ok=True)
        (path / "config.json").write_text(json.dumps({**WORKSPACE, "workspace_name": name}))
    assert read_config(folder).workspace_name == "above"


@pytest.mark.parametrize("content", [b"", b"[]", b'{"name": "a model"}', b"\xff\xfe", b"{" * 10, b"[" * 100_000])
def test_other_programs_configurations_are_no_workspace(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "config.json").write_bytes(content)
    assert find_config(tmp_path) is None


def test_a_config_of_the_oldest_sdks_and_one_with_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    (tmp_path / "project.json").write_text(json.dumps({"Scope": RESOURCE}))
    assert read_config(tmp_path) == AzureTarget("s-1", "rg", "ws")
    (tmp_path / "bom.json").write_bytes(b"\xef\xbb\xbf" + json.dumps(WORKSPACE).encode())
    assert read_config(tmp_path / "bom.json") == AzureTarget("s-1", "rg", "ws")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "cannot be read"),
        ("not json", "is not JSON"),
        ("{}", "needs subscription_id"),
        (json.dumps({**WORKSPACE, "resource_group": ""}), "names no workspace"),
        (json.dumps({"Scope": "/nonsense"}), "names no workspace"),
    ],
)
def test_a_config_that_was_named_and_is_wrong_is_an_error(tmp_path: Path, content: str | None, says: str) -> None:
    path = tmp_path / "config.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(TargetError) as refused:
        read_config(path)
    assert says in str(refused.value)
    assert str(path) in str(refused.value)


def test_a_folder_without_a_config_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="nor above it"):
        read_config(tmp_path)


def test_flags_complete_and_replace_what_the_config_says() -> None:
    config = AzureTarget("s-1", "rg", "ws", endpoint="https://x")
    assert completed(config, {}) == config
    assert completed(config, {"workspace_name": "ws"}) == config
    assert completed(config, {"workspace_name": "other"}) == AzureTarget("s-1", "rg", "other")
    assert completed(None, WORKSPACE) == AzureTarget("s-1", "rg", "ws")


def test_what_no_flag_and_no_config_says_is_named() -> None:
    with pytest.raises(TargetError, match="--aml_subscription_id and --aml_resource_group are missing"):
        completed(None, {"workspace_name": "ws"})
