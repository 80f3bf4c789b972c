"""Paths of artifacts as strangers name them: which may be followed. Pure."""

from __future__ import annotations

from tb_aml_plugin.errors import ArtifactGone

_LONGEST_PATH = 4096
_LONGEST_NAME_BYTES = 255
"""What file systems take; a longer name cannot be that of a file."""


def is_safe(path: str) -> bool:
    """Whether `path` is relative and plain, and stays below where it begins; "" is the root.

    What Windows takes for a way out, a backslash behind two dots or a drive, is refused everywhere.
    """
    if not path:
        return True
    if len(path) > _LONGEST_PATH or "\0" in path or path.startswith(("/", "\\")) or path[1:2] == ":":
        return False
    if ".." in path.replace("\\", "/").split("/"):
        return False
    return all(_is_name(part) for part in path.split("/"))


def checked(path: str) -> str:
    """`path`, a file's, if it may be followed.

    Raises:
      ArtifactGone: it is no path of an artifact.
    """
    if not path or not is_safe(path):
        raise ArtifactGone(f"{path[:100]!r} is no path of an artifact.")
    return path


def _is_name(part: str) -> bool:
    return part not in ("", ".", "..") and len(part.encode("utf-8", "surrogatepass")) <= _LONGEST_NAME_BYTES
