"""The plugin's rooms in this process, without TensorBoard around them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from tensorboard.data.provider import RunTagFilter

from benchmarks.workloads import EXPERIMENT
from tb_aml_plugin import sources, target
from tb_aml_plugin.follower import Wanted
from tb_aml_plugin.scalars import StepMode
from tb_aml_plugin.wiring import RunHistory

FOREVER_S = 3600.0


@contextlib.contextmanager
def run_history(uri: str, runs: int = 1000) -> Iterator[RunHistory]:
    """The run history of the store at `uri`, listed once; polls only when `follower.poll` is called."""
    source = sources.connect(target.parse(uri), {})
    history = RunHistory(source, Wanted((EXPERIMENT,), max_runs=runs), StepMode.AUTO, interval_s=FOREVER_S)
    try:
        history.follower.poll()
        assert not history.board.snapshot.health.problem, history.board.snapshot.health.problem
        yield history
    finally:
        history.stop()


def read_card(history: RunHistory, tag: str) -> int:
    """Reads what a card of `tag` shows and looks at each point, as Time Series does; how many they are."""
    wanted = RunTagFilter(tags=[tag])
    read = history.provider.read_scalars(
        experiment_id="", plugin_name="scalars", downsample=1000, run_tag_filter=wanted
    )
    return sum(len(list(points)) for by_tag in read.values() for points in by_tag.values())
