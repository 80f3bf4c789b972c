"""The tab over time: links, polling, TensorBoard gone and back, names that try to be more than names."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from mlflow.tracking import MlflowClient
from playwright.sync_api import Page, Request, Response, expect

from tests.support.ports import free_port
from tests.support.tab_page import PATIENCE_MS, TabPage
from tests.support.tab_store import EXPERIMENT, HOSTILE, RICH, VISION, run_ids
from tests.support.tensorboard import tensorboard
from tests.support.waiting import wait_until


def test_a_link_shows_a_colleague_the_same(tab: TabPage) -> None:
    tab.open(experiment=VISION)
    tab.search("status:finished")
    tab.header("depth").get_by_role("button").click()
    tab.frame.get_by_label("Group by").select_option("params.depth")
    expect(tab.rows).to_have_count(7)
    labels, state = tab.labels(), dict(tab.state())
    assert state == {"experiment": VISION, "q": "status:finished", "sort": "params.depth", "group": "params.depth"}
    tab.open(**state)
    tab.expect_labels(labels)
    expect(tab.frame.get_by_role("combobox", name="Search runs")).to_have_value("status:finished")


def test_back_and_forward_go_between_pages(tab: TabPage, store: str) -> None:
    tab.open(experiment=VISION)
    tab.frame.get_by_role("link", name=RICH).click()
    expect(tab.frame.locator("h2")).to_have_text(RICH, timeout=PATIENCE_MS)
    assert tab.state()["run"] == run_ids(store)[RICH]
    tab.page.go_back()
    expect(tab.row(RICH)).to_be_visible(timeout=PATIENCE_MS)
    tab.page.go_forward()
    expect(tab.frame.locator("h2")).to_have_text(RICH, timeout=PATIENCE_MS)


def test_a_poll_without_news_is_one_304_and_none_while_hidden(tab: TabPage) -> None:
    asked: list[Request] = []
    tab.open()
    expect(tab.rows.first).to_be_visible(timeout=PATIENCE_MS)
    expect(tab.frame.locator("svg.sparkline").first).to_be_visible(timeout=PATIENCE_MS)
    # Curves have just been read, which the first polls tell.
    with tab.page.expect_response(_is_unchanged, timeout=90_000):
        pass
    tab.page.on("request", lambda request: asked.append(request) if "/azureml/api/" in request.url else None)
    with tab.page.expect_response(_is_unchanged) as second:
        pass
    assert {request.url.partition("/api/")[2] for request in asked} == {"health"}
    sizes = second.value.request.sizes()
    assert sizes["responseHeadersSize"] + sizes["responseBodySize"] <= 1024
    tab.page.get_by_role("tab", name="Time Series").click()
    expect(tab.page.locator("runs-data-table").first).to_be_visible(timeout=PATIENCE_MS)
    # The browser tells the frame that nobody sees it with one of the next pictures that it draws.
    tab.page.evaluate(
        "new Promise((done) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 500))"
    )
    asked.clear()
    tab.page.wait_for_timeout(6000)  # longer than two polls are apart: that nothing comes has no event to wait for
    assert asked == []
    tab.page.get_by_role("tab", name="Azure ML").click()
    assert wait_until(lambda: tab.page.evaluate("1") and bool(asked), 10)


def _is_unchanged(response: Response) -> bool:
    return "/azureml/api/health" in response.url and response.status == 304


def test_tensorboard_gone_keeps_what_is_there_says_so_and_recovers(page: Page, store: str, tmp_path: Path) -> None:
    shutil.copy(store.removeprefix("sqlite:///"), tmp_path / "grows.db")
    uri = f"sqlite:///{tmp_path / 'grows.db'}"
    flags = ("--aml_experiment", EXPERIMENT, "--aml_tracking_uri", uri, "--port", str(free_port()))
    with tensorboard(*flags, cwd=tmp_path) as running:
        tab = TabPage(page, running)
        tab.open()
        expect(tab.row("sweep")).to_be_visible(timeout=PATIENCE_MS)
    alert = tab.frame.get_by_role("alert").filter(has_text="TensorBoard does not answer")
    expect(alert).to_be_visible(timeout=PATIENCE_MS)
    expect(tab.row("sweep")).to_be_visible()
    expect(tab.frame.locator(".strip .sync")).to_have_text(re.compile(r"no answer · as of \d\d:\d\d$"))
    expect(tab.frame.locator(".table")).to_have_css("filter", "grayscale(1)")
    assert tab.findings() == []
    client = MlflowClient(tracking_uri=uri)
    client.create_run(client.get_experiment_by_name(EXPERIMENT).experiment_id, run_name="meanwhile")
    with tensorboard(*flags, cwd=tmp_path):
        expect(alert).to_have_count(0, timeout=PATIENCE_MS)
        expect(tab.row("sweep")).to_be_visible()
        expect(tab.row("meanwhile")).to_be_visible(timeout=PATIENCE_MS)
        expect(tab.frame.locator(".table")).to_have_css("filter", "none")
        tab.frame.locator(".strip .sync").click()
        held = tab.frame.get_by_role("dialog", name="How things stand").locator("dd div")
        expect(held).to_have_text([re.compile("curves"), re.compile("pictures"), re.compile("own logs")])


def test_a_run_that_is_gone_is_said_to_be(tab: TabPage) -> None:
    tab.open(page="run", run="0" * 32)
    expect(tab.frame.get_by_text("This run cannot be shown")).to_be_visible(timeout=PATIENCE_MS)
    tab.button("To the runs").click()
    expect(tab.rows.first).to_be_visible(timeout=PATIENCE_MS)


@pytest.mark.parametrize("panel", ["overview", "text", "logs", "artifacts"])
def test_hostile_names_and_texts_are_text(tab: TabPage, store: str, panel: str) -> None:
    tab.open(experiment=VISION)
    expect(tab.row(HOSTILE)).to_be_visible(timeout=PATIENCE_MS)
    tab.open(page="run", run=run_ids(store)[HOSTILE], panel=panel)
    expect(tab.frame.locator("h2")).to_have_text(HOSTILE, timeout=PATIENCE_MS)
    expect(tab.frame.locator("[aria-busy=true]")).to_have_count(0, timeout=PATIENCE_MS)
    assert tab.page.evaluate("window.hacked") is None
    assert tab.evaluate("window.hacked") is None
    assert tab.evaluate("document.querySelectorAll('script[src*=x], iframe, [onerror]').length") == 0
    assert tab.evaluate("[...document.links].filter((link) => link.protocol === 'javascript:').length") == 0


def test_an_experiment_that_is_empty_says_what_to_do(page: Page, store: str, tmp_path: Path) -> None:
    with tensorboard("--aml_experiment", "Default", "--aml_tracking_uri", store, cwd=tmp_path) as running:
        tab = TabPage(page, running)
        tab.open()
        expect(tab.frame.get_by_role("heading", name="No runs yet")).to_be_visible(timeout=PATIENCE_MS)
        expect(tab.button("Copy the command")).to_be_visible()


def test_more_runs_are_loaded_and_found_at_the_place(page: Page, store: str, tmp_path: Path) -> None:
    flags = ("--aml_experiment", VISION, "--aml_tracking_uri", store, "--aml_max_runs", "2")
    with tensorboard(*flags, cwd=tmp_path) as running:
        tab = TabPage(page, running)
        tab.open()
        expect(tab.rows).to_have_count(2, timeout=PATIENCE_MS)
        tab.search("resnet18-fast")
        tab.button("Search all").click()
        popup = tab.frame.get_by_role("dialog", name="Search at the place")
        expect(popup).to_contain_text("resnet18-fast", timeout=PATIENCE_MS)
        popup.get_by_role("button", name="Add", exact=True).first.click()
        expect(tab.row("resnet18-fast")).to_be_visible(timeout=PATIENCE_MS)
        page.keyboard.press("Escape")
        tab.search("")
        tab.button("Load more").click()
        expect(tab.rows).to_have_count(6, timeout=PATIENCE_MS)
        expect(tab.button("Load more")).to_have_count(0)
