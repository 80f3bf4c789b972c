"""What is to be exported: runs with the places they go to."""

from __future__ import annotations

import hashlib
import os
import re
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field

from tb_aml_plugin.model import Run

_VERSION = 1
"""Raise it when the same run is written in another way: what lies there is then written anew."""

_LONGEST_BYTES = 200
_UNSAFE = re.compile(r'[\\:*?"<>|\x00-\x1f]' if os.name == "nt" else r"\x00")
_OTHER_PLACES = re.compile(r"\.{1,2}" + (r"|(?i:con|prn|aux|nul|com\d|lpt\d)(\..*)?" if os.name == "nt" else ""))
_SPECIAL = re.compile(r"""[\x00-\x1f\x7f"#%'*/:=?\\\[\]^{}<>|\ud800-\udfff]""")
"""What Spark escapes in the name of a partition, what Windows refuses, and what UTF-8 cannot write."""


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
    if _OTHER_PLACES.fullmatch(safe):
        safe = f"_{safe}_"
    return text if safe == text and _is_short(text) else _marked(safe, id_)


def quoted_segment(text: str, id_: str) -> str:
    """The same, for a text that is read back out of the path: what must not stand in one is percent-encoded."""
    quoted = _SPECIAL.sub(lambda found: urllib.parse.quote(found[0], safe="", errors="replace"), text)
    return quoted if _is_short(quoted) else _marked(_SPECIAL.sub("_", text), id_)


def _is_short(text: str) -> bool:
    return len(text.encode("utf-8", "replace")) <= _LONGEST_BYTES


def _marked(text: str, id_: str) -> str:
    return f"{text.encode('utf-8', 'replace')[:_LONGEST_BYTES].decode('utf-8', 'ignore')} ({id_[:6]})"


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
