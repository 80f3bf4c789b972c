"""Filter and order-by texts to values, by MLflow's grammar for searching runs.

A text that MLflow refuses is refused here, with the reason and the cure. A few texts that MLflow takes in a way
nobody means are refused too: a missing or dangling AND, an empty key, a list after ``=``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tb_aml_plugin.filters.scanner import Scanner
from tb_aml_plugin.filters.tree import ATTRIBUTES, TIMES, AllOf, Comparison, Entity, Filter, Operator, OrderBy, Value

_ENTITIES = {
    "attribute": Entity.ATTRIBUTE, "attributes": Entity.ATTRIBUTE, "attr": Entity.ATTRIBUTE, "run": Entity.ATTRIBUTE,
    "metric": Entity.METRIC, "metrics": Entity.METRIC,
    "parameter": Entity.PARAM, "parameters": Entity.PARAM, "param": Entity.PARAM, "params": Entity.PARAM,
    "tag": Entity.TAG, "tags": Entity.TAG,
    "dataset": Entity.DATASET, "datasets": Entity.DATASET,
}  # fmt: skip
_ORDER_ATTRIBUTES = {name: name for name in ATTRIBUTES} | dict.fromkeys(("created", "Created"), "start_time")
_FILTER_ATTRIBUTES = _ORDER_ATTRIBUTES | dict.fromkeys(("run name", "Run name", "Run Name"), "run_name")
_DATASET_KEYS = ("name", "digest", "context")

_EQUALITY = (Operator.EQ, Operator.NE)
_LIKENESS = (*_EQUALITY, Operator.LIKE, Operator.ILIKE)
_NUMERIC = (*_EQUALITY, Operator.GT, Operator.GE, Operator.LT, Operator.LE)
_WITH_NULL = (*_LIKENESS, Operator.IS_NULL, Operator.IS_NOT_NULL)
_WITH_LISTS = (*_LIKENESS, Operator.IN, Operator.NOT_IN)

_NAME = re.compile(r"\w+")
_BARE_KEY = re.compile(r"\w+(?:\.[^\W\d]\w*)*")
_NEEDS_QUOTES = frozenset({"case", "in", "values", "using", "from", "as"})  # MLflow's parser trips over these
_OPERATOR = re.compile(r"[<>=~!]+|IS\s+NOT\s+NULL\b|IS\s+NULL\b|NOT\s+IN\b|(?:I?LIKE|IN)\b", re.IGNORECASE)
_MEANT = {"==": "=", "<>": "!=", "=>": ">=", "=<": "<=", "~": "LIKE", "=~": "LIKE"}
_NUMBER = re.compile(r"-?(?:\d+(?:\.\d+)?E-?\d+|\d+\.\d*|\.\d+|\d+)(?!\w)", re.IGNORECASE | re.ASCII)
_LIST_TEXT = re.compile(r"""'[^'\\\r\n]*'|"[^"\\\r\n]*\"""")
_OPEN, _COMMA, _CLOSE, _DOT = (re.compile(re.escape(character)) for character in "(,).")
_AND = re.compile(r"AND\b", re.IGNORECASE)
_LOGIC = re.compile(r"(?:AND|OR|NOT)\b", re.IGNORECASE)
_DIRECTION = re.compile(r"(?:ASC|DESC)\b", re.IGNORECASE)


def parse(text: str) -> Filter:
    """The filter that `text` says; white space alone is the filter that every run passes.

    Raises:
      FilterError: it does not parse.
    """
    scanner = Scanner(text)
    scanner.skip_space()
    if not scanner.next:
        return Filter(text, AllOf(()))
    comparisons = [_comparison(scanner)]
    while _another(scanner):
        comparisons.append(_comparison(scanner))
    return Filter(text, AllOf(tuple(comparisons)))


def parse_order_by(clauses: Sequence[str]) -> tuple[OrderBy, ...]:
    """What `clauses` sort by, the most important first; none is MLflow's default, those started last first.

    Raises:
      FilterError: a clause does not parse, or two sort by the same.
    """
    found: list[OrderBy] = []
    for clause in clauses:
        scanner = Scanner(clause)
        order = _order(scanner)
        if any((other.entity, other.key) == (order.entity, order.key) for other in found):
            raise scanner.error("An earlier clause sorts by this already; leave one of them out.", order.position)
        found.append(order)
    return tuple(found)


def _another(scanner: Scanner) -> bool:
    scanner.skip_space()
    if not scanner.next:
        return False
    if scanner.take(_AND) is None:
        raise scanner.error("AND or the end of the filter is expected here; comparisons are joined by AND only.")
    scanner.skip_space()
    return True


def _comparison(scanner: Scanner) -> Comparison:
    start = scanner.position
    if scanner.next == "(" or scanner.take(_LOGIC):
        reason = "A comparison is expected here, such as params.lr = '0.1'. Parentheses, NOT and OR are not known."
        raise scanner.error(reason, start)
    entity, key = _identifier(scanner, _FILTER_ATTRIBUTES)
    scanner.skip_space()
    operator = _operator(scanner, entity, key)
    scanner.skip_space()
    return Comparison(entity, key, operator, _value(scanner, entity, key, operator), start)


