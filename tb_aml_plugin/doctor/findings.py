"""What the doctor found, as a text for people and as JSON."""

from __future__ import annotations

import dataclasses
import enum
import json
import textwrap
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from tb_aml_plugin.errors import AmlError


class Verdict(enum.Enum):
    """How a finding stands."""

    OK = "ok"
    NOTE = "note"  # worth knowing; the plugin works
    BAD = "bad"  # the plugin would not work


_MARKS = {Verdict.OK: "ok  ", Verdict.NOTE: "note", Verdict.BAD: "BAD "}
_WIDTH = 110


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
      about: what was looked at, such as "Packages".
      text: what was found; safe to show.
      cure: what to do; "" where nothing needs to be done.
      seconds: how long it took to answer; None for what does not answer.
    """

    about: str
    verdict: Verdict
    text: str
    cure: str = ""
    seconds: float | None = None


def timed(about: str, ask: Callable[[], str]) -> Finding:
    """What `ask` says and how long it took, or why it failed."""
    begin = time.perf_counter()
    try:
        text = ask()
    except AmlError as error:
        return Finding(about, Verdict.BAD, str(error), seconds=time.perf_counter() - begin)
    return Finding(about, Verdict.OK, text, seconds=time.perf_counter() - begin)


def works(findings: Iterable[Finding]) -> bool:
    """Whether the plugin would work."""
    return all(finding.verdict is not Verdict.BAD for finding in findings)


def as_text(findings: Iterable[Finding]) -> Iterator[str]:
    """A paragraph for each finding, under the heading of what it is about."""
    about = ""
    for finding in findings:
        if finding.about != about:
            about = finding.about
            yield f"\n{about}"
        took = "" if finding.seconds is None else f" ({1000 * finding.seconds:,.0f} ms)"
        yield _paragraph(f"  {_MARKS[finding.verdict]} ", finding.text + took)
        if finding.cure:
            yield _paragraph("       → ", finding.cure)


def as_json(findings: Sequence[Finding]) -> str:
    """An object: ``works`` and ``findings``, each with the fields of `Finding`."""
    found = [{**dataclasses.asdict(finding), "verdict": finding.verdict.value} for finding in findings]
    return json.dumps({"works": works(findings), "findings": found}, indent=2)


def _paragraph(start: str, text: str) -> str:
    indent = " " * len(start)
    lines = [
        textwrap.fill(line, _WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False)
        for line in text.splitlines() or [""]
    ]
    return start + "\n".join(lines)[len(start) :]
