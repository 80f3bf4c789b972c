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


def run_script(emulator: Emulator, name: str, *arguments: str, environ: Mapping[str, str] | None = None) -> Any:
    """Runs ``tests.emulator.scripts.NAME`` as a service principal; what it printed last, which is JSON.

    Each runs in a process of its own: the SDKs read their environment when they are imported, and keep it.
    """
    with tempfile.TemporaryDirectory(prefix="emulator-home-") as name_of_home:
        home = Path(name_of_home)
        emulator.write_config(home)
        found = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", f"tests.emulator.scripts.{name}", *arguments],
            env={**os.environ, "PYTHONPATH": str(REPOSITORY), **emulator.environ(home), **emulator.service_principal()}
            | dict(environ or {}),
            cwd=home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
        )
    assert found.returncode == 0, f"{name} failed:\n{found.stdout[-3000:]}\n{found.stderr[-3000:]}"
    return json.loads(found.stdout.splitlines()[-1])
