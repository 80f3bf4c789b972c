"""What the person at the terminal is told, where TensorBoard writes too."""

from __future__ import annotations

import contextlib
import sys


def tell(line: str) -> None:
    """Writes `line` to standard error; nowhere where that is closed, as of a service or behind ``2>&1 | head``."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(f"Azure ML: {line}\n")
        sys.stderr.flush()
