"""M behind a real `mlflow server`: the points of a card, against what MLflow's own page asks for the same points."""

from __future__ import annotations

import itertools
import json
import threading
import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

import requests

from benchmarks import apart
from benchmarks.figures import Figure, interleaved, medians, ratio
from benchmarks.rooms import read_card, run_history
from benchmarks.workloads import M, database
from tb_aml_plugin.sources.wire import MAX_IN_FLIGHT
from tb_aml_plugin.wiring import RunHistory
from tests.support.mlflow_server import mlflow_server

_ROUNDS = 5
_POINTS = M.runs * M.steps
_RUNS_PER_REQUEST = 100
"""What MLflow's page asks for at once (`get-history-bulk-interval` allows no more)."""

_until_the_process_ends = ExitStack()
_histories: dict[str, RunHistory] = {}


def run() -> Iterable[Figure]:
    with mlflow_server(database(M), workers=None) as server, apart.process() as ours, apart.process() as theirs:
        tags = itertools.cycle(M.tags)
        first_s: list[float] = []
        most: list[int] = []

        def plugin() -> float:
            took_s, until_first_s, in_flight = ours(_card, server.url, next(tags))
            first_s.append(until_first_s)
            most.append(in_flight)
            return took_s

        sides = {"plugin": plugin, "get-history-bulk-interval": lambda: theirs(_page, server.url, next(tags))}
        for warm_up in sides.values():
            warm_up()
        first_s.clear()
        samples = interleaved(_ROUNDS, sides)
    yield Figure(
        "M behind `mlflow server`: points of one card, against what MLflow's page asks",
        ratio(samples, "plugin", "get-history-bulk-interval"),
        "×",
        at_most=0.7,
        sides=medians(samples),
        note="all 1000 points of each of 100 runs on both sides",
    )
    yield Figure("the same: first lines there after", sorted(first_s)[len(first_s) // 2], "s", at_most=1)
    yield Figure("the same: requests in flight, at most", max(most), "requests", at_most=MAX_IN_FLIGHT)


def _card(url: str, tag: str) -> tuple[float, float, int]:
    """Seconds that the card took, seconds until its first curve was there, most requests under way at once."""
    history = _history(url)
    history.cache.forget_all_but(set())
    first: list[float] = []
    with _first_arrival(history, first), _in_flight() as most:
        begin = time.perf_counter()
        assert read_card(history, tag) == _POINTS
        took_s = time.perf_counter() - begin
    return took_s, first[0] - begin, max(most)


def _history(url: str) -> RunHistory:
    if url not in _histories:
        _histories[url] = _until_the_process_ends.enter_context(run_history(url))
    return _histories[url]


@contextmanager
def _first_arrival(history: RunHistory, first: list[float]) -> Iterator[None]:
    read = history.source.histories

    def noted(*question):  # noqa: ANN002, ANN202
        for curve in read(*question):
            first.append(time.perf_counter())
            yield curve

    history.source.histories = noted
    try:
        yield
    finally:
        history.source.histories = read


@contextmanager
def _in_flight() -> Iterator[list[int]]:
    """How many requests were under way each time that one began."""
    send, lock, under_way, seen = requests.Session.send, threading.Lock(), [0], [0]

    def counted(session, request, **options):  # noqa: ANN001, ANN003, ANN202
        with lock:
            under_way[0] += 1
            seen.append(under_way[0])
        try:
            return send(session, request, **options)
        finally:
            with lock:
                under_way[0] -= 1

    requests.Session.send = counted
    try:
        yield seen
    finally:
        requests.Session.send = send


def _page(url: str, tag: str) -> float:
    """Seconds until MLflow's page would have its points; asked as `getMetricHistoryBulkInterval` of its code does."""
    begin = time.perf_counter()
    run_ids, found = M.run_ids(), 0
    for start in range(0, len(run_ids), _RUNS_PER_REQUEST):
        ids = "&".join(f"run_ids={run_id}" for run_id in run_ids[start : start + _RUNS_PER_REQUEST])
        path = f"ajax-api/2.0/mlflow/metrics/get-history-bulk-interval?{ids}&metric_key={tag}&max_results={M.steps}"
        with urllib.request.urlopen(f"{url}/{path}", timeout=120) as response:
            found += len(json.load(response)["metrics"])
    assert found == _POINTS
    return time.perf_counter() - begin
