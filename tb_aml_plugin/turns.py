"""Who goes first where only so many may ask at once: what a person waits for, before what is merely good to know."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

_here = threading.local()


@contextlib.contextmanager
def in_background() -> Iterator[None]:
    """Within it, nobody waits for what this thread asks. Threads that it starts are not meant."""
    before = getattr(_here, "is_background", False)
    _here.is_background = True
    try:
        yield
    finally:
        _here.is_background = before


class Turns:
    """At most `most` turns at once. **Threads.** Any.

    The background never takes the last quarter of them, and begins no turn while more than a quarter are wanted by
    others: a chart of many runs is drawn as if there were no background, and one small question delays nothing.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._quarter = most // 4
        self._changed = threading.Condition()
        self._foreground = 0  # waiting or under way
        self._under_way = 0
        self._background = 0  # of those under way

    @contextlib.contextmanager
    def taken(self) -> Iterator[None]:
        """A turn, once it comes."""
        is_background = getattr(_here, "is_background", False)
        self._take(is_background)
        try:
            yield
        finally:
            with self._changed:
                self._under_way -= 1
                if is_background:
                    self._background -= 1
                else:
                    self._foreground -= 1
                self._changed.notify_all()

    def _take(self, is_background: bool) -> None:
        with self._changed:
            self._foreground += not is_background
            self._changed.wait_for(lambda: self._is_free(is_background))
            self._under_way += 1
            self._background += is_background

    def _is_free(self, is_background: bool) -> bool:
        if is_background and (self._foreground > self._quarter or self._background >= self._most - self._quarter):
            return False
        return self._under_way < self._most
