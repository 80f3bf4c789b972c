"""Runs as files: `export_to_tensorboard`, and what is behind ``tb-aml export``."""

from __future__ import annotations

import logging
import os
from typing import Any

from tb_aml_plugin.errors import SettingsError
from tb_aml_plugin.flags import Settings
from tb_aml_plugin.launch import chosen

MOST_RUNS = 1_000_000


def export_to_tensorboard(
    run_data: Any,
    logsdir: str | os.PathLike[str],
    logger: logging.Logger | None = None,
    recursive: bool = True,
    *,
    tracking_uri: str = "",
    filter: str = "",  # noqa: A002 - as the flag is called
    workers: int = 1,
) -> None:
    """Writes runs as event files, for TensorBoard and whatever else reads its logs.

    Each run gets a folder ``experiment/run``, its children ``experiment/run/child``, with one event file: every metric
    at its own steps and wall times, params and status for HParams, and text, images and tables as the dashboards show
    them; event files among its artifacts are copied beside it. A run's folder is complete or not there. The next call
    writes only runs that have changed since, and goes on where one was interrupted.

    Scalars are float32: event files that all of TensorBoard reads have no others. For float64 use
    ``tb-aml export --format parquet``.

        >>> from tb_aml_plugin.export import export_to_tensorboard
        >>> export_to_tensorboard("ridge-sweep", "exportedTBlogs")  # doctest: +SKIP

    Args:
      run_data: what `tb_aml_plugin.Tensorboard` takes: a run, a list of runs, an experiment, an id, a name.
      logsdir: the folder to write to; made where it is not there.
      logger: gets a line at the end, and a warning for what could not be exported.
      recursive: with the children of runs, theirs, and so on. An experiment is exported whole in any case.
      tracking_uri: where the runs are that are named by text; MLflow's own where it is not given.
      filter: MLflow search filter that runs have to pass.
      workers: processes that write. More than one only from a script with ``if __name__ == "__main__":``.

    Raises:
      SettingsError: nothing was handed in, or it is not there.
      SourceError: the runs cannot be read.
      ExportFailed: the folder cannot be written: no room, no right.
    """
    from tb_aml_plugin.export import exporting

    choice = chosen.read(run_data)
    if not choice.experiments and not choice.run_ids:
        raise SettingsError("There is nothing to export: the list is empty.")
    settings = Settings(
        experiments=choice.experiments,
        run_ids=choice.run_ids,
        tracking_uri=tracking_uri or choice.tracking_uri,
        filter=filter,
        max_runs=MOST_RUNS,
    )
    # A text may be the id of a run, which shows where the runs are listed.
    only: frozenset[str] = frozenset() if recursive else frozenset((*choice.run_ids, *choice.experiments))
    order = exporting.Order(settings, os.fspath(logsdir), only=only, workers=workers)
    exporting.export(order, *([logger] if logger else []))
