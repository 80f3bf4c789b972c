"""A workspace that answers late, not at all, or with more than anyone can hold, read by the source itself."""

from __future__ import annotations

import contextlib
import itertools
import json
import time
from collections.abc import Callable, Iterator

import pytest

from tb_aml_plugin.board import Board, Sync
from tb_aml_plugin.errors import AccessDenied
from tb_aml_plugin.follower import Follower
from tb_aml_plugin.model import Run, RunId
from tb_aml_plugin.sources.azureml import client as azure_client
from tb_aml_plugin.sources.azureml.client import AZURE_ML, Client
from tb_aml_plugin.sources.azureml.metric_json import Rows
from tb_aml_plugin.sources.azureml.source import AzureSource
from tb_aml_plugin.sources.base import Selection
from tb_aml_plugin.sources.wire import Wire
from tb_aml_plugin.wanted import Wanted
from tests.emulator import Emulator, scenarios
from tests.support.scripted_server import Answer, Request, scripted_server
from tests.support.waiting import wait_until
from tests.support.workspace import workspace_source

PATH, CONTENT = "logs/a b#1.txt", b"0123456789"
ADDRESS = "artifacts.contentinfo"


@pytest.fixture
def workspace(azure: Emulator) -> Iterator[Emulator]:
    azure.reset()
    scenarios.sweep(azure, "sweep", children=2, metrics=1, points=3)
    yield azure
    azure.faults.clear()


@pytest.fixture
def source(workspace: Emulator) -> Iterator[AzureSource]:
    with workspace_source(workspace, {"MLFLOW_HTTP_REQUEST_TIMEOUT": "3"}) as source:
        yield source


@pytest.fixture
def run(workspace: Emulator, source: AzureSource) -> Run:
    """A run with one file."""
    workspace.blobs.put(workspace.history.runs["sweep_0"], PATH, CONTENT)
    (run,) = source.find_runs([RunId("sweep_0")])
    workspace.journal.clear()
    return run


def test_an_address_that_has_expired_is_asked_for_again_once(
    workspace: Emulator, source: AzureSource, run: Run
) -> None:
    workspace.faults.expired_sas = 1
    store = source.artifacts(run)
    assert store.read(PATH, 2, 3) == b"234"
    assert (workspace.journal.count(ADDRESS), workspace.journal.count("blob.get")) == (2, 2)
    assert store.read(PATH) == CONTENT
    assert workspace.journal.count(ADDRESS) == 2, "the second address is kept"


def test_an_address_that_expires_while_it_is_kept_is_asked_for_again(
    workspace: Emulator, source: AzureSource, run: Run
) -> None:
    store = source.artifacts(run)
    assert store.read(PATH) == CONTENT
    workspace.faults.fail("blob.get", 403, times=1)
    assert store.read(PATH) == CONTENT
    assert workspace.journal.count(ADDRESS) == 2


def test_a_second_address_that_is_refused_is_no_question_of_time(
    workspace: Emulator, source: AzureSource, run: Run
) -> None:
    workspace.faults.expired_sas = 99
    with pytest.raises(AccessDenied, match="network that studio shows the file in"):
        source.artifacts(run).read(PATH)
    assert (workspace.journal.count(ADDRESS), workspace.journal.count("blob.get")) == (2, 2)
    workspace.faults.expired_sas = 0
    assert source.artifacts(run).read(PATH) == CONTENT


def test_a_service_that_hangs_is_given_up_and_the_others_go_on(workspace: Emulator, source: AzureSource) -> None:
    reports: list[str] = []
    board = Board("workspace")
    follower = Follower(source, board, Wanted(("sweep",)), interval_s=5, report=reports.append)
    follower.poll()
    workspace.faults.hang("mlflow.runs/search", times=99)
    follower.poll()
    follower.poll()
    assert (board.snapshot.health.sync, len(board.snapshot.runs)) == (Sync.FAILING, 3)
    (said,) = reports
    assert "did not answer in time" in said
    assert [len(points) for _, points in source.histories("metric 0", [RunId("sweep_0")])] == [3]
    workspace.faults.clear()
    follower.poll()
    assert board.snapshot.health.sync is Sync.LIVE
    assert reports[1:] == ["workspace answers again."]


def test_a_storm_of_429_is_kept_away_from_by_all_who_ask(workspace: Emulator, source: AzureSource) -> None:
    reports: list[str] = []
    board = Board("workspace")
    follower = Follower(source, board, Wanted(("sweep",)), interval_s=5, report=reports.append)
    follower.poll()
    assert wait_until(lambda: source.is_complete)
    workspace.faults.throttle("*", times=999, retry_after_s=60)
    workspace.journal.clear()
    for _ in range(5):
        follower.poll()
    assert workspace.journal.count() <= 2, "one poll asks two questions at once"
    assert source.throttled_until_s is not None
    assert 50 < source.throttled_until_s - time.time() <= 66
    (said,) = reports
    assert "asks to come back later (HTTP 429)" in said
    assert len(board.snapshot.runs) == 3


def test_a_metric_of_many_small_pages_comes_whole(workspace: Emulator, source: AzureSource) -> None:
    run = scenarios.add_run(workspace, "sweep", "long")
    rows = 5000
    scenarios.add_scalar(workspace, run, "long", map(float, range(rows)), steps=range(rows))
    workspace.faults.page_size = 250
    ((_, points),) = source.histories("long", [RunId("long")])
    assert points.steps.tolist() == list(range(rows))
    assert workspace.journal.count("metrics.full") == rows / 250


def test_a_million_rows_are_as_many_requests_as_pages_and_25_bytes_each() -> None:
    page = [{"createdUtc": f"{scenarios.T0:%FT%T}.{n % 1000:03}Z", "step": n, "data": {"m": n}} for n in range(10_000)]
    text = json.dumps({"value": page}).encode().removesuffix(b"}")
    numbers = itertools.count(1)

    def answer(request: Request) -> Answer:
        number = next(numbers)
        return Answer(text + (b"}" if number == 100 else b', "continuationToken": "%d"}' % number))

    rows = Rows(("m",))
    with _client_of(answer) as client:
        for found in client.metric(RunId("r"), "m"):
            rows.add(found)
    assert (len(rows), next(numbers)) == (1_000_000, 101)
    assert rows.nbytes == 25 * len(rows)


def test_pages_without_end_have_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(azure_client, "MOST_PAGES", 7)
    numbers = itertools.count()
    with _client_of(lambda request: Answer({"value": [], "continuationToken": str(next(numbers))})) as client:
        assert len(list(client.metric(RunId("r"), "m"))) == 7


@contextlib.contextmanager
def _client_of(answer: Callable[[Request], Answer]) -> Iterator[Client]:
    with scripted_server(answer) as server:
        wire = Wire("workspace", AZURE_ML)
        yield Client(wire, server.url, "/W")
        wire.close()


def test_runs_of_a_selection_that_is_not_there_are_none(source: AzureSource) -> None:
    assert list(source.runs(Selection(run_ids=(RunId("absent"),)), {})) == []
