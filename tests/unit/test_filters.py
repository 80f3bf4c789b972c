"""The filter language: what parses, what an error says, and which runs pass."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_aml_plugin import filters
from tb_aml_plugin.errors import FilterError
from tb_aml_plugin.filters import AllOf, Comparison, Entity, Filter, Operator, OrderBy
from tb_aml_plugin.filters.tree import Value
from tb_aml_plugin.model import ExperimentId, LatestPoint, Run, RunId, RunStatus

_NUMERIC = (Operator.EQ, Operator.NE, Operator.GT, Operator.GE, Operator.LT, Operator.LE)
_TEXTUAL = (Operator.EQ, Operator.NE, Operator.LIKE, Operator.ILIKE)
_FRAGMENTS = (
    "params", "metrics", "run_id", "dataset", ".", "`", "'", '"', "a", "a/b", " ", "\n", "=", "!=", "<", "LIKE", "IN",
    "IS NOT NULL", "NOT", "AND", "OR", "(", ")", ",", "1", "-1e5", "'x'", "\\", "\x00", "\ud800", "é", ";", "DESC",
)  # fmt: skip

characters = st.characters(codec="utf-8", exclude_characters="\x00")
texts = st.one_of(st.text(), st.lists(st.sampled_from(_FRAGMENTS)).map("".join))
keys = st.text(st.characters(codec="utf-8", exclude_characters="\x00`"), min_size=1)
values = st.text(st.characters(codec="utf-8", exclude_characters="\x00'\"\\"))
numbers = st.floats(allow_nan=False, allow_infinity=False)


def _written(comparison: Comparison) -> str:
    value = comparison.value
    if isinstance(value, float):
        shown = repr(value).replace("e+", "e")
    elif isinstance(value, tuple):
        shown = "(" + ", ".join(f"'{text}'" for text in value) + ")"
    else:
        shown = "" if value is None else f"'{value}'"
    return f"{comparison.entity.value}.`{comparison.key}` {comparison.operator.value} {shown}"


listable = values.filter(lambda text: not set(text) & set("\r\n"))
lists = st.lists(listable, min_size=1).map(tuple)
kinds: list[tuple[Entity, st.SearchStrategy[str], tuple[Operator, ...], st.SearchStrategy[Value]]] = [
    (Entity.METRIC, keys, _NUMERIC, numbers),
    (Entity.PARAM, keys, _TEXTUAL, values),
    (Entity.TAG, keys, _TEXTUAL, values),
    (Entity.TAG, keys, (Operator.IS_NULL, Operator.IS_NOT_NULL), st.none()),
    (Entity.ATTRIBUTE, st.just("run_id"), (Operator.IN, Operator.NOT_IN), lists),
]
comparisons = st.one_of(
    *(
        st.builds(Comparison, st.just(entity), key, st.sampled_from(operators), value, st.just(0))
        for entity, key, operators, value in kinds
    )
)


def _run(
    number: int = 0,
    *,
    start_time_s: float | None = 0.0,
    params: dict[str, str] | None = None,
    tags: dict[str, str] | None = None,
    metrics: dict[str, float] | None = None,
    name: str = "",
) -> Run:
    return Run(
        id=RunId(f"run{number}"),
        experiment_id=ExperimentId("1"),
        display_name=name,
        status=RunStatus.FINISHED,
        start_time_s=start_time_s,
        end_time_s=None,
        params=params or {},
        tags=tags or {},
        metrics={key: LatestPoint(0, 0.0, value) for key, value in (metrics or {}).items()},
    )


def _passes(text: str, run: Run) -> bool:
    return filters.matches(filters.parse(text), run)


def _refusal(text: str) -> FilterError:
    with pytest.raises(FilterError) as caught:
        filters.parse(text)
    return caught.value


@given(texts)
def test_any_text_parses_or_is_refused_at_one_of_its_characters(text: str) -> None:
    try:
        parsed = filters.parse(text)
    except FilterError as error:
        assert error.text == text
        assert 0 <= error.position <= len(text)
    else:
        assert parsed.text == text


@given(texts)
def test_any_order_parses_or_is_refused_at_one_of_its_characters(text: str) -> None:
    try:
        (order,) = filters.parse_order_by([text])
    except FilterError as error:
        assert error.text == text
        assert 0 <= error.position <= len(text)
    else:
        assert text[order.position :].strip()


@given(st.lists(comparisons, max_size=4))
def test_what_is_written_is_what_is_read(wanted: list[Comparison]) -> None:
    written = [_written(comparison) for comparison in wanted]
    text = " AND ".join(written)
    root = filters.parse(text).root
    assert isinstance(root, AllOf)
    read = [part for part in root.parts if isinstance(part, Comparison)]
    assert [(c.entity, c.key, c.operator, c.value) for c in read] == [
        (c.entity, c.key, c.operator, c.value) for c in wanted
    ]
    assert all(text.startswith(part, comparison.position) for part, comparison in zip(written, read, strict=True))


@given(keys, st.booleans())
def test_an_order_that_is_written_is_what_is_read(key: str, ascending: bool) -> None:
    clause = f"metrics.`{key}` {'asc' if ascending else 'DESC'}"
    assert filters.parse_order_by([clause]) == (OrderBy(Entity.METRIC, key, ascending, clause),)


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_nothing_asked_lets_every_run_pass(text: str) -> None:
    assert filters.parse(text) == Filter(text, AllOf(()))
    assert _passes(text, _run())


def test_aliases_of_entities_and_attributes_are_the_same_thing() -> None:
    for text in ("created > 1", "run.Created > 1", "attr.`start_time` > 1", 'attributes."created" > 1.0'):
        (part,) = filters.parse(text).root.parts  # type: ignore[union-attr]
        assert part == Comparison(Entity.ATTRIBUTE, "start_time", Operator.GT, 1.0, 0)


@pytest.mark.parametrize(
    ("text", "at", "says"),
    [
        ("params.lr = 0.1", "0.1", "quotes"),
        ("params.lr = “0.1”", "“", "straight quotes"),
        ("metrics.loss < 'low'", "'low'", "number"),
        ("metric.system/cpu > 1", "/cpu", "backticks"),
        ("params.in = 'x'", "in =", "`in`"),
        ("hyper.lr = '1'", "hyper", "params"),
        ("loss < 1", "loss", "metrics."),
        ("dataset.size = '1'", "size", "digest"),
        ("params.lr == '1'", "==", "Did you mean =?"),
        ("metrics.loss <> 1", "<>", "Did you mean !=?"),
        ("metrics.loss LIKE '1'", "LIKE", ">="),
        ("params.lr '1'", "'1'", "operator"),
        ("params.lr = '1' OR params.lr = '2'", "OR", "AND"),
        ("(params.lr = '1')", "(", "Parentheses"),
        ("params.lr = '1' AND", "", "params.lr"),
        ("params.lr = '1", "'1", "never closed"),
        ("params.`lr = '1'", "`lr", "never closed"),
        ("params.lr = 'a\x00b'", "\x00", "U+0000"),
        ("run_id IN 'a'", "'a'", "('a', 'b')"),
        ("run_id IN ('a' 'b')", "'b'", "comma"),
    ],
)
def test_error_points_at_the_character_and_says_the_cure(text: str, at: str, says: str) -> None:
    error = _refusal(text)
    assert error.position == (text.index(at) if at else len(text))
    assert says in str(error).splitlines()[0]


def test_error_of_an_order_points_into_its_own_clause() -> None:
    with pytest.raises(FilterError) as caught:
        filters.parse_order_by(["metrics.loss", "  metrics.loss DESC"])
    assert (caught.value.text, caught.value.position) == ("  metrics.loss DESC", 2)


@pytest.mark.parametrize(
    "text", ["params.x != 'a'", "metrics.x != 1", "tags.x LIKE '%'", "run_name != 'a'", "end_time != 1"]
)
def test_a_run_that_lacks_the_thing_fails_every_comparison_with_it(text: str) -> None:
    assert not _passes(text, _run())


@given(keys, values, st.text(characters))
def test_equal_and_unequal_part_the_runs_that_have_the_thing(key: str, asked: str, found: str) -> None:
    run = _run(params={key: found})
    assert _passes(f"params.`{key}` = '{asked}'", run) is (asked == found)
    assert _passes(f"params.`{key}` != '{asked}'", run) is (asked != found)


@given(st.lists(comparisons, max_size=3), st.lists(comparisons, max_size=3), st.dictionaries(keys, values))
def test_and_means_both(left: list[Comparison], right: list[Comparison], tags: dict[str, str]) -> None:
    run = _run(tags=tags)
    parts = [Filter("", AllOf(tuple(half))) for half in (left, right)]
    whole = Filter("", AllOf((*left, *right)))
    assert filters.matches(whole, run) is all(filters.matches(part, run) for part in parts)


def test_nan_is_unlike_every_number() -> None:
    run = _run(metrics={"x": math.nan})
    assert [text for text in ("=", "!=", "<", "<=", ">", ">=") if _passes(f"metrics.x {text} 0", run)] == ["!="]


@given(st.text(characters))
def test_text_is_like_itself_and_like_anything(text: str) -> None:
    exact = Comparison(Entity.TAG, "x", Operator.LIKE, text, 0)
    run = _run(tags={"x": text})
    assert filters.matches(Filter("", exact), run)
    for pattern in ("%", "%%", "_" * len(text), "%" + "_" * len(text)):
        assert _passes(f"tags.x LIKE '{pattern}'", run)
    assert not _passes(f"tags.x LIKE '{'_' * (len(text) + 1)}%'", run)


@given(st.text("ab\n"), st.lists(st.sampled_from(["a", "b", "_", "%"])).map("".join))
def test_pattern_means_what_a_regular_expression_would(text: str, pattern: str) -> None:
    expected = re.fullmatch(pattern.replace("_", ".").replace("%", ".*"), text, re.DOTALL) is not None
    assert _passes(f"tags.x LIKE '{pattern}'", _run(tags={"x": text})) is expected


def test_pattern_made_to_be_slow_is_not() -> None:
    assert not _passes(f"tags.x LIKE '{'%a' * 200}%b'", _run(tags={"x": "a" * 2000}))


def test_case_counts_except_for_ilike() -> None:
    run = _run(tags={"x": "Größe"})
    assert not _passes("tags.x LIKE 'größe'", run)
    assert _passes("tags.x ILIKE 'GRÖSSE'", run) is False
    assert _passes("tags.x ILIKE 'gRÖß_'", run)


def test_run_without_a_name_tag_is_found_by_its_display_name() -> None:
    assert _passes("run_name = 'one'", _run(name="one"))


def test_run_that_names_no_user_belongs_to_unknown_as_in_mlflow() -> None:
    assert _passes("user_id = 'unknown'", _run())
    assert _passes("user_id = 'ada'", _run(tags={"mlflow.user": "ada"}))


def test_times_are_compared_as_the_milliseconds_that_were_logged() -> None:
    run = _run(start_time_s=1_700_000_000_123 / 1000)
    assert _passes("start_time = 1700000000123", run)
    assert not _passes("start_time > 1700000000123", run)


@pytest.mark.parametrize("text", ["dataset.name = 'x'", "artifact_uri LIKE '%'"])
def test_what_no_run_holds_is_refused_in_memory_and_pointed_at(text: str) -> None:
    wanted = filters.parse("metrics.x > 1 AND " + text)
    for refused in (lambda: filters.check_local(wanted, ()), lambda: filters.matches(wanted, _run())):
        with pytest.raises(FilterError) as caught:
            refused()
        assert caught.value.text[caught.value.position :] == text


def test_order_by_what_no_run_holds_is_refused_in_memory() -> None:
    with pytest.raises(FilterError):
        filters.sort([_run()], filters.parse_order_by(["artifact_uri"]))


@given(
    st.lists(st.tuples(st.none() | st.integers(0, 3), st.none() | st.sampled_from([0.0, 1.0, math.inf, math.nan]))),
    st.booleans(),
)
def test_sorted_runs_are_the_same_runs_numbers_first_then_nan_then_none(
    facts: list[tuple[int | None, float | None]], ascending: bool
) -> None:
    runs = [
        _run(number, start_time_s=start, metrics={} if value is None else {"x": value})
        for number, (start, value) in enumerate(facts)
    ]
    found = filters.sort(runs, filters.parse_order_by([f"metrics.x {'ASC' if ascending else 'DESC'}"]))
    assert sorted(run.id for run in found) == sorted(run.id for run in runs)
    logged = [run.metrics["x"].value if run.metrics else None for run in found]
    ranks = [2 if value is None else int(math.isnan(value)) for value in logged]
    assert ranks == sorted(ranks)
    numbers_only = [value for value, rank in zip(logged, ranks, strict=True) if rank == 0 and value is not None]
    assert numbers_only == sorted(numbers_only, reverse=not ascending)


@given(st.lists(st.none() | st.integers(0, 3)))
def test_those_started_last_come_first_and_ties_by_id(starts: list[int | None]) -> None:
    found = filters.sort([_run(number, start_time_s=start) for number, start in enumerate(starts)], ())
    facts = [(math.inf if run.start_time_s is None else -run.start_time_s, run.id) for run in found]
    assert facts == sorted(facts)
