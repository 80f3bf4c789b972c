"""The real ``tensorboard`` command, as a user starts it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tests.support.waiting import wait_until

START_TIMEOUT_S = 60.0
_URL = re.compile(r"TensorBoard \S+ at (http://\S+)")


@dataclass
class TensorBoard:
    """A running ``tensorboard``."""

    process: subprocess.Popen[str]
    url: str = ""  # ends with "/"
    _lines: list[str] = field(default_factory=list)

    @property
    def output(self) -> str:
        """What it has written so far, both streams."""
        return "".join(self._lines)

    def get(self, path: str, **query: str) -> Any:
        """The JSON at `path`, below the path prefix."""
        text = f"?{urllib.parse.urlencode(query)}" if query else ""
        return json.loads(self.fetch(path + text))

    def fetch(self, path: str, data: bytes | None = None, headers: Mapping[str, str] | None = None) -> bytes:
        """The body at `path`.

        Raises:
          urllib.error.HTTPError: the answer is an error.
        """
        request = urllib.request.Request(self.url + path, data, dict(headers or {}))
        with urllib.request.urlopen(request, timeout=60) as response:
            return bytes(response.read())

    def post_json(self, path: str, body: object) -> Any:
        """The JSON that posting `body` as JSON gives."""
        return json.loads(self.fetch(path, json.dumps(body).encode(), {"Content-Type": "application/json"}))

    def runs(self) -> list[str]:
        """Run names, as the run selector lists them."""
        return list(self.get("data/runs"))

    def wait_for_run(self, name: str, timeout_s: float = 30.0) -> None:
        """Waits until the run `name` is listed; fails after `timeout_s` seconds."""
        assert wait_until(lambda: name in self.runs(), timeout_s), f"{name} is not among {self.runs()}"

    def scalar_tags(self) -> dict[str, list[str]]:
        """Run name → tags of its scalars, as Time Series lists them."""
        return dict(self.get("data/plugin/timeseries/tags")["scalars"]["runTagInfo"])

    def card(self, tag: str, experiment: str = "defaultExperimentId") -> dict[str, list[dict[str, float]]]:
        """Run name → points of the Time Series card of `tag`."""
        form = urllib.parse.urlencode({"requests": json.dumps([{"plugin": "scalars", "tag": tag}])}).encode()
        path = f"experiment/{experiment}/data/plugin/timeseries/timeSeries"
        (answer,) = json.loads(self.fetch(path, form))
        assert "error" not in answer, answer
        return dict(answer["runToSeries"])

    def sessions(self) -> list[dict[str, Any]]:
        """The rows of the HParams table."""
        statuses = ["STATUS_UNKNOWN", "STATUS_SUCCESS", "STATUS_FAILURE", "STATUS_RUNNING"]
        body = {"allowedStatuses": statuses, "colParams": self._columns(), "startIndex": 0, "sliceSize": 10_000}
        groups = self.post_json("data/plugin/hparams/session_groups", body)["sessionGroups"]
        return list(groups)

    def _columns(self) -> list[dict[str, Any]]:
        experiment = self.post_json("data/plugin/hparams/experiment", {"experimentName": ""})
        metrics = [{"metric": info["name"]} for info in experiment.get("metricInfos", [])]
        return [*({"hparam": info["name"]} for info in experiment.get("hparamInfos", [])), *metrics]


@contextlib.contextmanager
def tensorboard(
    *arguments: str,
    cwd: Path,
    environ: Mapping[str, str] | None = None,
    wait_for_url: bool = True,
    python: str = sys.executable,
) -> Iterator[TensorBoard]:
    """Runs ``tensorboard`` with `arguments` in `cwd` on a free port; ends it, and all that it started, afterwards.

    Args:
      python: the interpreter of the environment to run it in.
    """
    command = [*command_line(python), *arguments]
    if "--port" not in command:
        command += ["--port", "0"]
    process = _start(command, cwd, environ)
    running = TensorBoard(process)
    assert process.stdout is not None
    drain = threading.Thread(target=_drain, args=(process.stdout, running._lines), name="tensorboard-output")
    drain.start()
    try:
        if wait_for_url:
            wait_until(lambda: _URL.search(running.output) or process.poll() is not None, START_TIMEOUT_S)
            found = _URL.search(running.output)
            assert found, f"tensorboard did not start: {running.output}"
            running.url = found.group(1).replace("0.0.0.0", "127.0.0.1")
            running.url = re.sub(r"//[^:/]+:", "//127.0.0.1:", running.url)
        yield running
    finally:
        _end(process)
        drain.join(10)
        process.stdout.close()


def run_tensorboard(
    *arguments: str, cwd: Path, environ: Mapping[str, str] | None = None, prefix: Sequence[str] = ()
) -> tuple[int, str]:
    """Exit code and output of a ``tensorboard`` that is expected to end by itself; `prefix` stands before the command."""
    process = _start([*prefix, *command_line(), *arguments], cwd, environ)
    try:
        output, _ = process.communicate(timeout=START_TIMEOUT_S)
    finally:
        _end(process)
    return process.returncode, output


def command_line(python: str = sys.executable) -> list[str]:
    """The ``tensorboard`` command of the environment of `python`."""
    script = Path(python).with_name("tensorboard")
    return [str(script)] if script.exists() else [python, "-m", "tensorboard.main"]


def _start(command: list[str], cwd: Path, environ: Mapping[str, str] | None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command,
        cwd=cwd,
        env={**os.environ, **(environ or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )


def _drain(stream: IO[str], lines: list[str]) -> None:
    for line in iter(stream.readline, ""):  # not extend: readers look on meanwhile
        lines.append(line)


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)
