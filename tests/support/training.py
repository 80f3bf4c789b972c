"""A training in a process of its own, that logs with tensorboardX when it is told to."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

from tests.support.waiting import wait_until

_PROGRAM = """
import sys
from tensorboardX import SummaryWriter

writer = SummaryWriter(sys.argv[1], flush_secs=0.1)
for line in sys.stdin:
    for step in range(*map(int, line.split())):
        writer.add_scalar("loss", 1 / (step + 1), step)
writer.close()
"""


@contextlib.contextmanager
def training(folder: Path) -> Iterator[Callable[[int, int], None]]:
    """Gives ``log(first, end)``: the process logs these steps of the curve ``loss`` into an event file in `folder`.

    It writes on a thread of its own: `log` returns when all is in the file.
    """
    process = subprocess.Popen([sys.executable, "-c", _PROGRAM, str(folder)], stdin=subprocess.PIPE, text=True)
    stdin = process.stdin
    assert stdin is not None

    def log(first: int, end: int) -> None:
        stdin.write(f"{first} {end}\n")
        stdin.flush()
        assert wait_until(lambda: end - 1 in _steps(folder)), f"not logged, exit code {process.poll()}"

    try:
        yield log
    finally:
        stdin.close()
        process.wait(30)


def _steps(folder: Path) -> set[int]:
    files = folder.glob("*tfevents*")
    return {event.step for path in files for event in EventFileLoader(str(path)).Load()}
