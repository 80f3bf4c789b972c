"""How much memory large files take while they are opened: bounds that a machine bears, whatever a stranger logs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import peak_memory

ROOT = Path(__file__).parents[2]
PICTURE_MB, OTHER_MB = 500, 250
SHOWN = {
    "text of 50 MB": "Text",
    "csv of a million rows": "Table ScalarSeries ScalarSeries",
    "json of a million rows": "Table ScalarSeries ScalarSeries",
    "parquet of a million rows": "Table ScalarSeries ScalarSeries ScalarSeries ScalarSeries",
    "png of 49 megapixels": "Picture",
    "png of 49 megapixels of 16 bits": "Picture",
    "json of a million numbers": "Histogram",
    "matrix of a thousand classes": "Picture",
}


@pytest.mark.skipif(
    sys.platform != "linux", reason="the system counts a peak in kB, from the start of a process, on Linux"
)
def test_large_files_are_shown_within_bounds() -> None:
    script = [sys.executable, "-m", peak_memory.__name__]
    ended = subprocess.run(script, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr[-3000:]
    found = json.loads(ended.stdout)
    assert {name: shown for name, (_, shown) in found.items()} == SHOWN
    most = {name: PICTURE_MB if "megapixels" in name else OTHER_MB for name in SHOWN}
    assert {name: taken for name, (taken, _) in found.items() if taken > most[name]} == {}
