"""What takes its time at the place: how far it is, and that Cancel ends it."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.scripted_server import Answer, Request, ScriptedServer, refusal, scripted_server
from tests.support.tab_page import PATIENCE_MS, TabPage
from tests.support.tensorboard import tensorboard

PAGE = 100
RUNS = 2000


class SlowPlace:
    """An MLflow server of 2000 runs that gives so many pages of them and keeps the next waiting."""

    def __init__(self) -> None:
        self.server: ScriptedServer
        self._left = threading.Semaphore(0)
        self._open = threading.Event()

    def give(self, pages: int) -> None:
        """Answers so many pages more."""
        self._left = threading.Semaphore(pages)
        self._open.clear()

    def release(self) -> None:
        """Answers at once from now on."""
        self._open.set()
        self._left.release(100)

    @property
    def pages_asked(self) -> int:
        return len([request for request in self.server.asked("runs/search") if request.body["max_results"] <= PAGE])

    def answer(self, request: Request) -> Answer:
        if request.path.endswith("experiments/search"):
            return Answer({"experiments": [{"experiment_id": "1", "name": "large"}]})
        if not request.path.endswith("runs/search"):
            return Answer(status=404)
        most = int(request.body["max_results"])
        if most > PAGE:
            return refusal(f"Invalid value {most} for parameter 'max_results' supplied: at most {PAGE}")
        if not self._open.is_set():
            self._left.acquire(timeout=60)
        start = int(request.body.get("page_token") or 0)
        runs = [_run(number) for number in range(start, min(start + most, RUNS))]
        return Answer({"runs": runs, "next_page_token": str(start + most)})


def _run(number: int) -> dict[str, object]:
    times = {"start_time": 1_700_000_000_000 - number * 1000, "end_time": 1_700_000_100_000}
    info = {"run_id": f"r{number:04}", "run_name": f"run {number}", "experiment_id": "1", "status": "FINISHED"}
    return {"info": info | times, "data": {}}


@pytest.fixture
def place() -> Iterator[SlowPlace]:
    place = SlowPlace()
    with scripted_server(place.answer) as place.server:
        yield place
        place.release()


def test_reading_many_runs_tells_how_far_it_is_and_can_be_ended(page: Page, place: SlowPlace, tmp_path: Path) -> None:
    flags = ("--aml_experiment", "large", "--aml_tracking_uri", place.server.url, "--reload_interval", "3600")
    bar, count = page.locator(".task"), page.locator(".count")
    place.give(pages=2)
    with tensorboard(*flags, cwd=tmp_path) as running:
        # Alone: TensorBoard around it waits for the first runs before it shows any tab.
        page.goto(f"{running.url}data/plugin_entry.html?name=azureml")
        expect(bar).to_have_text(_SO_FAR, timeout=PATIENCE_MS)
        with page.expect_response(re.compile("api/tasks/cancel")):
            bar.get_by_role("button", name="Cancel").click()
        place.release()
        expect(page.get_by_role("heading", name="Nothing has been read yet")).to_be_visible(timeout=PATIENCE_MS)
        expect(bar).to_have_count(0, timeout=PATIENCE_MS)
        assert place.pages_asked == 3  # the one that was under way was the last
        assert TabPage(page, running).findings() == []
        page.get_by_role("button", name="Read the runs").click()
        expect(count).to_have_text("500 of 500 runs", timeout=PATIENCE_MS)

        asked = place.pages_asked
        place.give(pages=3)
        page.get_by_role("button", name="Load more").click()
        expect(bar).to_have_text(_SO_FAR, timeout=PATIENCE_MS)
        with page.expect_response(re.compile("api/tasks/cancel")):
            bar.get_by_role("button", name="Cancel").click()
        place.release()
        expect(bar).to_have_count(0, timeout=PATIENCE_MS)
        expect(count).to_have_text("500 of 500 runs")
        assert place.pages_asked == asked + 4
        page.get_by_role("button", name="Load more").click()
        expect(count).to_have_text("1 500 of 1 500 runs", timeout=PATIENCE_MS)


_SO_FAR = re.compile(r"Reading the runs: \d+ so far")
