"""M, the points of one card of all 100 runs, against MLflow's own client on the same database."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable
from contextlib import ExitStack

from benchmarks import apart
from benchmarks.figures import Figure, interleaved, medians, ratio, timed
from benchmarks.rooms import read_card, run_history
from benchmarks.workloads import M, database, mlflow_client
from tb_aml_plugin.wiring import RunHistory

_ROUNDS = 9
_POINTS = M.runs * M.steps
_until_the_process_ends = ExitStack()


def run() -> Iterable[Figure]:
    database(M)
    with apart.process() as ours, apart.process() as theirs:
        tags = itertools.cycle(M.tags)
        sides = {
            "plugin cold": lambda: ours(_cold, next(tags)),
            "plugin warm": lambda: ours(_warm),
            "get_metric_history": lambda: theirs(_with_client, next(tags)),
        }
        for warm_up in sides.values():
            warm_up()
        samples = interleaved(_ROUNDS, sides)
    yield Figure(
        "M: points of one card of 100 runs, cold, against `MlflowClient.get_metric_history`",
        ratio(samples, "get_metric_history", "plugin cold"),
        "× faster",
        at_least=20,
        sides=medians(samples),
    )
    yield Figure("M: the same, warm", ratio(samples, "get_metric_history", "plugin warm"), "× faster")


@functools.cache
def _history() -> RunHistory:
    return _until_the_process_ends.enter_context(run_history(database(M)))


def _cold(tag: str) -> float:
    # As if it had never been asked for. The file is in the system's memory for both sides.
    _history().cache.forget_all_but(set())
    return _read(tag)


def _warm() -> float:
    _read(M.tags[0])
    return _read(M.tags[0])


def _read(tag: str) -> float:
    def read() -> None:
        assert read_card(_history(), tag) == _POINTS

    return timed(read)()


def _with_client(tag: str) -> float:
    client = _client()

    def read() -> None:
        assert sum(len(client.get_metric_history(run_id, tag)) for run_id in M.run_ids()) == _POINTS

    return timed(read)()


_client = functools.cache(lambda: mlflow_client(database(M)))
