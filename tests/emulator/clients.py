"""Processes that take the emulator for Azure."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
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
    more = emulator.service_principal() if more is None else more
    with tempfile.TemporaryDirectory(prefix="emulator-home-") as name_of_home:
        home = Path(name_of_home)
        emulator.write_config(home)
        found = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", f"tests.emulator.scripts.{name}", *arguments],
            env={**environ(emulator, home), **more},
            cwd=home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
        )
    assert found.returncode == 0, f"{name} failed:\n{found.stdout[-3000:]}\n{found.stderr[-3000:]}"
    return json.loads(found.stdout.splitlines()[-1])
