"""What writing runs as event files costs, beside a plain loop with TensorBoard's own writer."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.event_files import exported
from benchmarks.figures import Figure
from benchmarks.workloads import EXPERIMENT, M, database

_ROUNDS = 3
_MOST_MB = 300


@dataclass(frozen=True)
class Export:
    """One run of ``tb-aml export``: from the start of the process to its end."""

    time_s: float
    memory_mb: float  # the most that was resident


def run() -> Iterable[Figure]:
    _, plain_s = exported(M)
    found = sorted((_export() for _ in range(_ROUNDS)), key=lambda export: export.time_s)
    middle = found[len(found) // 2]
    yield Figure(
        f"M: export of {M.points:,} points as event files",
        middle.time_s / plain_s,
        "×",
        at_most=0.2,
        sides={"tb-aml export (s)": middle.time_s, "EventFileWriter (s)": plain_s},
        note="ours reads them from SQLite, the plain loop has them in memory",
    )
    yield Figure("M: memory of the export", max(one.memory_mb for one in found), "MB", at_most=_MOST_MB)


def _export() -> Export:
    with tempfile.TemporaryDirectory(prefix="export-") as folder:
        command = [sys.executable, "-m", "tb_aml_plugin", "export", EXPERIMENT, "--logdir", folder]
        begin = time.perf_counter()
        process = subprocess.Popen([*command, "--tracking-uri", database(M)], stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        time_s = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0, "the export failed"
        assert len(list(Path(folder).rglob("*tfevents*"))) == M.runs
        return Export(time_s, usage.ru_maxrss / 1024)
