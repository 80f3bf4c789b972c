"""A run's page with a metric of a million points in Chromium: drawn, zoomed, never stuck."""

from __future__ import annotations

import statistics
from collections.abc import Iterable

from benchmarks.browser import chromium, opened
from benchmarks.figures import Figure
from benchmarks.servers import plugin_arguments, serving
from benchmarks.workloads import Workload

MILLION = Workload("1 M points", runs=1, metrics=2, steps=1_000_000)

_ROUNDS = 5
# Another stretch of the axis for each picture, as someone drags over it.
_ZOOM = """
const over = document.querySelector(".u-over");
const box = over.getBoundingClientRect();
const at = (share) => ({ bubbles: true, clientX: box.left + share * box.width, clientY: box.top + 50, button: 0, buttons: 1 });
const phase = i % 12;
if (phase === 0) over.dispatchEvent(new MouseEvent("mousedown", at(0.2)));
else if (phase < 11) document.dispatchEvent(new MouseEvent("mousemove", at(0.2 + 0.05 * phase)));
else document.dispatchEvent(new MouseEvent("mouseup", at(0.75)));
if (i % 60 === 59) over.dispatchEvent(new MouseEvent("dblclick", at(0.5)));
"""


def run() -> Iterable[Figure]:
    """Drawn, zoomed, and the longest pause of either."""
    state = f"&p.azureml.page=run&p.azureml.run={MILLION.run_ids()[0]}&p.azureml.panel=metrics"
    with chromium() as browser, serving(*plugin_arguments(MILLION)) as server:
        server.wait_for_runs(MILLION.runs)
        drawn, longest = [], []
        for _ in range(_ROUNDS):
            with opened(browser, server, state) as tab:
                drawn.append(tab.drawn_s)
                longest.append(tab.longest_task_s())
        name = MILLION.name
        yield Figure(f"{name}: run's page opened to curve drawn, warm", statistics.median(drawn), "s", at_most=1)
        yield Figure(f"{name}: longest pause while it is drawn", 1000 * statistics.median(longest), "ms", at_most=100)
        with opened(browser, server, state) as tab:
            tab.longest_task_s()
            yield Figure(f"{name}: zooming", tab.frames_per_s(_ZOOM), "frames/s", at_least=30)
            yield Figure(f"{name}: longest pause while zooming", 1000 * tab.longest_task_s(), "ms", at_most=100)
