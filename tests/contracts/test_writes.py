"""What every place that can be written to promises, seen through its own source after each change."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from mlflow.tracking import MlflowClient

from tb_aml_plugin import sources, target
from tb_aml_plugin.errors import SourceError
from tb_aml_plugin.model import Run, RunId, RunStatus
from tb_aml_plugin.sources.abilities import RunWriter, WritesRuns
from tb_aml_plugin.sources.base import RunSource, Selection
from tests.support.mlflow_server import mlflow_server


@dataclass(frozen=True)
class Place:
    """Where MLflow's client writes, and where ours reads and changes: with one empty experiment."""

    write_uri: str
    read_uri: str


@contextlib.contextmanager
def sqlite(folder: Path) -> Iterator[Place]:
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    yield Place(uri, uri)


@contextlib.contextmanager
def files(folder: Path) -> Iterator[Place]:
    uri = (folder / "mlruns").as_uri()
    yield Place(uri, uri)


@contextlib.contextmanager
def server(folder: Path) -> Iterator[Place]:
    store = f"sqlite:///{folder / 'served.db'}"
    MlflowClient(tracking_uri=store).create_experiment("Default 2")  # the server finds its tables made
    with mlflow_server(store) as running:
        yield Place(store, running.url)


@pytest.fixture(scope="module", params=[sqlite, files, server], ids=lambda kind: kind.__name__)
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    # MLflow 3 writes folders only when it is told that this is meant.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
        with request.param(tmp_path_factory.mktemp("place")) as place:
            MlflowClient(tracking_uri=place.write_uri).create_experiment("main")
            yield place


@pytest.fixture
def source(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunSource]:
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    source = sources.connect(target.parse(place.read_uri), {})
    yield source
    source.close()


@pytest.fixture
def writer(source: RunSource) -> RunWriter:
    assert isinstance(source, WritesRuns)
    return source.writer()


@pytest.fixture
def run_id(place: Place, source: RunSource) -> RunId:
    """A new run that goes on."""
    client = MlflowClient(tracking_uri=place.write_uri)
    experiment = client.get_experiment_by_name("main")
    return RunId(client.create_run(experiment.experiment_id, run_name="to be changed").info.run_id)


def listed(source: RunSource, run_id: RunId) -> Run | None:
    experiments = tuple(experiment.id for experiment in source.experiments())
    return next((run for run in source.runs(Selection(experiments), {}) if run.id == run_id), None)


def test_a_tag_is_set_changed_and_deleted(source: RunSource, writer: RunWriter, run_id: RunId) -> None:
    value = "<b>'\"é\u202e\n日本 -- ; DROP"
    for text in ("first", value):
        writer.set_tag(run_id, "team/of the year", text)
    found = listed(source, run_id)
    assert found is not None
    assert found.tags["team/of the year"] == value
    for _ in range(2):  # once more is harmless
        writer.delete_tag(run_id, "team/of the year")
    found = listed(source, run_id)
    assert found is not None
    assert "team/of the year" not in found.tags


def test_a_run_is_renamed(source: RunSource, writer: RunWriter, run_id: RunId) -> None:
    writer.rename(run_id, "a better name")
    found = listed(source, run_id)
    assert found is not None
    assert found.display_name == "a better name"


def test_a_run_that_goes_on_is_stopped(source: RunSource, writer: RunWriter, run_id: RunId) -> None:
    writer.stop(run_id)
    found = listed(source, run_id)
    assert found is not None
    assert found.status is RunStatus.KILLED
    assert found.end_time_s is not None
    assert found.start_time_s is not None
    assert found.end_time_s >= found.start_time_s


def test_an_archived_run_is_gone_and_comes_back(source: RunSource, writer: RunWriter, run_id: RunId) -> None:
    writer.archive(run_id)
    assert listed(source, run_id) is None
    writer.restore(run_id)
    assert listed(source, run_id) is not None


def test_a_run_that_is_not_there_is_an_error_with_the_reason(writer: RunWriter) -> None:
    with pytest.raises(SourceError, match="0123456789abcdef"):
        writer.set_tag(RunId("0123456789abcdef0123456789abcdef"), "team", "vision")


def test_what_the_place_refuses_is_an_error_with_its_reason(writer: RunWriter, run_id: RunId) -> None:
    with pytest.raises(SourceError):
        writer.set_tag(run_id, "a//../b", "x")