def _order(scanner: Scanner) -> OrderBy:
    scanner.skip_space()
    start = scanner.position
    if not scanner.next:
        raise scanner.error("This order-by is empty. Name what to sort by, such as metrics.loss ASC.")
    entity, key = _identifier(scanner, _ORDER_ATTRIBUTES)
    if entity is Entity.DATASET:
        raise scanner.error("Runs cannot be sorted by dataset, only by attribute, metric, param or tag.", start)
    scanner.skip_space()
    direction = scanner.take(_DIRECTION) or "ASC"
    scanner.skip_space()
    if scanner.next == ",":
        raise scanner.error("A clause sorts by one thing; put the next one into a clause of its own.")
    if scanner.next:
        raise scanner.error("ASC, DESC or the end of the order-by is expected here.")
    return OrderBy(entity, key, direction.upper() == "ASC", scanner.text, start)


def _identifier(scanner: Scanner, attributes: Mapping[str, str]) -> tuple[Entity, str]:
    start = scanner.position
    is_bare = scanner.next != '"'
    first = scanner.take_quoted('`"')
    if first is None:
        first = scanner.take(_NAME)
    if not first:
        raise scanner.error("What to compare is expected here, such as params.lr, metrics.loss or status.", start)
    entity, key, at = Entity.ATTRIBUTE, first, start
    if is_bare and scanner.take(_DOT):
        if first not in _ENTITIES:
            raise scanner.error(
                f"Unknown kind {first!r}; known are attributes, metrics, params, tags, datasets.", start
            )
        entity, at = _ENTITIES[first], scanner.position
        key = _key(scanner)
    if scanner.next and not re.match(r"[\s<>=~!,]", scanner.next):
        reason = "This cannot be part of a bare key: write the whole key in backticks, as in params.`a/b`."
        raise scanner.error(reason)
    return entity, _known(scanner, entity, key, at, attributes)


def _key(scanner: Scanner) -> str:
    start = scanner.position
    key = scanner.take_quoted("`'\"")
    if key is None:
        key = scanner.take(_BARE_KEY) or ""
        if any(part.lower() in _NEEDS_QUOTES for part in key.split(".")):
            raise scanner.error(f"MLflow takes a word in this key for SQL: write it in backticks, `{key}`.", start)
    if not key:
        raise scanner.error("A key is expected here; in backticks unless it is made of letters, digits and _.", start)
    return key


def _known(scanner: Scanner, entity: Entity, key: str, at: int, attributes: Mapping[str, str]) -> str:
    if entity is Entity.ATTRIBUTE:
        if key not in attributes:
            known = ", ".join(sorted(ATTRIBUTES))
            raise scanner.error(
                f"Unknown attribute {key!r}; known are {known}. "
                "Before a param, metric or tag write params. metrics. or tags.",
                at,
            )
        return attributes[key]
    if entity is Entity.DATASET and key not in _DATASET_KEYS:
        raise scanner.error(f"Unknown dataset key {key!r}; known are {', '.join(_DATASET_KEYS)}.", at)
    return key


def _operator(scanner: Scanner, entity: Entity, key: str) -> Operator:
    start = scanner.position
    allowed = _allowed(entity, key)
    known = ", ".join(operator.value for operator in allowed)
    typed = scanner.take(_OPERATOR)
    if typed is None:
        raise scanner.error(f"An operator is expected here: one of {known}.")
    word = " ".join(typed.upper().split())
    if any(operator.value == word for operator in allowed):
        return Operator(word)
    hint = f" Did you mean {_MEANT[word]}?" if word in _MEANT else ""
    raise scanner.error(f"{word} does not go with {_called(entity, key)}: use one of {known}.{hint}", start)


def _allowed(entity: Entity, key: str) -> tuple[Operator, ...]:
    if _is_number(entity, key):
        return _NUMERIC
    if entity in (Entity.PARAM, Entity.TAG):
        return _WITH_NULL
    return _WITH_LISTS if entity is Entity.DATASET or key == "run_id" else _LIKENESS


def _is_number(entity: Entity, key: str) -> bool:
    return entity is Entity.METRIC or (entity is Entity.ATTRIBUTE and key in TIMES)


def _called(entity: Entity, key: str) -> str:
    return f"the attribute {key}" if entity is Entity.ATTRIBUTE else f"a {entity.value}"


def _value(scanner: Scanner, entity: Entity, key: str, operator: Operator) -> Value:
    if operator in (Operator.IS_NULL, Operator.IS_NOT_NULL):
        return None
    if operator in (Operator.IN, Operator.NOT_IN):
        return _list(scanner)
    if _is_number(entity, key):
        number = scanner.take(_NUMBER)
        if number is None:
            raise scanner.error("A number is expected here, without quotes, such as 0.1, -3 or 1e-5.")
        return float(number)
    text = scanner.take_quoted("'\"")
    if text is None:
        reason = f"A text in straight quotes is expected here, such as '0.1': {_called(entity, key)} is text."
        raise scanner.error(reason)
    return text


def _list(scanner: Scanner) -> tuple[str, ...]:
    if scanner.take(_OPEN) is None:
        raise scanner.error("A list of texts is expected here, such as ('a', 'b').")
    texts: list[str] = []
    while True:
        scanner.skip_space()
        if texts and scanner.take(_CLOSE):
            return tuple(texts)
        text = scanner.take(_LIST_TEXT)
        if text is None:
            raise scanner.error("A text in straight quotes is expected here, without backslash, such as ('a', 'b').")
        texts.append(text[1:-1])
        scanner.skip_space()
        if scanner.take(_COMMA) is None and scanner.next != ")":
            raise scanner.error("A comma or ) is expected here.")
