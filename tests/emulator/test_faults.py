"""What the emulator can be told to do wrong, seen by a plain HTTP client."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.emulator import Emulator, scenarios
from tests.support.waiting import wait_until


class Client:
    """Asks the emulator as our own code does, with a token."""

    def __init__(self, azure: Emulator) -> None:
        self.azure = azure
        self.token = azure.tokens.issue()
        self.session = requests.Session()
        self.session.verify = str(azure.authority.bundle)
        self.session.trust_env = False

    def ask(self, service: str, path: str, sent: dict[str, Any] | None = None, **args: Any) -> requests.Response:
        url = f"{self.azure.url}/{service}{self.azure.scope}/{path}"
        headers = {"Authorization": f"Bearer {self.token}"}
        method = "GET" if sent is None else "POST"
        return self.session.request(method, url, json=sent, headers=headers, timeout=30, **args)

    def pages(self, service: str, path: str, sent: dict[str, Any]) -> list[list[Any]]:
        found, token = [], None
        while True:
            answer = self.ask(service, path, {**sent, "continuationToken": token}).json()
            found.append(answer["value"])
            token = answer["continuationToken"]
            if token is None:
                return found


@pytest.fixture
def client(azure: Emulator) -> Iterator[Client]:
    azure.reset()
    found = Client(azure)
    yield found
    found.session.close()
    azure.faults.clear()


HISTORY, METRICS, MLFLOW, ARTIFACTS = "history/v1.0", "metric/v2.0", "mlflow/v2.0", "artifact/v2.0"
SEARCH = "api/2.0/mlflow/runs/search"


def test_queries_filter_sort_and_page(azure: Emulator, client: Client) -> None:
    scenarios.sweep(azure, "s", children=7, metrics=1, points=1)
    path = "experiments/s/runs:query"
    roots = client.ask(HISTORY, path, {"filter": "(ParentRunId eq null)"}).json()["value"]
    assert [run["runId"] for run in roots] == ["s_root"]
    below = {"filter": "RootRunId eq s_root and (RunId ne s_root)", "orderby": "StartTimeUtc desc", "top": 3}
    pages = client.pages(HISTORY, path, below)
    assert [[run["runId"] for run in page] for page in pages] == [["s_6", "s_5", "s_4"], ["s_3", "s_2", "s_1"], ["s_0"]]
    some = client.ask(HISTORY, path, {"filter": "(RunId eq s_1 or RunId eq s_2) and Status eq 'Completed'"}).json()
    assert {run["runId"] for run in some["value"]} == {"s_1", "s_2"}
    assert client.ask(HISTORY, path, {"filter": "RunId about s_1"}).status_code == 400


def test_pages_can_be_tiny(azure: Emulator, client: Client) -> None:
    scenarios.sweep(azure, "s", children=5, metrics=1, points=10)
    azure.faults.page_size = 2
    assert [len(page) for page in client.pages(HISTORY, "experiments/s/runs:query", {"top": 500})] == [2, 2, 2]
    rows = client.pages(METRICS, "runs/s_0/full", {"metricName": "metric 0"})
    assert [len(page) for page in rows] == [2] * 5
    found = client.ask(MLFLOW, "api/2.0/mlflow/experiments/get-by-name?experiment_name=s").json()
    search = {"experiment_ids": [found["experiment"]["experiment_id"]], "max_results": 500}
    found = client.ask(MLFLOW, SEARCH, search).json()
    assert len(found["runs"]) == 2 and found["next_page_token"]


def test_a_metric_can_be_read_from_where_one_stopped(azure: Emulator, client: Client) -> None:
    run = scenarios.add_run(azure, "e", "r", status="Running")
    scenarios.add_scalar(azure, run, "loss", [3.0, 2.0, 1.0], steps=range(3))
    rows = client.ask(METRICS, "runs/r/full", {"metricName": "loss"}).json()["value"]
    later = client.ask(METRICS, "runs/r/full", {"metricName": "loss", "startTime": rows[1]["createdUtc"]}).json()
    assert [row["step"] for row in later["value"]] == [1, 2]
    assert client.ask(METRICS, "runs/r/full", {"metricName": "gone"}).status_code == 404


def test_version_1_has_the_metrics_of_many_runs_in_a_query(azure: Emulator, client: Client) -> None:
    scenarios.sweep(azure, "s", children=3, metrics=2, points=2)
    sent = {"filter": "RunId eq s_0 or RunId eq s_2", "orderby": ["RunId desc"], "top": 3}
    pages = client.pages(HISTORY, "experiments/s/metrics:query", sent)
    assert [len(page) for page in pages] == [3, 3, 2]
    assert [found["runId"] for page in pages for found in page] == ["s_2"] * 4 + ["s_0"] * 4
    assert set(pages[0][0]["cells"][0]) == {"metric 0"}


def test_metrics_can_be_late(azure: Emulator, client: Client) -> None:
    run = scenarios.add_run(azure, "e", "r")
    azure.history.late = True
    scenarios.add_scalar(azure, run, "loss", [1.0], steps=[0])
    assert client.ask(METRICS, "runs/r/list", {}).json()["value"] == []
    azure.history.deliver()
    (row,) = client.ask(METRICS, "runs/r/full", {"metricName": "loss"}).json()["value"]
    assert row["createdUtc"].startswith("2023-11-14T22:13:20")


def test_throttling_says_when_to_come_back(azure: Emulator, client: Client) -> None:
    azure.faults.throttle("arm.*", times=2, retry_after_s=7)
    refused = client.ask("", "")
    assert refused.status_code == 429 and refused.headers["Retry-After"] == "7"
    assert client.ask("", "").status_code == 429
    assert client.ask("", "").status_code == 200


@pytest.mark.parametrize("status", [401, 403, 404, 500, 503])
def test_failures_are_as_many_as_told(azure: Emulator, client: Client, status: int) -> None:
    azure.faults.fail("arm.workspace", status)
    assert [client.ask("", "").status_code for _ in range(2)] == [status, 200]


def test_html_and_half_an_answer(azure: Emulator, client: Client) -> None:
    azure.faults.html("arm.*")
    assert client.ask("", "").headers["Content-Type"].startswith("text/html")
    azure.faults.cut("arm.*")
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError)):
        client.ask("", "")
    assert client.ask("", "").json()["name"] == "emulated"


def test_a_request_hangs_until_all_is_well(azure: Emulator, client: Client) -> None:
    azure.faults.hang("arm.*")
    answers: list[int] = []
    thread = threading.Thread(target=lambda: answers.append(client.ask("", "").status_code))
    thread.start()
    assert wait_until(lambda: azure.journal.count("arm.workspace") == 1)
    assert not answers
    azure.faults.clear()
    thread.join(30)
    assert answers == [200]


def test_tokens_expire_and_are_withdrawn(azure: Emulator, client: Client) -> None:
    assert client.ask("", "").status_code == 200
    azure.tokens.expire_all()
    assert client.ask("", "").status_code == 401
    client.token = azure.tokens.issue(lifetime_s=-1)
    assert client.ask("", "").status_code == 401
    client.token = azure.tokens.issue()
    assert client.ask("", "").status_code == 200


def test_another_workspace_and_a_deleted_one_are_not_found(azure: Emulator, client: Client) -> None:
    elsewhere = f"{azure.url}{azure.scope}2"
    answer = client.session.get(elsewhere, headers={"Authorization": f"Bearer {client.token}"}, timeout=30)
    assert answer.status_code == 404 and answer.json()["error"]["code"] == "ResourceNotFound"
    azure.faults.workspace_deleted = True
    assert client.ask("", "").status_code == 404
    assert client.ask(HISTORY, "experiments:query", {}).status_code == 404


def test_sas_urls_expire_and_are_asked_for_again(azure: Emulator, client: Client) -> None:
    run = scenarios.add_run(azure, "e", "r")
    azure.blobs.put(run, "logs/a b#1.txt", b"0123456789")
    azure.faults.expired_sas = 1

    def url() -> str:
        answer = client.ask(ARTIFACTS, "artifacts/contentinfo/ExperimentRun/dcid.r/logs%2Fa%20b%231.txt")
        return str(answer.json()["contentUri"])

    assert client.session.get(url(), timeout=30).status_code == 403
    part = client.session.get(url(), headers={"Range": "bytes=2-4"}, timeout=30)
    assert part.status_code == 206 and part.content == b"234"
    assert part.headers["Content-Range"] == "bytes 2-4/10"
    assert azure.journal.count("blob.get") == 2


def test_large_pages_of_a_history_can_be_refused(azure: Emulator, client: Client) -> None:
    run = scenarios.add_run(azure, "e", "r")
    scenarios.add_scalar(azure, run, "loss", [3.0, 2.0], steps=range(2))
    path = "api/2.0/mlflow/metrics/get-history?run_id=r&metric_key=loss&max_results="
    azure.faults.most_points = 1000
    refused = client.ask(MLFLOW, f"{path}1000")
    assert refused.status_code == 400 and "must be less than 1000" in refused.json()["Error"]["Message"]
    assert [point["value"] for point in client.ask(MLFLOW, f"{path}999").json()["metrics"]] == [3.0, 2.0]
    assert client.ask(MLFLOW, "api/2.0/mlflow/metrics/get-history-bulk?run_id=r&metric_key=loss").status_code == 404


def test_runs_are_not_sorted_by_metrics(azure: Emulator, client: Client) -> None:
    found = azure.history.create_experiment("e")
    search = {"experiment_ids": [found.id], "order_by": ["metrics.loss DESC"]}
    assert client.ask(MLFLOW, SEARCH, search).status_code == 400
    assert client.ask(MLFLOW, SEARCH, {**search, "order_by": ["start_time DESC"]}).status_code == 200


def test_the_journal_counts_what_is_under_way_at_once(azure: Emulator, client: Client) -> None:
    azure.faults.latency_s = {"discovery": 0.3}
    with ThreadPoolExecutor(4) as pool:
        urls = [f"{azure.url}/discovery"] * 4
        list(pool.map(lambda url: requests.get(url, verify=str(azure.authority.bundle), timeout=30), urls))
    assert azure.journal.most_in_flight == 4
    assert azure.journal.by_kind() == {"discovery": 4}
    assert all(entry.duration_s >= 0.3 for entry in azure.journal.entries)


def test_numbers_that_json_has_not(azure: Emulator, client: Client) -> None:
    scenarios.odd_metrics(azure, "e")
    text = client.ask(METRICS, "runs/odd-run/full", {"metricName": "wild"}).text
    values = [row["data"]["wild"] for row in json.loads(text)["value"]]
    assert values == ["NaN", "Infinity", "-Infinity", None, "text", 1.5]
