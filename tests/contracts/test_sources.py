"""What every source promises, on every kind of place, with the same history written by MLflow."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from mlflow.tracking import MlflowClient

from tb_aml_plugin import under_way
from tb_aml_plugin.errors import ArtifactGone
from tb_aml_plugin.model import ExperimentId, Points, Run, RunId
from tb_aml_plugin.sources.base import ChangeMarker, HoldsModels, ReadsWholeRuns, RunSource, Selection
from tb_aml_plugin.tasks import Cancelled
from tests.contracts.stores import KINDS, Place
from tests.support.history import BY_NAME, MAIN, RUNS, T0_MS, WrittenRun, write_run


@pytest.fixture(scope="module", params=list(KINDS))
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with KINDS[request.param](tmp_path_factory.mktemp(request.param), request) as place:
        yield place


@pytest.fixture
def source(place: Place) -> Iterator[RunSource]:
    source = place.connect()
    yield source
    source.close()


@pytest.fixture
def client(place: Place, monkeypatch: pytest.MonkeyPatch) -> MlflowClient:
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    for name, value in place.write_environ.items():
        monkeypatch.setenv(name, value)
    return MlflowClient(tracking_uri=place.write_uri)


def test_experiments_are_those_not_deleted(source: RunSource) -> None:
    assert {experiment.name for experiment in source.experiments()} - {"Default"} == {"main", "other / 名前"}


def test_a_listing_holds_every_run_as_it_was_logged(source: RunSource, place: Place) -> None:
    found = _by_name(source.runs(Selection(_main(source)), {}))
    assert set(found) == {run.name for run in MAIN}
    for run in MAIN:
        _assert_as_written(found[run.name], run, place)


def test_runs_come_as_they_started_last_first(source: RunSource) -> None:
    names = [run.display_name for run in source.runs(Selection(_main(source)), {})]
    assert names == [run.name for run in sorted(MAIN, key=lambda run: -run.start_ms)]


def test_only_as_many_runs_as_asked_for(source: RunSource) -> None:
    assert [run.display_name for run in source.runs(Selection(_main(source), max_runs=2), {})] == [
        "nothing logged",
        "long",
    ]


def test_a_listing_tells_of_runs_as_they_arrive(source: RunSource) -> None:
    arrived: list[int] = []
    with under_way.told(arrived.append):
        runs = source.runs(Selection(_main(source)), {})
    assert sum(arrived) == len(runs)


def test_a_listing_ends_when_nobody_waits_for_it_any_more(source: RunSource) -> None:
    def give_up(things: int) -> None:
        raise Cancelled("Enough.")

    with under_way.told(give_up), pytest.raises(Cancelled):
        source.runs(Selection(_main(source)), {})
    assert source.runs(Selection(_main(source)), {})


def test_runs_in_another_order(source: RunSource) -> None:
    found = source.runs(Selection(_main(source), order_by=("params.lr DESC", "attributes.run_name ASC")), {})
    assert [run.display_name for run in found][:2] == ["odd values", "child"]


def test_the_order_says_which_runs_stay(source: RunSource) -> None:
    found = source.runs(Selection(_main(source), order_by=("attributes.start_time ASC",), max_runs=1), {})
    assert [run.display_name for run in found] == ["sweep"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("params.lr = '0.1'", {"child"}),
        ("metrics.best < 0.3", {"sweep"}),
        ("tags.team LIKE 'vis%' AND attributes.status = 'FAILED'", {"child"}),
        ("attributes.run_name = 'odd values'", {"odd values"}),
        ("params.lr = 'nothing'", set()),
    ],
)
def test_a_filter_chooses_runs(source: RunSource, text: str, names: set[str]) -> None:
    assert set(_by_name(source.runs(Selection(_main(source), filter=text), {}))) == names


def test_runs_named_by_id_come_whatever_their_experiment(source: RunSource, place: Place) -> None:
    wanted = ("elsewhere", "child", "deleted")
    found = source.runs(Selection(run_ids=tuple(RunId(place.ids[name]) for name in wanted)), {})
    assert [run.display_name for run in found] == ["elsewhere", "child"]


def test_runs_named_by_id_and_of_an_experiment_come_once_and_in_order(source: RunSource, place: Place) -> None:
    ids = (RunId(place.ids["elsewhere"]), RunId(place.ids["child"]))
    found = source.runs(Selection(_main(source), run_ids=ids), {})
    assert found[0].display_name == "elsewhere"
    assert sorted(run.display_name for run in found) == sorted(["elsewhere", *(run.name for run in MAIN)])


def test_a_filter_holds_for_runs_named_by_id_too(source: RunSource, place: Place) -> None:
    ids = tuple(RunId(place.ids[name]) for name in ("elsewhere", "child"))
    found = source.runs(Selection(run_ids=ids, filter="params.lr = '0.1'"), {})
    assert [run.display_name for run in found] == ["child"]


def test_nothing_wanted_is_nothing_found(source: RunSource) -> None:
    assert list(source.runs(Selection(), {})) == []
    assert list(source.find_runs([])) == []
    assert list(source.histories("loss", [])) == []


def test_a_settled_run_may_come_as_it_was_and_others_are_fresh(
    source: RunSource, place: Place, client: MlflowClient
) -> None:
    main = _main(source)
    before = source.runs(Selection(main), {})
    settled = {run.id: run for run in before if run.status.is_terminal}
    client.log_metric(place.ids["long"], "fresh", 1.5, step=9)
    after = _by_name(source.runs(Selection(main), settled))
    assert [run.display_name for run in source.runs(Selection(main), settled)] == [run.display_name for run in before]
    assert after["long"].metrics["fresh"].value == 1.5
    for run in settled.values():
        assert after[run.display_name] == run


def test_a_run_that_is_new_or_deleted_shows_beside_settled_ones(
    source: RunSource, place: Place, client: MlflowClient
) -> None:
    main = _main(source)
    settled = {run.id: run for run in source.runs(Selection(main), {}) if run.status.is_terminal}
    id_ = write_run(client, main[0], WrittenRun("new", start_ms=T0_MS + 100), place.ids)
    assert "new" in _by_name(source.runs(Selection(main), settled))
    client.delete_run(id_)
    assert "new" not in _by_name(source.runs(Selection(main), settled))
    assert "new" not in _by_name(source.runs(Selection(main), {}))


def test_a_run_that_has_just_ended_shows_its_end_beside_settled_ones(
    source: RunSource, place: Place, client: MlflowClient
) -> None:
    main = _main(source)
    settled = {run.id: run for run in source.runs(Selection(main), {}) if run.status.is_terminal}
    id_ = write_run(client, main[0], WrittenRun("ending", start_ms=T0_MS + 100), place.ids)
    client.set_terminated(id_)
    ended = _by_name(source.runs(Selection(main), settled))["ending"]
    assert ended.status.is_terminal
    assert ended.end_time_s is not None
    client.delete_run(id_)


def test_runs_are_found_by_id_and_deleted_ones_are_not(source: RunSource, place: Place) -> None:
    ids = [RunId(place.ids[name]) for name in ("sweep", "elsewhere", "deleted")]
    found = source.find_runs([*ids, RunId("0" * 32), RunId("../x")])
    assert {run.display_name for run in found} == {"sweep", "elsewhere"}


@pytest.mark.parametrize("metric", sorted({metric for run in MAIN for metric in run.metrics}))
def test_histories_hold_every_point_as_a_double(source: RunSource, place: Place, metric: str) -> None:
    ids = [RunId(place.ids[run.name]) for run in MAIN]
    found = dict(source.histories(metric, ids))
    assert set(found) == set(ids)
    for run in MAIN:
        assert _rows(found[RunId(place.ids[run.name])]) == _expected_rows(run.metrics.get(metric, ()))


def test_a_history_comes_whole_however_few_rows_are_held_at_once(
    source: RunSource, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    for rows in ("sql._ROWS_AT_ONCE", "sqlite_histories._SCANNED_ROWS", "sqlite_histories._LOOKED_UP_ROWS"):
        monkeypatch.setattr(f"tb_aml_plugin.sources.{rows}", 7)
    ids = [RunId(place.ids[run.name]) for run in MAIN]
    for run_ids in (ids, ids[:1], ids[-2:]):
        found = dict(source.histories("loss", run_ids))
        assert {id_: _rows(points) for id_, points in found.items()} == {
            RunId(place.ids[run.name]): _expected_rows(run.metrics.get("loss", ()))
            for run in MAIN
            if place.ids[run.name] in run_ids
        }


def test_a_whole_history_is_the_histories_of_all_metrics(source: RunSource, place: Place) -> None:
    if not isinstance(source, ReadsWholeRuns):
        return  # it promises nothing here
    for run in MAIN:
        found = source.whole_history(RunId(place.ids[run.name]), 3001)
        assert found is not None
        assert {metric: _rows(points) for metric, points in found.items() if metric != "fresh"} == {
            metric: _expected_rows(points) for metric, points in run.metrics.items()
        }
    assert source.whole_history(RunId(place.ids["long"]), 2999) is None
    assert source.whole_history(RunId("f" * 32), 1) == {}


def test_histories_of_what_is_not_there_are_empty(source: RunSource, place: Place) -> None:
    ids = [RunId(place.ids["long"]), RunId("f" * 32)]
    assert {id_: len(points) for id_, points in source.histories("no such metric", ids)} == dict.fromkeys(ids, 0)
    assert {id_: len(points) for id_, points in source.histories("loss", ids)} == {ids[0]: 3000, ids[1]: 0}
    assert [len(points) for _, points in source.histories("../loss", ids)] == [0, 0]


def test_a_history_that_is_not_read_to_its_end_does_no_harm(source: RunSource, place: Place) -> None:
    ids = [RunId(place.ids[run.name]) for run in MAIN]
    next(iter(source.histories("loss", ids)))
    assert len(list(source.histories("loss", ids))) == len(ids)


def test_eight_threads_may_read_at_once(source: RunSource, place: Place) -> None:
    main, ids = _main(source), [RunId(place.ids[run.name]) for run in MAIN]
    results: list[tuple[int, int]] = []

    def read() -> None:
        listed = source.runs(Selection(main), {})
        results.append((len(listed), sum(len(points) for _, points in source.histories("loss", ids))))

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert results == [(len(MAIN), 3008)] * 8


def test_a_change_marker_moves_with_a_write_and_only_then(
    source: RunSource, place: Place, client: MlflowClient
) -> None:
    if not isinstance(source, ChangeMarker) or source.change_marker() is None:
        pytest.skip("this kind of place cannot tell")
    before = source.change_marker()
    assert source.change_marker() == before
    client.set_tag(place.ids["long"], "touched", "yes")
    assert source.change_marker() != before


def test_reading_changes_nothing(source: RunSource, client: MlflowClient) -> None:
    before = _dump(client)
    list(source.histories("loss", [run.id for run in source.runs(Selection(_main(source)), {})]))
    assert _dump(client) == before


def test_closing_twice_is_harmless(place: Place) -> None:
    source = place.connect()
    source.experiments()
    source.close()
    source.close()


def _main(source: RunSource) -> tuple[ExperimentId, ...]:
    return tuple(experiment.id for experiment in source.experiments() if experiment.name == "main")


def _by_name(runs: Sequence[Run]) -> dict[str, Run]:
    return {run.display_name: run for run in runs}


def _assert_as_written(found: Run, written: WrittenRun, place: Place) -> None:
    assert found.id == place.ids[written.name]
    assert found.status is written.status
    assert found.start_time_s == written.start_ms / 1000
    assert found.end_time_s == (None if written.end_ms is None else written.end_ms / 1000)
    assert found.parent_id == (place.ids[written.parent] if written.parent else None)
    assert found.params == written.params
    assert {key: found.tags.get(key) for key in written.tags} == written.tags
    metrics = {key: point for key, point in found.metrics.items() if key != "fresh"}
    assert set(metrics) == set(written.metrics)
    for key, point in metrics.items():
        step, time_ms, value = written.latest(key)
        assert (point.step, point.wall_time_s) == (step, time_ms / 1000)
        assert _same(point.value, value)


def _rows(points: Points) -> list[tuple[int, float, str]]:
    columns = zip(points.steps.tolist(), points.wall_times_s.tolist(), points.values.tolist(), strict=True)
    assert points.steps.dtype == np.int64
    return sorted((step, time_s, _shown(value)) for step, time_s, value in columns)


def _expected_rows(points: Sequence[tuple[int, int, float]]) -> list[tuple[int, float, str]]:
    return sorted((step, time_ms / 1000, _shown(value)) for step, time_ms, value in points)


def _shown(value: float) -> str:
    """A double that compares exactly; -0.0 is 0.0, which some databases make of it."""
    return "nan" if math.isnan(value) else (value + 0.0).hex()


def _same(one: float, other: float) -> bool:
    return _shown(one) == _shown(other)


def _dump(client: MlflowClient) -> list[str]:
    experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    return [str(run.to_dictionary()) for run in client.search_runs(experiments)]


assert {run.name for run in RUNS} == set(BY_NAME), "names are how the tests find runs"


@pytest.mark.parametrize("place", ["sqlite", "postgresql", "files", "server"], indirect=True)
def test_models_that_a_run_has_logged(place: Place, source: RunSource, client: MlflowClient, tmp_path: Path) -> None:
    """MLflow 3 keeps them beside the artifacts."""
    assert isinstance(source, HoldsModels)
    if not hasattr(client, "create_logged_model"):
        pytest.skip("MLflow 2 keeps models among the artifacts")
    runs = {run.id: run for run in source.find_runs([RunId(place.ids[name]) for name in ("long", "sweep")])}
    long, other = runs[RunId(place.ids["long"])], runs[RunId(place.ids["sweep"])]
    made = client.create_logged_model(
        long.experiment_id, "my model", source_run_id=long.id, params={"depth": "3"}, model_type="tree"
    )
    bare = client.create_logged_model(long.experiment_id, "bare", source_run_id=long.id)
    for step, value in enumerate((0.5, 0.75)):
        client.log_metric(long.id, "of the model", value, step=step, model_id=made.model_id)
    (tmp_path / "MLmodel").write_text("flavors: {}")
    client.log_model_artifacts(made.model_id, str(tmp_path))
    client.finalize_logged_model(made.model_id, "READY")
    found, without = source.models(long)
    assert (found.id, found.name, found.status, found.kind) == (made.model_id, "my model", "READY", "tree")
    assert found.params == {"depth": "3"}
    assert found.metrics == {"of the model": 0.75}
    assert found.created_s == made.creation_timestamp / 1000
    assert source.model_document(long, found) == b"flavors: {}"
    assert (without.id, without.name, without.status, without.metrics) == (bare.model_id, "bare", "PENDING", {})
    with pytest.raises(ArtifactGone):
        source.model_document(long, without)
    assert source.models(other) == []
