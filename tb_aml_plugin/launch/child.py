"""A ``tensorboard`` process of our own: what it writes is read, and it ends with all it started."""

from __future__ import annotations

import collections
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from tb_aml_plugin.launch import attended

_LINES_KEPT = 400
_PATIENCE_S = 5.0


class Child:
    """A running ``tensorboard`` of this interpreter.

    It ends at `end`, and by itself when this process is gone (see `attended`). It has a session of its own, so that
    Ctrl-C in the terminal and "Interrupt" in a notebook do not reach it.
    """

    def __init__(
        self, arguments: Sequence[str], environ: Mapping[str, str], heard: Callable[[str], None] = lambda line: None
    ) -> None:
        """
        Args:
          arguments: TensorBoard's.
          environ: all of its environment.
          heard: gets each line that it writes, on a thread of its own.
        """
        self._owner = os.getpid()
        self._ending = threading.Lock()
        self._lines: collections.deque[str] = collections.deque(maxlen=_LINES_KEPT)
        self._news = threading.Condition()
        self._silent = False
        self._process = subprocess.Popen(  # noqa: S603 - our own words
            [sys.executable, attended.__file__, *arguments],
            env={**environ, attended.PARENT: str(os.getpid()), "PYTHONIOENCODING": "utf-8:replace"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        # Should Ctrl-C strike before anyone holds this object, the pipe closes with it and the process ends.
        self._drain = threading.Thread(
            target=self._listen, args=(self._process.stdout, heard), name="aml-tensorboard-output", daemon=True
        )
        self._drain.start()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    @property
    def lines(self) -> list[str]:
        """The last lines that it wrote, both streams, without line ends."""
        with self._news:
            return list(self._lines)

    def wait_for(self, condition: Callable[[list[str]], object], timeout_s: float) -> bool:
        """Waits until `condition` holds for the lines written; False if not within `timeout_s` or it writes no more."""
        with self._news:
            self._news.wait_for(lambda: self._silent or condition(list(self._lines)), timeout_s)
            return bool(condition(list(self._lines)))

    def end(self) -> None:
        """Ends it and all that it started; harmless when called again, and in a fork of the process that started it."""
        if os.getpid() != self._owner:
            return
        with self._ending:
            try:
                self._ask_to_end()
            finally:
                self._make_sure()

    def _ask_to_end(self) -> None:
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()  # from here on it ends by itself, whatever interrupts us
        if self._process.poll() is None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_PATIENCE_S)

    def _make_sure(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL) if os.name == "posix" else self._process.kill()
        self._process.wait()
        if threading.current_thread() is not self._drain:
            self._drain.join(_PATIENCE_S)
        _info_file(self._process.pid).unlink(missing_ok=True)

    def _listen(self, stream: IO[bytes], heard: Callable[[str], None]) -> None:
        with stream:
            for raw in stream:
                line = raw.decode("utf-8", "replace").rstrip("\r\n")
                with self._news:
                    self._lines.append(line)
                    self._news.notify_all()
                heard(line)
        with self._news:
            self._silent = True
            self._news.notify_all()


def _info_file(pid: int) -> Path:
    """What TensorBoard leaves for ``tensorboard.notebook`` to find it (`tensorboard.manager`); it removes it unless killed."""
    return Path(tempfile.gettempdir(), ".tensorboard-info", f"pid-{pid}.info")
