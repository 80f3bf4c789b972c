"""The article's sweep, written by azureml-core into an Azure ML workspace, as someone sees it in a browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.emulator import Emulator
from tests.emulator.clients import run_script
from tests.emulator.scripts.ridge_sweep import ALPHAS, EXPERIMENT
from tests.support.tensorboard import TensorBoard, tensorboard

PATIENCE_MS = 30_000


@pytest.fixture(scope="module")
def sweep_board(azure: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TensorBoard]:
    run_script(azure, "ridge_sweep")
    folder = tmp_path_factory.mktemp("azure")
    azure.write_config(folder)
    environ = {**azure.environ(folder), **azure.service_principal()}
    with tensorboard("--aml_experiment", EXPERIMENT, cwd=folder, environ=environ) as running:
        yield running


def test_time_series_draws_the_error_of_each_child(sweep_board: TensorBoard, page: Page) -> None:
    page.goto(f"{sweep_board.url}?tagFilter=mse#timeseries")
    card = page.locator("scalar-card").filter(has_text="mse")
    expect(card.locator("tb-data-table-content-row")).to_have_count(len(ALPHAS), timeout=PATIENCE_MS)
    for alpha in ALPHAS:
        expect(card).to_contain_text(f"alpha_{alpha}")


def test_the_tab_has_the_children_below_their_root(sweep_board: TensorBoard, page: Page) -> None:
    page.goto(f"{sweep_board.url}#azureml")
    tab = page.frame_locator("iframe")
    for alpha in ALPHAS:
        expect(tab.get_by_text(f"alpha_{alpha}", exact=True).first).to_be_visible(timeout=PATIENCE_MS)
    expect(tab.get_by_text("emulated").first).to_be_visible()
