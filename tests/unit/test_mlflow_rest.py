"""What the REST source asks of a server: no more than it must, in pages the server bears, few at once."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tb_aml_plugin.errors import NotATrackingStore, SourceUnavailable
from tb_aml_plugin.model import ExperimentId, RunId
from tb_aml_plugin.sources.base import Selection
from tb_aml_plugin.sources.mlflow_http import tracking_server
from tb_aml_plugin.sources.mlflow_rest import MlflowRestSource
from tb_aml_plugin.target import RestTarget
from tests.support.scripted_server import Answer, Request, ScriptedServer, refusal, scripted_server

Script = Callable[[Request], Answer]
MAIN = Selection((ExperimentId("1"),), max_runs=10_000)


@pytest.fixture
def connect() -> Iterator[Callable[[Script], tuple[MlflowRestSource, ScriptedServer]]]:
    """Starts a server that answers so, and a source that reads it."""
    with contextlib.ExitStack() as opened:

        def make(script: Script) -> tuple[MlflowRestSource, ScriptedServer]:
            server = opened.enter_context(scripted_server(script))
            source = MlflowRestSource(tracking_server(RestTarget(server.url), {}))
            opened.callback(source.close)
            return source, server

        yield make


def _run(number: int, **info: object) -> dict[str, Any]:
    known = {
        "run_id": f"r{number:04}",
        "experiment_id": "1",
        "status": "FINISHED",
        "start_time": 1000 + number,
        "end_time": 2000,
    }
    return {"info": known | info, "data": {"metrics": [{"key": "loss", "value": 1.0, "timestamp": 1, "step": 0}]}}


def _pages_of(key: str, elements: list[Any], most: int = 10**9) -> Script:
    """Pages as large as asked for; more than `most` is refused, as servers do."""

    def answer(request: Request) -> Answer:
        asked = int(request.body["max_results"])
        if asked > most:
            return refusal(f"Invalid value {asked} for parameter 'max_results' supplied: at most {most}")
        start = int(request.body.get("page_token") or 0)
        end = start + asked
        return Answer({key: elements[start:end]} | ({"next_page_token": str(end)} if end < len(elements) else {}))

    return answer


def test_experiments_come_in_pages_and_deleted_ones_not(connect: Any) -> None:
    found = [{"experiment_id": str(n), "name": f"e{n}"} for n in range(2500)]
    found[7]["lifecycle_stage"] = "deleted"
    source, server = connect(_pages_of("experiments", found))
    assert len(source.experiments()) == 2499
    assert len(server.requests) == 3


def test_a_page_that_is_too_large_is_halved_until_the_server_takes_it(connect: Any) -> None:
    source, server = connect(_pages_of("runs", [_run(n) for n in range(300)], most=130))
    assert len(source.runs(MAIN, {})) == 300
    assert [request.body["max_results"] for request in server.requests] == [1000, 500, 250, 125, 125, 125]
    source.runs(MAIN, {})
    assert [request.body["max_results"] for request in server.requests[6:]] == [125, 125, 125]  # remembered


def test_another_refusal_is_not_taken_for_one_of_the_page(connect: Any) -> None:
    source, server = connect(lambda request: refusal("Invalid filter 'x'"))
    with pytest.raises(Exception, match="Invalid filter"):
        source.runs(MAIN, {})
    assert len(server.requests) == 1


def test_no_more_runs_are_asked_for_than_are_wanted(connect: Any) -> None:
    source, server = connect(_pages_of("runs", [_run(n) for n in range(5000)]))
    assert len(source.runs(Selection((ExperimentId("1"),), max_runs=1200), {})) == 1200
    assert [request.body["max_results"] for request in server.requests] == [1000, 200]


def test_a_page_token_that_repeats_ends_the_paging(connect: Any) -> None:
    source, server = connect(lambda request: Answer({"experiments": [], "next_page_token": "again"}))
    assert source.experiments() == []
    assert len(server.requests) == 2


def test_with_settled_runs_only_what_may_have_changed_is_asked_for(connect: Any) -> None:
    source, server = connect(_pages_of("runs", [_run(n) for n in range(3)]))
    settled = {run.id: run for run in source.runs(MAIN, {})}
    server.requests.clear()
    assert {run.id for run in source.runs(MAIN, settled)} == set(settled)
    filters = sorted(request.body["filter"] for request in server.requests)
    assert filters[0].startswith("attributes.end_time > 2000")
    assert "attributes.status != 'FINISHED'" in filters[1]


def _points(run_id: str, count: int) -> list[dict[str, Any]]:
    return [{"key": "loss", "run_id": run_id, "value": n / 7, "timestamp": n, "step": n} for n in range(count)]


class Histories:
    """A server of histories, with or without the endpoint of several runs at once."""

    def __init__(self, lengths: dict[str, int], *, bulk: bool, pages: int = 10**9, most: int = 10**9) -> None:
        self.lengths, self.bulk, self.pages, self.most = lengths, bulk, pages, most

    def __call__(self, request: Request) -> Answer:
        if request.path.endswith("get-history-bulk"):
            return self._several(request) if self.bulk else Answer(b"not found", 404, {"Content-Type": "text/html"})
        if not request.path.endswith("get-history"):
            return Answer(b"not found", 404)
        run_id, asked = request.query["run_id"][0], int(request.query["max_results"][0])
        if asked > self.most:
            return refusal(f"max_results must be at most {self.most}")
        if run_id not in self.lengths:
            return refusal("no such run", "RESOURCE_DOES_NOT_EXIST", 404)
        start = int(request.query.get("page_token", ["0"])[0])
        end = start + min(asked, self.pages)
        points = _points(run_id, self.lengths[run_id])
        return Answer({"metrics": points[start:end]} | ({"next_page_token": str(end)} if end < len(points) else {}))

    def _several(self, request: Request) -> Answer:
        wanted = sorted(request.query["run_id"])
        if not set(wanted) <= set(self.lengths):
            return refusal("no such run", "RESOURCE_DOES_NOT_EXIST", 404)
        points = [point for run_id in wanted for point in _points(run_id, self.lengths[run_id])]
        return Answer({"metrics": points[: int(request.query["max_results"][0])]})


def _read(source: MlflowRestSource, run_ids: list[str]) -> dict[str, int]:
    found = list(source.histories("loss", [RunId(run_id) for run_id in run_ids]))
    assert len(found) == len({run_id for run_id, _ in found}), "a run came twice"
    for _, points in found:
        assert points.values.tolist() == [n / 7 for n in range(len(points))]
    return {run_id: len(points) for run_id, points in found}


def test_histories_come_in_bulk_where_the_server_has_it(connect: Any) -> None:
    lengths = {f"r{n:02}": 100 for n in range(40)}
    source, server = connect(Histories(lengths, bulk=True))
    assert _read(source, list(lengths)) == lengths
    assert len(server.asked("get-history-bulk")) == len(server.requests) < len(lengths)


def test_histories_come_one_by_one_in_pages_where_it_has_not(connect: Any) -> None:
    lengths = {f"r{n:02}": 250 for n in range(10)}
    source, server = connect(Histories(lengths, bulk=False, pages=100))
    assert _read(source, list(lengths)) == lengths
    assert len(server.asked("get-history")) == 3 * len(lengths)
    bulk = len(server.asked("get-history-bulk"))
    _read(source, list(lengths))
    assert len(server.asked("get-history-bulk")) == bulk, "asked again for what the server has not"


def test_a_history_whose_page_is_refused_as_too_large_comes_in_smaller_ones(connect: Any) -> None:
    source, _ = connect(Histories({"a": 3000, "b": 0}, bulk=False, most=1000))
    assert _read(source, ["a", "b"]) == {"a": 3000, "b": 0}


def test_an_answer_that_was_cut_off_loses_no_point(connect: Any) -> None:
    lengths = {"a": 24_000, "b": 3_000, "c": 10}
    source, _ = connect(Histories(lengths, bulk=True))
    assert _read(source, ["c", "b", "a"]) == lengths


def test_one_run_that_is_gone_takes_no_other_with_it(connect: Any) -> None:
    source, _ = connect(Histories({"a": 5, "c": 7}, bulk=True))
    assert _read(source, ["a", "b", "c"]) == {"a": 5, "b": 0, "c": 7}


def test_no_more_than_sixteen_requests_are_under_way(connect: Any) -> None:
    gathering = threading.Semaphore(0)

    def slow(request: Request) -> Answer:
        gathering.acquire(timeout=0.02)  # so that those who may come at once do
        return Answer({"run": _run(int(request.query["run_id"][0]))})

    source, server = connect(slow)
    readers = [threading.Thread(target=source.find_runs, args=([str(n) for n in range(10)],)) for _ in range(8)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(30)
    assert len(server.requests) == 80
    assert 1 < server.most_at_once <= 16


@pytest.mark.parametrize(
    "body",
    [
        {"experiments": [{"name": "no id"}]},
        {"experiments": 7},
        {"experiments": ["text"]},
        {"experiments": {"a": 1}},
    ],
)
def test_json_of_something_else_is_no_tracking_store(connect: Any, body: object) -> None:
    source, _ = connect(lambda request: Answer(body))
    with pytest.raises(NotATrackingStore, match="not as an MLflow tracking server"):
        source.experiments()


@pytest.mark.parametrize(
    "run",
    [
        {"info": {"start_time": "soon"}},
        {"info": [1]},
        {"data": {"metrics": [{"key": "loss", "value": "many"}]}},
        {"data": {"params": [{"value": "no key"}]}},
        {"data": {"metrics": [{"key": "loss", "value": 1, "step": 2**70}]}},
    ],
)
def test_a_run_of_something_else_is_no_tracking_store(connect: Any, run: object) -> None:
    source, _ = connect(lambda request: Answer({"runs": [run], "run": run}))
    with pytest.raises(NotATrackingStore):
        source.runs(MAIN, {})
    with pytest.raises(NotATrackingStore):
        source.find_runs([RunId("r")])


def test_a_history_of_something_else_is_no_tracking_store(connect: Any) -> None:
    source, _ = connect(lambda request: Answer({"metrics": [{"value": {}}]}))
    with pytest.raises(NotATrackingStore):
        list(source.histories("loss", [RunId("a"), RunId("b")]))


def test_a_server_that_fails_in_the_middle_is_unavailable(connect: Any) -> None:
    def script(request: Request) -> Answer:
        if request.body.get("page_token"):
            return refusal("the database went away", "INTERNAL_ERROR", 500)
        return Answer({"runs": [_run(1)], "next_page_token": "2"})

    source, _ = connect(script)
    with pytest.raises(SourceUnavailable, match="the database went away"):
        source.runs(MAIN, {})
