"""Processes of ours in which packages seem not to be installed, or to be of another version."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

_HIDING = """
import sys

class _Hidden:
    def find_spec(self, name, path=None, target=None):
        if name in {names} or name.startswith(tuple(f"{{hidden}}." for hidden in {names})):
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, _Hidden())
"""


def without(folder: Path, *modules: str) -> Mapping[str, str]:
    """The environment of a process that cannot import `modules`; `folder` is for its files."""
    (folder / "sitecustomize.py").write_text(_HIDING.format(names=modules))
    return {"PYTHONPATH": str(folder)}


def pretending(folder: Path, distribution: str, version: str) -> Mapping[str, str]:
    """The environment of a process that takes `distribution` to be installed in `version`."""
    metadata = folder / f"{distribution}-{version}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
    return {"PYTHONPATH": str(folder)}
