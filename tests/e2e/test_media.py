"""Each dashboard for what runs hold besides metrics, in a real browser, with real data in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.support import rich_run
from tests.support.rich_run import RUN, STEPS, write_rich_run
from tests.support.tensorboard import TensorBoard, tensorboard
from tests.support.waiting import wait_until

PATIENCE_MS = 30_000
ARE_LOADED = "pictures => pictures.length && pictures.every(p => p.complete && p.naturalWidth > 0)"


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TensorBoard]:
    folder = tmp_path_factory.mktemp("media")
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    write_rich_run(uri, (folder / "artifacts").as_uri())
    flags = ("--aml_experiment", rich_run.EXPERIMENT, "--aml_tracking_uri", uri)
    with tensorboard(*flags, cwd=folder) as running:
        assert wait_until(lambda: RUN in running.get("data/plugin/images/tags"), 30)
        yield running


def _open(board: TensorBoard, page: Page, dashboard: str) -> None:
    """Opens a dashboard with one page of everything in it."""
    page.set_viewport_size({"width": 1500, "height": 2400})
    page.goto(f"{board.url}#{dashboard}")


def _unfold(page: Page, *groups: str) -> None:
    """Unfolds groups of cards; the first ones of a page are unfolded already."""
    for group in groups:
        page.locator("tf-category-paginated-view").filter(has_text=group).last.locator("button").first.click()


def test_images_shows_every_picture(board: TensorBoard, page: Page) -> None:
    _open(board, page, "images")
    _unfold(page, "plots", "predictions.json", "residuals", "val")
    pictures = page.locator("tf-image-loader img")
    expect(pictures).to_have_count(11, timeout=PATIENCE_MS)
    assert wait_until(lambda: pictures.evaluate_all(ARE_LOADED), 30)


def test_time_series_steps_through_pictures(board: TensorBoard, page: Page) -> None:
    page.goto(f"{board.url}?tagFilter=val/sample#timeseries")
    card = page.locator("image-card").filter(has_text="val/sample")
    expect(card.locator("img")).to_be_visible(timeout=PATIENCE_MS)
    expect(card).to_contain_text(f"Step {STEPS[-1]}")
    assert wait_until(lambda: card.locator("img").evaluate_all(ARE_LOADED), 30)
    card.locator("input[type=range]").focus()
    page.keyboard.press("ArrowLeft")
    expect(card).to_contain_text(f"Step {STEPS[-2]}")


def test_text_shows_notes_and_tables_and_runs_nothing(board: TensorBoard, page: Page) -> None:
    alerts: list[str] = []
    page.on("dialog", lambda dialog: (alerts.append(dialog.message), dialog.dismiss()))
    _open(board, page, "text")
    _unfold(page, "notes", "run", "tables")
    expect(page.locator("tf-text-loader").filter(has_text="notes/readme.md")).to_contain_text(
        "bold", timeout=PATIENCE_MS
    )
    expect(page.locator("tf-text-loader").filter(has_text="tables/eval.json")).to_contain_text("<b>b</b>")
    expect(page.locator("tf-text-loader").filter(has_text="run/params and tags")).to_contain_text("*not bold*")
    assert page.locator("tf-text-loader script, tf-text-loader img, tf-text-loader iframe").count() == 0
    assert alerts == []


@pytest.mark.parametrize("dashboard", ["histograms", "distributions"])
def test_weights_are_distributions(board: TensorBoard, page: Page, dashboard: str) -> None:
    _open(board, page, dashboard)
    loader = page.locator(f"tf-{dashboard.removesuffix('s')}-loader, tf-distribution-loader").first
    expect(loader).to_be_visible(timeout=PATIENCE_MS)
    expect(loader.locator("svg path").first).to_be_attached(timeout=PATIENCE_MS)


def test_pr_curves_are_drawn(board: TensorBoard, page: Page) -> None:
    _open(board, page, "pr_curves")
    card = page.locator("tf-pr-curve-card").filter(has_text="accuracy.json/0")
    expect(card).to_be_visible(timeout=PATIENCE_MS)
    expect(card).to_contain_text(RUN)
