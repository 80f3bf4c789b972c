"""How fast something comes in."""

from __future__ import annotations

import collections
import threading
import time
from collections.abc import Callable

WINDOW_S = 10.0


class Rate:
    """Counts per second over the last `WINDOW_S` seconds.

    **Threads.** Any number.
    """

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._lock = threading.Lock()
        self._counts: collections.deque[tuple[int, int]] = collections.deque()  # second, how many in it

    def count(self, number: int) -> None:
        """So many more came in now."""
        second = int(self._clock_s())
        with self._lock:
            if self._counts and self._counts[-1][0] == second:
                number += self._counts.pop()[1]
            self._counts.append((second, number))
            self._forget(second)

    @property
    def per_s(self) -> float:
        """The mean over the window; 0 when nothing came in."""
        with self._lock:
            self._forget(int(self._clock_s()))
            return sum(number for _, number in self._counts) / WINDOW_S

    def _forget(self, second: int) -> None:
        while self._counts and self._counts[0][0] <= second - WINDOW_S:
            self._counts.popleft()
