"""Search texts to terms. A superset of MLflow's search filters that forgives: bare words, OR, NOT, units, patterns."""

from __future__ import annotations

import datetime as dt
import getpass
import re

from tb_aml_plugin.errors import FilterError
from tb_aml_plugin.filters.scanner import Scanner
from tb_aml_plugin.model import RunStatus
from tb_aml_plugin.search import terms
from tb_aml_plugin.search.terms import Field, Term

LONGEST = 4000
DEEPEST = 30

_KINDS = dict.fromkeys(("metric", "metrics"), "metrics") | dict.fromkeys(("tag", "tags"), "tags")
_KINDS |= dict.fromkeys(("param", "params", "parameter", "parameters"), "params")
_FIELDS = {
    "name": terms.NAME, "run_name": terms.NAME, "run name": terms.NAME, "user": terms.USER, "user_id": terms.USER,
    "status": terms.STATUS, "state": terms.STATUS, "experiment": terms.EXPERIMENT, "parent": terms.PARENT,
    "id": terms.ID, "run_id": terms.ID, "age": terms.AGE, "duration": terms.DURATION,
    "started": terms.STARTED, "start_time": terms.STARTED, "created": terms.STARTED,
    "ended": terms.ENDED, "end_time": terms.ENDED,
}  # fmt: skip
_STATUS_WORDS = {"done": "FINISHED", "cancelled": "KILLED", "canceled": "KILLED", "queued": "SCHEDULED"}

_WORD = re.compile(r"[^\s()'\"`]+")
_FIELD = re.compile(
    r"(?:metrics?|param(?:eter)?s?|tags?|attr(?:ibutes?)?|run)(?=\.\S)"
    r"|[A-Za-z_]+(?=\s*(?:[:~<>=]|![=~])|\s+(?:I?LIKE|IN|NOT\s+IN|IS)\b)",
    re.IGNORECASE,
)
_COMPARED_WORD = re.compile(r"[\w.-]+[=<>~]")
_KEY = re.compile(r"[^\s<>=!~:()'\"`,]+")
_OPERATOR = re.compile(
    r"==|!=|>=|<=|!~|=~|[:=<>~]|IS\s+NOT\s+NULL\b|IS\s+NULL\b|NOT\s+IN\b|(?:I?LIKE|IN)\b", re.IGNORECASE
)
_BARE = re.compile(r"[^\s()'\"`,]+")
_SLASHED = re.compile(r"/((?:\\/|[^/])*)/(i?)")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w)", re.IGNORECASE)
_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 7 * 86400.0}
_OR, _AND, _NOT = (re.compile(rf"{word}(?![^\s()])", re.IGNORECASE) for word in ("OR", "AND", "NOT"))
_MINUS = re.compile(r"-(?=[A-Za-z_'\"`(])")
_DOT, _OPEN, _CLOSE, _COMMA = (re.compile(re.escape(character)) for character in ".(),")
_REPEATED_GROUP = re.compile(r"\)[*+{]")
_REPEATS = re.compile(r"[*+{]")


