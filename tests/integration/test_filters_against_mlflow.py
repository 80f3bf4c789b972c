"""Our filters and MLflow's own, on one store that MLflow wrote."""

from __future__ import annotations

import contextlib
import math
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from tb_aml_plugin import filters, sources, target
from tb_aml_plugin.errors import FilterError, NotATrackingStore
from tb_aml_plugin.model import ExperimentId, Run
from tb_aml_plugin.sources.base import RunSource, Selection
from tests.support import filter_cases as cases


@dataclass(frozen=True)
class Both:
    """One experiment, as MLflow's client and as our source read it."""

    client: MlflowClient
    source: RunSource
    database: Path
    experiment_id: str
    all_runs: Sequence[Run]

    def by_mlflow(self, text: str = "", order_by: Sequence[str] = ()) -> list[str]:
        found = self.client.search_runs([self.experiment_id], text, order_by=list(order_by))
        return [run.info.run_id for run in found]

    def by_source(self, text: str = "", order_by: Sequence[str] = ()) -> list[str]:
        selection = Selection((ExperimentId(self.experiment_id),), filter=text, order_by=tuple(order_by))
        return [run.id for run in self.source.runs(selection, {})]

    def in_memory(self, text: str = "", order_by: Sequence[str] = ()) -> list[str]:
        wanted = filters.parse(text)
        passing = [run for run in self.all_runs if filters.matches(wanted, run)]
        return [run.id for run in filters.sort(passing, filters.parse_order_by(order_by))]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    folder = tmp_path_factory.mktemp("filters")
    database = folder / "mlflow.db"
    uri = f"sqlite:///{database}"
    client = MlflowClient(tracking_uri=uri)
    experiment_id = cases.write_odd_runs(client, "odd", str(folder / "artifacts"))
    source = sources.connect(target.parse(uri), {})
    everything = source.runs(Selection((ExperimentId(experiment_id),)), {})
    yield Both(client, source, database, experiment_id, everything)
    source.close()


@pytest.fixture(scope="module")
def taken_for_zero(both: Both) -> set[str]:
    """Runs whose NaN this MLflow takes for 0, as which its database keeps it; newer ones do not, and we never do."""
    nan = {run.id for run in both.all_runs if math.isnan(run.metrics["loss"].value if "loss" in run.metrics else 0.0)}
    return nan & set(both.by_mlflow("metrics.loss = 0"))


@pytest.mark.parametrize("text", cases.FILTERS)
def test_filter_finds_the_runs_that_mlflow_finds(both: Both, text: str, taken_for_zero: set[str]) -> None:
    apart = taken_for_zero if "metrics.loss" in text else set()
    expected = [run for run in both.by_mlflow(text) if run not in apart]
    assert [run for run in both.by_source(text) if run not in apart] == expected
    assert [run for run in both.in_memory(text) if run not in apart] == expected


@pytest.mark.parametrize("text", cases.STORE_ONLY_FILTERS)
def test_filter_by_what_a_run_does_not_hold_finds_the_runs_that_mlflow_finds(both: Both, text: str) -> None:
    assert both.by_source(text) == both.by_mlflow(text)


@pytest.mark.parametrize("order_by", cases.ORDERS, ids=" then ".join)
def test_order_is_the_one_of_mlflow(both: Both, order_by: Sequence[str]) -> None:
    expected = both.by_mlflow(order_by=order_by)
    assert len(expected) == len(cases.RUNS)
    assert both.by_source(order_by=order_by) == expected
    assert both.in_memory(order_by=order_by) == expected


def test_most_filters_tell_some_runs_from_others(both: Both) -> None:
    counts = [len(both.by_source(text)) for text in cases.FILTERS + cases.STORE_ONLY_FILTERS]
    assert sum(0 < count < len(cases.RUNS) for count in counts) > 0.75 * len(counts)


def test_lists_hold_ids_of_runs(both: Both) -> None:
    first, second = both.by_mlflow()[:2]
    for text in (f"run_id IN ('{first}', \"{second}\")", f"run_id NOT IN ('{first}')", f"run_id = '{first}'"):
        expected = both.by_mlflow(text)
        assert both.by_source(text) == expected
        assert both.in_memory(text) == expected


