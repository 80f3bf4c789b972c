"""A Python program that starts a `Tensorboard`, and what is left when it has ended."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

_MARK = "TB_TEST_MARK"


@dataclass(frozen=True)
class Program:
    """A running Python program, whose processes are known by a mark in their environment."""

    process: subprocess.Popen[str]
    mark: str
    temp: Path

    def line(self) -> str:
        """The next line that it prints."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def processes(self) -> list[str]:
        """Command lines of it and of all it started, children of children and orphans included."""
        return [" ".join(process.cmdline()) for process in psutil.process_iter() if _has(process, self.mark)]

    def temp_files(self) -> list[str]:
        """What lies in its folder for temporary files."""
        return [str(path.relative_to(self.temp)) for path in self.temp.rglob("*") if path.is_file()]


@contextlib.contextmanager
def python(text: str, temp: Path, environ: Mapping[str, str] | None = None) -> Iterator[Program]:
    """Runs the program `text` with `temp` as its folder for temporary files; ends whatever is left of it."""
    mark = f"{os.getpid()}-{temp}"
    temp.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-c", text],
        env={**os.environ, **(environ or {}), _MARK: mark, "TMPDIR": str(temp), "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Program(process, mark, temp)
    finally:
        process.kill()
        process.wait()
        for left in psutil.process_iter():
            if _has(left, mark):
                left.kill()
        assert process.stdout is not None
        process.stdout.close()


def _has(process: psutil.Process, mark: str) -> bool:
    try:
        return process.environ().get(_MARK) == mark
    except (psutil.Error, OSError):
        return False
