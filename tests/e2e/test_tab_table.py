"""The run table: tree, order, columns, groups, search, and what it has the dashboards show."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pyarrow.parquet as pq
from playwright.sync_api import Locator, expect

from tb_aml_plugin.demo import ALPHAS
from tests.support.tab_page import PATIENCE_MS, TabPage
from tests.support.tab_store import EXPERIMENT, HOSTILE, RICH, VISION
from tests.support.waiting import wait_until

VISION_RUNS = ["resnet18-now", RICH, "resnet34", "resnet18-fast", "resnet18-slow"]
ALPHA_RUNS = [f"alpha {alpha}" for alpha in ALPHAS]


def test_children_stand_under_their_parent_and_fold(tab: TabPage) -> None:
    tab.open(experiment=EXPERIMENT)
    tab.expect_labels(["sweep", *ALPHA_RUNS[::-1]])
    expect(tab.row("sweep")).to_have_attribute("aria-expanded", "true")
    expect(tab.row(ALPHA_RUNS[0])).to_have_attribute("aria-level", "2")
    tab.button("Fold sweep").click()
    tab.expect_labels(["sweep"])
    tab.button("Unfold sweep").click()
    tab.expect_labels(["sweep", *ALPHA_RUNS[::-1]])


def test_a_row_tells_status_start_duration_user_params_metrics_and_curve(tab: TabPage) -> None:
    tab.open(experiment=VISION)
    row = tab.row(RICH)
    for text in ("finished", "ada", "50", "0.01"):
        expect(row).to_contain_text(text)
    expect(row.locator("time")).to_have_attribute("title", re.compile(r"UTC\)$"))
    expect(row.locator("svg.sparkline path")).to_have_attribute("d", re.compile(r"^M.*L"), timeout=PATIENCE_MS)
    expect(tab.row("resnet34").locator(".status")).to_have_text("failed")
    expect(tab.frame.locator(".best")).to_have_count(2)


def test_a_running_run_ticks(tab: TabPage) -> None:
    tab.open(q='name = "resnet18-now"')
    cell = tab.row("resnet18-now").locator("[role=gridcell]").nth(5)
    before = cell.inner_text()
    assert re.fullmatch(r"\d+d \d+h", before)
    tab.evaluate("Date.now = ((now) => () => now() + 3_600_000)(Date.now)")
    expect(cell).not_to_have_text(before)


def test_sorts_by_several_columns_and_has_missing_values_last(tab: TabPage) -> None:
    tab.open(experiment=VISION)
    tab.header("depth").get_by_role("button").click()
    tab.header("lr").get_by_role("button").click(modifiers=["Shift"])
    tab.expect_labels(["resnet18-slow", "resnet18-now", "resnet18-fast", "resnet34", RICH, HOSTILE])
    expect(tab.header("depth")).to_have_attribute("aria-sort", "ascending")
    tab.header("depth").get_by_role("button").click()
    expect(tab.header("depth")).to_have_attribute("aria-sort", "descending")
    labels = tab.labels()
    assert (labels[0], labels[-1]) == (RICH, HOSTILE)
    assert tab.state()["sort"] == "-params.depth"


def test_columns_are_found_shown_pinned_resized_and_reset(tab: TabPage) -> None:
    tab.open(experiment=VISION)
    tab.button("Columns").click()
    picker = tab.frame.get_by_role("dialog", name="Columns")
    picker.get_by_label("Find a column").fill("optim")
    expect(tab.header("optimizer")).to_have_count(1)
    picker.get_by_role("checkbox", name="optimizer").click()
    expect(tab.header("optimizer")).to_have_count(0)
    picker.get_by_role("checkbox", name="optimizer").click()
    expect(tab.header("optimizer")).to_have_count(1)
    picker.get_by_role("listitem").filter(has_text="optimizer").get_by_role("button", name="Pin").click()
    expect(tab.frame.get_by_role("columnheader").nth(2)).to_contain_text("optimizer")
    picker.get_by_role("button", name="Reset").click()
    tab.page.keyboard.press("Escape")
    expect(picker).to_have_count(0)
    handle = tab.header("Run").locator(".resizer")
    before, box = tab.header("Run").bounding_box(), handle.bounding_box()
    assert before
    assert box
    tab.page.mouse.move(box["x"] + 3, box["y"] + 5)
    tab.page.mouse.down()
    tab.page.mouse.move(box["x"] + 83, box["y"] + 5)
    tab.page.mouse.up()
    after = tab.header("Run").bounding_box()
    assert after
    assert abs(after["width"] - before["width"] - 80) <= 4


def test_groups_have_mean_lowest_and_highest(tab: TabPage) -> None:
    tab.open(group="params.depth")  # no column of its own where both experiments are shown
    group = tab.frame.locator(".row.group").filter(has_text="18").first
    expect(group).to_contain_text("3 runs")
    expect(group.locator("[title^='mean ']").first).to_have_attribute(
        "title", re.compile(r"mean [\d.]+, lowest [\d.]+, highest [\d.]+")
    )
    tab.frame.get_by_role("button", name="Fold 18").click()
    expect(tab.row("resnet18-fast")).to_have_count(0)


def test_a_search_narrows_and_a_wrong_one_points_at_the_character(tab: TabPage) -> None:
    tab.open(experiment=VISION)
    tab.search("params.depth = 18 AND status:finished")
    tab.expect_labels(["resnet18-fast", "resnet18-slow"])
    expect(tab.frame.locator(".count")).to_contain_text("2 of")
    tab.search("params.depth = ")
    alert = tab.frame.get_by_role("alert").filter(has=tab.frame.locator("mark"))
    expect(alert).to_be_visible()
    expect(tab.frame.locator(".count")).to_have_text("search not applied")
    tab.search("depth = 34")  # no tag nor metric is called so
    tab.frame.get_by_role("button", name="Search params.depth = 34").click()
    tab.expect_labels(["resnet34"])
    tab.search("resnet34")
    tab.expect_labels(["resnet34"])
    expect(alert).to_have_count(0)


def test_an_earlier_search_is_offered_and_taken_by_keys(tab: TabPage) -> None:
    tab.open(experiment=VISION)
    tab.search("user:grace depth")
    tab.page.keyboard.press("Enter")
    tab.search("")
    tab.page.keyboard.press("ArrowDown")
    expect(tab.frame.get_by_role("option", name="user:grace depth")).to_be_visible()
    tab.page.keyboard.press("Enter")
    expect(tab.frame.get_by_role("combobox", name="Search runs")).to_have_value("user:grace depth")


def test_chips_count_and_narrow_by_status(tab: TabPage) -> None:
    tab.open(experiment=VISION)
    tab.button("failed 1").click()
    tab.expect_labels(["resnet34"])
    assert tab.state()["status"] == "failed"
    tab.button("failed 1").click()
    expect(tab.rows).to_have_count(6)


def test_ticks_decide_what_the_dashboards_see_and_can_be_undone(tab: TabPage) -> None:
    tab.open(experiment=EXPERIMENT)
    box = tab.frame.get_by_role("checkbox", name="Show sweep in the dashboards")
    tab.frame.get_by_role("checkbox", name=f"Show {ALPHA_RUNS[0]} in the dashboards").click()
    name = f"{EXPERIMENT}/sweep/{ALPHA_RUNS[0]}"
    assert wait_until(lambda: name not in tab.board.runs(), 10)
    expect(box).to_have_js_property("indeterminate", True)
    expect(tab.row(ALPHA_RUNS[0]).locator(".swatch")).to_have_css("background-color", "rgba(0, 0, 0, 0)")
    tab.button("Undo").click()
    assert wait_until(lambda: name in tab.board.runs(), 10)
    box.click()
    assert wait_until(lambda: not any(run.startswith(f"{EXPERIMENT}/sweep") for run in tab.board.runs()), 10)
    expect(box).not_to_be_checked()


def test_only_the_best_by_a_metric_are_shown(tab: TabPage) -> None:
    tab.open()
    tab.button("Only the best…").click()
    popup = tab.frame.get_by_role("dialog", name="The best runs")
    popup.get_by_label("The best").fill("2")
    popup.get_by_label("by").select_option("val/accuracy")
    popup.get_by_role("button", name="Show only these in the dashboards").click()
    assert wait_until(lambda: len(tab.board.runs()) == 2, 10)
    assert f"{VISION}/resnet18-slow" in tab.board.runs()


def test_an_experiment_is_taken_away_and_read_again(tab: TabPage) -> None:
    tab.open()
    tab.button("Runs…").click()
    chooser = tab.frame.get_by_role("dialog", name="Which runs are read")
    chooser.get_by_label(EXPERIMENT).click()
    expect(tab.row("sweep")).to_have_count(0, timeout=PATIENCE_MS)
    assert wait_until(lambda: not any(run.startswith(EXPERIMENT) for run in tab.board.runs()), 10)
    chooser.get_by_role("button", name="As at the start").click()
    expect(tab.row("sweep")).to_have_count(1, timeout=PATIENCE_MS)


def test_swatches_have_the_colours_of_time_series(tab: TabPage) -> None:
    tab.open()
    expect(tab.rows).to_have_count(14, timeout=PATIENCE_MS)
    ours = {
        row.locator(".cell.name a").get_attribute("title"): _colour(row.locator(".swatch")) for row in tab.rows.all()
    }
    tab.page.goto(f"{tab.board.url}#timeseries")
    theirs = tab.page.locator("runs-data-table tb-data-table-content-row")
    expect(theirs.first).to_be_visible(timeout=PATIENCE_MS)
    seen = {
        str(row.get_attribute("data-id")).removeprefix("defaultExperimentId/"): _colour(
            row.locator(".run-color-swatch")
        )
        for row in theirs.all()
    }
    assert len(seen) >= 10
    assert seen.items() <= ours.items()


def test_a_selection_opens_in_time_series(tab: TabPage) -> None:
    tab.open(experiment=VISION)
    tab.row(RICH).click()
    tab.row("resnet34").click(modifiers=["Control"])
    expect(tab.frame.locator(".bar b")).to_have_text("2 selected")
    tab.frame.get_by_role("link", name="Open in Time Series").click()
    tab.page.wait_for_url(re.compile("#timeseries"))
    expect(tab.page.get_by_role("textbox", name="Filter runs (regex)")).to_have_value(
        re.compile(rf"\^\({VISION}/resnet34\|{VISION}/{RICH}\)\$|\^\({VISION}/{RICH}\|{VISION}/resnet34\)\$"),
        timeout=PATIENCE_MS,
    )


def test_what_the_table_shows_is_exported_and_what_is_selected(tab: TabPage) -> None:
    tab.open()
    tab.search("params.depth = 18")
    expect(tab.rows).to_have_count(3)
    tab.button("finished 2").click()
    tab.button("Export").click()
    popup = tab.frame.get_by_role("dialog", name="Export")
    rows = list(csv.DictReader(io.StringIO(_downloaded(tab, popup, "All columns", "CSV").decode())))
    assert [row["label"] for row in rows] == ["resnet18-slow", "resnet18-fast"]
    assert {row["params.depth"] for row in rows} == {"18"}
    tab.page.keyboard.press("Escape")
    tab.row("resnet18-slow").click()
    tab.button("Export").click()
    expect(popup).to_contain_text("The 1 run selected.")
    popup.get_by_label("Curves of").select_option("train/loss")
    points = pq.read_table(io.BytesIO(_downloaded(tab, popup, "Curves of", "Parquet"))).to_pylist()
    assert {(point["name"], point["metric"]) for point in points} == {(f"{VISION}/resnet18-slow", "train/loss")}
    assert len(points) > 10


def _downloaded(tab: TabPage, popup: Locator, what: str, kind: str) -> bytes:
    with tab.page.expect_download() as saved:
        popup.locator(".export").filter(has_text=what).get_by_role("link", name=kind).click()
    return Path(saved.value.path()).read_bytes()


def _colour(swatch: Locator) -> str:
    return str(swatch.evaluate("(element) => getComputedStyle(element).backgroundColor"))
