"""An export by several processes: each reads and writes runs of its own."""

from __future__ import annotations

import concurrent.futures
import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

from tb_aml_plugin import place, sources
from tb_aml_plugin.errors import ExportFailed
from tb_aml_plugin.export import destination, work
from tb_aml_plugin.export.formats import FORMATS
from tb_aml_plugin.export.task import Done, Task
from tb_aml_plugin.flags import Settings
from tb_aml_plugin.scalars import StepMode

_RUNS_A_JOB = 8


@dataclass(frozen=True, slots=True)
class Job:
    """What a process needs to know to write runs."""

    settings: Settings
    cwd: str
    target: str
    format_name: str


def export(job: Job, tasks: Sequence[Task], workers: int) -> Iterator[Done]:
    """Writes the runs of `tasks` with so many processes; each as it is complete, in any order.

    Raises:
      SourceError, ExportFailed: as `work.export`, or a process ended or could not begin; the others end with their
        present batch.
    """
    batches = [tasks[first : first + _RUNS_A_JOB] for first in range(0, len(tasks), _RUNS_A_JOB)]
    context = multiprocessing.get_context("spawn")  # a fork would take locks and connections along
    with concurrent.futures.ProcessPoolExecutor(workers, context, initializer=_attend) as pool:
        try:
            futures = [pool.submit(_export, job, batch) for batch in batches]
            for future in concurrent.futures.as_completed(futures):
                yield from future.result()
        except BrokenProcessPool:
            raise ExportFailed(
                'A process of the export ended early. In a script, guard the call with if __name__ == "__main__"; where '
                "memory is short, take fewer workers. Run the same again: it goes on where it stopped."
            ) from None
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _attend() -> None:
    """Ends this process with the one that started it, however that ends; Ctrl-C is that one's to answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, name="aml-parent", daemon=True).start()


def _export(job: Job, tasks: Sequence[Task]) -> list[Done]:
    from pathlib import Path

    source = sources.connect(place.find(job.settings, Path(job.cwd), os.environ), os.environ)
    with contextlib.closing(source), contextlib.closing(destination.connect(job.target)) as folder:
        return list(work.export(source, tasks, FORMATS[job.format_name](), folder, StepMode(job.settings.step)))
