"""Changes of runs themselves, for those who started TensorBoard with ``--aml_allow_writes``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tb_aml_plugin.model import NOTE_TAG, Run, RunId
from tb_aml_plugin.sources.abilities import EVERY_ACTION, RunWriter, WritesRuns
from tb_aml_plugin.tab.desk import Desk
from tb_aml_plugin.tab.requests import only_pair
from tb_aml_plugin.tab.responses import RefusedError
from tb_aml_plugin.tab.wire_changes import WriteAccess, WriteAction
from tb_aml_plugin.tab.words import is_private_tag

_LONGEST_KEY = 250
_LONGEST_VALUE = 5000
"""MLflow's own limits of a tag; Azure ML's are smaller, and told by it."""


def access(desk: Desk, headers: Mapping[str, str]) -> WriteAccess:
    """Whether whoever sends `headers` may change runs, and which changes there are."""
    reason = desk.permission.refusal(headers)
    if not reason and not isinstance(desk.source, WritesRuns):
        reason = "Runs at this kind of place cannot be changed from here."
    actions = desk.source.writer().actions if not reason and isinstance(desk.source, WritesRuns) else ()
    allowed = not reason
    return {
        "allowed": allowed,
        "reason": reason,
        "token": desk.permission.token if allowed else "",
        "actions": list(actions),
    }


def write(desk: Desk, body: dict[str, Any]) -> tuple[WriteAction, RunId]:
    """Does what the posted `body` says: see `wire_changes.Written`. Returns when the place has done it.

    Raises:
      RefusedError: it says nothing that can be done.
      SourceError: the place did not do it.
    """
    verb, wish = only_pair(body, *EVERY_ACTION)
    if not isinstance(wish, dict):
        raise RefusedError(400, f'An object is expected: {{"{verb}": {{"run": …}}}}.')
    if not isinstance(desk.source, WritesRuns):
        raise RefusedError(404, "Runs at this kind of place cannot be changed from here.")
    writer = desk.source.writer()
    if verb not in writer.actions:
        raise RefusedError(403, "This place does not let that be done from here; its own pages may.")
    run_id = RunId(_text(wish, "run", _LONGEST_KEY))
    if verb == "restore":  # such a run is not on the Board
        writer.restore(run_id)
    else:
        _CHANGES[verb](writer, _on_board(desk, run_id), wish)
    return next(action for action in EVERY_ACTION if action == verb), run_id


def _tag(writer: RunWriter, run: Run, wish: Mapping[str, Any]) -> None:
    key = _text(wish, "key", _LONGEST_KEY).strip()
    if not key or is_private_tag(key):
        raise RefusedError(400, "A tag needs a name, and one that does not begin with mlflow. or azureml.")
    if wish.get("value", "") is None:
        writer.delete_tag(run.id, key)
    else:
        writer.set_tag(run.id, key, _text(wish, "value", _LONGEST_VALUE))


def _rename(writer: RunWriter, run: Run, wish: Mapping[str, Any]) -> None:
    name = _text(wish, "name", _LONGEST_KEY).strip()
    if not name:
        raise RefusedError(400, "A run needs a name.")
    writer.rename(run.id, name)


def _note(writer: RunWriter, run: Run, wish: Mapping[str, Any]) -> None:
    text = _text(wish, "text", _LONGEST_VALUE)
    if text:
        writer.set_tag(run.id, NOTE_TAG, text)
    else:
        writer.delete_tag(run.id, NOTE_TAG)


def _stop(writer: RunWriter, run: Run, wish: Mapping[str, Any]) -> None:
    if run.status.is_terminal:
        raise RefusedError(409, "This run has ended already.")
    writer.stop(run.id)


def _archive(writer: RunWriter, run: Run, wish: Mapping[str, Any]) -> None:
    writer.archive(run.id)


_CHANGES: Mapping[str, Callable[[RunWriter, Run, Mapping[str, Any]], None]] = {
    "tag": _tag,
    "rename": _rename,
    "note": _note,
    "stop": _stop,
    "archive": _archive,
}


def _on_board(desk: Desk, run_id: RunId) -> Run:
    for run in desk.board.snapshot.runs.values():
        if run.id == run_id:
            return run
    raise RefusedError(404, "This run is not on the board: it was deleted, or is not among those chosen.")


def _text(wish: Mapping[str, Any], name: str, longest: int) -> str:
    found = wish.get(name)
    if not isinstance(found, str):
        raise RefusedError(400, f"{name} must be a text.")
    if len(found) > longest:
        raise RefusedError(400, f"{name} has {len(found)} characters; at most {longest} are kept.")
    return found
