"""Several providers as one: nothing is lost, nothing is doubled, a failing part takes no other with it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tensorboard import errors
from tensorboard.plugins.hparams import metadata

from tb_aml_plugin import hparams
from tb_aml_plugin.merged import MergedDataProvider
from tb_aml_plugin.model import ExperimentId, Run, RunId, RunStatus
from tests.support.providers import FakeProvider, NamedProvider

EVERYWHERE = {"experiment_id": ""}
SCALARS = {"experiment_id": "", "plugin_name": "scalars"}
HPARAMS = {"experiment_id": "", "plugin_name": "hparams"}

BY_RUN = st.dictionaries(
    st.sampled_from("abcd"),
    st.dictionaries(st.sampled_from(["loss", "mse", "x/y"]), st.integers(0, 9).map(float), min_size=1),
    max_size=4,
)


def last(merged: MergedDataProvider) -> dict[str, dict[str, float]]:
    return {
        run: {tag: datum.value for tag, datum in by_tag.items()}
        for run, by_tag in merged.read_last_scalars(**SCALARS).items()
    }


@given(st.lists(BY_RUN, min_size=1, max_size=4))
def test_every_tag_of_every_run_is_there_and_the_first_that_has_it_wins(
    parts: list[dict[str, dict[str, float]]],
) -> None:
    merged = MergedDataProvider([FakeProvider(str(number), part) for number, part in enumerate(parts)])
    expected: dict[str, dict[str, float]] = {}
    for part in parts:
        for run, by_tag in part.items():
            expected[run] = by_tag | expected.get(run, {})
    assert last(merged) == expected
    assert {run: set(tags) for run, tags in merged.list_scalars(**SCALARS).items()} == {
        run: set(tags) for run, tags in expected.items()
    }
    names = [run.run_name for run in merged.list_runs(**EVERYWHERE)]
    assert len(names) == len(set(names))
    assert set(names) == set(expected)


@given(st.tuples(BY_RUN, BY_RUN, BY_RUN))
def test_merging_is_associative(parts: tuple[dict[str, dict[str, float]], ...]) -> None:
    one, two, three = (FakeProvider(str(number), part) for number, part in enumerate(parts))
    left = MergedDataProvider([MergedDataProvider([one, two]), three])
    right = MergedDataProvider([one, MergedDataProvider([two, three])])
    assert last(left) == last(right) == last(MergedDataProvider([one, two, three]))


@given(BY_RUN)
def test_a_part_without_data_changes_nothing(part: dict[str, dict[str, float]]) -> None:
    alone, empty = FakeProvider("alone", part), FakeProvider("empty")
    assert last(MergedDataProvider([alone, empty])) == last(MergedDataProvider([empty, alone])) == part


def test_merging_changes_no_answer_of_its_parts() -> None:
    one = FakeProvider("one", {"r": {"loss": 1.0}})
    kept = {"r": dict(one.read_last_scalars(**SCALARS)["r"])}
    one.read_last_scalars = lambda *_, **__: kept  # type: ignore[method-assign]
    MergedDataProvider([one, FakeProvider("two", {"r": {"mse": 2.0}})]).read_last_scalars(**SCALARS)
    assert set(kept["r"]) == {"loss"}


@pytest.mark.parametrize(
    ("method", "query"),
    [
        ("list_runs", EVERYWHERE),
        ("list_plugins", EVERYWHERE),
        ("list_scalars", SCALARS),
        ("read_scalars", SCALARS),
        ("read_last_scalars", SCALARS),
        ("list_tensors", SCALARS),
        ("list_tensors", HPARAMS),
        ("read_tensors", SCALARS),
        ("list_blob_sequences", SCALARS),
        ("read_blob_sequences", SCALARS),
        ("experiment_metadata", EVERYWHERE),
    ],
)
def test_a_part_that_fails_leaves_the_others_and_is_logged(
    method: str, query: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    broken, whole = FakeProvider("broken"), FakeProvider("whole", {"r": {"loss": 1.0}}, {"r": {"i": b""}}, {"r": {}})
    expected = getattr(MergedDataProvider([whole]), method)(**query)
    broken.problem = RuntimeError("down")
    assert getattr(MergedDataProvider([broken, whole]), method)(**query) == expected or method == "read_blob_sequences"
    assert "broken failed: RuntimeError: down" in caplog.text


def test_where_every_part_fails_tensorboard_is_told() -> None:
    one, two = FakeProvider("one"), FakeProvider("two")
    one.problem, two.problem = errors.NotFoundError("first"), ValueError("second")
    with pytest.raises(errors.NotFoundError, match="first"):
        MergedDataProvider([one, two]).list_runs(**EVERYWHERE)


def test_plugins_are_those_of_all_once_and_in_order() -> None:
    merged = MergedDataProvider([FakeProvider("a", {"r": {"x": 1.0}}), FakeProvider("b", {"s": {}}, {"s": {"i": b""}})])
    assert merged.list_plugins(**EVERYWHERE) == ["images", "scalars"]
    assert MergedDataProvider([FakeProvider("none")]).list_plugins(**EVERYWHERE) == []


def test_the_places_of_all_are_named_and_the_first_name_is_the_name() -> None:
    found = MergedDataProvider([FakeProvider("a"), FakeProvider("b")]).experiment_metadata(**EVERYWHERE)
    assert (found.data_location, found.experiment_name, found.creation_time) == ("place of a, place of b", "a", 7)


def test_an_experiment_that_one_part_knows_is_asked_of_that_one_alone() -> None:
    ours, logdir = NamedProvider("ridge", {"r": {"loss": 1.0}}), FakeProvider("logdir", {"local": {"loss": 1.0}})
    merged = MergedDataProvider([ours, logdir])
    assert [run.run_name for run in merged.list_runs(experiment_id="ridge")] == ["r"]
    assert logdir.asked == []
    assert [run.run_name for run in merged.list_runs(experiment_id="other")] == ["r", "local"]


def test_blobs_are_read_where_their_keys_are_from() -> None:
    merged = MergedDataProvider(
        [FakeProvider("a", blobs={"r": {"i": b"A"}}), FakeProvider("b", blobs={"s": {"i": b"B"}})]
    )
    found = merged.read_blob_sequences(**SCALARS)
    keys = {run: by_tag["i"][0].values[0].blob_key for run, by_tag in found.items()}
    assert {run: merged.read_blob(blob_key=key) for run, key in keys.items()} == {"r": b"A", "s": b"B"}


@pytest.mark.parametrize("key", ["", "x", "9.key", "-1.key", ".key", "0", "².key", "9" * 5000 + ".key"])
def test_a_key_that_is_none_is_a_bad_request(key: str) -> None:
    with pytest.raises(errors.InvalidArgumentError):
        MergedDataProvider([FakeProvider("a")]).read_blob(blob_key=key)


def _run(params: dict[str, str]) -> Run:
    return Run(RunId("r"), ExperimentId("e"), "name", RunStatus.FINISHED, 1.0, 2.0, params=params)


def test_hparams_of_all_parts_stand_under_one_experiment() -> None:
    ours = FakeProvider("ours", {"ours": {"loss": 1.0}}, hparams=hparams.contents({"ours": _run({"alpha": "1"})}))
    theirs = FakeProvider(
        "theirs", {"theirs": {"acc": 1.0}}, hparams=hparams.contents({"theirs": _run({"units": "2"})})
    )
    sessions = {tag: content for tag, content in theirs.hparams["theirs"].items() if tag != hparams.EXPERIMENT_TAG}
    theirs.hparams = {"theirs": sessions}  # as PyTorch's SummaryWriter leaves it
    found = MergedDataProvider([ours, theirs]).list_tensors(**HPARAMS)
    experiments = [by_tag[hparams.EXPERIMENT_TAG] for by_tag in found.values() if hparams.EXPERIMENT_TAG in by_tag]
    (experiment,) = (metadata.parse_experiment_plugin_data(series.plugin_content) for series in experiments)
    assert {info.name for info in experiment.hparam_infos} == {"alpha", "units"}
    assert "acc" in {info.name.tag for info in experiment.metric_infos}
    assert set(found) == {"ours", "theirs"}


def test_hparams_of_one_part_are_passed_on_as_they_are() -> None:
    logdir = FakeProvider("logdir", hparams={"r": {hparams.START_TAG: b"anything"}})
    found = MergedDataProvider([FakeProvider("ours"), logdir]).list_tensors(**HPARAMS)
    assert found["r"][hparams.START_TAG].plugin_content == b"anything"
