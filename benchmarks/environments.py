"""Environments of their own for the programs that are measured beside ours, and that cannot live with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_REPOSITORY = Path(__file__).parents[1]


def python_with(name: str, *requirements: str) -> Path:
    """The interpreter of ``.venv-NAME``, which is made, with `requirements`, when it is not there.

    Raises:
      subprocess.CalledProcessError: they cannot be installed here.
    """
    folder = _REPOSITORY / f".venv-{name}"
    python, done = folder / "bin" / "python", folder / ".requirements"
    if not done.exists() or done.read_text(encoding="utf-8").split("\n") != list(requirements):
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run(
            [str(python), "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements],
            check=True,
        )
        done.write_text("\n".join(requirements), encoding="utf-8")
    return python
