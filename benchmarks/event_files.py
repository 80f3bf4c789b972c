"""The same history as event files: what TensorBoard needs without us."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.workloads import EXPERIMENT, M, Workload, database


def exported(workload: Workload) -> tuple[Path, float]:
    """The log folder that holds `workload`, and the seconds that writing it took; written now if it was not yet.

    Written by TensorBoard's own `EventFileWriter`, one event a point, as exporters do. The curves are at hand in
    memory: reading them from MLflow would take longer still.
    """
    folder = workload.log_folder
    took = folder / "seconds.json"
    if not took.exists():
        shutil.rmtree(folder, ignore_errors=True)
        begin = time.perf_counter()
        for number in range(workload.runs):
            _export(workload, number, folder / f"run-{number:04d}")
        took.write_text(json.dumps(time.perf_counter() - begin))
    return folder, float(json.loads(took.read_text()))


def exported_by_us(workload: Workload) -> tuple[Path, float]:
    """The same by ``tb-aml export``, which writes the same records in a twentieth of the time."""
    folder = workload.log_folder
    took = folder / "seconds.json"
    if not took.exists():
        shutil.rmtree(folder, ignore_errors=True)
        begin = time.perf_counter()
        command = [sys.executable, "-m", "tb_aml_plugin", "export", EXPERIMENT, "--logdir", str(folder)]
        subprocess.run([*command, "--tracking-uri", database(workload)], check=True, stdout=subprocess.DEVNULL)
        took.write_text(json.dumps(time.perf_counter() - begin))
    return folder, float(json.loads(took.read_text()))


def written(workload: Workload) -> tuple[Path, str]:
    """The log folder that holds `workload`, and what writing it took, in words.

    TensorBoard's own writer needs over twenty minutes for more than M.
    """
    if workload.points <= M.points:
        folder, took_s = exported(workload)
        return folder, f"writing the event files took {took_s:,.0f} s before"
    folder, took_s = exported_by_us(workload)
    _, plain_s = exported(M)
    plain_s *= workload.points / M.points
    return folder, (
        f"the event files were written by `tb-aml export` in {took_s:,.0f} s; TensorBoard's EventFileWriter would take "
        f"{plain_s:,.0f} s, {workload.points // M.points} × what it takes for M"
    )


def _export(workload: Workload, run: int, folder: Path) -> None:
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    writer = EventFileWriter(str(folder))
    times_s = (workload.timestamps_ms(run) / 1000).tolist()
    curves = [workload.values(run, metric).tolist() for metric in range(workload.metrics)]
    for step, time_s in enumerate(times_s):
        for tag, curve in zip(workload.tags, curves, strict=True):
            summary = Summary(value=[Summary.Value(tag=tag, simple_value=curve[step])])
            writer.add_event(Event(wall_time=time_s, step=step, summary=summary))
    writer.close()
