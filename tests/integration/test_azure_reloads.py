"""What a reload asks a workspace: two requests at most while nothing changes, and all that changes is seen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone

import pytest

from tb_aml_plugin.board import Board
from tb_aml_plugin.follower import FULL_LISTING_S, Follower
from tb_aml_plugin.model import RunId, RunStatus
from tb_aml_plugin.sources.azureml import source
from tb_aml_plugin.sources.azureml.catalog import Catalog
from tb_aml_plugin.sources.azureml.source import EXPERIMENTS_GOOD_S
from tb_aml_plugin.wanted import Wanted
from tests.emulator import Emulator, scenarios
from tests.emulator.state import Row
from tests.support.fake_clock import FakeClock
from tests.support.waiting import wait_until
from tests.support.workspace import workspace_source

INTERVAL_S = 5.0
MOST = 2
LATER_S = scenarios.T0.timestamp() + 24 * 3600
SOON_S = scenarios.T0.timestamp() + 60
MINUTES_3 = int(180 / INTERVAL_S)


class Reloads:
    """A board that follows a workspace, a reload each time that it is told."""

    def __init__(self, azure: Emulator, wanted: Wanted, now_s: float = LATER_S) -> None:
        self.azure = azure
        self.clock = FakeClock(now_s)
        self.asked: list[dict[str, int]] = []  # by kind, of each reload
        self.board = Board("workspace")
        self.reports: list[str] = []
        self._opened = workspace_source(azure, now_s=self.clock)
        self.source = self._opened.__enter__()
        self.follower = Follower(
            self.source, self.board, wanted, interval_s=INTERVAL_S, report=self.reports.append, now_s=self.clock
        )

    def reload(self, times: int = 1) -> set[str]:
        """Reloads, a pause before each; the names that are shown then."""
        for _ in range(times):
            self.clock.advance(INTERVAL_S)
            self.azure.journal.clear()
            self.follower.poll()
            assert wait_until(lambda: self.source.is_complete)
            self.asked.append(self.azure.journal.by_kind())
        assert self.board.snapshot.health.problem == ""
        return set(self.board.snapshot.runs)

    def start(self) -> None:
        """Until nothing is new any more."""
        self.reload(2)
        self.asked.clear()

    @property
    def most(self) -> int:
        """Of the requests of one reload."""
        return max(sum(asked.values()) for asked in self.asked)

    def close(self) -> None:
        self._opened.__exit__(None, None, None)


@pytest.fixture
def workspace(azure: Emulator) -> Iterator[Emulator]:
    """A sweep that has ended, and one run that goes on."""
    azure.reset()
    scenarios.sweep(azure, "sweep", children=12, metrics=2, points=3)
    yield azure
    azure.faults.clear()


@pytest.fixture
def reloads(workspace: Emulator) -> Iterator[Reloads]:
    found = Reloads(workspace, Wanted(("sweep*",)))
    found.start()
    yield found
    found.close()


@pytest.mark.parametrize("now_s", [SOON_S, LATER_S])
def test_while_nothing_changes_no_reload_asks_more_than_twice(workspace: Emulator, now_s: float) -> None:
    reloads = Reloads(workspace, Wanted(("sweep*",)), now_s)
    reloads.start()
    reloads.reload(MINUTES_3)
    reloads.close()
    assert reloads.most <= MOST, max(reloads.asked, key=lambda asked: sum(asked.values()))
    searched = sum(asked.get("mlflow.experiments/search", 0) for asked in reloads.asked)
    assert searched >= 180 / EXPERIMENTS_GOOD_S - 1, "experiments that appear must be noticed"


@pytest.mark.parametrize(
    ("filter_", "order"),
    [("params.lr != '7'", ()), ("", ("metrics.`metric 0` ASC",)), ("attributes.run_name LIKE 'trial%'", ())],
)
def test_a_filter_or_an_order_costs_no_more(workspace: Emulator, filter_: str, order: tuple[str, ...]) -> None:
    """Although filters leave out the parent of all, and the endpoint knows neither params of trials nor such an order."""
    reloads = Reloads(workspace, Wanted(("sweep",), filter=filter_, order_by=order))
    reloads.start()
    reloads.reload(MINUTES_3)
    reloads.close()
    assert reloads.most <= MOST, max(reloads.asked, key=lambda asked: sum(asked.values()))
    assert len(reloads.board.snapshot.runs) == (12 if filter_ else 13)
    assert all(name.startswith("sweep/root") for name in reloads.board.snapshot.runs)


def test_a_filter_that_looked_at_some_runs_only_says_so(workspace: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    reloads = Reloads(workspace, Wanted(("sweep",), filter="params.lr != '7'"))
    reloads.start()
    assert reloads.reports == []
    monkeypatch.setattr(source, "EVERY_RUN", 5)
    reloads.reload(2)
    reloads.close()
    assert len(reloads.board.snapshot.runs) == 5
    (said,) = reloads.reports
    assert "cannot filter by params" in said and "among the newest 5 runs" in said
    assert reloads.board.snapshot.health.caution == said


def test_new_runs_and_new_points_are_there_with_the_next_reload(reloads: Reloads) -> None:
    for number in range(8):
        run = scenarios.add_run(reloads.azure, "sweep", f"new_{number}", name=f"new {number}", status="Running")
        scenarios.add_scalar(reloads.azure, run, "loss", [1.0], steps=[0])
        assert f"sweep/new {number}" in reloads.reload()
        scenarios.add_scalar(reloads.azure, run, "loss", [0.5], steps=[1])
        reloads.reload()
        assert reloads.board.snapshot.runs[f"sweep/new {number}"].metrics["loss"].step == 1
        with reloads.azure.history.lock:
            run.status = "Completed"
            run.ended = datetime.fromtimestamp(reloads.clock(), timezone.utc)
            reloads.azure.history.changed.add(run.id)
        reloads.reload()
        assert reloads.board.snapshot.runs[f"sweep/new {number}"].status is RunStatus.FINISHED


def test_metrics_that_arrive_late_are_seen_within_a_minute(reloads: Reloads) -> None:
    scenarios.add_scalar(reloads.azure, reloads.azure.history.runs["sweep_3"], "late", [2.0], steps=[0])
    reloads.reload(1 + int(FULL_LISTING_S / INTERVAL_S))
    assert reloads.board.snapshot.runs["sweep/root/trial 3"].metrics["late"].value == 2.0


def test_experiments_that_appear_are_seen_within_a_minute(reloads: Reloads) -> None:
    scenarios.add_run(reloads.azure, "sweep-2", "other", name="other")
    assert "sweep-2/other" in reloads.reload(1 + int(EXPERIMENTS_GOOD_S / INTERVAL_S))


def test_a_thousand_children_are_all_there_however_small_the_pages(workspace: Emulator) -> None:
    scenarios.sweep(workspace, "large", children=1000, metrics=1, points=1)
    reloads = Reloads(workspace, Wanted(("large",), max_runs=2000))
    reloads.reload()
    assert len(reloads.board.snapshot.runs) == 1001
    assert reloads.asked[0]["mlflow.runs/search"] == 1
    workspace.faults.page_size = 50
    reloads.reload(1 + int(FULL_LISTING_S / INTERVAL_S))
    reloads.close()
    assert len(reloads.board.snapshot.runs) == 1001
    assert max(asked["mlflow.runs/search"] for asked in reloads.asked) == 21


@pytest.mark.parametrize("run_id", ["sweep_root", "pipeline-train"])
def test_runs_chosen_by_id_with_those_below_them_cost_no_more(workspace: Emulator, run_id: str) -> None:
    scenarios.pipeline(workspace)
    reloads = Reloads(workspace, Wanted((), run_ids=(RunId(run_id),)))
    reloads.start()
    reloads.reload(MINUTES_3)
    reloads.close()
    assert reloads.most <= MOST, max(reloads.asked, key=lambda asked: sum(asked.values()))
    assert len(reloads.board.snapshot.runs) == {"sweep_root": 13, "pipeline-train": 5}[run_id]
    assert run_id == "sweep_root" or "pipeline/nightly/train" in reloads.board.snapshot.runs


def test_of_a_tree_only_what_is_shown_is_looked_into(workspace: Emulator) -> None:
    scenarios.pipeline(workspace)
    workspace.journal.clear()
    reloads = Reloads(workspace, Wanted(("sweep",), run_ids=(RunId("pipeline-trial-1"),)))
    reloads.reload(2)
    reloads.close()
    shown = set(reloads.board.snapshot.runs)
    assert len(shown) == 13 + 2 and "pipeline/nightly/train/trial 1/fold 1" in shown
    assert sum(asked.get("metrics.list", 0) for asked in reloads.asked) == 13 + 2 + len(("train", "nightly"))


def test_runs_that_log_scalars_alone_are_looked_at_for_tables_more_and_more_rarely(workspace: Emulator) -> None:
    run = scenarios.add_run(workspace, "live", "live", status="Running")
    clock = FakeClock()
    with workspace_source(workspace) as source:
        connection = source._connection()
        catalog = Catalog(connection.client, clock)
        looks = []
        for step in range(130):
            scenarios.add_scalar(workspace, run, "loss", [1.0], steps=[step])
            if step == 100:
                rows = [Row(scenarios.T0, {"n": 1.0})]
                workspace.history.log(run.id, "table", "azureml.v1.table", {"n": "Double"}, rows)
            clock.advance(5)
            workspace.journal.clear()
            catalog.look(connection.index.find_runs([RunId("live")]))
            assert wait_until(lambda: catalog.is_done)
            if workspace.journal.count("metrics.list"):
                looks.append(5 * step)
        catalog.close()
    assert looks == [0, 15, 45, 105, 225, 345, 465, 585, 600, 630]  # the table is there from 500 on
