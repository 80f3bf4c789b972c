"""The page on recorded answers, without Python behind it: ``npm run dev``."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support import processes
from tests.support.ports import free_port
from tests.support.tab_page import PATIENCE_MS
from tests.support.tab_store import RICH
from tests.support.waiting import wait_until

FRONTEND = Path(__file__).parents[2] / "frontend"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port, log = free_port(), tmp_path_factory.mktemp("vite") / "log"
    command = [
        "npx",
        "--no",
        "--",
        "vite",
        "--config",
        "demo/vite.config.ts",
        "--port",
        str(port),
        "--host",
        "127.0.0.1",
    ]
    with processes.running(command, log, cwd=FRONTEND):
        url = f"http://127.0.0.1:{port}/data/plugin/azureml/"
        assert wait_until(lambda: _answers(url), 60), log.read_text(encoding="utf-8")
        yield url


def test_the_page_runs_on_what_was_recorded(page: Page, address: str) -> None:
    page.goto(address)
    rows = page.locator("[role=treegrid] .body [role=row]")
    expect(rows).to_have_count(14, timeout=PATIENCE_MS)
    page.get_by_role("link", name=RICH).click()
    expect(page.locator("h2")).to_have_text(RICH, timeout=PATIENCE_MS)
    page.get_by_role("tab", name="Images").click()
    expect(page.locator("figure img")).to_have_js_property("naturalWidth", 240, timeout=PATIENCE_MS)
    page.get_by_role("tab", name="Logs").click()
    expect(page.get_by_role("log")).to_contain_text("step 399 ", timeout=PATIENCE_MS)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except (urllib.error.URLError, OSError):
        return False
