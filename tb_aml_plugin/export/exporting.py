"""One export from beginning to end: list, leave out what is there, write the rest, conclude."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tb_aml_plugin import catalogue, experiment_names, hparams, run_names
from tb_aml_plugin.catalogue import Catalogue
from tb_aml_plugin.errors import ExportFailed, SettingsError
from tb_aml_plugin.export import destination, pool, work
from tb_aml_plugin.export.destination import Destination
from tb_aml_plugin.export.formats import FORMATS, Format
from tb_aml_plugin.export.ledger import Entry, Ledger
from tb_aml_plugin.export.progress import Progress
from tb_aml_plugin.export.task import Done, Task
from tb_aml_plugin.flags import Settings
from tb_aml_plugin.model import Run
from tb_aml_plugin.scalars import StepMode

_logger = logging.getLogger("tb_aml_plugin.export")


@dataclass(frozen=True, slots=True)
class Order:
    """What to export, and to where.

    Attributes:
      target: a folder, or a URL that fsspec knows.
      format_name: a key of `formats.FORMATS`.
      only: what was named, where the runs below those named are not wanted; empty for all.
      workers: processes that write.
      show_progress: with a bar, if standard error is a terminal.
    """

    settings: Settings
    target: str
    format_name: str = "events"
    only: frozenset[str] = frozenset()
    workers: int = 1
    show_progress: bool = True


@dataclass(slots=True)
class Report:
    """What an export has done.

    Attributes:
      location: where the files are, safe to show.
      written: runs that were written now.
      unchanged: runs that were there already.
      points: scalar points written now.
      notes: what is not as in the place, and why; a sentence each, with the names of the runs that it is about.
    """

    location: str
    written: int = 0
    unchanged: int = 0
    points: int = 0
    notes: dict[str, list[str]] = field(default_factory=dict)


def export(order: Order, logger: logging.Logger = _logger) -> Report:
    """Carries `order` out. Runs that are there as they are in the place are left as they are.

    Raises:
      SettingsError, SourceError: what was named cannot be read.
      ExportFailed: the target cannot be written. Runs written before are whole, and are not written again the next time.
    """
    if order.format_name not in FORMATS:
        raise SettingsError(f"There is no format {order.format_name!r}. Known are {', '.join(FORMATS)}.")
    kind = FORMATS[order.format_name]()
    with contextlib.ExitStack() as closing:
        folder = destination.connect(order.target)
        closing.callback(folder.close)
        ledger = Ledger(folder, order.format_name)
        found = catalogue.read(order.settings, ledger.names())
        closing.callback(found.source.close)
        report = _write(order, _Means(kind, folder, ledger, found))
    for note, names in report.notes.items():
        logger.warning("%s%s: %s", names[0], f" and {len(names) - 1} more" if len(names) > 1 else "", note)
    logger.info(
        "%d runs, %d points to %s; %d were there", report.written, report.points, report.location, report.unchanged
    )
    return report


@dataclass(frozen=True, slots=True)
class _Means:
    kind: Format
    folder: Destination
    ledger: Ledger
    found: Catalogue


def _write(order: Order, means: _Means) -> Report:
    kind, ledger, step = means.kind, means.ledger, order.settings.step
    tasks = _tasks(means.found, _names(means.found, ledger), order.only)
    due = [task for task in tasks if not _is_there(task, kind, ledger, step)]
    report = Report(means.folder.location, unchanged=len(tasks) - len(due))
    with Progress(len(due), show=order.show_progress) as progress:
        try:
            for done in _exported(order, means, due):
                task = done.task
                ledger.enter(task.run.id, Entry(task.name, task.signature(step), done.files, kind.row(task)))
                report.written += 1
                report.points += done.points
                for note in done.notes:
                    report.notes.setdefault(note, []).append(task.name)
                progress.advance(done.points)
        finally:
            if report.written:  # even where there is no room left: what was begun has been thrown away by now
                with contextlib.suppress(ExportFailed):
                    ledger.save()
    ledger.save()
    kind.conclude([entry.row for entry in ledger.entries.values()], means.folder)
    return report


def _is_there(task: Task, kind: Format, ledger: Ledger, step: str) -> bool:
    # The logs among the artifacts of a run that goes on may have grown unseen.
    may_grow_unseen = kind.takes_everything and not task.run.status.is_terminal
    return not may_grow_unseen and ledger.has(task.run.id, task.signature(step))


def _exported(order: Order, means: _Means, due: Sequence[Task]) -> Iterator[Done]:
    if order.workers > 1 and len(due) > 1:
        job = pool.Job(order.settings, str(Path.cwd()), order.target, order.format_name)
        return pool.export(job, due, order.workers)
    return work.export(means.found.source, due, means.kind, means.folder, StepMode(order.settings.step))


def _names(found: Catalogue, ledger: Ledger) -> dict[str, Run]:
    """The runs by names of their own in the whole folder, where an export of other runs may have left the same ones."""
    chosen = {run.id for run in found.runs.values()}
    left = {entry.name for id_, entry in ledger.entries.items() if id_ not in chosen}
    taken = left | found.runs.keys()
    return {run_names.free(name, run, taken) if name in left else name: run for name, run in found.runs.items()}


def _tasks(found: Catalogue, runs: Mapping[str, Run], only: frozenset[str]) -> list[Task]:
    if experiment_names.match(list(only), found.experiments.values()).experiments:
        only = frozenset()
    sessions = hparams.contents(runs, found.experiments)
    experiments = {id_: experiment.name for id_, experiment in found.experiments.items()}
    return [
        Task(
            run,
            name,
            experiments.get(run.experiment_id, str(run.experiment_id)),
            # Which columns there are, TensorBoard infers: it is about all runs, and these may be some.
            {tag: content for tag, content in sessions[name].items() if tag != hparams.EXPERIMENT_TAG},
        )
        for name, run in runs.items()
        if not only or run.id in only
    ]
