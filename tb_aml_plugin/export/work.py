"""Writes runs, one batch after the other: the part of an export that can be given to several processes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from tb_aml_plugin.export import curves, dashboards, native_files
from tb_aml_plugin.export import provider as providers
from tb_aml_plugin.export.destination import Destination
from tb_aml_plugin.export.event_file import EventFile
from tb_aml_plugin.export.formats import Format, RunFile
from tb_aml_plugin.export.task import Done, Task
from tb_aml_plugin.scalars import StepMode
from tb_aml_plugin.sources.base import RunSource


def export(
    source: RunSource, tasks: Sequence[Task], kind: Format, destination: Destination, mode: StepMode
) -> Iterator[Done]:
    """Writes the runs of `tasks`, each as it is complete. When this ends early, what was begun is let go.

    Raises:
      SourceError: the place cannot be read.
      ExportFailed: the destination cannot be written.
    """
    size = curves.batch_size(source)
    for first in range(0, len(tasks), size):
        yield from _batch(source, tasks[first : first + size], kind, destination, mode)


def _batch(
    source: RunSource, tasks: Sequence[Task], kind: Format, destination: Destination, mode: StepMode
) -> Iterator[Done]:
    with contextlib.ExitStack() as open_files:
        files: dict[str, RunFile] = {}
        points = dict.fromkeys((task.run.id for task in tasks), 0)
        for task in tasks:
            files[task.run.id] = kind.begin(task, destination)
            open_files.callback(files[task.run.id].abandon)
        for run_id, tag, series in curves.read(source, [task.run for task in tasks], mode):
            files[run_id].scalars(tag, series)
            points[run_id] += len(series)
        for task in tasks:
            yield _finish(source, task, files[task.run.id], points[task.run.id], destination)


def _finish(source: RunSource, task: Task, file: RunFile, points: int, destination: Destination) -> Done:
    native: dict[str, Path] = {}
    notes: list[str] = []
    if task.run.metrics and not points:
        notes.append("Its metrics are gone: the run was deleted meanwhile.")
    if isinstance(file, EventFile):
        held = providers.look(source, task)
        dashboards.export(held.provider, task.name, task.run, file)
        native, left_out = native_files.stage(source, task, held.media.files, destination)
        not_shown = [f"{problem.what}: {problem.reason}" for problem in held.media.not_shown]
        notes += [*filter(None, [held.problem]), *file.notes, *not_shown, *left_out]
    written = file.finish()
    for path, staged in native.items():
        destination.place(staged, path)
    return Done(task, (*written, *native), points, tuple(notes))
