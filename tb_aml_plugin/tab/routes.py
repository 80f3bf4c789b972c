"""The addresses below ``data/plugin/azureml/`` that answer the page. Each parses, calls a view, responds."""

from __future__ import annotations

import json
import math
import secrets
from collections.abc import Callable, Sequence
from typing import Any

from werkzeug import Request, Response

from tb_aml_plugin import search
from tb_aml_plugin.board import Board
from tb_aml_plugin.model import Run, RunId
from tb_aml_plugin.series_cache import SeriesCache
from tb_aml_plugin.tab import curves, run_view, static_files, views
from tb_aml_plugin.tab.responses import RefusedError, file_of, json_of, route
from tb_aml_plugin.tab.wire import Found
from tb_aml_plugin.tab.wire_changes import Shown
from tb_aml_plugin.visibility import Choice, Visibility

CURVES_TIMEOUT_S = 20.0
SPARKLINES_TIMEOUT_S = 2.0
MOST_POINTS = 20_000
MOST_RUNS = 200
"""Runs that one request for curves may name: more are no picture, and a URL of 8 KB."""
MOST_BODY = 2**21


class Routes:
    """What the page can ask, of one Board."""

    def __init__(self, board: Board, cache: SeriesCache, visibility: Visibility) -> None:
        self._board = board
        self._cache = cache
        self._visibility = visibility
        self._process = secrets.token_hex(4)  # versions start afresh with the process; browsers outlive it

    def apps(self) -> dict[str, Callable[..., Any]]:
        """Path → WSGI application, as TensorBoard wants them."""
        return {
            "/index.js": route("GET", self.file),
            "/assets/*": route("GET", self.file),
            "/api/health": route("GET", self.health),
            "/api/runs": route("GET", self.runs),
            "/api/search": route("GET", self.search),
            "/api/run": route("GET", self.run),
            "/api/curves": route("GET", self.curves),
            "/api/sparklines": route("GET", self.sparklines),
            "/api/shown": route("POST", self.show),
        }

    def file(self, request: Request) -> Response:
        name = request.path.partition("/azureml/")[2]
        found = static_files.read(name)
        if found is None:
            raise RefusedError(404, "The page has no such file; reload TensorBoard.")
        return file_of(request, *found, forever=name.startswith("assets/"))

    def health(self, request: Request) -> Response:
        # The time of the last poll travels beside: it changes when nothing else does.
        polled_s = self._board.snapshot.health.last_success_s
        headers = {"X-Polled": f"{polled_s or 0:.0f}"}
        return json_of(
            request, lambda: views.health(self._board, self._cache, self._visibility.choice), headers=headers
        )

    def runs(self, request: Request) -> Response:
        snapshot, choice = self._board.snapshot, self._visibility.choice
        cells = request.args.getlist("cell") if "cell" in request.args else None
        tag = json.dumps([self._process, views.version(snapshot, choice), cells])
        return json_of(request, lambda: views.run_table(snapshot, choice, cells), tag=tag)

    def search(self, request: Request) -> Response:
        snapshot = self._board.snapshot
        query = search.parse(request.args.get("q", ""))
        found: Found = {
            "version": views.version(snapshot, self._visibility.choice),
            "runs": search.find(query, snapshot),
        }
        return json_of(request, lambda: found)

    def run(self, request: Request) -> Response:
        detail = run_view.run_detail(self._board.snapshot, self._board.location, request.args.get("id", ""))
        if detail is None:
            raise RefusedError(404, "This run is not on the board: it was deleted, or is not among those chosen.")
        return json_of(request, lambda: detail)

    def curves(self, request: Request) -> Response:
        points = min(max(int(_number(request, "points", 1000)), 4), MOST_POINTS)
        window = curves.Window(
            points,
            _number(request, "lowest", -math.inf),
            _number(request, "highest", math.inf),
            request.args.get("axis") == "wall",
        )
        metric, runs = request.args.get("metric", ""), self._named(request)
        return json_of(request, lambda: curves.curves(self._cache, metric, runs, window, CURVES_TIMEOUT_S))

    def sparklines(self, request: Request) -> Response:
        metric, runs = request.args.get("metric", ""), self._named(request)
        return json_of(request, lambda: curves.sparklines(self._cache, metric, runs, SPARKLINES_TIMEOUT_S))

    def show(self, request: Request) -> Response:
        choice = _choose(self._visibility, _body(request))
        snapshot = self._board.snapshot
        answer: Shown = {
            "version": views.version(snapshot, choice),
            "shown": sum(choice.shows(run.id) for run in snapshot.runs.values()),
            "runs": len(snapshot.runs),
        }
        return json_of(request, lambda: answer)

    def _named(self, request: Request) -> list[Run]:
        wanted = dict.fromkeys(request.args.getlist("run"))
        if len(wanted) > MOST_RUNS:
            raise RefusedError(400, f"At most {MOST_RUNS} runs at once.")
        by_id = {str(run.id): run for run in self._board.snapshot.runs.values()}
        return [by_id[run_id] for run_id in wanted if run_id in by_id]


def _number(request: Request, name: str, usual: float) -> float:
    text = request.args.get(name, "")
    try:
        number = float(text) if text else usual
    except ValueError:
        number = math.nan
    if math.isnan(number) or (name == "points" and math.isinf(number)):
        raise RefusedError(400, f"{name} must be a number.")
    return number


def _body(request: Request) -> dict[str, Any]:
    # Another site's page can post without asking only what no JSON is.
    if request.mimetype != "application/json" or request.headers.get("Sec-Fetch-Site", "none") == "cross-site":
        raise RefusedError(403, "Only the page itself may change what is shown.")
    if (request.content_length or 0) > MOST_BODY:
        raise RefusedError(413, "Too many runs at once.")
    try:
        body = json.loads(request.get_data())
    except ValueError:
        body = None
    if not isinstance(body, dict) or len(body) != 1:
        raise RefusedError(
            400, 'Exactly one of {"show": […]}, {"hide": […]}, {"only": […]}, {"all": true} is expected.'
        )
    return body


def _choose(visibility: Visibility, body: dict[str, Any]) -> Choice:
    verb, value = next(iter(body.items()))
    if verb == "all" and value is True:
        return visibility.everything()
    verbs: dict[str, Callable[[Sequence[RunId]], Choice]] = {
        "show": visibility.show,
        "hide": visibility.hide,
        "only": visibility.only,
    }
    if verb not in verbs or not isinstance(value, list) or not all(isinstance(id_, str) for id_ in value):
        raise RefusedError(400, "A list of run ids is expected.")
    return verbs[verb]([RunId(id_) for id_ in value])
