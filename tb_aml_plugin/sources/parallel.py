"""Several waits at once."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from tb_aml_plugin import under_way

T = TypeVar("T")
R = TypeVar("R")


def as_completed(do: Callable[[T], R], tasks: Sequence[T], threads: int) -> Iterator[R]:
    """``do(task)`` for each of `tasks`, as they come, on at most `threads` daemon threads.

    Daemons, which `concurrent.futures` has not: a place that hangs must not keep the process from ending. When the
    iterator is closed early, no further task is begun.

    Raises:
      Exception: the first that a task raised; what came before it was given.
    """
    waiting: queue.SimpleQueue[T] = queue.SimpleQueue()
    done: queue.SimpleQueue[R | Exception] = queue.SimpleQueue()
    stopped = threading.Event()
    listener = under_way.current()
    for task in tasks:
        waiting.put(task)

    def work() -> None:
        while not stopped.is_set():
            try:
                task = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                with under_way.told(listener):
                    done.put(do(task))
            # Carried over to the thread that waits for it, which would otherwise wait for ever.
            except Exception as error:  # noqa: BLE001
                done.put(error)

    for number in range(min(threads, len(tasks))):
        threading.Thread(target=work, name=f"aml-reads-{number}", daemon=True).start()
    try:
        for _ in tasks:
            result = done.get()
            if isinstance(result, Exception):
                raise result
            yield result
    finally:
        stopped.set()
