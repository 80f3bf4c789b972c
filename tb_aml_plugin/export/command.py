"""``tb-aml export``."""

from __future__ import annotations

import argparse
import sys

from tb_aml_plugin.export import MOST_RUNS
from tb_aml_plugin.flags import Settings

_FORMATS = ("events", "csv", "jsonl", "parquet")


def define(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of ``tb-aml export``."""
    add = parser.add_argument
    add("experiment", metavar="EXPERIMENT", nargs="*", help="name, id or glob; all experiments where none is given")
    add("--logdir", metavar="DIR", required=True, help="folder to write to, or a URL such as abfs://container/folder")
    add(
        "--format",
        choices=_FORMATS,
        default="events",
        help="event files for TensorBoard, or tables: one file of points for each run, and one of all runs and of all "
        "params; parquet is one dataset, partitioned by experiment and run (default: %(default)s)",
    )
    add("--run", metavar="RUN_ID", action="append", default=[], help="this run and those below it; may be repeated")
    add("--filter", metavar="FILTER", default="", help="only runs that pass this MLflow search filter")
    add("--tracking-uri", metavar="URI", default="", help="where the runs are, as for tensorboard --aml_tracking_uri")
    add("--step", choices=("auto", "logged", "index"), default="auto", help="as for tensorboard --aml_step")
    add("--workers", metavar="N", type=int, default=1, help="processes that write (default: %(default)s)")


def run(arguments: argparse.Namespace) -> int:
    """Exports; the exit code.

    Raises:
      AmlError: it cannot be done.
    """
    from tb_aml_plugin.export import exporting

    settings = Settings(
        experiments=tuple(arguments.experiment),
        run_ids=tuple(arguments.run),
        tracking_uri=arguments.tracking_uri,
        filter=arguments.filter,
        step=arguments.step,
        max_runs=MOST_RUNS,
    )
    order = exporting.Order(settings, arguments.logdir, arguments.format, workers=max(1, arguments.workers))
    report = exporting.export(order)
    sys.stdout.write(
        f"{report.written} runs, {report.points:,} points written to {report.location}"
        f"{f'; {report.unchanged} runs were there' if report.unchanged else ''}\n"
    )
    return 0
