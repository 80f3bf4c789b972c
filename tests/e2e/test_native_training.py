"""A job of an emulated workspace writes event files while Chromium watches; it is restarted, and so is TensorBoard."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.emulator import Emulator, scenarios
from tests.emulator.clients import environ
from tests.support.tensorboard import TensorBoard, tensorboard
from tests.support.training import training
from tests.support.waiting import wait_until

RUN, PATH = "live/job", "logs/events.out.tfevents.1700000000.node"
PATIENCE_S = 60.0


class Job:
    """A running job, and the folder whose event file is among its artifacts as soon as `upload` is called."""

    def __init__(self, azure: Emulator, folder: Path) -> None:
        self.azure, self.folder = azure, folder
        self.run = scenarios.add_run(azure, "live", "live-1", name="job", status="Running")
        self._home = folder / "home"

    def upload(self, logs: Path) -> int:
        """What the compute does for the job; how many bytes there are now."""
        (path,) = logs.iterdir()
        content = path.read_bytes()
        self.azure.blobs.put(self.run, PATH, content)
        return len(content)

    def board(self):  # type: ignore[no-untyped-def]
        flags = ("--aml_experiment", "live", "--aml_tracking_uri", self.azure.tracking_uri, "--reload_interval", "1")
        more = {**environ(self.azure, self._home), **self.azure.service_principal()}
        return tensorboard(*flags, cwd=self.folder, environ={**more, "XDG_CACHE_HOME": str(self.folder / "cache")})

    def nbytes_read(self) -> int:
        return sum(entry.size_bytes for entry in self.azure.journal.entries if entry.kind == "blob.get")


@pytest.fixture
def job(azure: Emulator, tmp_path: Path) -> Job:
    return Job(azure, tmp_path)


def test_a_job_goes_on_while_the_page_watches(job: Job, page: Page, tmp_path: Path) -> None:
    with training(tmp_path / "first") as log:
        log(0, 100)
        before = job.upload(tmp_path / "first")
        with job.board() as board:
            assert wait_until(lambda: _steps(board)[-1:] == [99], PATIENCE_S), board.output
            page.goto(f"{board.url}?tagFilter=^loss$#timeseries")
            card = page.locator("scalar-card").filter(has_text="loss")
            expect(card).to_contain_text("99", timeout=PATIENCE_S * 1000)
            job.azure.journal.clear()
            log(100, 556)
            added = job.upload(tmp_path / "first") - before
            assert wait_until(lambda: _steps(board)[-1:] == [555], PATIENCE_S), board.output
            page.locator("app-header-reload button").click()
            expect(card).to_contain_text("555", timeout=PATIENCE_S * 1000)
            assert added <= job.nbytes_read() < added + before

    job.azure.journal.clear()
    with job.board() as board:
        assert wait_until(lambda: _steps(board)[-1:] == [555], PATIENCE_S), board.output
        assert job.nbytes_read() < before  # it goes on with what it has
        with training(tmp_path / "second") as log:  # the job was preempted, and begins anew in the same file
            log(0, 8)
            job.upload(tmp_path / "second")
        assert wait_until(lambda: _steps(board) == list(range(8)), PATIENCE_S), board.output
        assert "Traceback" not in board.output


def _steps(board: TensorBoard) -> list[float]:
    if "loss" not in board.scalar_tags().get(RUN, []):
        return []
    return [point["step"] for point in board.card("loss").get(RUN, [])]
