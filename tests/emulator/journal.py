"""What was asked: requests by kind, and the most that were under way at once."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass
class Entry:
    """One request: its kind (``history.query``, ``mlflow.runs/search``, …) and how it was answered."""

    kind: str
    method: str
    path: str
    started_s: float  # time.monotonic
    status: int = 0  # 0 until answered
    duration_s: float = 0.0
    size_bytes: int = 0


class Journal:
    """Requests since the last `clear`; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Forgets all; requests under way stay counted as such."""
        with self._lock:
            self._entries: list[Entry] = []
            self._in_flight = getattr(self, "_in_flight", 0)
            self._most_in_flight = self._in_flight

    @property
    def entries(self) -> list[Entry]:
        """In the order in which they came."""
        with self._lock:
            return list(self._entries)

    @property
    def most_in_flight(self) -> int:
        """The most requests that were under way at one moment."""
        return self._most_in_flight

    def count(self, kind: str = "*") -> int:
        """How many requests were of a kind that matches the glob `kind`."""
        return sum(fnmatchcase(entry.kind, kind) for entry in self.entries)

    def by_kind(self) -> dict[str, int]:
        """Kind → number of requests, most first."""
        return dict(Counter(entry.kind for entry in self.entries).most_common())

    @contextlib.contextmanager
    def request(self, kind: str, method: str, path: str) -> Iterator[Entry]:
        """Notes one request while it is answered."""
        entry = Entry(kind, method, path, time.monotonic())
        with self._lock:
            self._entries.append(entry)
            self._in_flight += 1
            self._most_in_flight = max(self._most_in_flight, self._in_flight)
        try:
            yield entry
        finally:
            entry.duration_s = time.monotonic() - entry.started_s
            with self._lock:
                self._in_flight -= 1
