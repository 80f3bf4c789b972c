"""What a run says about itself: its description, and its params and tags as one table."""

from __future__ import annotations

from collections.abc import Iterator

from tb_aml_plugin.media import Content, Dashboard, MediaPoint, MediaSeries, Table, Text
from tb_aml_plugin.model import NOTE_TAG, PARENT_TAG, RUN_NAME_TAG, Run

DESCRIPTION = "run/description"
FACTS = "run/params and tags"

_SHOWN_ELSEWHERE = frozenset(
    (NOTE_TAG, PARENT_TAG, RUN_NAME_TAG, "mlflow.loggedArtifacts", "mlflow.loggedImages", "mlflow.log-model.history")
)
_MOST_ROWS = 1000
_MOST_LETTERS = 1000


def series(run: Run) -> Iterator[MediaSeries]:
    """The texts about `run`; none for what it does not say."""
    note = run.tags.get(NOTE_TAG, "")
    if note.strip():
        yield _series(DESCRIPTION, run, Text(note, is_markdown=True))
    rows = [("param", key, value) for key, value in sorted(run.params.items())]
    rows += [("tag", key, value) for key, value in sorted(run.tags.items()) if key not in _SHOWN_ELSEWHERE]
    if rows:
        note = f"The first {_MOST_ROWS} of {len(rows)} rows." if len(rows) > _MOST_ROWS else ""
        shown = tuple((kind, key, _cut(value)) for kind, key, value in rows[:_MOST_ROWS])
        yield _series(FACTS, run, Table(("", "name", "value"), shown, note))


def _series(tag: str, run: Run, content: Content) -> MediaSeries:
    return MediaSeries(Dashboard.TEXT, tag, (MediaPoint(0, run.start_time_s or 0.0, content),))


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_LETTERS else text[:_MOST_LETTERS] + "…"