class Parser:
    """Reads one search from left to right.

    Raises `FilterError` from every method: the text cannot be understood, pointing at the character.
    """

    def __init__(self, text: str) -> None:
        self._scanner = Scanner(text)
        self._depth = 0

    def all(self) -> Term:
        """The whole text."""
        if len(self._scanner.text) > LONGEST:
            raise self._scanner.error(f"This search is too long; use at most {LONGEST} characters.", LONGEST)
        self._scanner.skip_space()
        if not self._scanner.next:
            return terms.All(())
        found = self._either()
        if self._scanner.next:
            raise self._scanner.error("This parenthesis closes nothing.")
        return found

    def _either(self) -> Term:
        parts = [self._together()]
        while self._took(_OR):
            parts.append(self._together())
        return parts[0] if len(parts) == 1 else terms.Any(tuple(parts))

    def _together(self) -> Term:
        parts = [self._one()]
        while self._took(_AND) or (self._scanner.next not in ("", ")") and not self._at(_OR)):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else terms.All(tuple(parts))

    def _one(self) -> Term:
        scanner = self._scanner
        scanner.skip_space()
        if self._took(_NOT) or scanner.take(_MINUS):
            self._deeper()
            found: Term = terms.Not(self._one())
        elif scanner.take(_OPEN):
            self._deeper()
            found = self._either()
            if scanner.take(_CLOSE) is None:
                raise scanner.error("A ) is missing here.")
        else:
            scanner.skip_space()
            return self._term()
        self._depth -= 1
        scanner.skip_space()
        return found

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._scanner.error("This search is nested too deep.")

    def _term(self) -> Term:
        scanner = self._scanner
        start = scanner.position
        if not scanner.next or scanner.next == ")" or self._at(_OR) or self._at(_AND):
            raise scanner.error("Something to look for is expected here: a word, or such as metrics.loss < 0.1.")
        name = scanner.take(_FIELD)
        found = self._comparison(self._field(name, start)) if name is not None else self._words(start)
        scanner.skip_space()
        return found

    def _words(self, start: int) -> Term:
        text = self._scanner.take_quoted("'\"`")
        if text is None:
            text = self._scanner.take(_WORD) or ""
            if _COMPARED_WORD.match(text):
                raise self._scanner.error("Before what is compared write metrics. params. or tags.", start)
        return terms.Words(text.lower())

    def _field(self, name: str, start: int) -> Field:
        scanner = self._scanner
        lower = name.lower()
        if scanner.take(_DOT) is None:
            return self._attribute(lower, start)
        at = scanner.position
        key = scanner.take_quoted("'\"`")
        if key is None:
            key = scanner.take(_KEY)
        if not key:
            raise scanner.error(f"A name is expected after {name}.; quote it if it holds spaces.", at)
        return terms.keyed(_KINDS[lower], key) if lower in _KINDS else self._attribute(key.lower(), at)

    def _attribute(self, name: str, start: int) -> Field:
        if name not in _FIELDS:
            known = "name, status, user, experiment, parent, id, age, duration, started, ended"
            reason = f"{name} is not known. Known are {known}; others are params.{name}, metrics.{name}, tags.{name}."
            raise self._scanner.error(reason, start)
        return _FIELDS[name]

    def _comparison(self, field: Field) -> Term:
        scanner = self._scanner
        scanner.skip_space()
        at = scanner.position
        how = " ".join((scanner.take(_OPERATOR) or "").upper().split())
        scanner.skip_space()
        if not how:
            raise scanner.error(f"What is asked of {field.name}? Write such as {field.name} = 1.", at)
        if how in ("IS NULL", "IS NOT NULL"):
            exists = terms.Exists(field)
            return exists if how == "IS NOT NULL" else terms.Not(exists)
        if how in ("IN", "NOT IN"):
            one_of = terms.OneOf(field, self._list())
            return one_of if how == "IN" else terms.All((terms.Exists(field), terms.Not(one_of)))
        if how in ("LIKE", "ILIKE"):
            return terms.Like(field, self._text(), ignore_case=how == "ILIKE")
        if how in ("~", "=~", "!~"):
            resembles = terms.Resembles(field, self._pattern())
            return resembles if how != "!~" else terms.All((terms.Exists(field), terms.Not(resembles)))
        return self._compared(field, "=" if how == "==" else how, at)

    def _compared(self, field: Field, how: str, at: int) -> Term:
        if field is terms.STATUS and how in (":", "=", "!="):
            equal: Term = terms.Equals(field, self._status())
            return equal if how != "!=" else terms.Not(equal)
        if field.numeric or how in ("<", "<=", ">", ">="):
            if not field.numeric and not field.name.startswith(("params.", "tags.")):
                raise self._scanner.error(f"{field.name} is text: use = != : ~ or LIKE.", at)
            return terms.Compares(field, "=" if how == ":" else how, self._number(field))
        quoted = self._scanner.next in ("'", '"')
        text = self._text()
        if field is terms.USER and not quoted and text.lower() == "me":
            text = _me()
        if how == "!=":
            return terms.All((terms.Exists(field), terms.Not(terms.Equals(field, text, loosely=not quoted))))
        return _is(field, text) if how == ":" else terms.Equals(field, text, loosely=not quoted)

    def _status(self) -> str:
        at = self._scanner.position
        text = self._text()
        word = _STATUS_WORDS.get(text.lower(), text.upper())
        if word not in RunStatus.__members__:
            known = ", ".join(status.value.lower() for status in RunStatus)
            raise self._scanner.error(f"{text} is no status; known are {known}.", at)
        return word

    def _number(self, field: Field) -> float:
        at = self._scanner.position
        text = self._text()
        number = _seconds(text) if field in (terms.AGE, terms.DURATION) else terms.as_number(text)
        if field in (terms.STARTED, terms.ENDED):
            number = _moment_s(text)
        if number is None:
            such = {"age": "2d or 3h30m", "duration": "90s or 1h", "started": "2026-01-31", "ended": "2026-01-31"}
            raise self._scanner.error(f"{text} is not such as {such.get(field.name, '0.1 or 1e-3')}.", at)
        return number

    def _text(self) -> str:
        scanner = self._scanner
        text = scanner.take_quoted("'\"`")
        if text is None:
            text = scanner.take(_BARE)
        if text is None:
            raise scanner.error("A value is expected here; quote it if it holds spaces or parentheses.")
        return text

    def _list(self) -> frozenset[str]:
        scanner = self._scanner
        if scanner.take(_OPEN) is None:
            raise scanner.error("A list is expected here, such as ('a', 'b').")
        found: list[str] = []
        while True:
            scanner.skip_space()
            if found and scanner.take(_CLOSE):
                return frozenset(found)
            found.append(self._text())
            scanner.skip_space()
            if scanner.take(_COMMA) is None and scanner.next != ")":
                raise scanner.error("A comma or ) is expected here.")

    def _pattern(self) -> re.Pattern[str]:
        scanner = self._scanner
        at = scanner.position
        slashed = scanner.take(_SLASHED)
        text, flags = (slashed.rpartition("/")[0][1:], slashed.rpartition("/")[2]) if slashed else (self._text(), "i")
        if _is_slow(text):
            raise scanner.error("This pattern could take for ever: repeat no group, and use at most 3 of * + {.", at)
        try:
            return re.compile(text, re.IGNORECASE if flags else 0)
        except re.error as error:
            inside = at + bool(slashed) + (error.pos or 0)
            raise scanner.error(f"This is no regular expression: {error.msg}.", inside) from None

    def _at(self, pattern: re.Pattern[str]) -> bool:
        return pattern.match(self._scanner.text, self._scanner.position) is not None

    def _took(self, pattern: re.Pattern[str]) -> bool:
        taken = self._scanner.take(pattern) is not None
        if taken:
            self._scanner.skip_space()
        return taken