def test_ilike_ignores_the_case_of_ascii_letters_only_where_the_database_is_sqlite(both: Both) -> None:
    text = "tags.kind ILIKE 'ärger'"
    assert both.by_source(text) == both.by_mlflow(text) == []
    assert len(both.in_memory(text)) == 1


@pytest.mark.parametrize("text", cases.REFUSED_FILTERS)
def test_filter_that_mlflow_refuses_is_refused(both: Both, text: str) -> None:
    with pytest.raises(MlflowException):
        both.by_mlflow(text)
    with pytest.raises(FilterError):
        filters.parse(text)


@pytest.mark.parametrize("clause", cases.REFUSED_ORDERS)
def test_order_that_mlflow_refuses_is_refused(both: Both, clause: str) -> None:
    with pytest.raises(MlflowException):
        both.by_mlflow(order_by=[clause])
    with pytest.raises(FilterError):
        filters.parse_order_by([clause])


def test_two_clauses_for_one_thing_are_refused(both: Both) -> None:
    clauses = ["created", "attributes.start_time DESC"]
    with pytest.raises(MlflowException):
        both.by_mlflow(order_by=clauses)
    with pytest.raises(FilterError):
        filters.parse_order_by(clauses)


@pytest.mark.parametrize(
    "text",
    [
        "params.lr = '0.1' AND",  # the rest of the filter got lost
        "AND params.lr = '0.1'",
        "params.lr = '0.1' params.lr = '0.2'",  # OR or AND?
        "params.`` = 'x'",  # no key is empty
        "params.a.`b c` = 'x'",  # MLflow looks for a key with backticks in it
        "run_id IN ('a' 'b')",  # MLflow joins the two, as Python does
        r"run_id IN ('a\x62')",  # MLflow reads an escape here, and nowhere else
    ],
)
def test_filter_that_mlflow_takes_otherwise_than_it_reads_is_refused(both: Both, text: str) -> None:
    both.by_mlflow(text)
    with pytest.raises(FilterError):
        filters.parse(text)


@pytest.mark.parametrize("text", ["  ", "tags.kind IS  NOT  NULL"])  # white space means nothing
def test_filter_that_mlflow_refuses_for_its_spaces_is_taken(both: Both, text: str) -> None:
    with pytest.raises(MlflowException):
        both.by_mlflow(text)
    assert both.by_source(text)


def test_number_too_large_for_the_database_is_just_large(both: Both) -> None:
    text = "start_time < 99999999999999999999999"  # MLflow fails with an OverflowError here
    assert len(both.by_source(text)) == len(both.in_memory(text)) == len(cases.RUNS)


@pytest.mark.parametrize("clause", [" metrics.loss desc ", 'metrics.`a"b` desc'])
def test_order_that_mlflow_stumbles_over_is_taken(both: Both, clause: str) -> None:
    with pytest.raises((MlflowException, ValueError)):
        both.by_mlflow(order_by=[clause])
    assert len(both.by_source(order_by=[clause])) == len(cases.RUNS)


@pytest.mark.parametrize(
    "value", ["x' OR '1'='1", "x'; DROP TABLE runs; --", "%' OR 1=1 --", ":value", "%(value)s", "?"]
)
def test_values_and_keys_never_become_sql(both: Both, value: str) -> None:
    for text in (f'params.lr = "{value}"', f'tags.`{value}` LIKE "{value}"', f'run_id IN ("{value}")'):
        assert both.by_source(text) == []
    assert len(both.by_source(order_by=[f"metrics.`{value}`"])) == len(cases.RUNS)


def test_store_without_tables_of_datasets_is_filtered_by_everything_else(both: Both, tmp_path: Path) -> None:
    older = tmp_path / "older.db"
    shutil.copy(both.database, older)
    with contextlib.closing(sqlite3.connect(older)) as connection:
        for table in ("input_tags", "inputs", "datasets"):
            connection.execute(f"DROP TABLE {table}")
    source = sources.connect(target.parse(f"sqlite:///{older}"), {})
    selection = Selection((ExperimentId(both.experiment_id),), filter="metrics.loss = 0.5 AND params.lr = '0.1'")
    assert [run.id for run in source.runs(selection, {})] == both.by_mlflow(selection.filter)
    with pytest.raises(NotATrackingStore, match=r"datasets|inputs"):
        source.runs(Selection((ExperimentId(both.experiment_id),), filter="dataset.name = 'iris'"), {})
    source.close()
