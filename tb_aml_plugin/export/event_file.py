"""A run as an event file: what TensorBoard, and whatever else reads its logs, takes."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.data import provider as tb
from tensorboard.util import tensor_util

from tb_aml_plugin import hparams
from tb_aml_plugin.export import records
from tb_aml_plugin.export.destination import Destination, writing
from tb_aml_plugin.export.task import Task
from tb_aml_plugin.model import ScalarSeries

_BUFFER_BYTES = 2**20
_VERSION = "brain.Event:2"
"""With it, readers take points in any order for what they are, and not for a restart of the program."""

_INT32 = np.iinfo(np.int32)
_FLOAT32_MOST = float(np.finfo(np.float32).max)
_NULL = tensor_util.make_tensor_proto(np.zeros(0, np.float32))  # HParams looks at the metadata alone
_TENSOR, _BLOB_SEQUENCE = 2, 3  # SummaryMetadata.data_class


class EventFormat:
    """Event files in a folder for each run."""

    takes_everything = True

    def begin(self, task: Task, destination: Destination) -> EventFile:
        return EventFile(task, destination)

    def row(self, task: Task) -> Mapping[str, Any]:
        return {}

    def conclude(self, rows: Iterable[Mapping[str, Any]], destination: Destination) -> None:
        """Nothing is about all runs: TensorBoard infers the columns of its HParams table from the sessions."""


class EventFile:
    """One run's event file."""

    def __init__(self, task: Task, destination: Destination) -> None:
        self._destination = destination
        self._start_s = task.run.start_time_s or 0.0
        # TensorBoard reads files whose name has "tfevents". The name is the run's, so that a new state replaces the old.
        id_ = re.sub(r"[^\w-]", "_", task.run.id)
        self.path = f"{task.folder}/events.out.tfevents.{int(self._start_s)}.{id_}"
        self.notes: list[str] = []
        self._staged = destination.stage(self.path)
        with writing(destination.location):
            self._file = self._staged.open("wb", _BUFFER_BYTES)
        self._write([records.record(Event(wall_time=self._start_s, file_version=_VERSION).SerializeToString())])
        if any(not _INT32.min <= point.step <= _INT32.max for point in task.run.metrics.values()):
            self.notes.append("It has no row in HParams: TensorBoard fails on steps beyond 2147483647 there.")
        else:
            for tag, content in task.hparams.items():
                self._session(tag, content)

    def scalars(self, tag: str, series: ScalarSeries) -> None:
        finite = series.values[np.isfinite(series.values)]
        if len(finite) and np.abs(finite).max() > _FLOAT32_MOST:
            self.notes.append(f"{tag} has values beyond 3.4e38, which event files hold as infinite.")
        self._write(records.scalars(tag, series))

    def tensors(self, plugin: str, tag: str, series: Any, data: Iterable[tb.TensorDatum]) -> None:
        """Takes a series of tensors as a data provider gives it: `series` its description, `data` its points."""
        metadata = _metadata(plugin, series, _TENSOR)
        self._write(_event(d.step, d.wall_time, tag, tensor_util.make_tensor_proto(d.numpy), metadata) for d in data)

    def blobs(self, plugin: str, tag: str, series: Any, data: Iterable[tuple[int, float, list[bytes]]]) -> None:
        """Takes a series of blob sequences: (step, wall time in s, blobs), one at a time."""
        metadata = _metadata(plugin, series, _BLOB_SEQUENCE)
        self._write(
            _event(step, wall_time_s, tag, tensor_util.make_tensor_proto(np.array(blobs, object)), metadata)
            for step, wall_time_s, blobs in data
        )

    def finish(self) -> tuple[str, ...]:
        with writing(self._destination.location):
            self._file.close()
        self._destination.place(self._staged, self.path)
        return (self.path,)

    def abandon(self) -> None:
        with contextlib.suppress(OSError):  # no room for what was still in the buffer
            self._file.close()
        self._staged.unlink(missing_ok=True)

    def _session(self, tag: str, content: bytes) -> None:
        metadata = SummaryMetadata(data_class=_TENSOR)
        metadata.plugin_data.plugin_name = hparams.PLUGIN
        metadata.plugin_data.content = content
        self._write([_event(0, self._start_s, tag, _NULL, metadata)])

    def _write(self, pieces: Iterable[bytes]) -> None:
        for piece in pieces:
            with writing(self._destination.location):
                self._file.write(piece)


def _metadata(plugin: str, series: Any, data_class: int) -> SummaryMetadata:
    metadata = SummaryMetadata(
        display_name=series.display_name or "", summary_description=series.description or "", data_class=data_class
    )
    metadata.plugin_data.plugin_name = plugin
    metadata.plugin_data.content = series.plugin_content
    return metadata


def _event(step: int, wall_time_s: float, tag: str, tensor: TensorProto, metadata: SummaryMetadata) -> bytes:
    value = Summary.Value(tag=tag, tensor=tensor, metadata=metadata)
    return records.record(Event(wall_time=wall_time_s, step=step, summary=Summary(value=[value])).SerializeToString())


def tags_of(listing: Mapping[str, Mapping[str, Any]], run: str) -> Iterator[tuple[str, Any]]:
    """(tag, description) of the series of one run in a data provider's listing."""
    yield from listing.get(run, {}).items()
