"""The first picture of 50 runs with 10 steps each, nothing read before: from a folder, and through an MLflow server."""

from __future__ import annotations

import statistics
import time
import urllib.parse
from collections.abc import Iterable

from benchmarks.figures import Figure
from benchmarks.media_workloads import EXPERIMENT, PICTURE_RUNS, TAG, pictures
from benchmarks.servers import Server, serving
from tests.support.mlflow_server import mlflow_server
from tests.support.waiting import wait_until

_ROUNDS = 5


def run() -> Iterable[Figure]:
    store = pictures()
    yield _figure("a folder of artifacts", store)
    with mlflow_server(store) as server:
        yield _figure("an MLflow server", server.url)


def _figure(where: str, uri: str) -> Figure:
    measured = [_measured(uri) for _ in range(_ROUNDS)]
    listed, first, all_ = (statistics.median(column) for column in zip(*measured, strict=True))
    return Figure(
        f"50 runs × 10 steps of pictures, {where}: a picture that nobody has asked for before",
        first,
        "s",
        at_most=1.0,
        sides={"until all runs are listed, from the first answer of TensorBoard (s)": listed, "12 pictures (s)": all_},
    )


def _measured(uri: str) -> tuple[float, float, float]:
    with serving("--aml_experiment", EXPERIMENT, "--aml_tracking_uri", uri) as server:
        begin = time.perf_counter()
        assert wait_until(lambda: len(server.fetch("data/plugin/images/tags").json) == PICTURE_RUNS, 120)
        listed_s = time.perf_counter() - begin
        runs = sorted(server.fetch("data/plugin/images/tags").json)
        begin = time.perf_counter()
        _picture(server, runs[0])
        first_s = time.perf_counter() - begin
        for name in runs[1:12]:
            _picture(server, name)
        return listed_s, first_s, time.perf_counter() - begin


def _picture(server: Server, run: str) -> None:
    """Asks for the last step of a run's pictures, as a card does."""
    query = urllib.parse.urlencode({"run": run, "tag": TAG, "sample": 0})
    step = server.fetch(f"data/plugin/images/images?{query}").json[-1]
    assert server.size_of(f"data/plugin/images/individualImage?{step['query']}") > 100_000
