"""The tab on an Azure ML workspace: signing in by code, and what azureml-core logged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.emulator import Emulator, scenarios
from tests.emulator.clients import run_script
from tests.support.tab_page import PATIENCE_MS, TabPage
from tests.support.tensorboard import TensorBoard, tensorboard

EXPERIMENT = "every-kind"
RUN = "everything"
LONG_MS = 90_000  # azureml-core is imported, then the workspace is found


@pytest.fixture(scope="module")
def board(azure: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TensorBoard]:
    run_script(azure, "every_kind", EXPERIMENT)
    scenarios.hyperdrive(azure)
    folder = tmp_path_factory.mktemp("azure")
    azure.write_config(folder)
    environ = {**azure.environ(folder), **azure.service_principal()}
    with tensorboard("--aml_experiment", f"{EXPERIMENT},hyperdrive", cwd=folder, environ=environ) as running:
        running.wait_for_run(f"{EXPERIMENT}/{RUN}", 90)
        yield running


@pytest.mark.parametrize(("dark", "width"), [(False, 1400), (True, 800)])
def test_a_workspace_is_shown_as_a_tree_with_studio_a_click_away(
    page: Page, board: TensorBoard, dark: bool, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    tab = TabPage(page, board)
    tab.open(dark=dark)
    expect(tab.row(RUN)).to_be_visible(timeout=PATIENCE_MS)
    expect(tab.rows.filter(has=tab.frame.locator("[aria-label^=Fold]")).first).to_be_visible()
    assert tab.findings() == []
    tab.frame.get_by_role("link", name=RUN).click()
    studio = tab.frame.get_by_role("link", name=re.compile("studio")).first
    expect(studio).to_have_attribute(
        "href", re.compile(r"^https://localhost:\d+/runs/.+wsid=/subscriptions/"), timeout=PATIENCE_MS
    )


def test_what_azureml_core_logged_is_drawn(page: Page, board: TensorBoard) -> None:
    tab = TabPage(page, board)
    tab.open()
    tab.frame.get_by_role("link", name=RUN).click()
    tab.frame.get_by_role("tab", name=re.compile("^Tables")).click(timeout=PATIENCE_MS)
    choices = tab.frame.get_by_role("navigation", name="Tables")
    choices.get_by_role("button", name=re.compile("matrix")).first.click()
    expect(tab.frame.get_by_label("Confusion matrix").locator("tbody td")).to_have_text(
        ["8", "2", "1", "9"], timeout=PATIENCE_MS
    )
    choices.get_by_role("button", name=re.compile("accuracy")).first.click()
    expect(tab.frame.get_by_role("img", name="ROC curve").locator("path")).to_have_count(2, timeout=PATIENCE_MS)
    choices.get_by_role("button", name=re.compile("predictions")).first.click()
    expect(tab.frame.get_by_role("img", name="Predicted over true values")).to_be_visible(timeout=PATIENCE_MS)
    tab.frame.get_by_role("tab", name="Metrics").click()
    expect(tab.frame.get_by_role("article", name="loss").locator(".u-over")).to_be_visible(timeout=PATIENCE_MS)


def test_a_person_signs_in_by_the_code_that_the_tab_shows(page: Page, azure: Emulator, tmp_path: Path) -> None:
    scenarios.sweep(azure, "signed-in", children=2, metrics=1, points=3)
    azure.write_config(tmp_path)
    azure.signed_in = False
    flags = ("--aml_experiment", "signed-in", "--aml_auth", "device")
    with tensorboard(*flags, cwd=tmp_path, environ=azure.environ(tmp_path)) as running:
        tab = TabPage(page, running)
        tab.open()
        card = tab.frame.get_by_role("status", name="Sign in")
        expect(card.locator("code")).to_have_text("EMUL-ATOR", timeout=LONG_MS)
        expect(card.get_by_role("button", name="Copy the code")).to_be_visible()
        assert tab.findings() == []
        azure.signed_in = True
        expect(tab.rows).to_have_count(3, timeout=LONG_MS)
        expect(card).to_have_count(0, timeout=PATIENCE_MS)
        page.goto("about:blank")
