"""What an earlier export has left in the folder: which run, as of when, in which files."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tb_aml_plugin.export.destination import Destination, writing
from tb_aml_plugin.model import RunId

NAME = ".tb-aml-export.json"
"""TensorBoard, Spark and DuckDB pass hidden files over."""

_SAVED_EVERY_S = 5.0


@dataclass(frozen=True, slots=True)
class Entry:
    """An exported run.

    Attributes:
      name: what it was called; previous names stay as long as they can.
      signature: see `Task.signature`.
      files: relative paths.
      row: what the tables of runs and params say of it; empty for a format that has none.
    """

    name: str
    signature: str
    files: tuple[str, ...]
    row: Mapping[str, Any]


class Ledger:
    """Remembers exported runs in a file of the destination.

    A run is entered after its files are in place, so what the ledger knows is whole; a run that it does not know is
    written again.
    """

    def __init__(self, destination: Destination, format_name: str) -> None:
        self._destination = destination
        self._format = format_name
        self._saved_s = time.monotonic()
        self.entries = _parsed(destination.read(NAME), format_name)

    def names(self) -> dict[RunId, str]:
        """What runs were called."""
        return {id_: entry.name for id_, entry in self.entries.items()}

    def has(self, id_: RunId, signature: str) -> bool:
        """Whether this state of the run is there, and all its files still are."""
        entry = self.entries.get(id_)
        return entry is not None and entry.signature == signature and all(map(self._destination.exists, entry.files))

    def enter(self, id_: RunId, entry: Entry) -> None:
        """Takes a run in whose files are in place; removes files of its earlier state that it no longer has."""
        before = self.entries.get(id_)
        self.entries[id_] = entry
        gone = set(before.files) - set(entry.files) if before else set()
        if gone:  # but not those that another run has meanwhile
            gone -= {path for other in self.entries.values() for path in other.files}
        for path in gone:
            self._destination.remove(path)
        if time.monotonic() - self._saved_s > _SAVED_EVERY_S:
            self.save()

    def save(self) -> None:
        """Writes it down, with what another export into the same folder has entered meanwhile."""
        self.entries = {**_parsed(self._destination.read(NAME), self._format), **self.entries}
        content = {"format": self._format, "runs": {id_: asdict(entry) for id_, entry in self.entries.items()}}
        staged = self._destination.stage(NAME)
        with writing(self._destination.location):
            staged.write_text(json.dumps(content), encoding="utf-8")
        self._destination.place(staged, NAME)
        self._saved_s = time.monotonic()


def _parsed(content: bytes | None, format_name: str) -> dict[RunId, Entry]:
    """The entries; none where there is no ledger, it is damaged, or of another format."""
    try:
        found = json.loads(content or b"{}")
        if found.get("format") != format_name:
            return {}
        return {
            RunId(id_): Entry(e["name"], e["signature"], tuple(e["files"]), e["row"])
            for id_, e in found["runs"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}
