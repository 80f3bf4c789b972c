"""What the dashboards show of a run besides its metrics (text, images, tables, histograms …), into its event file.

Read through TensorBoard's `DataProvider`, so whatever the dashboards learn to show is exported from then on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from tensorboard import errors
from tensorboard.data import provider as tb

from tb_aml_plugin import hparams
from tb_aml_plugin.export.event_file import EventFile, tags_of
from tb_aml_plugin.model import Run, ScalarSeries

_ALL = 2**31 - 1
"""Points that are asked for: all of them."""

_EVERYTHING = ""
_SCALARS = "scalars"
_TEXT = "text"


def export(provider: tb.DataProvider, name: str, run: Run, file: EventFile) -> None:
    """Writes all series of the run called `name`, but its metrics and its HParams session, into `file`."""
    for plugin in sorted(provider.list_plugins(experiment_id=_EVERYTHING)):
        if plugin == _SCALARS:
            _derived_curves(provider, name, run, file)
        elif plugin != hparams.PLUGIN:
            _tensors(provider, plugin, name, file)
            _blobs(provider, plugin, name, file)


def _derived_curves(provider: tb.DataProvider, name: str, run: Run, file: EventFile) -> None:
    """Curves that are no metric, such as the numeric columns of a table."""
    listing = provider.list_scalars(
        experiment_id=_EVERYTHING, plugin_name=_SCALARS, run_tag_filter=tb.RunTagFilter(runs=[name])
    )
    for tag, _ in tags_of(listing, name):
        if tag in run.metrics:
            continue
        data = provider.read_scalars(
            experiment_id=_EVERYTHING, plugin_name=_SCALARS, downsample=_ALL, run_tag_filter=_one(name, tag)
        )
        found = data.get(name, {}).get(tag, [])
        if found:
            file.scalars(tag, _curve(found))


def _curve(data: list[tb.ScalarDatum]) -> ScalarSeries:
    return ScalarSeries(
        np.array([datum.step for datum in data], np.int64),
        np.array([datum.wall_time for datum in data], np.float64),
        np.array([datum.value for datum in data], np.float64),
    )


def _tensors(provider: tb.DataProvider, plugin: str, name: str, file: EventFile) -> None:
    listing = provider.list_tensors(
        experiment_id=_EVERYTHING, plugin_name=plugin, run_tag_filter=tb.RunTagFilter(runs=[name])
    )
    for tag, series in tags_of(listing, name):
        data = provider.read_tensors(
            experiment_id=_EVERYTHING, plugin_name=plugin, downsample=_ALL, run_tag_filter=_one(name, tag)
        )
        points = data.get(name, {}).get(tag, [])
        file.tensors(plugin, tag, series, map(_as_one_text, points) if plugin == _TEXT else points)


def _as_one_text(datum: tb.TensorDatum) -> tb.TensorDatum:
    """A table as Markdown: the Text dashboard shows arrays of texts as tables, but other readers take one text only."""
    if not datum.numpy.ndim:
        return datum
    rows = np.atleast_2d(datum.numpy.T).T.tolist()
    lines = [" | ".join(str(cell) for cell in ["", *row, ""]).strip() for row in rows]
    rule = "|" + " --- |" * len(rows[0]) if rows else ""
    text = "\n".join([*lines[:1], rule, *lines[1:]])
    return tb.TensorDatum(datum.step, datum.wall_time, np.array(text, dtype=object))


def _blobs(provider: tb.DataProvider, plugin: str, name: str, file: EventFile) -> None:
    listing = provider.list_blob_sequences(
        experiment_id=_EVERYTHING, plugin_name=plugin, run_tag_filter=tb.RunTagFilter(runs=[name])
    )
    for tag, series in tags_of(listing, name):
        data = provider.read_blob_sequences(
            experiment_id=_EVERYTHING, plugin_name=plugin, downsample=_ALL, run_tag_filter=_one(name, tag)
        )
        file.blobs(plugin, tag, series, _read(provider, tag, data.get(name, {}).get(tag, []), file))


def _read(
    provider: tb.DataProvider, tag: str, data: list[Any], file: EventFile
) -> Iterator[tuple[int, float, list[bytes]]]:
    """Point by point: of many pictures one is in memory."""
    for datum in data:
        try:
            blobs = [bytes(provider.read_blob(blob_key=blob.blob_key)) for blob in datum.values]
        except errors.PublicError as error:
            file.notes.append(f"{tag} at step {datum.step} is left out: {error}")
        else:
            yield datum.step, datum.wall_time, blobs


def _one(name: str, tag: str) -> tb.RunTagFilter:
    return tb.RunTagFilter(runs=[name], tags=[tag])
