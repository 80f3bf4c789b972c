"""Tags of runs in an Azure ML workspace, seen through our own source after each change."""

from __future__ import annotations

import pytest
from mlflow.tracking import MlflowClient

from tb_aml_plugin.model import RunId
from tb_aml_plugin.sources.abilities import WritesRuns
from tb_aml_plugin.sources.base import Selection
from tests.emulator import Emulator
from tests.support.workspace import mlflow_environ, mlflow_url, workspace_source


def test_a_tag_is_set_and_deleted(azure: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in mlflow_environ(azure).items():
        monkeypatch.setenv(name, value)
    with workspace_source(azure) as source:
        client = MlflowClient(tracking_uri=mlflow_url(azure))
        run_id = RunId(client.create_run(client.create_experiment("writes"), run_name="a").info.run_id)
        assert isinstance(source, WritesRuns)
        writer = source.writer()

        def tags() -> dict[str, str]:
            experiments = tuple(experiment.id for experiment in source.experiments())
            (run,) = [run for run in source.runs(Selection(experiments), {}) if run.id == run_id]
            return dict(run.tags)

        writer.set_tag(run_id, "team", "<b>é")
        assert tags()["team"] == "<b>é"
        writer.delete_tag(run_id, "team")
        assert "team" not in tags()
