"""What takes its time can be watched and ended."""

from __future__ import annotations

import threading

import pytest

from tb_aml_plugin.rate import Rate
from tb_aml_plugin.tasks import Cancelled, Tasks
from tests.support.board_builder import BoardBuilder, shown
from tests.support.fake_source import unavailable
from tests.support.waiting import wait_until


def test_a_task_is_listed_while_it_runs() -> None:
    tasks = Tasks(now_s=lambda: 7.0)
    with tasks.running("Packing", total=3) as task, tasks.running("Reading") as other:
        task.advance(2)
        assert [(t.what, t.done, t.total, t.since_s) for t in tasks.current()] == [
            ("Packing", 2, 3, 7.0),
            ("Reading", 0, None, 7.0),
        ]
        assert task.id != other.id
    assert tasks.current() == []


def test_a_cancelled_task_ends_at_its_next_step_and_leaves_the_list() -> None:
    tasks = Tasks()

    def pack() -> None:
        with tasks.running("Packing") as task:
            assert tasks.cancel(task.id)
            task.advance()

    with pytest.raises(Cancelled, match="Packing"):
        pack()
    assert tasks.current() == []
    assert not tasks.cancel("task-1")


def test_the_rate_is_that_of_the_last_seconds() -> None:
    now = [100.0]
    rate = Rate(lambda: now[0])
    assert rate.per_s == 0
    rate.count(50)
    rate.count(50)
    assert rate.per_s == 10
    now[0] = 105.0
    rate.count(20)
    assert rate.per_s == 12
    now[0] = 112.0
    assert rate.per_s == 2
    now[0] = 1000.0
    assert rate.per_s == 0


def test_giving_up_lets_go_of_those_who_wait_for_curves_and_the_next_gets_them() -> None:
    built = BoardBuilder().experiment("ridge").run("a").metric("loss", steps=3).run("b").metric("loss", steps=3)
    with shown(built) as history:
        runs = list(history.board.snapshot.runs.values())
        got: list[dict[str, int]] = []
        with built.source.hung():
            reader = threading.Thread(
                target=lambda: got.append({str(k): v for k, v in history.cache.read("loss", runs, len, 60).items()})
            )
            reader.start()
            assert wait_until(lambda: history.cache.progress.asked == 2, 10)
            assert history.cache.progress.arrived == 0
            history.cache.give_up()
            reader.join(10)
            assert got == [{}]
            assert history.cache.progress.asked == 0
        assert set(history.cache.read("loss", runs, len, 60).values()) == {3}
        assert history.cache.points_per_s > 0
        assert history.cache.problem == ""


def test_a_problem_with_curves_has_a_beginning_and_an_end() -> None:
    built = BoardBuilder().experiment("ridge").run("a").metric("loss", steps=3)
    with shown(built) as history:
        runs = list(history.board.snapshot.runs.values())
        built.source.fail(unavailable())
        assert history.cache.read("loss", runs, len, 10) == {}
        since_s = history.cache.problem_since_s
        assert since_s is not None
        history.cache.read("loss", runs, len, 10)
        assert history.cache.problem_since_s == since_s
        built.source.fail(None)
        assert len(history.cache.read("loss", runs, len, 10)) == 1
        assert wait_until(lambda: history.cache.problem_since_s is None, 10)
