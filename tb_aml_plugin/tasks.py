"""What takes its time: how far it is, and a way to end it early."""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tb_aml_plugin.errors import AmlError


class Cancelled(AmlError):
    """Someone ended the task."""


@dataclass(slots=True, eq=False)
class Task:
    """One thing under way. Its own thread calls `advance`; any thread may read it.

    Attributes:
      what: for people, such as "Packing outputs".
      total: how many steps there are; None while nobody knows.
      done: how many of them were taken.
      since_s: when it began, seconds since the Unix epoch.
    """

    id: str
    what: str
    total: int | None
    since_s: float
    done: int = 0
    _cancelled: threading.Event = field(default_factory=threading.Event)

    def advance(self, steps: int = 1) -> None:
        """Counts `steps`.

        Raises:
          Cancelled: someone ended the task.
        """
        self.done += steps
        if self._cancelled.is_set():
            raise Cancelled(f"{self.what}: ended.")

    def cancel(self) -> None:
        """Ends the task at its next step."""
        self._cancelled.set()


class Tasks:
    """The tasks under way in this process.

    **Threads.** Any number.
    """

    def __init__(self, now_s: Callable[[], float] = time.time) -> None:
        self._now_s = now_s
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._tasks: dict[str, Task] = {}

    @contextlib.contextmanager
    def running(self, what: str, total: int | None = None) -> Iterator[Task]:
        """A task that is under way until the end of the context."""
        with self._lock:
            task = Task(f"task-{next(self._numbers)}", what, total, self._now_s())
            self._tasks[task.id] = task
        try:
            yield task
        finally:
            with self._lock:
                del self._tasks[task.id]

    def current(self) -> list[Task]:
        """Those under way, the oldest first."""
        with self._lock:
            return list(self._tasks.values())

    def cancel(self, id_: str) -> bool:
        """Ends the task `id_` at its next step; False when there is none."""
        with self._lock:
            task = self._tasks.get(id_)
        if task is not None:
            task.cancel()
        return task is not None
