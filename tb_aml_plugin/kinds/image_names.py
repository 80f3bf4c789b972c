"""What the path of a picture says: under which tag it belongs, at which step, and when it was logged."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LOG_IMAGE = re.compile(
    r"images/(?P<key>[^/]+?)(?P<sep>[+%])step(?P=sep)(?P<step>-?\d{1,18})(?P=sep)timestamp(?P=sep)(?P<time_ms>\d{1,15})"
    r"(?P=sep)(?P<id>[^/]*?)(?P<compressed>(?P=sep)compressed)?\.\w+"
)
"""How ``mlflow.log_image(image, key=, step=)`` names files: with ``+`` and ``~`` for a slash in the key, before MLflow
2.19 with ``%`` and ``#`` (`mlflow/tracking/client.py`)."""

_PLOT = re.compile(r"(?P<stem>.+)_(?P<time_s>1\d{9})(?P<suffix>\.\w+)")
"""How azureml-core's ``run.log_image(name, plot=)`` names files: with the time in seconds."""

_STEP = re.compile(r"(?i)(?<![a-z])(?P<word>global_step|step|epoch|iteration|iter)s?[-_ =]?(?P<step>\d{1,18})(?!\d)")
_AROUND_STEP = re.compile("([-_ =.]?)[-_ =.]*\0[-_ =.]*")
_TABLE_IMAGE = re.compile(r"(?P<folder>table_images/.+)/[^/]+")
"""Pictures in the cells of ``mlflow.log_table``; their names are random."""


@dataclass(frozen=True, slots=True)
class ImageName:
    """What a path says; None for what it does not."""

    tag: str
    step: int | None = None
    wall_time_s: float | None = None
    twin: str = ""  # the path of the same picture in full, for one that is its small copy


def parse(path: str) -> ImageName:
    """What the `path` of a picture says."""
    if found := _LOG_IMAGE.fullmatch(path):
        key = re.sub("[~#]", "/", found["key"])
        twin = path[: found.start("compressed")] + ".png" if found["compressed"] else ""
        return ImageName(key, int(found["step"]), int(found["time_ms"]) / 1000, twin)
    twin = re.sub(r"\.\w+$", ".png", path) if path.lower().endswith(".webp") else ""
    if found := _TABLE_IMAGE.fullmatch(path):
        return ImageName(found["folder"], twin=twin)
    if found := _PLOT.fullmatch(path):
        return ImageName(found["stem"] + found["suffix"], wall_time_s=float(found["time_s"]), twin=twin)
    return _stepped(path, twin)


def _stepped(path: str, twin: str) -> ImageName:
    """``samples/epoch_003/a.png`` is ``samples/a.png`` at step 3; ``samples/003.png`` says no step."""
    steps = list(_STEP.finditer(path))
    if not steps:
        return ImageName(path, twin=twin)
    stem, dot, suffix = path.rpartition(".")
    *folders, name = (_without_step(part) for part in stem.split("/"))
    parts = [folder for folder in folders if folder]
    if name:
        parts.append(name + dot + suffix)
    return ImageName("/".join(parts) or steps[-1]["word"], int(steps[-1]["step"]), twin=twin)


def _without_step(part: str) -> str:
    """`part` of a path without its steps, and without what parted them from the rest of it."""
    return _AROUND_STEP.sub(r"\1", _STEP.sub("\0", part)).strip("-_ =.") if _STEP.search(part) else part
