"""L: the list of tags, a card of 1000 runs and how faithful it is, and the memory that ten cards take."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterable, Mapping, Sequence

from benchmarks.figures import Figure
from benchmarks.servers import Answer, Server, plugin_arguments, serving
from benchmarks.workloads import L
from tb_aml_plugin.provider import POINT_BUDGET

_MB = 1e6
_CARDS = 10


def run() -> Iterable[Figure]:
    with tempfile.TemporaryDirectory() as empty, serving("--logdir", empty) as plain:
        plain.fetch("data/plugins_listing")
        plain_bytes = plain.rss_bytes()
    with serving(*plugin_arguments(L)) as server:
        yield _tags(server)
        cards = [server.card(tag) for tag in L.tags[:_CARDS]]
        used_bytes = server.rss_bytes()
        yield from _cards(cards)
        yield _memory("10 cards", used_bytes, plain_bytes)
        for tag in L.tags[_CARDS:]:
            server.card(tag)
        yield _memory("20 cards, more than the cache holds", server.rss_bytes(), plain_bytes)


def _tags(server: Server) -> Figure:
    answers = [server.fetch("experiment/defaultExperimentId/data/plugin/timeseries/tags") for _ in range(5)]
    assert len(answers[0].json["scalars"]["runTagInfo"]) == L.runs
    times_s = [answer.time_s for answer in answers]
    sides = {
        "first (s)": times_s[0],
        "later (s)": statistics.median(times_s[1:]),
        "size (MB)": answers[0].size_bytes / _MB,
    }
    return Figure("L: `/tags` of 1000 runs × 20 metrics", max(times_s), "s", at_most=1.5, sides=sides)


def _cards(cards: Sequence[Answer]) -> Iterable[Figure]:
    yield Figure(
        "L: one card of 1000 runs, cold",
        statistics.median(card.time_s for card in cards),
        "s",
        at_most=3,
        sides={
            "slowest (s)": max(card.time_s for card in cards),
            "JSON (MB)": cards[0].size_bytes / _MB,
            "packed (MB)": cards[0].packed_bytes / _MB,
        },
    )
    yield Figure(
        "L: points in a card of 1 million",
        sum(map(len, cards[0].json.values())),
        "points",
        at_most=POINT_BUDGET,
        sides={"runs": len(cards[0].json)},
    )
    kept = sum(_is_faithful(run, metric, cards[metric].json) for metric in range(2) for run in range(L.runs))
    yield Figure(
        "L: curves that keep their first, last, lowest and highest point",
        100 * kept / (2 * L.runs),
        "%",
        at_least=100,
        sides={"curves": 2 * L.runs},
    )


def _is_faithful(run: int, metric: int, card: Mapping[str, Sequence[Mapping[str, float]]]) -> bool:
    logged = L.values(run, metric).tolist()
    (name,) = [name for name in (f"run-{run:04d}", f"sweep/run-{run:04d}") if name in card]
    shown = {int(point["step"]): point["value"] for point in card[name]}
    ends = {0, L.steps - 1, logged.index(min(logged)), logged.index(max(logged))}
    return all(shown.get(step) == logged[step] for step in ends)


def _memory(what: str, used_bytes: int, plain_bytes: int) -> Figure:
    sides = {"plugin (MB)": used_bytes / _MB, "plain (MB)": plain_bytes / _MB}
    more = (used_bytes - plain_bytes) / _MB
    return Figure(f"L: memory over plain `tensorboard`, after {what}", more, "MB", at_most=500, sides=sides)
