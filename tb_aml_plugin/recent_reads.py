"""What was just read from a file, for a moment: the parts of one file, columns of a table say, are asked for one by one."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

BUDGET_BYTES = 32 * 2**20
FRESH_S = 10.0


class RecentReads:
    """Keeps bytes for `FRESH_S` seconds, at most `budget_bytes` of them; the oldest make room.

    **Threads.** Any number; two that want the same at once may both read it.
    """

    def __init__(self, budget_bytes: int = BUDGET_BYTES, now_s: Callable[[], float] = time.monotonic) -> None:
        self.budget_bytes = budget_bytes
        self._now_s = now_s
        self._lock = threading.Lock()
        self._held_bytes = 0
        self._kept: OrderedDict[Hashable, tuple[float, bytes]] = OrderedDict()

    @property
    def nbytes(self) -> int:
        """Bytes held now."""
        return self._held_bytes

    def get(self, key: Hashable, read: Callable[[], bytes]) -> bytes:
        """What is kept as `key`; else what `read` returns, which is kept from now on."""
        now_s = self._now_s()
        with self._lock:
            self._drop_while(lambda kept: kept[0] <= now_s - FRESH_S)
            if key in self._kept:
                return self._kept[key][1]
        content = read()
        if len(content) <= self.budget_bytes // 2:
            with self._lock:
                self._keep(key, content)
        return content

    def _keep(self, key: Hashable, content: bytes) -> None:
        _, before = self._kept.pop(key, (0.0, b""))
        self._held_bytes += len(content) - len(before)
        self._kept[key] = (self._now_s(), content)
        self._drop_while(lambda _: self._held_bytes > self.budget_bytes)

    def _drop_while(self, condition: Callable[[tuple[float, bytes]], bool]) -> None:
        """Drops the oldest as long as `condition` holds for it."""
        while self._kept and condition(next(iter(self._kept.values()))):
            _, (_, content) = self._kept.popitem(last=False)
            self._held_bytes -= len(content)
