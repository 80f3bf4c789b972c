"""The part of a search that the place is asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_aml_plugin import filters, search
from tb_aml_plugin.board import Snapshot
from tb_aml_plugin.errors import FilterError
from tb_aml_plugin.model import ExperimentId, LatestPoint, Run, RunId, RunStatus
from tb_aml_plugin.search.pushdown import pushed

NOW_S = 1_700_000_000.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("resnet", ""),
        ("status:running", "attributes.status = 'RUNNING'"),
        ("name:ResNet", "attributes.run_name ILIKE '%resnet%'"),
        ("name = 'a b'", "attributes.run_name = 'a b'"),
        ("metrics.loss < 1e-3", "metrics.`loss` < 0.001"),
        ("metrics.loss > 1e300", "metrics.`loss` > 1e300"),
        ("metrics.`val/loss` >= -2", "metrics.`val/loss` >= -2.0"),
        ("metrics.loss != 1", ""),
        ("metrics.loss < inf", ""),
        ("params.lr = '0.1'", "params.`lr` = '0.1'"),
        ("params.lr = 0.1", ""),
        ("params.lr < 0.1", ""),
        ("params.solver = svd", "params.`solver` ILIKE 'svd'"),
        ("tags.env:prod", ""),  # equal or contained: one of two
        ("tags.env LIKE 'pro%'", "tags.`env` LIKE 'pro%'"),
        ("user = ada", "tags.`mlflow.user` ILIKE 'ada'"),
        ("age < 1s", f"attributes.start_time > {int(NOW_S - 1) * 1000 - 1}"),
        ("age > 0", ""),
        ("experiment:vision", ""),
        ("-status:running", ""),
        ("status:running OR status:failed", ""),
        ("resnet status:running (metrics.a > 1 AND -x)", "attributes.status = 'RUNNING' AND metrics.`a` > 1.0"),
        ("name:É", ""),
        ('name:"it\'s"', ""),
        ("params.`a b` = 'c'", "params.`a b` = 'c'"),
    ],
)
def test_what_the_place_can_compare_is_asked_for(text: str, expected: str) -> None:
    assert pushed(search.parse(text), NOW_S) == expected


KEYS = st.sampled_from(["lr", "val/loss", "a b", "quo'te", "tick`", 'dou"ble', "in"])
TEXTS = st.sampled_from(["0.1", "0.10", "Auto", "auto", "a%b", "x_y", "it's", "É", "é", "\\", ""])
NUMBERS = st.floats(allow_nan=True) | st.sampled_from([0.0, 1.0, -1.0, 0.1])
TERMS = st.one_of(
    st.builds("metrics.`{}` {} {}".format, KEYS, st.sampled_from(["<", "<=", "=", ">", ">=", "!="]), NUMBERS),
    st.builds("params.`{}` {} {!r}".format, KEYS, st.sampled_from(["=", "!=", ":", "LIKE", "ILIKE"]), TEXTS),
    st.builds("tags.`{}` {} {}".format, KEYS, st.sampled_from(["=", ":", "<"]), TEXTS),
    st.builds("name {} {!r}".format, st.sampled_from(["=", "!=", ":", "LIKE", "~"]), TEXTS),
    st.builds("age {} {}".format, st.sampled_from(["<", "<=", ">", ">="]), st.integers(-5, 5)),
    st.builds("started {} {}".format, st.sampled_from(["<", "<=", ">", ">=", "="]), st.integers(0, 2**41)),
    st.sampled_from(["status:running", "status != FAILED", "auto", "user:ada", "NOT auto"]),
)
RUNS = st.builds(
    Run,
    id=st.just(RunId("aa")),
    experiment_id=st.just(ExperimentId("1")),
    display_name=TEXTS,
    status=st.sampled_from(list(RunStatus)),
    start_time_s=st.integers(1_699_999_990_000, 1_700_000_009_999).map(lambda ms: ms / 1000),
    end_time_s=st.none(),
    params=st.dictionaries(KEYS, TEXTS),
    tags=st.dictionaries(KEYS | st.just("mlflow.user"), TEXTS | st.just("ada")),
    metrics=st.dictionaries(KEYS, NUMBERS.map(lambda value: LatestPoint(0, NOW_S, value))),
)


@given(st.lists(TERMS, min_size=1, max_size=3).map(" ".join), RUNS)
def test_no_run_that_the_search_finds_is_kept_away(text: str, run: Run) -> None:
    try:
        term = search.parse(text)
    except FilterError:
        return
    if search.find(term, Snapshot({"aa": run}), lambda: NOW_S):
        assert filters.matches(filters.parse(pushed(term, NOW_S)), run)
