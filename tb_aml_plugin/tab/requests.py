"""What the page asks, taken from a request and checked. Everything here refuses what is odd, with the reason."""

from __future__ import annotations

import json
import math
from typing import Any

from werkzeug import Request

from tb_aml_plugin.board import Snapshot
from tb_aml_plugin.model import Run, RunId
from tb_aml_plugin.tab.permission import is_own_page
from tb_aml_plugin.tab.responses import RefusedError

MOST_BODY = 2**21
LONGEST_PATH = 4096


def number(request: Request, name: str, usual: float) -> float:
    """The number under `name`, which may be infinite; `usual` where there is none."""
    text = request.args.get(name, "")
    try:
        found = float(text) if text else usual
    except ValueError:
        found = math.nan
    if math.isnan(found):
        raise RefusedError(400, f"{name} must be a number.")
    return found


def whole(request: Request, name: str, usual: int, least: int, most: int) -> int:
    """The whole number under `name`, brought between `least` and `most`; `usual` where there is none."""
    return int(min(max(number(request, name, usual), least), most))


def run_of(request: Request, snapshot: Snapshot, name: str = "run") -> Run:
    """The run whose id is under `name`. Stubs, which stand above runs on the Board, are found too."""
    wanted = request.args.get(name, "")
    for run in (*snapshot.runs.values(), *snapshot.parents.values()):
        if run.id == wanted:
            return run
    raise RefusedError(404, "This run is not on the board: it was deleted, or is not among those chosen.")


def ids_of(request: Request, most: int) -> list[RunId]:
    """The run ids under `run`, each once, at most so many."""
    wanted = list(dict.fromkeys(request.args.getlist("run")))
    if len(wanted) > most:
        raise RefusedError(400, f"At most {most} runs at once.")
    return [RunId(id_) for id_ in wanted]


def runs_of(request: Request, snapshot: Snapshot, most: int) -> list[Run]:
    """The runs under `run`, in their order; those that are not on the Board are left out."""
    wanted = ids_of(request, most)
    by_id = {run.id: run for run in snapshot.runs.values()}
    return [by_id[id_] for id_ in wanted if id_ in by_id]


def path_of(request: Request, name: str = "path", *, is_folder: bool = False) -> str:
    """The path of an artifact under `name`. Only a folder's may be "", the root."""
    path = request.args.get(name, "").strip("/") if is_folder else request.args.get(name, "")
    parts = path.replace("\\", "/").split("/")
    is_odd = any(part in ("", ".", "..") for part in parts) or ":" in parts[0][1:2]
    if (path or not is_folder) and (is_odd or len(path) > LONGEST_PATH or not path.isprintable()):
        raise RefusedError(404, "There is no such file among the artifacts of the run.")
    return path


def body_of(request: Request) -> dict[str, Any]:
    """The JSON object that was posted."""
    # Another site's page can post without asking only what no JSON is.
    if request.mimetype != "application/json" or not is_own_page(dict(request.headers)):
        raise RefusedError(403, "Only the page itself may change anything: JSON, from the same origin.")
    if (request.content_length or 0) > MOST_BODY:
        raise RefusedError(413, f"The request is larger than {MOST_BODY} bytes.")
    try:
        body = json.loads(request.get_data())
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise RefusedError(400, "A JSON object is expected.")
    return body


def only_pair(body: dict[str, Any], *verbs: str) -> tuple[str, Any]:
    """The one member of `body`, whose name is among `verbs`."""
    if len(body) != 1 or next(iter(body)) not in verbs:
        raise RefusedError(400, f"An object with exactly one of {', '.join(verbs)} is expected.")
    return next(iter(body.items()))


def texts(value: Any) -> list[str]:
    """`value`, if it is a list of texts."""
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise RefusedError(400, "A list of ids is expected.")
    return value
