"""Which artifacts are logs that TensorBoard reads itself, and which run of TensorBoard each belongs to. Pure."""

from __future__ import annotations

import enum
import re
from collections.abc import Container, Iterable, Mapping
from pathlib import PurePosixPath

_EVENTS = re.compile(r"tfevents", re.ASCII)
_TRACE = re.compile(r"\.pt\.trace\.json(\.gz)?$", re.ASCII)
_PROJECTOR = "projector_config.pbtxt"
_BELONGS_TO_PROJECTOR = re.compile(
    r"^projector_config\.pbtxt$|(\.tsv|\.bytes|\.ckpt[\w.-]*|\.png)$|^checkpoint$|ckpt-[\w.-]+$", re.ASCII
)
"""A projector's config, and what it names beside it: vectors, metadata, a checkpoint, a sprite."""
_VECTORS = re.compile(r"\.(tsv|bytes)$", re.ASCII)

_LONGEST_NAME = 255
"""Bytes in one name of a file, on all usual file systems."""


class NativeLog(enum.Enum):
    """Who reads it."""

    EVENTS = "events"
    """An event file (``*tfevents*``): TensorBoard's data server."""
    ASSET = "asset"
    """A file that a plugin reads from the log directory by itself: profiles, traces, embeddings."""


def native_logs(paths: Iterable[str]) -> dict[str, NativeLog]:
    """Those of `paths` (files, relative to a run's artifacts) that are native logs.

    A projector's config comes after the files that it may name: the plugin reads them as soon as it sees the config.
    """
    files = sorted(paths, key=lambda path: PurePosixPath(path).name == _PROJECTOR)
    embedded, found = _of_projectors(files), {path: NativeLog.EVENTS for path in files if _is_event_file(path)}
    logged = {_folder(path) for path in found}
    for path in files:
        name = PurePosixPath(path).name
        if path not in found and (
            _is_of_plugin(path, logged)
            or _TRACE.search(name)
            or (_folder(path) in embedded and _BELONGS_TO_PROJECTOR.search(name))
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


def _is_event_file(path: str) -> bool:
    *above, name = PurePosixPath(path).parts
    return _EVENTS.search(name) is not None and "plugins" not in above


def _is_of_plugin(path: str, logged: Container[str]) -> bool:
    """Whether a plugin reads it: what is below ``plugins`` beside event files, and profiles wherever they are."""
    *above, _ = PurePosixPath(path).parts
    return "plugins" in above and ("profile" in above or _owner(path) in logged)


def _of_projectors(files: Iterable[str]) -> set[str]:
    """Folders whose files a projector's config may name: its own, and those below it that hold vectors.

    PyTorch's and tensorboardX's writers make such a folder for each step and tag.
    """
    folders = {_folder(path) for path in files if PurePosixPath(path).name == _PROJECTOR}
    holding = {_folder(path) for path in files if _VECTORS.search(path)} if folders else set()
    return folders | {
        folder for folder in holding if any(above in folders for above in map(str, PurePosixPath(folder).parents))
    }


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