def _is(field: Field, text: str) -> Term:
    """What the colon means: contains; for a parent, its id or a part of its name."""
    if field is terms.PARENT:
        if text.lower() == "none":
            return terms.Not(terms.Exists(field))
        return terms.Any((terms.Equals(field, text), terms.Contains(terms.PARENT_NAME, text.lower())))
    if field.name.startswith(("params.", "tags.")):
        return terms.Any((terms.Equals(field, text, loosely=True), terms.Contains(field, text.lower())))
    return terms.Contains(field, text.lower())


def _is_slow(pattern: str) -> bool:
    """Whether the time to match may grow with more than the cube of the text."""
    plain = re.sub(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", "x", pattern)
    return bool(_REPEATED_GROUP.search(plain)) or len(_REPEATS.findall(plain)) > 3


def _me() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no such user: a container with a bare id
        return "me"


def _seconds(text: str) -> float | None:
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return terms.as_number(text)
    return sum(float(number) * _UNITS_S[unit.lower()] for number, unit in parts)


def _moment_s(text: str) -> float | None:
    """A day or a time in local time, or MLflow's milliseconds since the Unix epoch."""
    milliseconds = terms.as_number(text)
    if milliseconds is not None:
        return milliseconds / 1000
    try:
        return dt.datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def parse(text: str) -> Term:
    """What `text` asks; white space alone asks nothing.

    Raises:
      FilterError: it cannot be understood; points at the character.
    """
    try:
        return Parser(text).all()
    except RecursionError:  # only for a text made to reach it
        raise FilterError("This search is nested too deep.", text, 0) from None
