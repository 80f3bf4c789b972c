"""What runs hold, through an MLflow server: with as few questions as it takes, and on whichever way the server knows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from tb_aml_plugin import sources, target
from tb_aml_plugin.errors import ArtifactGone, SourceUnavailable
from tb_aml_plugin.model import ExperimentId, Run, RunId, RunStatus
from tb_aml_plugin.sources import server_models
from tb_aml_plugin.sources.mlflow_rest import MlflowRestSource
from tests.support.scripted_server import Answer, Request, ScriptedServer, refusal, scripted_server

SERVED = "mlflow-artifacts/artifacts"
OF_RUN = "mlflow/artifacts/list"
A_FILE = {"path": "a.txt", "is_dir": False, "file_size": "3"}
ABSENT = refusal("no such run", "RESOURCE_DOES_NOT_EXIST", 404)


def _run(name: str = "r", uri: str = "mlflow-artifacts:/1/r/artifacts") -> Run:
    return Run(RunId(name), ExperimentId("1"), name, RunStatus.FINISHED, 1.0, None, artifact_uri=uri)


@pytest.fixture
def connect() -> Iterator[Callable[[Callable[[Request], Answer]], tuple[MlflowRestSource, ScriptedServer]]]:
    """Makes a source that reads a server which answers so."""
    with scripted_server(lambda request: Answer()) as server:
        source = sources.connect(target.parse(server.url), {})
        assert isinstance(source, MlflowRestSource)

        def make(script: Callable[[Request], Answer]) -> tuple[MlflowRestSource, ScriptedServer]:
            server.answer = script
            return source, server

        yield make
        source.close()


Connect = Callable[[Callable[[Request], Answer]], tuple[MlflowRestSource, ScriptedServer]]


def test_what_a_server_keeps_itself_is_listed_without_asking_for_the_run(connect: Connect) -> None:
    source, server = connect(lambda request: Answer({"files": [A_FILE, {"path": "deep", "is_dir": True}]}))
    found = source.artifacts(_run()).list("folder")
    assert [(one.path, one.is_folder, one.size_bytes) for one in found] == [
        ("folder/a.txt", False, 3),
        ("folder/deep", True, None),
    ]
    (request,) = server.requests
    assert request.path.endswith(SERVED)
    assert request.query == {"path": ["1/r/artifacts/folder"]}


def test_it_is_read_from_there_with_its_name_letter_for_letter(connect: Connect) -> None:
    source, server = connect(lambda request: Answer(b"0123456789"))
    assert source.artifacts(_run()).read("odd/größe 100%41#?.txt", 0, 4) == b"0123"
    (request,) = server.requests
    assert request.path.endswith(f"{SERVED}/1/r/artifacts/odd/gr%C3%B6%C3%9Fe%20100%2541%23%3F.txt")


def test_a_part_behind_the_beginning_is_asked_for_where_ranges_are_answered(connect: Connect) -> None:
    source, server = connect(lambda request: Answer(b"45", 206))
    assert source.artifacts(_run()).read("a.txt", 4, 2) == b"45"
    assert [request.path for request in server.requests] == ["/get-artifact"]


@pytest.mark.parametrize(
    "closed",
    [Answer(b"not here", 404), refusal("denied", "PERMISSION_DENIED", 403), refusal("?", status=400), Answer({}, 500)],
    ids=["older", "denied", "refused", "failed"],
)
def test_a_server_that_does_not_hand_them_out_there_is_asked_there_once(connect: Connect, closed: Answer) -> None:
    source, server = connect(lambda request: closed if SERVED in request.path else Answer({"files": [A_FILE]}))
    for name in "abc":
        assert [one.path for one in source.artifacts(_run(name)).list()] == ["a.txt"]
    assert len(server.asked(SERVED)) == 1
    assert len(server.asked(OF_RUN)) == 3


@pytest.mark.parametrize("uri", ["s3://bucket/1/r", "mlflow-artifacts://other:5000/1/r", "file:///x", ""])
def test_what_is_elsewhere_is_asked_for_by_the_run(connect: Connect, uri: str) -> None:
    source, server = connect(lambda request: Answer({"files": [A_FILE]}))
    assert [one.path for one in source.artifacts(_run(uri=uri)).list()] == ["a.txt"]
    assert [request.path.endswith(OF_RUN) for request in server.requests] == [True]


def test_a_file_that_is_gone_closes_no_way(connect: Connect) -> None:
    source, server = connect(lambda request: ABSENT if "gone" in str(request) else Answer({"files": [A_FILE]}))
    store = source.artifacts(_run())
    with pytest.raises(ArtifactGone):
        store.read("gone.txt")
    store.list()
    assert server.requests[-1].path.endswith(SERVED)


def test_a_server_that_is_down_is_said_to_be_so(connect: Connect) -> None:
    source, _ = connect(lambda request: Answer({}, 500))
    with pytest.raises(SourceUnavailable):
        source.artifacts(_run()).list()


def _models(*of_runs: str) -> Callable[[Request], Answer]:
    """Answers with a model of each of `of_runs`, of those that are asked for."""

    def answer(request: Request) -> Answer:
        asked = [name for name in of_runs if not request.body["filter"] or f"'{name}'" in request.body["filter"]]
        infos = [{"model_id": f"m-{n}", "name": f"of {name}", "source_run_id": name} for n, name in enumerate(asked)]
        return Answer({"models": [{"info": info} for info in infos]})

    return answer


def test_the_models_of_a_whole_experiment_are_asked_for_at_once(connect: Connect) -> None:
    source, server = connect(_models("a", "b", "b"))
    threads = [threading.Thread(target=source.models, args=(_run(name),)) for name in "abcabc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert [[model.name for model in source.models(_run(name))] for name in "abc"] == [["of a"], ["of b"] * 2, []]
    assert len(server.requests) == 1


def test_of_very_many_models_each_run_asks_for_its_own(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_models, "MOST_MODELS", 1)
    source, server = connect(_models("a", "b"))
    assert [[model.name for model in source.models(_run(name))] for name in "abc"] == [["of a"], ["of b"], []]
    assert [request.body["filter"] for request in server.requests][1:] == [f"source_run_id = '{n}'" for n in "abc"]


def test_a_server_that_knows_no_models_is_asked_once(connect: Connect) -> None:
    source, server = connect(lambda request: Answer(b"<html>", 404))
    assert [list(source.models(_run(name))) for name in "ab"] == [[], []]
    assert len(server.requests) == 1
