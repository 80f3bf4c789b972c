"""The tab by keyboard, for assistive technology, dark and light, wide and narrow."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tb_aml_plugin.demo import ALPHAS
from tests.support.tab_page import PATIENCE_MS, TabPage
from tests.support.tab_store import EXPERIMENT, RICH, VISION, run_ids

LOOKS = [(dark, width) for dark in (False, True) for width in (1400, 800)]
PANELS = ("overview", "metrics", "images", "tables", "text", "logs", "artifacts")


@pytest.mark.parametrize(("dark", "width"), LOOKS)
def test_axe_finds_nothing_serious_on_the_pages_for_many_runs(tab: TabPage, dark: bool, width: int, store: str) -> None:
    tab.page.set_viewport_size({"width": width, "height": 900})
    tab.open(dark=dark)
    expect(tab.rows.first).to_be_visible(timeout=PATIENCE_MS)
    found = tab.findings()
    tab.row(RICH).click()
    tab.button("Columns").click()
    found += tab.findings()
    tab.page.keyboard.press("Escape")
    tab.button("Runs…").click()
    expect(tab.frame.get_by_label(EXPERIMENT)).to_be_visible()
    found += tab.findings()
    tab.page.keyboard.press("Escape")
    tab.search("nonsense <")
    expect(tab.frame.locator(".search-error")).to_be_visible()
    found += tab.findings()
    tab.open(dark=dark, page="sweep", experiment=VISION)
    expect(tab.frame.locator("svg.sweep").first).to_be_visible(timeout=PATIENCE_MS)
    tab.frame.get_by_text("Narrow", exact=True).click()
    found += tab.findings()
    ids = run_ids(store)
    tab.open(dark=dark, page="compare", runs=f"{ids[RICH]}\n{ids['resnet34']}")
    expect(tab.frame.locator(".u-over").first).to_be_visible(timeout=PATIENCE_MS)
    found += tab.findings()
    assert found == []
    assert not tab.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


@pytest.mark.parametrize(("dark", "width"), LOOKS)
def test_axe_finds_nothing_serious_on_a_runs_page(tab: TabPage, dark: bool, width: int, store: str) -> None:
    tab.page.set_viewport_size({"width": width, "height": 900})
    run = run_ids(store)[RICH]
    found = []
    for panel in PANELS:
        tab.open(dark=dark, page="run", run=run, panel=panel)
        expect(tab.frame.get_by_role("tab", selected=True)).to_be_visible(timeout=PATIENCE_MS)
        expect(tab.frame.locator("[aria-busy=true]")).to_have_count(0, timeout=PATIENCE_MS)
        found += [f"{panel}: {finding}" for finding in tab.findings()]
    assert found == []


def test_a_sweep_is_walked_through_and_narrowed_by_keys(tab: TabPage) -> None:
    keys = tab.page.keyboard
    tab.open(page="sweep", experiment=EXPERIMENT, metric="mse")
    picture, said = tab.frame.locator("svg.sweep").first, tab.frame.locator("#sweep-said")
    expect(picture).to_be_visible(timeout=PATIENCE_MS)
    picture.focus()
    keys.press("ArrowRight")
    best = said.inner_text()
    keys.press("End")
    expect(said).not_to_have_text(best)
    keys.press("Home")
    expect(said).to_have_text(best)
    tab.frame.get_by_text("Narrow", exact=True).focus()
    keys.press("Enter")
    keys.press("Tab")
    keys.type("0.55")
    expect(tab.frame.locator(".ranges summary")).to_have_text("Narrow: 2 of 8 runs")
    expect(picture).not_to_contain_text("mse (log)")
    tab.frame.get_by_label("Scale of mse").select_option("log")
    expect(picture).to_contain_text("mse (log)")
    expect(tab.frame.locator(".scale")).to_contain_text("best that has ended")
    picture.focus()
    keys.press("Home")
    keys.press("Enter")
    expect(tab.frame.locator("h2")).to_contain_text(re.compile(r"alpha 0\.[67]"), timeout=PATIENCE_MS)
    keys.press("g")
    keys.press("r")
    expect(tab.rows.first).to_be_visible(timeout=PATIENCE_MS)
    keys.press("g")
    keys.press("t")
    expect(tab.page.locator("runs-data-table").first).to_be_visible(timeout=PATIENCE_MS)


def test_everything_can_be_reached_and_done_by_keys(tab: TabPage) -> None:
    keys = tab.page.keyboard
    tab.open(experiment=EXPERIMENT)
    tab.frame.get_by_role("treegrid").focus()
    newest = f"alpha {ALPHAS[-1]}"
    keys.press("j")
    expect(tab.row(newest)).to_have_class("row active")
    keys.press("k")
    keys.press("ArrowLeft")
    expect(tab.row(newest)).to_have_count(0)
    keys.press("ArrowRight")
    keys.press("j")
    keys.press("Space")
    box = tab.frame.get_by_role("checkbox", name=f"Show {newest} in the dashboards")
    expect(box).not_to_be_checked(timeout=PATIENCE_MS)
    keys.press("Space")
    expect(box).to_be_checked(timeout=PATIENCE_MS)
    keys.press("x")
    keys.press("Shift+ArrowDown")
    expect(tab.frame.locator(".bar b")).to_have_text("2 selected")
    keys.press("Enter")
    expect(tab.frame.locator("h2")).to_have_text(f"alpha {ALPHAS[-2]}", timeout=PATIENCE_MS)
    keys.press("[")
    expect(tab.frame.locator("h2")).to_have_text(newest, timeout=PATIENCE_MS)
    keys.press("]")
    expect(tab.frame.locator("h2")).to_have_text(f"alpha {ALPHAS[-2]}", timeout=PATIENCE_MS)
    tab.frame.get_by_role("tab", selected=True).focus()
    keys.press("ArrowRight")
    expect(tab.frame.get_by_role("tab", name="Metrics", exact=False)).to_be_focused()
    keys.press("Escape")
    expect(tab.frame.get_by_role("treegrid")).to_be_visible()
    keys.press("?")
    help_ = tab.frame.get_by_role("dialog", name="Keys and search")
    expect(help_).to_be_visible()
    keys.press("Escape")
    expect(help_).to_have_count(0)
    keys.press("/")
    expect(tab.frame.get_by_role("combobox", name="Search runs")).to_be_focused()


def test_tab_goes_through_every_control_and_shows_where_it_is(tab: TabPage) -> None:
    tab.open()
    expect(tab.rows.first).to_be_visible(timeout=PATIENCE_MS)
    tab.frame.get_by_role("button", name="Pause").focus()
    seen = []
    for _ in range(60):
        tab.page.keyboard.press("Tab")
        name, outline = tab.evaluate(
            "[document.activeElement.innerText || document.activeElement.ariaLabel || document.activeElement.tagName,"
            " getComputedStyle(document.activeElement).outlineStyle]"
        )
        seen.append(name.strip())
        if "Only the best" in name:
            break
        assert outline != "none" or name.startswith("Run"), name
    for control in ("Refresh", "Search runs", "Runs…", "Table", "Sweep", "Columns", "Status", "Only the best…"):
        assert any(control in name for name in seen), (control, seen)
