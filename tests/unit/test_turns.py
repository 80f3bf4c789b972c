"""Turns: how many, and who goes first."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

import pytest

from tb_aml_plugin.turns import Turns, in_background
from tests.support.waiting import wait_until

MOST = 8


class Askers:
    """Threads that take turns and keep them until they are told to end."""

    def __init__(self) -> None:
        self.turns = Turns(MOST)
        self.under_way: list[str] = []
        self._ends: dict[str, list[threading.Event]] = {"foreground": [], "background": []}
        self._threads: list[threading.Thread] = []

    def ask(self, kind: str, times: int) -> None:
        for _ in range(times):
            end = threading.Event()
            self._ends[kind].append(end)
            thread = threading.Thread(target=self._one, args=(kind, end), name="asker", daemon=True)
            self._threads.append(thread)
            thread.start()

    def end(self, kind: str, times: int) -> None:
        for end in self._ends[kind][:times]:
            end.set()
        del self._ends[kind][:times]

    def has(self, foreground: int, background: int) -> bool:
        found = [self.under_way.count(kind) for kind in ("foreground", "background")]
        return found == [foreground, background]

    def end_all(self) -> None:
        for kind, ends in self._ends.items():
            self.end(kind, len(ends))
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive()

    def _one(self, kind: str, end: threading.Event) -> None:
        with in_background() if kind == "background" else contextlib.nullcontext(), self.turns.taken():
            self.under_way.append(kind)
            end.wait(30)
            self.under_way.remove(kind)


@pytest.fixture
def askers() -> Iterator[Askers]:
    found = Askers()
    yield found
    found.end_all()


def test_no_more_turns_than_there_are(askers: Askers) -> None:
    askers.ask("foreground", MOST + 3)
    assert wait_until(lambda: askers.has(MOST, 0), 10)
    askers.end("foreground", MOST)
    assert wait_until(lambda: askers.has(3, 0), 10)


def test_the_background_leaves_a_quarter_free(askers: Askers) -> None:
    askers.ask("background", MOST)
    assert wait_until(lambda: askers.has(0, 6), 10)
    askers.ask("foreground", 2)
    assert wait_until(lambda: askers.has(2, 6), 10)


def test_the_background_begins_nothing_while_many_others_ask(askers: Askers) -> None:
    askers.ask("foreground", MOST)
    assert wait_until(lambda: askers.has(MOST, 0), 10)
    askers.ask("background", 1)
    askers.end("foreground", 5)  # three are left: more than a quarter
    assert wait_until(lambda: askers.has(3, 0), 10)
    assert not wait_until(lambda: askers.has(3, 1), 0.2)
    askers.end("foreground", 1)
    assert wait_until(lambda: askers.has(2, 1), 10)


def test_a_turn_is_given_back_when_asking_fails() -> None:
    turns = Turns(1)
    for _ in range(2):
        with pytest.raises(OSError, match="down"), turns.taken():
            raise OSError("down")


def test_a_thread_is_in_the_background_only_while_it_says_so() -> None:
    turns = Turns(4)
    with in_background(), in_background():
        pass
    with turns.taken(), turns.taken(), turns.taken(), turns.taken():
        assert turns._background == 0
