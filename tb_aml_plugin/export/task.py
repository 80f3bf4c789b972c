"""What is to be exported: runs with the places they go to."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tb_aml_plugin.model import Run

_VERSION = 1
"""Raise it when the same run is written in another way: what lies there is then written anew."""

_LONGEST_BYTES = 200
_UNSAFE = re.compile(r'[\\:*?"<>|\x00-\x1f]' if os.name == "nt" else r"\x00")


@dataclass(frozen=True, slots=True)
class Task:
    """A run to export.

    Attributes:
      name: as in TensorBoard.
      experiment: name of its experiment.
      hparams: tag → plugin content of its HParams session.
    """

    run: Run
    name: str
    experiment: str
    hparams: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def folder(self) -> str:
        """`name` as a relative path that every file system takes."""
        return "/".join(safe_segment(part, self.run.id) for part in self.name.split("/"))

    def signature(self, step: str) -> str:
        """Changes whenever the export would: with what was logged last, what the run says of itself, and `step`."""
        run = self.run
        metrics = sorted((tag, p.step, p.wall_time_s, repr(p.value)) for tag, p in run.metrics.items())
        facts = (_VERSION, step, self.name, run.status.value, run.start_time_s, run.end_time_s, metrics)
        logged = (sorted(run.params.items()), sorted(run.tags.items()), sorted(self.hparams.items()))
        return hashlib.sha256(repr((facts, logged)).encode("utf-8", "replace")).hexdigest()


def safe_segment(text: str, id_: str) -> str:
    """One part of a path. A text that had to be changed gets the start of `id_`, so that two stay two."""
    safe = _UNSAFE.sub("_", text)
    if os.name == "nt":
        safe = safe.rstrip(" .") or "_"
    encoded = safe.encode("utf-8", "replace")
    if safe == text and len(encoded) <= _LONGEST_BYTES:
        return text
    return f"{encoded[:_LONGEST_BYTES].decode('utf-8', 'ignore')} ({id_[:6]})"


@dataclass(frozen=True, slots=True)
class Done:
    """A run that was exported.

    Attributes:
      files: relative paths of what was written, with "/".
      points: scalar points in them.
      notes: what is not as it is in the place, and why; sentences.
    """

    task: Task
    files: tuple[str, ...]
    points: int
    notes: tuple[str, ...] = ()
