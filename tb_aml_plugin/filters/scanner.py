"""The tokens of a filter text: names, quoted texts, numbers, operators, and where each starts."""

from __future__ import annotations

import re

from tb_aml_plugin.errors import FilterError

_QUOTED = re.compile(r"""`((?:``|[^`])*)`|'((?:''|\\'|[^'])*)'|"((?:""|\\"|[^"])*)\"""")
_UNHOLDABLE = re.compile("[\x00\ud800-\udfff]")
_SPACE = re.compile(r"\s*")


class Scanner:
    """Reads `text` from left to right; `position` is where it stands."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        odd = _UNHOLDABLE.search(text)
        if odd is not None:
            raise self.error(f"No store can hold the character U+{ord(odd[0]):04X}; leave it out.", odd.start())

    def error(self, reason: str, position: int | None = None) -> FilterError:
        """An error that points at `position`, or else at where the scanner stands."""
        return FilterError(reason, self.text, self.position if position is None else position)

    def skip_space(self) -> None:
        """Moves on to the next character that is no white space."""
        self.take(_SPACE)

    def take(self, pattern: re.Pattern[str]) -> str | None:
        """What `pattern` matches here, and steps behind it; None, and stays, when it does not match."""
        match = pattern.match(self.text, self.position)
        if match is None:
            return None
        self.position = match.end()
        return match[0]

    def take_quoted(self, quotes: str) -> str | None:
        """The text inside quotes that starts here, when it starts with one of `quotes`; None otherwise.

        Inside, a quote may be doubled or follow a backslash; both stay in the text, as MLflow leaves them.

        Raises:
          FilterError: the quote is never closed.
        """
        if self.next not in quotes or not self.next:
            return None
        match = _QUOTED.match(self.text, self.position)
        if match is None:
            raise self.error(f"This quote is never closed; put another {self.next} at the end of the text.")
        self.position = match.end()
        return next(group for group in match.groups() if group is not None)

    @property
    def next(self) -> str:
        """The character here; "" at the end."""
        return self.text[self.position : self.position + 1]
