"""What the tab weighs: the first load and all in all, gzipped."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

from benchmarks.figures import Figure

_ROOT = Path(__file__).parents[1]
_GOALS = {"first load": 90.0, "all": 200.0}


def run() -> Iterable[Figure]:
    """Two sizes, as the build's own budget counts them."""
    command = ["node", "frontend/scripts/budget.js", str(_ROOT / "tb_aml_plugin" / "static")]
    said = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=True).stdout
    for name, goal in _GOALS.items():
        found = re.search(rf"([\d.]+) kB  {name}, of", said)
        assert found, said
        yield Figure(f"the tab, {name}", float(found[1]), "kB gzip", at_most=goal)
