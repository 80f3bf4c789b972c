"""How far a long reading is: told by what reads, to whoever waits, without either knowing the other."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

Listener = Callable[[int], None]

_here = threading.local()


@contextlib.contextmanager
def told(listener: Listener | None) -> Iterator[None]:
    """Within it, `listener` hears what this thread counts. It may raise `tasks.Cancelled`, which ends the reading."""
    before = current()
    _here.listener = listener
    try:
        yield
    finally:
        _here.listener = before


def current() -> Listener | None:
    """Who listens to this thread, for threads that it starts; None when nobody does."""
    listener: Listener | None = getattr(_here, "listener", None)
    return listener


def count(things: int) -> None:
    """So many things more are here.

    Raises:
      Cancelled: nobody waits for the rest any more.
    """
    listener = current()
    if listener is not None:
        listener(things)
