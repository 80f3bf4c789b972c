"""``tensorboard`` as a user starts it, with a clock and a scale."""

from __future__ import annotations

import contextlib
import gzip
import json
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any

import psutil

from benchmarks.workloads import EXPERIMENT, Workload, database
from tests.support.tensorboard import TensorBoard, tensorboard
from tests.support.waiting import wait_until

_EXPERIMENT = "experiment/defaultExperimentId/data/plugin/timeseries"


@dataclass(frozen=True)
class Answer:
    """What a request of Time Series brought, as a browser gets it."""

    json: Any
    size_bytes: int  # unpacked
    packed_bytes: int  # as sent
    time_s: float  # until the last byte, not counting the unpacking


class Server:
    """A running ``tensorboard``, asked as its Time Series page asks."""

    def __init__(self, process: TensorBoard) -> None:
        self._running = process
        self.process = psutil.Process(process.process.pid)

    @property
    def url(self) -> str:
        """Where it answers; ends with "/"."""
        return self._running.url

    def wait_for_runs(self, count: int, timeout_s: float = 300) -> None:
        """Waits until `count` runs are listed; fails after `timeout_s` seconds."""
        assert wait_until(lambda: len(self._running.runs()) >= count, timeout_s), f"{count} runs are not shown"

    def tags(self) -> dict[str, list[str]]:
        """Run → scalar tags."""
        return dict(self.fetch(f"{_EXPERIMENT}/tags").json["scalars"]["runTagInfo"])

    def card(self, tag: str) -> Answer:
        """The card of `tag` with all runs; `Answer.json` is run → points."""
        form = urllib.parse.urlencode({"requests": json.dumps([{"plugin": "scalars", "tag": tag}])}).encode()
        answer = self.fetch(f"{_EXPERIMENT}/timeSeries", form)
        return Answer(answer.json[0].get("runToSeries", {}), answer.size_bytes, answer.packed_bytes, answer.time_s)

    def fetch(self, path: str, data: bytes | None = None) -> Answer:
        """The JSON at `path`, packed on the way as browsers ask for it."""
        request = urllib.request.Request(self._running.url + path, data, {"Accept-Encoding": "gzip"})
        begin = time.perf_counter()
        with urllib.request.urlopen(request, timeout=300) as response:
            packed = response.read()
            is_packed = response.headers.get("Content-Encoding") == "gzip"
        time_s = time.perf_counter() - begin
        body = gzip.decompress(packed) if is_packed else packed
        return Answer(json.loads(body), len(body), len(packed), time_s)

    def head(self, path: str) -> Message:
        """The headers of what is at `path`."""
        with urllib.request.urlopen(self._running.url + path, timeout=300) as response:
            return response.headers

    def size_of(self, path: str) -> int:
        """Bytes of what is at `path`, of any type."""
        return len(self._running.fetch(path))

    def rss_bytes(self) -> int:
        """Memory of the process and of all that it started."""
        return sum(process.memory_info().rss for process in (self.process, *self.process.children(recursive=True)))


@contextlib.contextmanager
def serving(*arguments: str) -> Iterator[Server]:
    """Runs ``tensorboard`` with `arguments`, in an empty folder, until the block ends."""
    # Compiled modules are kept, as they are for whoever has installed it.
    environ = {"PYTHONDONTWRITEBYTECODE": ""}
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        tensorboard(*arguments, cwd=Path(folder), environ=environ) as process,
    ):
        yield Server(process)


def plugin_arguments(workload: Workload) -> list[str]:
    """What to start ``tensorboard`` with to see `workload` through the plugin."""
    chosen = ["--aml_experiment", EXPERIMENT, "--aml_max_runs", str(workload.runs)]
    return [*chosen, "--aml_tracking_uri", database(workload)]
