"""A run's page: each panel does what it is for."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.tab_page import PATIENCE_MS, TabPage
from tests.support.tab_store import EXPERIMENT, LOG_LINES, RICH, run_ids
from tests.support.tensorboard import tensorboard


@pytest.fixture
def run(store: str) -> str:
    return run_ids(store)[RICH]


def test_the_overview_tells_who_when_where_and_with_what(tab: TabPage, run: str) -> None:
    tab.open(page="run", run=run)
    about = tab.frame.locator(".overview")
    for text in ("ada", "train.py", "3f2c1d9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e", run, "0.01", "vision"):
        expect(about).to_contain_text(text, timeout=PATIENCE_MS)
    expect(about.locator("strong")).to_have_text("mixup")
    expect(about.get_by_text("mlflow.get_run")).to_be_visible()
    expect(about.locator(".u-over")).to_have_count(2, timeout=PATIENCE_MS)
    expect(tab.frame.get_by_role("tab")).to_have_text(
        ["Overview", "Metrics 2", "Images 1", "Tables 4", "Text", "Logs", "Artifacts"]
    )


def test_metrics_are_zoomed_smoothed_and_told_on_hover(tab: TabPage, run: str) -> None:
    tab.open(page="run", run=run, panel="metrics")
    card = tab.frame.get_by_role("article", name="train/loss")
    plot = card.locator(".u-over")
    expect(plot).to_be_visible(timeout=PATIENCE_MS)
    expect(card).to_contain_text("120 points")
    plot.hover(position={"x": 60, "y": 60})
    expect(card.locator(".hover")).to_contain_text(re.compile(r"step \d+"))
    box = plot.bounding_box()
    assert box
    tab.page.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 50)
    tab.page.mouse.down()
    tab.page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 50, steps=4)
    tab.page.mouse.up()
    expect(card).to_contain_text(re.compile(r"^\D*(29|30|31) points"))
    card.get_by_role("button", name="Whole curve").click()
    expect(card).to_contain_text("120 points")
    tab.frame.get_by_label("Smoothing").fill("0.9")
    tab.frame.get_by_label("Axis").select_option("relative")
    tab.frame.get_by_label("Log scale").check()
    plot.hover(position={"x": 60, "y": 60})
    expect(card.locator(".hover")).to_contain_text("smoothed")
    expect(card.locator(".hover")).to_contain_text(re.compile(r"\d+ s|\dm"))


def test_images_step_by_arrow_keys_and_grow(tab: TabPage, run: str) -> None:
    tab.open(page="run", run=run, panel="images")
    figure = tab.frame.get_by_role("figure", name="samples")
    image = figure.locator("img")
    expect(image).to_have_js_property("naturalWidth", 240, timeout=PATIENCE_MS)
    expect(figure).to_contain_text("step 100")
    figure.get_by_role("slider").focus()
    tab.page.keyboard.press("ArrowLeft")
    expect(figure).to_contain_text("step 50")
    figure.get_by_role("button", name="Enlarge samples").click()
    viewer = tab.frame.get_by_role("dialog", name="samples")
    expect(viewer).to_contain_text("step 50, 2 of 3")
    tab.page.keyboard.press("ArrowRight")
    expect(viewer).to_contain_text("step 100, 3 of 3")
    before = viewer.locator("img").bounding_box()
    tab.page.keyboard.press("+")
    after = viewer.locator("img").bounding_box()
    assert before
    assert after
    assert after["width"] == pytest.approx(1.5 * before["width"], rel=0.05)
    tab.page.keyboard.press("Escape")
    expect(viewer).to_have_count(0)
    expect(figure.get_by_role("button", name="Enlarge samples")).to_be_focused()


def test_a_table_is_sorted_filtered_scrolled_and_saved(tab: TabPage, run: str) -> None:
    tab.open(page="run", run=run, panel="tables", item="predictions.json")
    grid = tab.frame.get_by_label("Rows of the table")
    expect(grid.locator("tbody tr").first).to_contain_text("img_0000.png", timeout=PATIENCE_MS)
    grid.get_by_role("button", name="score").click()
    expect(grid.locator("tbody tr").first).to_contain_text("img_0449.png")
    grid.evaluate("(element) => element.scrollTo(0, element.scrollHeight)")
    expect(grid.get_by_text("img_0000.png")).to_be_visible(timeout=PATIENCE_MS)
    tab.frame.get_by_label("Find in the rows").fill("img_04")
    expect(tab.frame.locator(".shown .count")).to_have_text("50 rows of 450")
    with tab.page.expect_download() as saved:
        tab.button("Download CSV").click()
    rows = list(csv.reader(io.StringIO(Path(saved.value.path()).read_text(encoding="utf-8"))))
    assert rows[0] == ["image", "score"]
    assert len(rows) == 51
    assert rows[1][0] == "img_0449.png"


def test_a_confusion_matrix_is_told_in_counts_and_shares(tab: TabPage, run: str) -> None:
    tab.open(page="run", run=run, panel="tables", item="confusion_matrix.json")
    matrix = tab.frame.get_by_label("Confusion matrix")
    cells = matrix.locator("tbody td")
    expect(cells).to_have_text(["50", "3", "1", "4", "45", "6", "0", "2", "60"], timeout=PATIENCE_MS)
    tab.button("Row %").click()
    expect(cells.first).to_have_text("93 %")
    tab.button("Column %").click()
    expect(cells.first).to_have_text("93 %")
    cells.nth(1).hover()
    expect(tab.frame.get_by_text("cat taken for dog: 3")).to_be_visible()


def test_an_accuracy_table_is_drawn_as_pr_and_roc(tab: TabPage, run: str) -> None:
    tab.open(page="run", run=run, panel="tables", item="accuracy_table.json")
    for name in ("Precision over recall", "ROC curve"):
        lines = tab.frame.get_by_role("img", name=name).locator("path")
        expect(lines).to_have_count(3, timeout=PATIENCE_MS)
        expect(lines.first).to_have_attribute("d", re.compile("^M.*L"))
    tab.frame.get_by_role("checkbox", name="dog").uncheck()
    expect(tab.frame.get_by_role("img", name="ROC curve").locator("path")).to_have_count(2)


def test_texts_are_markdown_without_scripts_and_html_is_in_a_sandbox(tab: TabPage, run: str) -> None:
    tab.open(page="run", run=run, panel="text", item="text:report.md")
    expect(tab.frame.locator(".markdown strong")).to_have_text("Best", timeout=PATIENCE_MS)
    tab.open(page="run", run=run, panel="text", item="html:report.html")
    foreign = tab.frame.locator("iframe.foreign")
    expect(foreign).to_have_attribute("sandbox", "")
    expect(foreign.content_frame.get_by_role("heading", name="Report")).to_be_visible(timeout=PATIENCE_MS)
    assert tab.page.evaluate("window.hacked") is None
    assert tab.evaluate("window.hacked") is None


def test_a_log_begins_at_its_end_and_finds_the_first_error(tab: TabPage, run: str) -> None:
    tab.open(page="run", run=run, panel="logs")
    log = tab.frame.get_by_role("log")
    expect(log.get_by_text(f"step {LOG_LINES - 1} ")).to_be_visible(timeout=PATIENCE_MS)
    expect(log.get_by_text("saving 100 %")).to_be_visible()
    tab.button("First error").click()
    marked = log.locator(".marked")
    expect(marked).to_contain_text("ERROR out of memory", timeout=PATIENCE_MS)
    expect(marked.locator(".ansi-red")).to_have_text("ERROR")
    expect(log.get_by_text("Traceback (most recent call last):")).to_be_visible()
    tab.frame.get_by_label("Find in the log").fill("step 15000 ")
    tab.button("Next").click()
    expect(marked).to_contain_text("step 15000 ", timeout=PATIENCE_MS)
    with tab.page.expect_download() as saved:
        tab.frame.get_by_role("link", name="Download").click()
    assert len(Path(saved.value.path()).read_text(encoding="utf-8").splitlines()) > LOG_LINES


def test_artifacts_are_a_tree_with_previews_and_downloads(tab: TabPage, run: str) -> None:
    tab.open(page="run", run=run, panel="artifacts")
    tree = tab.frame.get_by_role("navigation", name="Files")
    tree.get_by_role("button", name="data", exact=True).focus()
    tab.page.keyboard.press("ArrowRight")
    tree.get_by_role("button", name="values.csv").click()
    expect(tab.frame.get_by_label("Rows of the table").locator("tbody tr")).to_have_count(2, timeout=PATIENCE_MS)
    assert tab.state()["item"] == "data/values.csv"
    with tab.page.expect_download() as saved:
        tree.get_by_role("link", name="All as a zip").click()
    with zipfile.ZipFile(saved.value.path()) as packed:
        assert packed.read("data/values.csv") == b"step,value\n1,2\n3,4\n"
        assert "user_logs/std_log.txt" in packed.namelist()


def test_children_are_a_table_of_their_own_and_a_sweep(tab: TabPage, store: str) -> None:
    tab.open(page="run", run=run_ids(store)["sweep"], panel="children")
    expect(tab.rows).to_have_count(7, timeout=PATIENCE_MS)
    tab.button("Compare them as a sweep").click()
    expect(tab.frame.locator("svg.sweep")).to_have_count(3, timeout=PATIENCE_MS)
    expect(tab.frame.locator("svg.sweep").first.locator(".marks path")).to_have_count(7)
    tab.frame.locator("svg.sweep").nth(1).locator("circle").first.click()
    expect(tab.frame.locator("h2")).to_contain_text("alpha", timeout=PATIENCE_MS)


def test_runs_are_compared_against_a_baseline(tab: TabPage, store: str) -> None:
    ids = run_ids(store)
    tab.open(page="compare", runs="\n".join(ids[name] for name in ("resnet18-slow", "resnet34", RICH)))
    table = tab.frame.get_by_label("Values side by side")
    expect(table.get_by_role("row").filter(has_text="depth")).to_have_text(
        re.compile("18.*34.*50"), timeout=PATIENCE_MS
    )
    expect(table.get_by_text("optimizer")).to_have_count(0)
    tab.frame.get_by_label("Only differences").uncheck()
    expect(table.get_by_text("optimizer")).to_have_count(1)
    loss = table.get_by_role("row").filter(has_text="train/loss")
    expect(loss.locator(".delta.worse")).to_have_count(2)
    table.get_by_role("columnheader").filter(has_text=RICH).get_by_role("button", name="make baseline").click()
    expect(loss.locator(".delta.better")).to_have_count(2, timeout=PATIENCE_MS)
    expect(tab.frame.get_by_role("article", name="train/loss")).to_contain_text("360 points", timeout=PATIENCE_MS)


def test_a_run_is_changed_only_where_the_server_allows_it(page: Page, tab: TabPage, store: str, tmp_path: Path) -> None:
    run = run_ids(store)["sweep"]
    tab.open(page="run", run=run)
    expect(tab.frame.locator("h2")).to_have_text("sweep", timeout=PATIENCE_MS)
    expect(tab.button("Change…")).to_have_count(0)
    flags = ("--aml_experiment", EXPERIMENT, "--aml_tracking_uri", store, "--aml_allow_writes")
    with tensorboard(*flags, cwd=tmp_path) as running:
        allowed = TabPage(page, running)
        allowed.open(page="run", run=run)
        allowed.button("Change…").click()
        form = allowed.frame.get_by_role("dialog", name="Change this run")
        form.get_by_label("Tag", exact=True).fill("seen by")
        form.get_by_label("Value of the tag").fill("ada")
        form.get_by_role("button", name="Set").click()
        expect(form).to_have_count(0, timeout=PATIENCE_MS)
        expect(allowed.frame.locator(".overview")).to_contain_text("seen by", timeout=PATIENCE_MS)
        page.goto("about:blank")
