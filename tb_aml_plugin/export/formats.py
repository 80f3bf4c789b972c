"""What an export is written as. A new format is a module here and a line in `FORMATS`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from tb_aml_plugin.export.destination import Destination
from tb_aml_plugin.export.event_file import EventFormat
from tb_aml_plugin.export.tables import csv_format, jsonl_format, parquet_format
from tb_aml_plugin.export.task import Task
from tb_aml_plugin.model import ScalarSeries


class RunFile(Protocol):
    """One run on its way into the destination. Nothing of it is to be seen there before `finish`."""

    def scalars(self, tag: str, series: ScalarSeries) -> None:
        """Takes a curve."""
        ...

    def finish(self) -> tuple[str, ...]:
        """Puts it in its place; the relative paths."""
        ...

    def abandon(self) -> None:
        """Throws away what was staged; harmless after `finish`."""
        ...


class Format(Protocol):
    """How runs are written.

    Attributes:
      takes_everything: text, images and the like and native logs too, not scalars alone: its run files have
        `event_file.EventFile`'s further methods.
    """

    takes_everything: bool

    def begin(self, task: Task, destination: Destination) -> RunFile:
        """Begins a run."""
        ...

    def row(self, task: Task) -> Mapping[str, Any]:
        """What the ledger is to keep of a run for `conclude`; JSON values."""
        ...

    def conclude(self, rows: Iterable[Mapping[str, Any]], destination: Destination) -> None:
        """Writes what is about all runs in the destination together."""
        ...


FORMATS: dict[str, Callable[[], Format]] = {
    "events": EventFormat,
    "csv": csv_format,
    "jsonl": jsonl_format,
    "parquet": parquet_format,
}
