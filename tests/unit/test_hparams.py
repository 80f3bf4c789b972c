"""Params as HParams takes them: one type each, never a NaN, a session for every run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2

from tb_aml_plugin import hparams
from tb_aml_plugin.hparams import (
    DURATION_TAG,
    END_TAG,
    EXPERIMENT_COLUMN,
    EXPERIMENT_TAG,
    START_TAG,
    Contents,
    contents,
    merged,
)
from tb_aml_plugin.model import Experiment, ExperimentId, LatestPoint, Run, RunId, RunStatus

NUMBER, BOOL, TEXT = api_pb2.DATA_TYPE_FLOAT64, api_pb2.DATA_TYPE_BOOL, api_pb2.DATA_TYPE_STRING


def run(params: Mapping[str, str] | None = None, *metrics: str, **fields: Any) -> Run:
    known = {"status": RunStatus.FINISHED, "start_time_s": 1000.0, "end_time_s": 1002.5, **fields}
    latest = {metric: LatestPoint(0, 0.0, 0.0) for metric in metrics}
    return Run(RunId("r"), ExperimentId("e"), "name", params=params or {}, metrics=latest, **known)


def runs(*values: str) -> dict[str, Run]:
    """A run for each of `values`, its param "p"."""
    return {f"r{number}": run({"p": value}) for number, value in enumerate(values)}


def experiment(found: Contents) -> api_pb2.Experiment:
    (content,) = [by_tag[EXPERIMENT_TAG] for by_tag in found.values() if EXPERIMENT_TAG in by_tag]
    return metadata.parse_experiment_plugin_data(content)


def column(found: Contents, name: str = "p") -> api_pb2.HParamInfo:
    (info,) = [info for info in experiment(found).hparam_infos if info.name == name]
    return info


def values(found: Contents, name: str = "p") -> list[bool | float | str | None]:
    """The value of a param in every session; None where it has none."""
    shown: list[bool | float | str | None] = []
    for by_tag in found.values():
        start = metadata.parse_session_start_info_plugin_data(by_tag[START_TAG])
        shown.append(
            getattr(start.hparams[name], start.hparams[name].WhichOneof("kind")) if name in start.hparams else None
        )
    return shown


@pytest.mark.parametrize(
    ("texts", "kind", "shown"),
    [
        (["0.1", "1e-3", "-7", " 2 "], NUMBER, [0.1, 1e-3, -7.0, 2.0]),
        (["True", "false"], BOOL, [True, False]),
        (["0.1", "auto"], TEXT, ["0.1", "auto"]),  # mixed: text for every run
        (["true", "1"], TEXT, ["true", "1"]),
        (["0.1", "nan", "inf", ""], NUMBER, [0.1, None, None, None]),  # they would poison the range
        (["nan", "auto"], TEXT, ["nan", "auto"]),
        (["nan", ""], TEXT, ["nan", ""]),
        (["true", ""], BOOL, [True, None]),
        (["None", "1"], TEXT, ["None", "1"]),
        (["1e999", "1"], TEXT, ["1e999", "1"]),
        (["1_000", "2"], TEXT, ["1_000", "2"]),
        (["٣", "2"], TEXT, ["٣", "2"]),  # a digit, but not one that anybody meant as a number
        (["12345678901234567890", "2"], TEXT, ["12345678901234567890", "2"]),  # no double holds this id
        (["9007199254740992", "2"], NUMBER, [9007199254740992.0, 2.0]),
        (["0x10", "[1, 2]"], TEXT, ["0x10", "[1, 2]"]),
        ([".5", "5.", "+5"], NUMBER, [0.5, 5.0, 5.0]),
        (["1\x1f", "\u20032"], NUMBER, [1.0, 2.0]),  # white space to `strip`, not to `float`
    ],
)
def test_a_param_has_one_type_over_all_runs(texts: list[str], kind: int, shown: list[object]) -> None:
    found = contents(runs(*texts))
    assert column(found).type == kind
    assert values(found) == shown


@given(st.lists(st.text(max_size=8) | st.sampled_from(["0.1", "nan", "true", "", "inf", "1e5"]), min_size=1))
def test_any_texts_make_one_column_of_one_type_without_nan(texts: list[str]) -> None:
    found = contents(runs(*texts))
    shown = [value for value in values(found) if value is not None]
    assert len({type(value) for value in shown}) <= 1
    assert not [value for value in shown if isinstance(value, float) and not math.isfinite(value)]
    infos = experiment(found).hparam_infos
    assert len(infos) == (1 if shown else 0)


@given(st.dictionaries(st.text(max_size=5), st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=3)))
def test_every_run_is_a_session_and_every_content_can_be_read(params: dict[str, dict[str, str]]) -> None:
    found = contents({name: run(found) for name, found in params.items()})
    assert list(found) == list(params)
    for name, by_tag in found.items():
        start = metadata.parse_session_start_info_plugin_data(by_tag[START_TAG])
        metadata.parse_session_end_info_plugin_data(by_tag[END_TAG])
        assert set(start.hparams) <= set(params[name])
    assert sum(EXPERIMENT_TAG in by_tag for by_tag in found.values()) == min(1, len(params))


def test_a_text_that_no_utf8_can_write_harms_no_other() -> None:
    found = contents({"r": run({"lone \ud800": "v \udfff", "größe": "名前"}, "loss", "odd \ud800")})
    assert values(found, "lone ?") == ["v ?"]
    assert values(found, "größe") == ["名前"]
    assert [info.name.tag for info in experiment(found).metric_infos] == [DURATION_TAG, "loss"]


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        (RunStatus.FINISHED, api_pb2.STATUS_SUCCESS),
        (RunStatus.FAILED, api_pb2.STATUS_FAILURE),
        (RunStatus.KILLED, api_pb2.STATUS_FAILURE),
        (RunStatus.RUNNING, api_pb2.STATUS_RUNNING),
        (RunStatus.SCHEDULED, api_pb2.STATUS_UNKNOWN),
        (RunStatus.UNKNOWN, api_pb2.STATUS_UNKNOWN),
    ],
)
def test_a_session_tells_its_status_and_times(status: RunStatus, shown: int) -> None:
    by_tag = contents({"r": run(status=status)})["r"]
    end = metadata.parse_session_end_info_plugin_data(by_tag[END_TAG])
    assert (end.status, end.end_time_secs) == (shown, 1002.5)
    assert metadata.parse_session_start_info_plugin_data(by_tag[START_TAG]).start_time_secs == 1000.0


def test_a_column_tells_its_range_or_its_values_and_whether_runs_differ() -> None:
    numbers = column(contents(runs("0.1", "0.5", "0.1")))
    assert (numbers.domain_interval.min_value, numbers.domain_interval.max_value) == (0.1, 0.5)
    assert numbers.differs
    assert not column(contents(runs("0.1", "0.10"))).differs
    assert [value.string_value for value in column(contents(runs("b", "a", "b"))).domain_discrete.values] == ["a", "b"]


def test_metrics_of_all_runs_are_columns_the_duration_first_and_system_metrics_not() -> None:
    found = contents({"a": run({}, "loss", "system/cpu"), "b": run({}, "accuracy")})
    tags = [info.name.tag for info in experiment(found).metric_infos]
    assert tags == [DURATION_TAG, "accuracy", "loss"]


def test_no_runs_are_no_contents() -> None:
    assert contents({}) == {}


def _session(**params: float | str | bool) -> dict[str, bytes]:
    start = plugin_data_pb2.SessionStartInfo()
    for name, value in params.items():
        kind = {bool: "bool_value", float: "number_value", str: "string_value"}[type(value)]
        setattr(start.hparams[name], kind, value)
    data = plugin_data_pb2.HParamsPluginData(session_start_info=start)
    return {START_TAG: metadata.create_summary_metadata(data).plugin_data.content}


def _names(found: Contents) -> set[str]:
    return {info.name for info in experiment(found).hparam_infos}


def test_merging_names_the_columns_of_all() -> None:
    ours = contents({"ours": run({"alpha": "0.1"}, "loss")})
    theirs = {"theirs": _session(units=16.0)}
    both = merged([(ours, {}), (theirs, {"theirs": ["accuracy"], "theirs/eval": ["accuracy"], "else": ["x"]})])
    assert _names(both) == {"alpha", "units"}
    metrics = {(info.name.group, info.name.tag) for info in experiment(both).metric_infos}
    assert metrics == {("", DURATION_TAG), ("", "loss"), ("", "accuracy"), ("eval", "accuracy")}
    assert set(both) == {"ours", "theirs"}


def test_merging_widens_a_column_that_both_have() -> None:
    ours = contents(runs("0.1", "0.2"))
    numbers = column(merged([(ours, {}), ({"t": _session(p=7.0)}, {})]))
    assert (numbers.type, numbers.domain_interval.min_value, numbers.domain_interval.max_value) == (NUMBER, 0.1, 7.0)


@pytest.mark.parametrize(("value", "kind", "domain"), [(7.0, NUMBER, [0.1, 7.0]), ("auto", TEXT, ["0.1", "auto"])])
def test_merging_knows_the_values_of_a_column_declared_by_its_name_alone(
    value: float | str, kind: int, domain: list[object]
) -> None:
    declared = api_pb2.Experiment(hparam_infos=[api_pb2.HParamInfo(name="p", display_name="P")])
    data = plugin_data_pb2.HParamsPluginData(experiment=declared)
    theirs = {"": {EXPERIMENT_TAG: metadata.create_summary_metadata(data).plugin_data.content}, "t": _session(p=value)}
    both = merged([(contents(runs("0.1")), {}), (theirs, {})])
    info = column(both)
    interval = info.domain_interval
    shown = (
        [interval.min_value, interval.max_value]
        if kind == NUMBER
        else [v.string_value for v in info.domain_discrete.values]
    )
    assert (info.type, info.display_name, shown) == (kind, "P", domain)
    assert values({run: by_tag for run, by_tag in both.items() if START_TAG in by_tag})[-1] == value


def test_merging_makes_text_of_a_column_that_would_mix_types() -> None:
    both = merged([(contents(runs("0.1", "0.2")), {}), ({"t": _session(p="auto", q=1.0)}, {})])
    assert column(both).type == TEXT
    assert {value.string_value for value in column(both).domain_discrete.values} == {"0.1", "0.2", "auto"}
    assert values(both) == ["0.1", "0.2", "auto"]
    assert values(both, "q") == [None, None, 1.0]


@pytest.mark.parametrize("broken", [b"", b"\xff\xff", b"\x12\x02\x08\x01"])
def test_merging_leaves_out_what_would_fail_the_whole_dashboard(broken: bytes) -> None:
    ours = contents(runs("0.1"))
    both = merged([(ours, {}), ({"t": {START_TAG: broken, "foreign": b"x"}, "u": _session(q="x")}, {})])
    assert set(both) == {"r0", "u"}
    assert _names(both) == {"p", "q"}


@given(st.lists(st.lists(st.sampled_from(["0.1", "auto", "true", "nan"]), max_size=3), max_size=3))
def test_merging_keeps_every_session_and_one_experiment(parts: list[list[str]]) -> None:
    given_parts = [
        contents({f"{number}/{name}": found for name, found in runs(*texts).items()})
        for number, texts in enumerate(parts)
    ]
    both = merged([(part, {}) for part in given_parts])
    assert set(both) == {name for part in given_parts for name in part}
    assert sum(EXPERIMENT_TAG in by_tag for by_tag in both.values()) == min(1, len(both))
    assert len({type(value) for value in values(both) if value is not None}) <= 1
    assert {name: by_tag[END_TAG] for name, by_tag in both.items()} == {
        name: by_tag[END_TAG] for part in given_parts for name, by_tag in part.items()
    }


def test_for_the_same_run_the_earlier_provider_wins() -> None:
    first, second = {"r": _session(p="first")}, {"r": _session(p="second")}
    assert values(merged([(first, {}), (second, {})])) == ["first"]
    assert hparams.merged([]) == {}


def test_runs_without_any_param_have_one_column_since_hparams_shows_nothing_without() -> None:
    known = {ExperimentId("e"): Experiment(ExperimentId("e"), "ridge")}
    found = contents({"a": run({}, "mse"), "b": run({}, "mse")}, known)
    assert values(found, EXPERIMENT_COLUMN) == ["ridge", "ridge"]
    assert [info.name for info in experiment(found).hparam_infos] == [EXPERIMENT_COLUMN]
    found = contents({"a": run({}, "mse"), "b": run({"lr": "0.1"}, "mse")}, known)
    assert [info.name for info in experiment(found).hparam_infos] == ["lr"]
