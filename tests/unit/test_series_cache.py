"""Curves come when they are asked for, once, and again only where they grew."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from tb_aml_plugin.model import Points, RunId, RunStatus, ScalarSeries
from tb_aml_plugin.scalars import StepMode
from tb_aml_plugin.series_cache import SeriesCache
from tests.support.board_builder import EPOCH_S, BoardBuilder, id_of
from tests.support.fake_source import FakeSource, unavailable
from tests.support.waiting import wait_until

TIMEOUT_S = 30.0
ALL_BYTES = 2**24


def whole(series: ScalarSeries) -> list[float]:
    return series.values.tolist()


class World:
    """Two runs with a curve "loss", and a cache of it."""

    def __init__(self, source: FakeSource, budget_bytes: int = ALL_BYTES) -> None:
        self.source = source
        self.cache = SeriesCache(source, StepMode.AUTO, budget_bytes)

    def read(self, metric: str = "loss", *names: str, timeout_s: float = TIMEOUT_S) -> dict[RunId, list[float]]:
        runs = [self.source.run(id_of(name)) for name in names or ("a", "b")]
        return self.cache.read(metric, runs, whole, timeout_s)


@pytest.fixture
def world() -> Iterator[World]:
    built = BoardBuilder().experiment("e").run("a").metric("loss", [1.0, 0.5]).run("b").metric("loss", [2.0])
    world = World(built.source)
    yield world
    world.cache.close()
    world.cache.join(10)


A, B = id_of("a"), id_of("b")


def test_all_runs_of_a_metric_come_in_one_question(world: World) -> None:
    assert world.read() == {A: [1.0, 0.5], B: [2.0]}
    assert world.source.calls.count("histories") == 1


def test_what_did_not_grow_is_not_read_again(world: World) -> None:
    world.read()
    assert world.read() == {A: [1.0, 0.5], B: [2.0]}
    assert world.source.calls.count("histories") == 1


def test_only_what_grew_is_read_again(world: World) -> None:
    world.read()
    world.source.log(B, "loss", (7, EPOCH_S + 7, 3.0))
    assert world.read() == {A: [1.0, 0.5], B: [2.0, 3.0]}
    assert world.source.curves_read == [("loss", A), ("loss", B), ("loss", B)]


def test_a_run_that_ended_is_read_once_more(world: World) -> None:
    world.read()
    # A point out of order does not move the newest one, so nothing tells of it but the end.
    world.source.log(A, "loss", (-1, EPOCH_S, 9.0))
    assert world.read()[A] == [1.0, 0.5]
    world.source.end(A, EPOCH_S + 10)
    assert world.read()[A] == [9.0, 1.0, 0.5]
    world.read()
    assert world.source.curves_read.count(("loss", A)) == 2


def test_points_newer_than_the_board_knew_are_not_fetched_twice(world: World) -> None:
    before = [world.source.run(A)]
    world.source.log(A, "loss", (2, EPOCH_S + 2, 0.25))
    assert world.cache.read("loss", before, whole, TIMEOUT_S) == {A: [1.0, 0.5, 0.25]}
    assert world.read("loss", "a") == {A: [1.0, 0.5, 0.25]}
    assert world.source.curves_read == [("loss", A)]


def test_a_metric_that_stands_at_nan_is_not_read_again_and_again(world: World) -> None:
    world.source.log(A, "loss", (5, EPOCH_S + 5, float("nan")))
    world.read()
    world.read()
    assert world.source.curves_read.count(("loss", A)) == 1


def test_a_run_without_the_metric_is_left_out_and_not_asked_for(world: World) -> None:
    assert world.read("mse") == {}
    assert world.source.calls == []


def test_a_metric_without_points_is_left_out(world: World) -> None:
    built = BoardBuilder().experiment("e").run("a").metric("loss", [1.0])
    run = built.source.run(A)
    built.source.delete(A)  # deleted between the listing and the read
    cache = SeriesCache(built.source, StepMode.AUTO, ALL_BYTES)
    assert cache.read("loss", [run], whole, TIMEOUT_S) == {}
    cache.close()
    cache.join(10)


def test_when_the_place_fails_the_last_curve_stays_and_the_reason_is_kept(world: World) -> None:
    world.read()
    world.source.log(A, "loss", (2, EPOCH_S + 2, 0.25))
    world.source.fail(unavailable())
    assert world.read() == {A: [1.0, 0.5], B: [2.0]}
    assert world.cache.problem == "memory does not answer. Trying again."
    world.source.fail(None)
    assert world.read()[A] == [1.0, 0.5, 0.25]
    assert world.cache.problem == ""


def test_a_defect_is_told_like_a_failure_and_ends_no_thread(world: World) -> None:
    world.source.fail(ZeroDivisionError("http://me:hunter2@host"))
    assert world.read() == {}
    assert "unexpectedly (ZeroDivisionError" in world.cache.problem
    assert "hunter2" not in world.cache.problem
    world.source.fail(None)
    assert world.read() == {A: [1.0, 0.5], B: [2.0]}


def test_a_place_that_hangs_keeps_nobody_longer_than_the_deadline(world: World) -> None:
    world.read("loss", "a")
    world.source.log(A, "loss", (2, EPOCH_S + 2, 0.25))
    with world.source.hung():
        assert world.read(timeout_s=0.05) == {A: [1.0, 0.5]}  # as it was; b was never read
    assert wait_until(lambda: world.read()[A] == [1.0, 0.5, 0.25])


def test_when_it_is_closed_nobody_waits_for_what_will_not_come(world: World) -> None:
    world.read("loss", "a")
    world.cache.close()
    world.source.log(A, "loss", (2, EPOCH_S + 2, 0.25))
    waiting = threading.Thread(target=lambda: found.update(world.read(timeout_s=1000)), daemon=True)
    found: dict[RunId, list[float]] = {}
    waiting.start()
    waiting.join(TIMEOUT_S)
    assert not waiting.is_alive()
    assert found == {A: [1.0, 0.5]}


def test_readers_who_ask_together_share_one_question(world: World) -> None:
    found: list[dict[RunId, list[float]]] = []
    readers = [threading.Thread(target=lambda: found.append(world.read())) for _ in range(8)]
    with world.source.hung():
        for reader in readers:
            reader.start()
        assert wait_until(lambda: world.source.hanging == 1)
    for reader in readers:
        reader.join(TIMEOUT_S)
    assert found == [{A: [1.0, 0.5], B: [2.0]}] * 8
    assert world.source.calls.count("histories") == 1


@pytest.mark.parametrize(("threads", "under_way"), [(1, 1), (2, 2), (9, 3)])
def test_a_source_says_how_many_threads_read_it(threads: int, under_way: int) -> None:
    built = BoardBuilder().experiment("e").run("a")
    for metric in "xyz":
        built.metric(metric, [1.0])
    built.source.history_threads = threads  # type: ignore[attr-defined]
    world = World(built.source)
    with built.source.hung():
        readers = [threading.Thread(target=world.read, args=(metric, "a")) for metric in "xyz"]
        for reader in readers:
            reader.start()
        assert wait_until(lambda: world.cache.progress.asked == 3 and built.source.hanging == under_way)
    for reader in readers:
        reader.join(TIMEOUT_S)
    world.cache.close()
    world.cache.join(10)
    assert sorted(built.source.curves_read) == [("x", A), ("y", A), ("z", A)]


def test_curves_that_arrived_are_given_though_a_later_one_failed(world: World) -> None:
    class Breaking(FakeSource):
        def histories(self, metric: str, run_ids: Sequence[RunId]) -> Iterator[tuple[RunId, Points]]:
            yield next(iter(world.source.histories(metric, run_ids)))
            raise unavailable()

    cache = SeriesCache(Breaking(), StepMode.AUTO, ALL_BYTES)
    assert cache.read("loss", [world.source.run(A), world.source.run(B)], whole, TIMEOUT_S) == {A: [1.0, 0.5]}
    cache.close()
    cache.join(10)


def _long(budget_bytes: int) -> World:
    built = BoardBuilder().experiment("e")
    for name in "abc":
        built.run(name).metric("loss", steps=1000)
    return World(built.source, budget_bytes)


def test_the_budget_bounds_what_is_held_and_what_was_read_longest_ago_goes_first() -> None:
    world = _long(60_000)  # two of three curves of 24 kB
    for name in ("a", "b", "a", "c"):
        assert len(world.read("loss", name)[id_of(name)]) == 1000
    assert world.cache.nbytes <= 60_000
    world.read("loss", "a")
    assert world.source.curves_read.count(("loss", A)) == 1  # kept: b was read longer ago
    world.read("loss", "b")
    assert world.source.curves_read.count(("loss", B)) == 2
    world.cache.close()
    world.cache.join(10)


def test_a_curve_larger_than_the_budget_is_given_and_not_kept() -> None:
    world = _long(1000)
    assert {name: len(values) for name, values in world.read("loss", "a", "b").items()} == {A: 1000, B: 1000}
    assert world.cache.nbytes == 0
    world.cache.close()
    world.cache.join(10)


def test_the_curves_of_runs_that_are_gone_are_dropped(world: World) -> None:
    world.read()
    held = world.cache.nbytes
    world.cache.forget_all_but({A})
    assert 0 < world.cache.nbytes < held
    world.cache.forget_all_but(set())
    assert world.cache.nbytes == 0


def test_a_run_that_was_resumed_is_read_once_more_when_it_ends_again(world: World) -> None:
    world.source.end(A, EPOCH_S + 9)
    world.read("loss", "a")
    world.source.change(A, status=RunStatus.RUNNING, end_time_s=None)
    assert world.read("loss", "a") == {A: [1.0, 0.5]}
    world.source.log(A, "loss", (0, EPOCH_S + 20, 0.75))  # out of order: the newest point stays the same
    world.source.end(A, EPOCH_S + 30)
    assert world.read("loss", "a") == {A: [0.75, 0.5]}
    assert world.read("loss", "a") == {A: [0.75, 0.5]}
    assert world.source.calls.count("histories") == 2


def test_a_run_that_runs_again_is_read_when_it_grows(world: World) -> None:
    world.source.end(A, EPOCH_S + 10)
    world.read()
    world.source.change(A, status=RunStatus.RUNNING, end_time_s=None)
    assert world.read()[A] == [1.0, 0.5]  # the end brought everything up to here
    world.source.log(A, "loss", (3, EPOCH_S + 20, 0.1))
    assert world.read()[A] == [1.0, 0.5, 0.1]


def test_steps_are_counted_where_the_mode_says_so() -> None:
    built = BoardBuilder().experiment("e").run("a").metric("loss", [1.0, 2.0], steps=[10, 20])
    cache = SeriesCache(built.source, StepMode.INDEX, ALL_BYTES)
    found = cache.read("loss", [built.source.run(A)], lambda series: series.steps, TIMEOUT_S)
    assert np.array_equal(found[A], [0, 1])
    cache.close()
    cache.join(10)
