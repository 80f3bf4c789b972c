"""The files in which MLflow's file store keeps a metric: a line ``wall_time_ms value step`` for each point. Pure."""

from __future__ import annotations

import numpy as np

from tb_aml_plugin.model import LatestPoint, Points


def parse(content: bytes) -> Points:
    """The points of a metric's file, in the order in which they were logged.

    A last line without its end is being written and left out, and so is a line that makes no sense. Lines of two
    fields, from before MLflow 1.0, are at step 0; more than three (a dataset's name and digest) are cut off.
    """
    whole = content[: content.rfind(b"\n") + 1]
    fields = whole.split()
    if len(fields) == 3 * whole.count(b"\n"):
        try:
            return _points(fields[0::3], fields[1::3], fields[2::3])
        except (ValueError, OverflowError):
            pass  # line by line, then
    rows = [row for row in map(_row, whole.splitlines()) if row is not None]
    times_ms, values, steps = zip(*rows, strict=True) if rows else ((), (), ())
    return Points(np.array(steps, np.int64), np.array(times_ms, np.float64) / 1000.0, np.array(values, np.float64))


def latest(points: Points) -> LatestPoint | None:
    """The newest of `points`: largest step, then wall time, then value, as MLflow has it; None if there are none."""
    if not len(points):
        return None
    last = np.lexsort((points.values, points.wall_times_s, points.steps))[-1]
    return LatestPoint(int(points.steps[last]), float(points.wall_times_s[last]), float(points.values[last]))


def _points(times_ms: list[bytes], values: list[bytes], steps: list[bytes]) -> Points:
    if not steps:
        return Points(np.empty(0, np.int64), np.empty(0, np.float64), np.empty(0, np.float64))
    return Points(
        np.array(steps).astype(np.int64),
        np.array(times_ms).astype(np.int64) / 1000.0,
        np.array(values).astype(np.float64),
    )


def _row(line: bytes) -> tuple[int, float, int] | None:
    fields = line.split()
    try:
        time_ms, value, step = int(fields[0]), float(fields[1]), int(fields[2]) if len(fields) > 2 else 0
        return None if max(abs(time_ms), abs(step)) >= 2**63 else (time_ms, value, step)
    except (ValueError, IndexError):
        return None
