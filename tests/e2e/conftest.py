"""A real Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support import tab_store
from tests.support.tab_page import TabPage
from tests.support.tensorboard import TensorBoard, tensorboard

SHOTS = Path(__file__).parents[2] / "shots"
"""Where tests leave pictures of what they saw; git ignores it."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium as the system installs it, without a screen."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert executable, "Chromium is not installed: scripts/system-packages installs it"
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=executable, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A new page of its own; its picture is kept when the test ends, and what the page complained about fails it."""
    context = browser.new_context(viewport={"width": 1500, "height": 1000})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{request.node.name}.png")
    context.close()
    assert errors == []


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Tracking URI of a store with something for every part of the tab. Nobody writes to it."""
    return tab_store.fill(tmp_path_factory.mktemp("tab"))


@pytest.fixture(scope="session")
def board(store: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TensorBoard]:
    """TensorBoard over both experiments of the store, under a path prefix."""
    flags = ["--aml_experiment", f"{tab_store.VISION},{tab_store.EXPERIMENT}", "--aml_tracking_uri", store]
    with tensorboard(*flags, "--path_prefix", "/a/prefix", cwd=tmp_path_factory.mktemp("cwd")) as running:
        yield running


@pytest.fixture
def tab(page: Page, board: TensorBoard) -> Iterator[TabPage]:
    """The tab; afterwards the dashboards see every run again."""
    page.set_viewport_size({"width": 1400, "height": 900})
    yield TabPage(page, board)
    board.post_json("data/plugin/azureml/api/shown", {"all": True})
