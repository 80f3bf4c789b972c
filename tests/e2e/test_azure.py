"""The article's second scenario in Chromium: written by azureml-core, shown by the standard command."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.emulator import Emulator, scenarios
from tests.emulator.clients import run_script
from tests.emulator.scripts.ridge_sweep import ALPHAS, EXPERIMENT
from tests.support.tensorboard import TensorBoard, tensorboard
from tests.support.waiting import wait_until

PATIENCE_MS = 30_000


@pytest.fixture(scope="module")
def article(azure: Emulator) -> dict[str, Any]:
    return dict(run_script(azure, "ridge_sweep"))


@pytest.fixture(scope="module")
def board(azure: Emulator, article: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[TensorBoard]:
    scenarios.hyperdrive(azure)
    folder = tmp_path_factory.mktemp("azure")
    azure.write_config(folder)
    environ = {**azure.environ(folder), **azure.service_principal()}
    with tensorboard("--aml_experiment", f"{EXPERIMENT},hyperdrive", cwd=folder, environ=environ) as running:
        assert wait_until(lambda: len(running.runs()) == 8 + 5, 60)
        yield running


def test_time_series_has_a_row_for_each_child(board: TensorBoard, page: Page) -> None:
    page.goto(f"{board.url}?forceSVG=true&tagFilter=mse#timeseries")
    card = page.locator("scalar-card").filter(has_text="mse")
    expect(card.locator("tb-data-table-content-row")).to_have_count(len(ALPHAS), timeout=PATIENCE_MS)


def test_time_series_draws_the_curves_of_the_trials(board: TensorBoard, page: Page) -> None:
    page.goto(f"{board.url}?forceSVG=true&tagFilter=validation_acc#timeseries")
    curves = page.locator("scalar-card").filter(has_text="validation_acc")
    expect(curves.locator(".series-view path")).to_have_count(2 * 4, timeout=PATIENCE_MS)
    for line in curves.locator(".series-view path").all():
        assert len(re.findall(r"[ML]", line.get_attribute("d") or "")) == 5


def test_hparams_has_the_arguments_of_the_trials(board: TensorBoard, page: Page) -> None:
    columns, texts = _hparams(page, f"{board.url}#hparams")
    assert {"lr", "batch-size", "mse", "validation_acc"} <= set(columns)
    trials = [texts[texts.index(name) :][: len(columns)] for name in texts if "hyperdrive/" in name]
    found = {(row[columns.index("lr")], row[columns.index("batch-size")]) for row in trials}
    assert {(float(lr), float(size)) for lr, size in found if lr} == {(0.01, 16), (0.02, 32), (0.03, 16), (0.04, 32)}


def test_hparams_has_the_metrics_of_a_sweep_without_params(board: TensorBoard, page: Page) -> None:
    columns, _ = _hparams(page, f"{board.url}experiment/{EXPERIMENT}/#hparams")
    assert {"experiment", "alpha", "mse"} <= set(columns)


def test_a_run_of_the_tab_links_to_studio(board: TensorBoard, page: Page, azure: Emulator) -> None:
    page.goto(f"{board.url}#azureml")
    frame = page.frame_locator("iframe")
    frame.get_by_text("alpha_0.7").first.click(timeout=PATIENCE_MS)
    link = frame.get_by_role("link", name=re.compile("Azure ML studio"))
    expect(link.first).to_have_attribute("href", re.compile(rf"{azure.url}/runs/.*{azure.workspace_name}"))


def _hparams(page: Page, url: str) -> tuple[list[str], list[str]]:
    """The titles of the columns, and the texts of all cells in their order, titles first."""
    page.goto(url)
    cells = page.locator("vaadin-grid-cell-content")
    expect(cells.filter(has_text="alpha_0.7")).to_have_count(1, timeout=PATIENCE_MS)
    texts = [text.strip() for text in cells.all_inner_texts()]
    return texts[: texts.index("")], texts
