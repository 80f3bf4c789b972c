"""Runs of a workspace that are changed from here, as azureml-core changes and reads them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tb_aml_plugin.errors import AccessDenied, SourceError
from tb_aml_plugin.model import Run, RunId, RunStatus
from tb_aml_plugin.sources.abilities import EVERY_ACTION, RunWriter
from tb_aml_plugin.sources.azureml.source import AzureSource
from tb_aml_plugin.sources.base import Selection
from tests.emulator import Emulator, scenarios
from tests.emulator.clients import run_script
from tests.emulator.services.events import cancel_url
from tests.support.workspace import workspace_source

EXPERIMENT = "changed"
RUNS = ("renamed", "job", "notebook", "astray", "archived", "restored", "sdk-renamed", "sdk-job")


@pytest.fixture(scope="module")
def source(azure: Emulator) -> Iterator[AzureSource]:
    for name in RUNS:
        scenarios.add_run(azure, EXPERIMENT, name, name=f"run {name}", status="Running", source="notebook")
    for name in ("job", "sdk-job"):
        azure.history.runs[name].cancel_url = cancel_url(azure, name)
    azure.history.runs["astray"].cancel_url = "https://azureml.ms.example.com/cancel"
    with workspace_source(azure) as source:
        yield source


@pytest.fixture
def writer(source: AzureSource) -> RunWriter:
    return source.writer()


def listed(source: AzureSource) -> dict[str, Run]:
    experiments = tuple(experiment.id for experiment in source.experiments())
    return {run.id: run for run in source.runs(Selection(experiments), {})}


def test_everything_that_the_tab_offers_can_be_done(writer: RunWriter) -> None:
    assert writer.actions == EVERY_ACTION


def test_a_run_is_renamed(source: AzureSource, writer: RunWriter) -> None:
    writer.rename(RunId("renamed"), "<b>a better</b> name \u202e")
    assert listed(source)["renamed"].display_name == "<b>a better</b> name \u202e"


def test_a_job_is_cancelled_where_it_runs(azure: Emulator, source: AzureSource, writer: RunWriter) -> None:
    azure.journal.clear()
    writer.stop(RunId("job"))
    asked = azure.journal.by_kind()
    assert asked["execution.cancel"] == 1
    assert "history.event" not in asked
    assert listed(source)["job"].status is RunStatus.KILLED


def test_a_run_that_is_no_job_is_marked(azure: Emulator, source: AzureSource, writer: RunWriter) -> None:
    azure.journal.clear()
    writer.stop(RunId("notebook"))
    assert azure.journal.by_kind()["history.event"] == 1
    found = listed(source)["notebook"]
    assert found.status is RunStatus.KILLED
    assert found.end_time_s is not None


def test_our_token_goes_to_no_address_that_a_run_makes_up(azure: Emulator, writer: RunWriter) -> None:
    with pytest.raises(AccessDenied, match=r"example\.com, which is no service of Azure ML"):
        writer.stop(RunId("astray"))
    assert azure.proxy.refused == []
    assert azure.history.runs["astray"].status == "Running"


def test_an_archived_run_is_gone_and_comes_back(source: AzureSource, writer: RunWriter) -> None:
    for name in ("archived", "restored"):
        writer.archive(RunId(name))
    assert not {"archived", "restored"} & listed(source).keys()
    writer.restore(RunId("restored"))
    assert "restored" in listed(source)


def test_a_run_that_is_not_there_is_an_error_with_the_reason(writer: RunWriter) -> None:
    for change in (writer.stop, writer.archive, writer.restore):
        with pytest.raises(SourceError, match="nowhere"):
            change(RunId("nowhere"))


def test_azureml_core_reads_what_was_changed_and_changes_alike(
    azure: Emulator, source: AzureSource, writer: RunWriter
) -> None:
    writer.set_tag(RunId("renamed"), "team", "vision")
    run_script(azure, "change", "sdk-renamed", "sdk-job")
    found = run_script(azure, "read_back", EXPERIMENT)
    assert (found["renamed"]["name"], found["renamed"]["tags"]["team"]) == ("<b>a better</b> name \u202e", "vision")
    assert {name: found[name]["status"] for name in ("job", "notebook", "sdk-job")} == {
        "job": "Canceled",
        "notebook": "Canceled",
        "sdk-job": "Canceled",
    }
    assert "restored" in found
    assert "archived" not in found  # azureml-core leaves out what is hidden
    ours = listed(source)
    assert ours["sdk-renamed"].display_name == "named by azureml-core"
    assert ours.keys() == found.keys()
