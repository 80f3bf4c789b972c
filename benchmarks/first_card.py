"""From the start of `tensorboard` to the first card: the frame of `first_card_m` and `first_card_l`."""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import partial

from benchmarks.event_files import written
from benchmarks.figures import Figure, interleaved, medians, ratio, timed
from benchmarks.servers import Server, plugin_arguments, serving
from benchmarks.workloads import Workload

_POLL_S = 0.02
_PATIENCE_S = 600


def measured(workload: Workload, *, rounds: int, at_most: float) -> Iterable[Figure]:
    """The figure of `workload`: both sides show all runs, tags and last steps before their clocks stop."""
    folder, note = written(workload)
    ours, theirs = plugin_arguments(workload), ["--logdir", str(folder), "--load_fast", "true"]
    sides = {"plugin": ours, "event files": theirs}
    samples = interleaved(rounds, {name: timed(partial(_show, workload, side)) for name, side in sides.items()})
    yield Figure(
        f"{workload.name}: start of `tensorboard` to the first card of all {workload.runs} runs",
        ratio(samples, "plugin", "event files"),
        "×",
        at_most=at_most,
        sides=medians(samples),
        note=note,
    )


def _show(workload: Workload, arguments: list[str]) -> None:
    give_up_s = time.monotonic() + _PATIENCE_S
    with serving(*arguments) as server:
        while not _is_shown(workload, server):
            assert time.monotonic() < give_up_s, f"{arguments} does not show everything"
            time.sleep(_POLL_S)


def _is_shown(workload: Workload, server: Server) -> bool:
    listed = server.tags()
    if sum(map(len, listed.values())) < workload.runs * workload.metrics:
        return False
    curves = server.card(workload.tags[0]).json
    return len(curves) == workload.runs and all(curve[-1]["step"] == workload.steps - 1 for curve in curves.values())
