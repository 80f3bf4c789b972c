"""From `Tensorboard.start()` to a URL that answers, beside the bare command; and what a hundred starts leave behind."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import psutil

from benchmarks.figures import Figure, interleaved, medians, ratio
from tb_aml_plugin import Tensorboard
from tests.support.leftovers import Program, python
from tests.support.ports import free_port
from tests.support.tensorboard import command_line
from tests.support.waiting import wait_until

_ROUNDS = 7
_STOPPED, _KILLED = 50, 50
_POLL_S = 0.02

_START_AND_STOP = """
from tb_aml_plugin import Tensorboard
for _ in range({times}):
    tb = Tensorboard([], local_root={logs!r}, port=0)
    tb.start()
    tb.stop()
"""
_START = """
import time
from tb_aml_plugin import Tensorboard
tb = Tensorboard([], local_root={logs!r}, port=0)
print(tb.start())
time.sleep(1000)
"""


def run() -> Iterable[Figure]:
    with tempfile.TemporaryDirectory(prefix="launch-") as folder:
        logs = str(Path(folder))
        sides = {"from Python": partial(_from_python, logs), "bare command": partial(_bare, logs)}
        samples = interleaved(_ROUNDS, sides)
        yield Figure(
            "start() to a URL that answers",
            ratio(samples, "from Python", "bare command"),
            "×",
            at_most=1.2,
            sides=medians(samples),
        )
        left = _left_behind(Path(folder))
        for kind in ("processes", "temporary files", "sockets"):
            yield Figure(
                f"{kind} left after {_STOPPED} start/stop and {_KILLED} kill -9 of the program",
                left[kind],
                "",
                at_most=0,
            )


def _from_python(logs: str) -> float:
    begin = time.perf_counter()
    with Tensorboard([], local_root=logs, port=free_port()):
        return time.perf_counter() - begin


def _bare(logs: str) -> float:
    port = free_port()
    command = [*command_line(), "--logdir", logs, "--port", str(port)]
    begin = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while not _answers(port):
            time.sleep(_POLL_S)
        took_s = time.perf_counter() - begin
        process.terminate()
    return took_s


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(f"http://localhost:{port}/", timeout=5):
        return True
    return False


def _left_behind(folder: Path) -> dict[str, float]:
    logs = str(folder)
    listening = _listening()
    left = {"processes": 0, "temporary files": 0}
    with python(_START_AND_STOP.format(times=_STOPPED, logs=logs), folder / "stopped") as program:
        program.process.wait()
        _count(program, left)
    for number in range(_KILLED):
        with python(_START.format(logs=logs), folder / f"killed-{number}") as program:
            assert program.line().startswith("http"), "TensorBoard did not start"
            program.process.kill()
            program.process.wait()
            _count(program, left)
    return {**left, "sockets": len(_listening() - listening)}


def _count(program: Program, left: dict[str, int]) -> None:
    wait_until(lambda: not program.processes() and not program.temp_files(), timeout_s=15)
    left["processes"] += len(program.processes())
    left["temporary files"] += len(program.temp_files())


def _listening() -> set[int]:
    return {
        connection.laddr.port
        for connection in psutil.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN and _is_tensorboard(connection.pid)
    }


def _is_tensorboard(pid: int | None) -> bool:
    with contextlib.suppress(psutil.Error):
        return pid is not None and "tb_aml_plugin" in " ".join(psutil.Process(pid).cmdline())
    return False
