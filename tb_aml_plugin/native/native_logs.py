"""Which artifacts are logs that TensorBoard reads itself, and which run of TensorBoard each belongs to. Pure."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

_EVENTS = re.compile(r"tfevents", re.ASCII)
_TRACE = re.compile(r"\.pt\.trace\.json(\.gz)?$", re.ASCII)
_PROJECTOR = "projector_config.pbtxt"
_BELONGS_TO_PROJECTOR = re.compile(
    r"^projector_config\.pbtxt$|(\.tsv|\.bytes|\.ckpt[\w.-]*|\.png)$|^checkpoint$|ckpt-[\w.-]+$", re.ASCII
)
"""A projector's config, and what it names: vectors, metadata, a checkpoint, a sprite."""

_LONGEST_NAME = 255
"""Bytes in one name of a file, on all usual file systems."""


class NativeLog(enum.Enum):
    """Who reads it."""

    EVENTS = "events"
    """An event file (``*tfevents*``): TensorBoard's data server."""
    ASSET = "asset"
    """A file that a plugin reads from the log directory by itself: profiles, traces, embeddings."""


def native_logs(paths: Iterable[str]) -> dict[str, NativeLog]:
    """Those of `paths` (files, relative to a run's artifacts) that are native logs."""
    files = list(paths)
    embedded = {_folder(path) for path in files if PurePosixPath(path).name == _PROJECTOR}
    found = {}
    for path in files:
        parts = PurePosixPath(path).parts
        name, folder = parts[-1], _folder(path)
        if _EVENTS.search(name) and "plugins" not in parts[:-1]:
            found[path] = NativeLog.EVENTS
        elif (
            "plugins" in parts[:-1]
            or _TRACE.search(name)
            or (folder in embedded and _BELONGS_TO_PROJECTOR.search(name))
        ):
            found[path] = NativeLog.ASSET
    return found


def sub_runs(logs: Mapping[str, NativeLog]) -> dict[str, str]:
    """The sub-run of each folder that holds event files, "" for the run itself.

    What the folders of all native logs have in common is left out: ``tensorboard_logs/train`` and
    ``tensorboard_logs/validation`` are ``train`` and ``validation``; a lone ``logs/fit/2024`` is the run itself.
    """
    root = _root(logs)
    folders = {_folder(path) for path, kind in logs.items() if kind is NativeLog.EVENTS}
    return {folder: _below(folder, root) for folder in folders}


def asset_places(logs: Mapping[str, NativeLog]) -> dict[str, str]:
    """Where each asset stands below the run's folder in the log directory: where the event files beside it would."""
    root = _root(logs)
    return {path: _below(path, root) for path, kind in logs.items() if kind is NativeLog.ASSET}


def common_folder(folders: Iterable[str]) -> str:
    """The deepest folder that holds all of `folders`, "." for the root."""
    split = [PurePosixPath(folder).parts for folder in folders]
    common: list[str] = []
    for level in zip(*split, strict=False):
        if len(set(level)) > 1:
            break
        common.append(level[0])
    return "/".join(common) or "."


def is_safe(path: str) -> bool:
    """Whether `path` stays below the folder it is put into, on any system, and can be written there."""
    parts = path.split("/")
    return all(_is_safe_name(part) for part in parts) and len(path) <= 2000


def _is_safe_name(name: str) -> bool:
    if name in ("", ".", "..") or any(character in name for character in '\\\0:*?"<>|') or name != name.strip(" ."):
        return False
    try:
        return len(name.encode("utf-8")) <= _LONGEST_NAME and name.isprintable()
    except UnicodeEncodeError:  # a lone surrogate
        return False


def _root(logs: Mapping[str, NativeLog]) -> str:
    return common_folder({_folder(path) if kind is NativeLog.EVENTS else _owner(path) for path, kind in logs.items()})


def _folder(path: str) -> str:
    return str(PurePosixPath(path).parent)


def _owner(path: str) -> str:
    """The folder of the run that an asset is of: the one above ``plugins``, else its own."""
    parts = PurePosixPath(path).parts
    end = parts.index("plugins") if "plugins" in parts[:-1] else len(parts) - 1
    return "/".join(parts[:end]) or "."


def _below(path: str, root: str) -> str:
    if root == ".":
        return "" if path == "." else path
    if path == root:
        return ""
    return path.removeprefix(root + "/")
