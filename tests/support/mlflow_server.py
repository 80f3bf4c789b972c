"""A real ``mlflow server``."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.ports import free_port
from tests.support.processes import end, running
from tests.support.waiting import wait_until

START_TIMEOUT_S = 90.0
_QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
"""Without its eight processes for jobs the server takes a third of the processor time to start."""


@dataclass(frozen=True)
class MlflowServer:
    """A tracking server on loopback."""

    url: str
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """Ends it now, as a crash would."""
        end(self.process)


@contextlib.contextmanager
def mlflow_server(
    store: str,
    *,
    port: int | None = None,
    workers: int | None = 1,
    flags: tuple[str, ...] = (),
    environ: Mapping[str, str] | None = None,
    python: str = sys.executable,
) -> Iterator[MlflowServer]:
    """Serves the tracking store at the URI `store`.

    Args:
      workers: processes that answer; None for the server's own default.
      flags: more of ``mlflow server``.
      python: the interpreter whose MLflow serves.
    """
    port = port or free_port()
    with tempfile.TemporaryDirectory(prefix="mlflow-server-") as folder:
        command = [python, "-m", "mlflow", "server", "--backend-store-uri", store, "--host", "127.0.0.1"]
        command += ["--port", str(port), "--artifacts-destination", f"{folder}/artifacts", *flags]
        if workers:
            command += ["--workers", str(workers)]
        log = Path(folder) / "log"
        with running(command, log, environ={**_QUIET, **(environ or {})}, cwd=Path(folder)) as process:
            url = f"http://127.0.0.1:{port}"
            up = wait_until(lambda: process.poll() is not None or _answers(url), START_TIMEOUT_S)
            assert up and process.poll() is None, f"mlflow server did not start: {log.read_text()[-3000:]}"
            yield MlflowServer(url, process)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=2) as response:
            return bool(response.status == 200)
    except urllib.error.HTTPError as error:
        return error.code == 401  # up, and wants a password
    except OSError:
        return False
