"""Runs below a run, found at a real store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from mlflow.tracking import MlflowClient

from tb_aml_plugin import descendants, sources, target
from tb_aml_plugin.model import RunId
from tb_aml_plugin.sources.base import RunSource, Selection

CHILDREN = 12
"""More than are asked for one by one."""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, str]]:
    """The tracking URI of: root → 12 children, child 3 → grandchild → great-grandchild; a stranger; run ids by name."""
    uri = f"sqlite:///{tmp_path_factory.mktemp('tree') / 'mlflow.db'}"
    client = MlflowClient(tracking_uri=uri)
    experiment = client.create_experiment("tree")
    ids: dict[str, str] = {}

    def log(name: str, parent: str | None) -> None:
        tags = {"mlflow.parentRunId": ids[parent]} if parent else {}
        run = client.create_run(experiment, run_name=name, start_time=1000 + len(ids), tags=tags)
        client.log_param(run.info.run_id, "even", len(ids) % 2 == 0)
        ids[name] = run.info.run_id

    log("root", None)
    for number in range(CHILDREN):
        log(f"child {number}", "root")
    log("grandchild", "child 3")
    log("great-grandchild", "grandchild")
    log("stranger", None)
    log("stranger's child", "stranger")
    return uri, ids


@pytest.fixture
def source(tree: tuple[str, dict[str, str]]) -> Iterator[RunSource]:
    source = sources.connect(target.parse(tree[0]), {})
    yield source
    source.close()


def listed(source: RunSource, selection: Selection) -> list[str]:
    return [run.display_name for run in descendants.listed(source, selection, {})]


def test_a_run_comes_with_all_that_is_below_it(source: RunSource, tree: tuple[str, dict[str, str]]) -> None:
    found = listed(source, Selection(run_ids=(RunId(tree[1]["root"]),)))
    children = [f"child {number}" for number in reversed(range(CHILDREN))]
    assert found == ["great-grandchild", "grandchild", *children, "root"]


def test_only_what_is_below(source: RunSource, tree: tuple[str, dict[str, str]]) -> None:
    assert listed(source, Selection(run_ids=(RunId(tree[1]["child 3"]),))) == [
        "great-grandchild",
        "grandchild",
        "child 3",
    ]
    assert listed(source, Selection(run_ids=(RunId(tree[1]["great-grandchild"]),))) == ["great-grandchild"]


def test_filter_order_and_number_hold_for_what_is_below(source: RunSource, tree: tuple[str, dict[str, str]]) -> None:
    root = (RunId(tree[1]["root"]),)
    even = listed(source, Selection(run_ids=root, filter="params.even = 'True'"))
    assert even == [f"child {number}" for number in (11, 9, 7, 5, 3, 1)] + ["root"]
    first = Selection(run_ids=root, order_by=("attributes.start_time ASC",), max_runs=3)
    assert listed(source, first) == ["root", "child 0", "child 1"]


def test_without_run_ids_nothing_is_added(source: RunSource) -> None:
    (experiment,) = (e for e in source.experiments() if e.name == "tree")
    assert len(listed(source, Selection(experiment_ids=(experiment.id,), max_runs=5))) == 5
