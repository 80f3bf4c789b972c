"""Which place is read when several could be meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tb_aml_plugin import place
from tb_aml_plugin.azure_target import AzureTarget
from tb_aml_plugin.errors import TargetError
from tb_aml_plugin.flags import Settings
from tb_aml_plugin.target import RestTarget

CONFIG = {"subscription_id": "s", "resource_group": "g", "workspace_name": "w"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "config.json").write_text(json.dumps({**CONFIG, "workspace_name": "other"}))
    return tmp_path


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        (Settings(), AzureTarget("s", "g", "w")),
        (Settings(auth="cli"), AzureTarget("s", "g", "w", auth="cli")),
        (Settings(workspace_config="other/config.json"), AzureTarget("s", "g", "other")),
        (Settings(workspace_config="other"), AzureTarget("s", "g", "other")),
        (Settings(workspace_config="other", resource_group="h"), AzureTarget("s", "h", "other")),
        (Settings(workspace_name="v"), AzureTarget("s", "g", "v")),
        (Settings(subscription_id="1", resource_group="2", workspace_name="3"), AzureTarget("1", "2", "3")),
        (Settings(tracking_uri="http://host"), RestTarget("http://host")),
    ],
)
def test_flags_come_before_what_lies_in_the_folder(folder: Path, settings: Settings, found: object) -> None:
    assert place.find(settings, folder, {}) == found


def test_the_variable_comes_before_a_config_but_not_before_a_flag(folder: Path) -> None:
    environ = {"MLFLOW_TRACKING_URI": "http://host"}
    assert place.find(Settings(), folder, environ) == RestTarget("http://host")
    assert place.find(Settings(workspace_name="v"), folder, environ) == AzureTarget("s", "g", "v")


def test_two_places_at_once_are_refused(folder: Path) -> None:
    with pytest.raises(TargetError, match="leave one of them out"):
        place.find(Settings(tracking_uri="http://host", workspace_name="w"), folder, {})
