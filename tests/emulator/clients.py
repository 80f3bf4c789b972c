"""Processes that take the emulator for Azure."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.emulator.emulator import Emulator

REPOSITORY = Path(__file__).parents[2]
TIMEOUT_S = 120.0


_FOREIGN = ("AZURE", "IDENTITY_", "MLFLOW_", "MSI_")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


def environ(emulator: Emulator, home: Path) -> dict[str, str]:
    """A whole environment: this process's, less whatever it says of clouds and proxies, and `Emulator.environ`."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_FOREIGN) and name.lower() not in _PROXIES
    }
    return kept | {"PYTHONPATH": str(REPOSITORY)} | emulator.environ(home)


def run_script(emulator: Emulator, name: str, *arguments: str, more: Mapping[str, str] | None = None) -> Any:
    """Runs ``tests.emulator.scripts.NAME``; what it printed last, which is JSON.

    Each runs in a process of its own: the SDKs read their environment when they are imported, and keep it.

    Args:
      more: of the environment; by default what a service principal needs.
    """
    with started(emulator, name, *arguments, more=more) as process:
        output, errors = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 0, f"{name} failed:\n{output[-3000:]}\n{errors[-3000:]}"
    return json.loads(output.splitlines()[-1])


@contextlib.contextmanager
def started(
    emulator: Emulator, name: str, *arguments: str, more: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Starts ``tests.emulator.scripts.NAME``, whose input and output are pipes; ends it if it has not ended itself."""
    more = emulator.service_principal() if more is None else more
    with tempfile.TemporaryDirectory(prefix="emulator-home-") as folder:
        home = Path(folder)
        emulator.write_config(home)
        with subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", f"tests.emulator.scripts.{name}", *arguments],
            env={**environ(emulator, home), **more},
            cwd=home,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()
