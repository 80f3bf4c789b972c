"""Event files, as TensorFlow and PyTorch write them."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import PIL.Image
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.hparams import summary_v2
from tensorboard.summary.writer.event_file_writer import EventFileWriter


def write_scalar(run: Path, tag: str, values: Sequence[float]) -> None:
    """An event file in the folder `run` with the curve `tag`: one point a step, from step 0."""
    writer = EventFileWriter(str(run))
    for step, value in enumerate(values):
        summary = Summary(value=[Summary.Value(tag=tag, simple_value=value)])
        writer.add_event(Event(wall_time=1_700_000_000.0 + step, step=step, summary=summary))
    writer.close()


def write_session(run: Path, hparams: Mapping[str, float | str | bool]) -> None:
    """An event file in the folder `run` with an HParams session, as ``hp.hparams`` writes it."""
    writer = EventFileWriter(str(run))
    writer.add_event(
        Event(wall_time=1_700_000_000.0, summary=summary_v2.hparams_pb(dict(hparams), start_time_secs=1_700_000_000.0))
    )
    writer.close()


def write_image(run: Path, tag: str) -> None:
    """An event file in the folder `run` with one picture, a red dot."""
    dot = io.BytesIO()
    PIL.Image.new("RGB", (1, 1), "red").save(dot, "PNG")
    writer = EventFileWriter(str(run))
    image = Summary.Image(width=1, height=1, colorspace=3, encoded_image_string=dot.getvalue())
    writer.add_event(Event(wall_time=1_700_000_000.0, summary=Summary(value=[Summary.Value(tag=tag, image=image)])))
    writer.close()
