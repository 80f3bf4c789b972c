"""The tab's run table in Chromium: open, search and scroll, with 1000 runs of 50 metrics and with 10 000 runs."""

from __future__ import annotations

import statistics
from collections.abc import Iterable

from playwright.sync_api import Browser

from benchmarks.browser import Opened, chromium, opened
from benchmarks.figures import Figure
from benchmarks.servers import Server, plugin_arguments, serving
from benchmarks.workloads import Workload

WIDE = Workload("1000 runs × 50 metrics", runs=1000, metrics=50, steps=2)
LONG = Workload("10 000 runs", runs=10_000, metrics=4, steps=2)

_ROUNDS = 5
_SCROLL = "document.querySelector('.table').scrollTop = i * 96"
_SEARCH = """
const box = document.querySelector(".search input");
const count = () => document.querySelector(".count").textContent;
const before = count();
const begin = performance.now();
box.value = TEXT;
box.dispatchEvent(new Event("input", { bubbles: true }));
while (count() === before && performance.now() < begin + 10_000) await new Promise((done) => requestAnimationFrame(done));
await new Promise((done) => requestAnimationFrame(done));
return performance.now() - begin;
"""


def run() -> Iterable[Figure]:
    """Four figures for each of the two histories."""
    with chromium() as browser:
        for workload, at_most_s in ((WIDE, 1.0), (LONG, 2.5)):
            with serving(*plugin_arguments(workload)) as server:
                server.wait_for_runs(workload.runs)
                yield from _figures(browser, server, workload, at_most_s)


def _figures(browser: Browser, server: Server, workload: Workload, at_most_s: float) -> Iterable[Figure]:
    drawn = []
    for _ in range(_ROUNDS):
        with opened(browser, server) as tab:
            drawn.append(tab.drawn_s)
    yield Figure(f"{workload.name}: tab opened to table drawn, warm", statistics.median(drawn), "s", at_most=at_most_s)
    with opened(browser, server) as tab:
        yield Figure(f"{workload.name}: keystroke to filtered", _search_ms(tab), "ms", at_most=100)
        tab.run("document.querySelector('.search input').blur()")
        tab.longest_task_s()
        yield Figure(f"{workload.name}: scrolling", tab.frames_per_s(_SCROLL), "frames/s", at_least=55)
        longest_ms = 1000 * tab.longest_task_s()
        yield Figure(f"{workload.name}: longest pause while scrolling", longest_ms, "ms", at_most=100)


def _search_ms(tab: Opened) -> float:
    """The median over some searches, each of which finds another number of runs."""
    texts = [f"run-{number}" for number in ("01", "012", "0123", "012", "01")]
    return statistics.median(float(tab.run(_SEARCH.replace("TEXT", repr(text)))) for text in texts)
