"""Listing 1000 runs with 20 artifacts each through an MLflow server: how long it takes, and what a dashboard feels of it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from mlflow.tracking import MlflowClient

from benchmarks.figures import Figure
from benchmarks.media_workloads import EXPERIMENT, LISTED_RUNS, files, served_files
from benchmarks.servers import Server, serving
from tb_aml_plugin.media.lister import THREADS
from tests.support.mlflow_server import mlflow_server
from tests.support.waiting import wait_until

_REQUESTS = 20


def run() -> Iterable[Figure]:
    yield _listed("a folder of artifacts", files())
    store, flags = served_files()
    with mlflow_server(store, flags=flags) as server:
        anchor_s = _anchor_s(server.url)
        yield _felt(server.url, anchor_s)


def _listed(where: str, uri: str) -> Figure:
    with serving(*_arguments(uri)) as server:
        begin = time.perf_counter()
        _wait(server)
        return Figure(f"1000 runs × 20 artifacts, {where}, until all are listed", time.perf_counter() - begin, "s")


def _anchor_s(uri: str) -> float:
    """How long MLflow's own client takes to list the same folders, as many at once, and read none of the files."""
    client = MlflowClient(tracking_uri=uri)
    (experiment,) = client.search_experiments(filter_string=f"name = '{EXPERIMENT}'")
    runs = [run.info.run_id for run in client.search_runs([experiment.experiment_id], max_results=LISTED_RUNS)]

    def listed(run: str) -> None:
        for found in client.list_artifacts(run):
            client.list_artifacts(run, found.path)

    begin = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(listed, runs))
    return time.perf_counter() - begin


def _felt(uri: str, anchor_s: float) -> Figure:
    with serving(*_arguments(uri)) as server:
        begin = time.perf_counter()
        assert wait_until(lambda: bool(server.tags()), 120)
        during = [_tags_s(server) for _ in range(_REQUESTS)]
        assert _images(server) < LISTED_RUNS, "the listing was over before it could be felt"
        _wait(server)
        listed_s = time.perf_counter() - begin
        after = [_tags_s(server) for _ in range(_REQUESTS)]
    return Figure(
        "1000 runs × 20 artifacts, an MLflow server: tags of Time Series while artifacts are listed, the slowest of 20",
        max(during),
        "s",
        at_most=1.0,
        sides={
            "median while listing (s)": statistics.median(during),
            "median afterwards (s)": statistics.median(after),
            "slowest afterwards (s)": max(after),
            "until all are listed, 8000 files opened (s)": listed_s,
            "MLflow's client, 8 threads, until all are listed, none opened (s)": anchor_s,
        },
    )


def _arguments(uri: str) -> list[str]:
    return ["--aml_experiment", EXPERIMENT, "--aml_tracking_uri", uri, "--aml_max_runs", str(LISTED_RUNS)]


def _wait(server: Server) -> None:
    assert wait_until(lambda: _images(server) == LISTED_RUNS, 600)


def _images(server: Server) -> int:
    """How many runs have pictures, which all have."""
    return len(server.fetch("data/plugin/images/tags").json)


def _tags_s(server: Server) -> float:
    begin = time.perf_counter()
    server.tags()
    return time.perf_counter() - begin
