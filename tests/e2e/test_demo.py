"""The demo, as someone sees it who has just typed ``make demo``."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from mlflow.tracking import MlflowClient
from playwright.sync_api import Page, expect

from tb_aml_plugin.demo import ALPHAS, CURVE, EXPERIMENT, log_sweep
from tests.support.tensorboard import TensorBoard, tensorboard

CHILDREN = [f"{EXPERIMENT}/sweep/alpha {alpha}" for alpha in ALPHAS]
PATIENCE_MS = 30_000


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    return log_sweep(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def board(uri: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TensorBoard]:
    flags = ("--aml_experiment", EXPERIMENT, "--aml_tracking_uri", uri)
    with tensorboard(*flags, cwd=tmp_path_factory.mktemp("cwd")) as running:
        yield running


def test_time_series_draws_a_curve_for_each_child(board: TensorBoard, page: Page) -> None:
    # As SVG the lines can be counted; without it TensorBoard draws them on a canvas.
    page.goto(f"{board.url}?forceSVG=true#timeseries")
    card = page.locator("scalar-card").filter(has_text=CURVE)
    rows = card.locator("tb-data-table-content-row")
    expect(rows).to_have_count(len(ALPHAS), timeout=PATIENCE_MS)
    assert sorted(_name(row) for row in rows.all_inner_texts()) == CHILDREN
    # Two paths a run: the values and the smoothed values.
    expect(card.locator(".series-view path")).to_have_count(2 * len(ALPHAS), timeout=PATIENCE_MS)
    for line in card.locator(".series-view path").all():
        assert len(re.findall(r"[ML]", line.get_attribute("d") or "")) == 10


def test_hparams_has_a_row_for_each_child_with_its_alpha_and_mse(board: TensorBoard, page: Page, uri: str) -> None:
    page.goto(f"{board.url}#hparams")
    cells = page.locator("vaadin-grid-cell-content")
    expect(cells.filter(has_text=CHILDREN[-1])).to_have_count(1, timeout=PATIENCE_MS)
    texts = [text.strip() for text in cells.all_inner_texts()]
    columns = texts[: texts.index("")]
    logged = _logged(uri)
    for alpha, child in zip(ALPHAS, CHILDREN, strict=True):
        row = texts[texts.index(child) :][: len(columns)]
        assert float(row[columns.index("alpha")]) == pytest.approx(alpha)
        assert float(row[columns.index("mse")]) == pytest.approx(logged[f"alpha {alpha}"], rel=1e-4)


def test_images_shows_the_predictions_of_each_child(board: TensorBoard, page: Page) -> None:
    page.goto(f"{board.url}#images")
    pictures = page.locator("tf-image-loader img")
    expect(pictures).to_have_count(len(ALPHAS), timeout=PATIENCE_MS)
    for picture in pictures.all():
        expect(picture).to_have_js_property("naturalWidth", 400, timeout=PATIENCE_MS)


def test_values_are_the_doubles_that_mlflow_holds(board: TensorBoard, uri: str) -> None:
    card, logged = board.card("mse"), _logged(uri)
    assert {name: points[-1]["value"] for name, points in card.items() if name in CHILDREN} == {
        f"{EXPERIMENT}/sweep/{name}": value for name, value in logged.items()
    }
    assert [point["step"] for point in card[f"{EXPERIMENT}/sweep"]] == list(range(len(ALPHAS)))


def _logged(uri: str) -> dict[str, float]:
    """Display name → mse of each child, by MLflow's own client."""
    client = MlflowClient(tracking_uri=uri)
    experiment = client.get_experiment_by_name(EXPERIMENT)
    runs = client.search_runs([experiment.experiment_id], "tags.role = 'trial'")
    return {run.info.run_name: run.data.metrics["mse"] for run in runs}


def _name(row: str) -> str:
    """The run's name in a row of a card's table, which shows value, step and time behind it."""
    found = re.search(rf"{re.escape(EXPERIMENT)}/sweep/alpha [\d.]+", row)
    return found.group() if found else row
