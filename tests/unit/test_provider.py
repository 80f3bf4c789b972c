"""What TensorBoard's dashboards are told: only what they can bear, and nothing that was logged is lost."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tensorboard.data import provider as tb

from tb_aml_plugin import hparams
from tb_aml_plugin.model import RunStatus
from tb_aml_plugin.provider import POINT_BUDGET
from tests.support.board_builder import EPOCH_S, BoardBuilder, Shown, id_of, shown
from tests.support.fake_source import unavailable

SCALARS = {"experiment_id": "", "plugin_name": "scalars"}
HPARAMS = {"experiment_id": "", "plugin_name": "hparams"}
Filter = tb.RunTagFilter


@pytest.fixture
def world() -> Iterator[Shown]:
    built = BoardBuilder().experiment("ridge")
    built.run("a", params={"lr": "0.1"}, end=EPOCH_S + 60, start=EPOCH_S).metric("loss", [1.0, 0.5]).metric(
        "mse", [3.0]
    )
    built.run("b").metric("loss", [2.0])
    built.run("bare")
    built.experiment("lasso").run("c").metric("loss", [9.0])
    with shown(built) as world:
        yield world


def values(world: Shown, **query: object) -> dict[str, dict[str, list[float]]]:
    found = world.provider.read_scalars(**{**SCALARS, **query})  # type: ignore[arg-type]
    return {run: {tag: [datum.value for datum in data] for tag, data in tags.items()} for run, tags in found.items()}


def test_runs_are_listed_with_their_start(world: Shown) -> None:
    runs = world.provider.list_runs(experiment_id="")
    assert [run.run_name for run in runs] == ["ridge/a", "ridge/b", "ridge/bare", "lasso/c"]
    assert all(run.run_id == run.run_name and run.start_time is not None for run in runs)


@pytest.mark.parametrize(
    ("experiment_id", "names"),
    [
        ("", {"ridge/a", "ridge/b", "ridge/bare", "lasso/c"}),
        ("defaultExperimentId", {"ridge/a", "ridge/b", "ridge/bare", "lasso/c"}),
        ("lasso", {"lasso/c"}),
        ("id of lasso", {"lasso/c"}),
        ("nowhere", set()),
    ],
)
def test_an_experiment_in_the_address_is_that_one(world: Shown, experiment_id: str, names: set[str]) -> None:
    provider = world.provider
    assert {run.run_name for run in provider.list_runs(experiment_id=experiment_id)} == names
    listed = provider.list_scalars(experiment_id=experiment_id, plugin_name="scalars")
    assert set(listed) == names - {"ridge/bare"}
    assert set(values(world, experiment_id=experiment_id)) == set(listed)
    assert set(provider.list_tensors(experiment_id=experiment_id, plugin_name="hparams")) == names
    assert provider.knows(experiment_id) is (experiment_id in ("lasso", "id of lasso"))


def test_scalars_are_listed_with_their_newest_point(world: Shown) -> None:
    series = world.provider.list_scalars(**SCALARS)["ridge/a"]["loss"]
    assert (series.max_step, series.max_wall_time, series.plugin_content) == (1, EPOCH_S + 1, b"")


@pytest.mark.parametrize(
    ("wanted", "tags"),
    [
        (None, {"ridge/a": {"loss", "mse"}, "ridge/b": {"loss"}, "lasso/c": {"loss"}}),
        (Filter(), {"ridge/a": {"loss", "mse"}, "ridge/b": {"loss"}, "lasso/c": {"loss"}}),
        (Filter(tags=["mse"]), {"ridge/a": {"mse"}}),  # only runs that have it
        (Filter(runs=["ridge/b", "gone"]), {"ridge/b": {"loss"}}),
        (Filter(runs=["ridge/b"], tags=["mse"]), {}),
        (Filter(runs=[]), {}),  # there and empty: none
        (Filter(tags=[]), {}),
    ],
)
def test_filters_hold_for_lists_and_reads_alike(
    world: Shown, wanted: tb.RunTagFilter | None, tags: dict[str, set[str]]
) -> None:
    provider = world.provider
    for found in (
        provider.list_scalars(**SCALARS, run_tag_filter=wanted),
        provider.read_scalars(**SCALARS, run_tag_filter=wanted),
        provider.read_last_scalars(**SCALARS, run_tag_filter=wanted),
    ):
        assert {run: set(by_tag) for run, by_tag in found.items()} == tags


def test_only_the_plugins_that_have_data_are_listed(world: Shown) -> None:
    assert world.provider.list_plugins(experiment_id="") == ["scalars", "hparams"]
    assert world.provider.list_plugins(experiment_id="nowhere") == []
    with shown(BoardBuilder().experiment("e").run("bare")) as bare:
        assert bare.provider.list_plugins(experiment_id="") == ["hparams"]


def test_other_plugins_get_nothing(world: Shown) -> None:
    query = {"experiment_id": "", "plugin_name": "images"}
    provider = world.provider
    assert provider.list_scalars(**query) == provider.read_scalars(**query) == {}
    assert provider.read_last_scalars(**query) == provider.list_tensors(**query) == provider.read_tensors(**query) == {}
    assert provider.list_blob_sequences(**query) == provider.read_blob_sequences(**query) == {}


def test_every_run_is_a_session_one_without_params_too(world: Shown) -> None:
    found = world.provider.list_tensors(**HPARAMS)
    assert set(found) == {"ridge/a", "ridge/b", "ridge/bare", "lasso/c"}
    assert all(hparams.START_TAG in by_tag for by_tag in found.values())


def test_a_step_that_no_int32_holds_does_not_fail_hparams() -> None:
    built = (
        BoardBuilder()
        .experiment("e")
        .run("r")
        .metric("big", [1.0], steps=[2**40])
        .metric("low", [2.0], steps=[-(2**40)])
    )
    with shown(built) as world:
        last = world.provider.read_last_scalars(**SCALARS)["e/r"]
        assert (last["big"].step, last["low"].step) == (2**31 - 1, -(2**31))
        # A card keeps the step as it was logged.
        assert [datum.step for datum in world.provider.read_scalars(**SCALARS)["e/r"]["big"]] == [2**40]


def test_one_point_of_each_curve_is_the_newest_and_is_read_from_memory(world: Shown) -> None:
    # TensorBoard 2.14 has no `read_last_scalars`: its HParams plugin asks so.
    assert values(world, downsample=1) == {
        "ridge/a": {"loss": [0.5], "mse": [3.0]},
        "ridge/b": {"loss": [2.0]},
        "lasso/c": {"loss": [9.0]},
    }
    assert "histories" not in world.built.source.calls


def test_nan_and_infinities_are_what_they_were() -> None:
    built = BoardBuilder().experiment("e").run("r").metric("odd", [math.nan, math.inf, -math.inf, math.nan])
    with shown(built) as world:
        assert list(map(repr, values(world)["e/r"]["odd"])) == ["nan", "inf", "-inf", "nan"]
        assert math.isnan(world.provider.read_last_scalars(**SCALARS)["e/r"]["odd"].value)


def test_the_duration_is_read_when_it_is_asked_for_and_never_listed(world: Shown) -> None:
    wanted = Filter(tags=[hparams.DURATION_TAG])
    assert (
        world.provider.read_last_scalars(**SCALARS, run_tag_filter=wanted)["ridge/a"][hparams.DURATION_TAG].value == 60
    )
    assert values(world, run_tag_filter=wanted)["ridge/a"] == {hparams.DURATION_TAG: [60.0]}
    assert hparams.DURATION_TAG not in world.provider.list_scalars(**SCALARS)["ridge/a"]


def test_a_run_has_lasted_until_now_while_it_runs_and_ended_without_an_end_is_not_known() -> None:
    built = BoardBuilder().experiment("e").run("live", start=EPOCH_S).run("lost", status=RunStatus.FAILED)
    with shown(built) as world:
        world.provider._now_s = lambda: EPOCH_S + 7
        found = world.provider.read_last_scalars(**SCALARS, run_tag_filter=Filter(tags=[hparams.DURATION_TAG]))
    assert {run: tags[hparams.DURATION_TAG].value for run, tags in found.items()} == {"e/live": 7.0}


def test_what_cannot_be_read_is_left_out_and_nothing_is_raised(world: Shown) -> None:
    world.built.source.fail(unavailable())
    assert world.provider.read_scalars(**SCALARS) == {}
    assert world.provider.list_scalars(**SCALARS)["ridge/a"]  # lists come from memory
    assert world.provider.read_last_scalars(**SCALARS)["ridge/a"]["loss"].value == 0.5


def test_lists_ask_nothing_of_the_place(world: Shown) -> None:
    world.built.source.calls.clear()
    for _ in range(3):
        world.provider.list_runs(experiment_id="")
        world.provider.list_scalars(**SCALARS)
        world.provider.list_tensors(**HPARAMS)
        world.provider.read_last_scalars(**SCALARS)
    assert world.built.source.calls == []


def test_a_new_listing_is_seen_at_once(world: Shown) -> None:
    world.provider.list_scalars(**SCALARS)
    world.built.run("late").metric("loss", [4.0])
    world.refresh()
    assert "lasso/late" in world.provider.list_scalars(**SCALARS)
    assert values(world)["lasso/late"] == {"loss": [4.0]}


def test_runs_that_are_hidden_are_in_no_answer(world: Shown) -> None:
    world.provider.visibility.hide([id_of("a")])
    provider = world.provider
    assert "ridge/a" not in {run.run_name for run in provider.list_runs(experiment_id="")}
    for found in (
        provider.list_scalars(**SCALARS),
        provider.read_scalars(**SCALARS),
        provider.read_last_scalars(**SCALARS),
        provider.list_tensors(**HPARAMS),
    ):
        assert "ridge/a" not in found
        assert "ridge/b" in found


def test_the_place_and_the_experiments_are_named(world: Shown) -> None:
    found = world.provider.experiment_metadata(experiment_id="")
    assert (found.data_location, found.experiment_name) == ("memory", "lasso, ridge")
    for experiment_id in ("ridge", "id of ridge"):
        assert world.provider.experiment_metadata(experiment_id=experiment_id).experiment_name == "ridge"


@given(st.integers(1, 40), st.integers(0, 60))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_curve_never_has_more_points_than_asked_and_keeps_its_last(length: int, limit: int) -> None:
    with shown(BoardBuilder().experiment("e").run("r").metric("loss", steps=length)) as world:
        data = world.provider.read_scalars(**SCALARS, downsample=limit)["e/r"]["loss"]
    assert 1 <= len(data) <= (limit or length)
    assert data[-1].step == length - 1
    assert [datum.step for datum in data] == sorted({datum.step for datum in data})


def test_many_long_curves_share_the_budget_and_keep_their_ends_and_extremes() -> None:
    built = BoardBuilder().experiment("e")
    runs, length = 40, 5000
    for number in range(runs):
        spike = [0.0] * length
        spike[1234 + number] = 100.0
        built.run(f"r{number}").metric("loss", spike)
    with shown(built) as world:
        found = world.provider.read_scalars(**SCALARS, downsample=1000)
        everything = world.provider.read_scalars(**SCALARS, downsample=0)
    assert {len(tags["loss"]) for tags in found.values()} <= set(range(4, 1001))
    assert sum(len(tags["loss"]) for tags in everything.values()) <= POINT_BUDGET
    for number, tags in enumerate(found.values()):
        steps = [datum.step for datum in tags["loss"]]
        assert {0, 1234 + number, length - 1} <= set(steps)
