"""Programs that a test starts and that end with it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from tests.support.waiting import wait_until


@contextlib.contextmanager
def running(
    command: Sequence[str], log: Path, *, environ: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """`command`, in a session of its own that is ended as a whole; what it writes goes to the file `log`."""
    with log.open("ab") as output:
        process = _start(command, output, environ, cwd)
        try:
            yield process
        finally:
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends `process` and all that it started: politely, then not."""
    for number, patience_s in ((signal.SIGTERM, 10), (signal.SIGKILL, 10)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience_s)
    assert wait_until(lambda: not _group_lives(process.pid), 10), "a process of the group would not end"


def _start(
    command: Sequence[str], output: IO[bytes], environ: Mapping[str, str] | None, cwd: Path | None
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env={**os.environ, **(environ or {})},
        cwd=cwd,
        start_new_session=True,
    )


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
