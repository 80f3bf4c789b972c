"""Several waits at once: every result comes, every failure comes, nothing waits for ever."""

from __future__ import annotations

import threading

import pytest

from tb_aml_plugin.errors import SourceUnavailable
from tb_aml_plugin.sources.parallel import as_completed
from tests.support.waiting import wait_until


def test_every_task_is_done_once() -> None:
    assert sorted(as_completed(lambda number: number * number, range(50), 4)) == [n * n for n in range(50)]
    assert list(as_completed(lambda number: number, [], 4)) == []


def test_no_more_threads_than_asked_for() -> None:
    lock, running, most = threading.Lock(), 0, 0
    together = threading.Barrier(3)

    def task(number: int) -> int:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        together.wait(30)
        with lock:
            running -= 1
        return number

    assert len(list(as_completed(task, range(9), 3))) == 9
    assert most == 3


@pytest.mark.parametrize("problem", [SourceUnavailable("down"), KeyError("a defect")])
def test_a_failure_reaches_the_one_who_waits(problem: Exception) -> None:
    def task(number: int) -> int:
        if number == 3:
            raise problem
        return number

    with pytest.raises(type(problem)):
        list(as_completed(task, range(6), 2))


def test_no_task_is_begun_once_nobody_reads_on() -> None:
    begun: list[int] = []
    go_on = threading.Event()

    def task(number: int) -> int:
        begun.append(number)
        if number:
            go_on.wait(30)
        return number

    reading = as_completed(task, range(100), 1)
    assert next(reading) == 0
    reading.close()  # type: ignore[attr-defined]
    go_on.set()
    assert wait_until(lambda: not [t for t in threading.enumerate() if t.name.startswith("aml-reads")], 30)
    assert len(begun) <= 2
