"""The standard ``tensorboard`` command, run so that it ends with the process that started it, however that ends.

Run as a script, with TensorBoard's arguments, by `child`. Its standard input is a pipe that the parent holds open and
never writes to: it ends when the parent does, even by ``kill -9``. Where a fork of the parent holds the pipe too, the
parent's id tells. Linux's ``PR_SET_PDEATHSIG`` would not do: it fires when the *thread* that started us ends.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time

PARENT = "TB_AML_PARENT_PID"
"""Environment variable with the id of the process to outlive by a moment at most."""

_PARENT_ASKED_EVERY_S = 1.0
_PATIENCE_S = 5.0


def _watch(parent: int) -> None:
    abandoned = threading.Event()
    threading.Thread(target=_read_to_the_end, args=(abandoned,), name="aml-parent-pipe", daemon=True).start()
    while not abandoned.wait(_PARENT_ASKED_EVERY_S):
        if os.name == "posix" and os.getppid() != parent:
            break
    os.kill(os.getpid(), signal.SIGTERM)  # TensorBoard ends and removes its info file
    time.sleep(_PATIENCE_S)
    if os.name == "posix" and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


def _read_to_the_end(abandoned: threading.Event) -> None:
    # Not sys.stdin: the interpreter cannot end while a daemon thread holds its lock.
    try:
        while os.read(0, 1024):
            pass
    except OSError:
        pass
    abandoned.set()


def main() -> None:
    """Runs TensorBoard with this process's arguments."""
    sys.path.pop(0)  # the folder of this file, whose modules are no one else's
    threading.Thread(target=_watch, args=(int(os.environ[PARENT]),), name="aml-parent", daemon=True).start()
    runpy.run_module("tensorboard.main", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
