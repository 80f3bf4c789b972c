"""What the plugin costs a `tensorboard` that is not asked to show any experiment."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterable
from functools import partial

from benchmarks.figures import Figure, difference, interleaved, medians

_ROUNDS = 25

_BEGIN = """
import time
begin = time.perf_counter()
from tensorboard import default
"""
_AS_IF_UNINSTALLED = """
found = default._iter_entry_points
default._iter_entry_points = lambda group: [entry for entry in found(group) if entry.name != "azureml"]
"""
_FIX_FLAGS = """
from tensorboard import program
tensorboard = program.TensorBoard(default.get_plugins())
tensorboard.configure(["tensorboard", "--logdir", "nowhere", "--port", "0"])
"""
_LAUNCH = """
tensorboard.launch()
"""
_END = """
print(time.perf_counter() - begin, flush=True)
import os
os._exit(0)
"""


def run() -> Iterable[Figure]:
    yield _figure("until the flags are fixed", _FIX_FLAGS)
    yield _figure("until it serves", _FIX_FLAGS + _LAUNCH)


def _figure(what: str, script: str) -> Figure:
    sides = {"installed": "", "not installed": _AS_IF_UNINSTALLED}
    samples = interleaved(
        _ROUNDS, {name: partial(_seconds, _BEGIN + side + script + _END) for name, side in sides.items()}
    )
    return Figure(
        f"`tensorboard --logdir X` with the plugin installed and none of its flags given, {what}",
        difference(samples, *sides) * 1000,
        "ms more",
        at_most=20,
        sides=medians(samples),
    )


def _seconds(script: str) -> float:
    """What `script` prints, run in a new process."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, cwd=folder)
    return float(done.stdout.split()[-1])
