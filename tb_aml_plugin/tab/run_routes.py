"""The addresses that tell of runs and curves. Each parses, calls a view, responds."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

from werkzeug import Request, Response

from tb_aml_plugin import search
from tb_aml_plugin.sources.abilities import HasTrackingUri, LinksRuns
from tb_aml_plugin.tab import choosing, comparison, curves, elsewhere, health, run_view, table
from tb_aml_plugin.tab.desk import Desk
from tb_aml_plugin.tab.goals import goals
from tb_aml_plugin.tab.not_shown import NotShownView
from tb_aml_plugin.tab.requests import ids_of, number, run_of, runs_of, whole
from tb_aml_plugin.tab.responses import json_of, route
from tb_aml_plugin.tab.wire import Found

CURVES_TIMEOUT_S = 20.0
SPARKLINES_TIMEOUT_S = 2.0
MOST_POINTS = 20_000
MOST_RUNS = 200
"""Runs that one request for curves may name: more are no picture, and a URL of 8 KB."""


class RunRoutes:
    """What the page can ask of runs."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._table = table.TableView()
        self._search = search.Searcher()
        self._not_shown = NotShownView(desk.media)

    def apps(self) -> dict[str, Callable[..., Any]]:
        return {
            "/api/health": route("GET", self.health),
            "/api/runs": route("GET", self.runs),
            "/api/search": route("GET", self.search),
            "/api/search/place": route("GET", self.search_place),
            "/api/run": route("GET", self.run),
            "/api/curves": route("GET", self.curves),
            "/api/sparklines": route("GET", self.sparklines),
            "/api/compare": route("GET", self.compare),
            "/api/experiments": route("GET", self.experiments),
            "/api/tasks": route("GET", self.tasks),
            "/api/not_shown": route("GET", self.not_shown),
        }

    def health(self, request: Request) -> Response:
        # The time of the last poll travels beside: it changes when nothing else does.
        snapshot = self._desk.board.snapshot
        polled_s = snapshot.health.last_success_s
        writes = not self._desk.permission.refusal(dict(request.headers))
        headers = {"X-Polled": f"{polled_s or 0:.0f}"}
        return json_of(
            request, lambda: health.health(self._desk, self._not_shown.summary(snapshot), writes), headers=headers
        )

    def runs(self, request: Request) -> Response:
        snapshot, choice = self._desk.board.snapshot, self._desk.visibility.choice
        cells = request.args.getlist("cell") if "cell" in request.args else None
        experiment = request.args.get("experiment", "")
        tag = json.dumps([table.version(snapshot, choice), cells, experiment])
        return json_of(request, lambda: self._table.table(snapshot, choice, cells, experiment), tag=tag)

    def search(self, request: Request) -> Response:
        snapshot = self._desk.board.snapshot
        query = search.parse(request.args.get("q", ""))
        found: Found = {
            "version": table.version(snapshot, self._desk.visibility.choice),
            "runs": self._search.find(query, snapshot),
        }
        return json_of(request, lambda: found)

    def search_place(self, request: Request) -> Response:
        found = elsewhere.find(self._desk, search.parse(request.args.get("q", "")))
        return json_of(request, lambda: found)

    def run(self, request: Request) -> Response:
        desk, snapshot = self._desk, self._desk.board.snapshot
        run = run_of(request, snapshot, "id")
        page = desk.source.page_of(run) if isinstance(desk.source, LinksRuns) else None
        choice = desk.visibility.choice
        uri = desk.source.tracking_uri if isinstance(desk.source, HasTrackingUri) else desk.board.location
        return json_of(request, lambda: run_view.run_detail(snapshot, uri, run, choice, page))

    def curves(self, request: Request) -> Response:
        window = curves.Window(
            whole(request, "points", 1000, 4, MOST_POINTS),
            number(request, "lowest", -math.inf),
            number(request, "highest", math.inf),
            request.args.get("axis") == "wall",
        )
        metric, runs = request.args.get("metric", ""), runs_of(request, self._desk.board.snapshot, MOST_RUNS)
        return json_of(request, lambda: curves.curves(self._desk.cache, metric, runs, window, CURVES_TIMEOUT_S))

    def sparklines(self, request: Request) -> Response:
        metric, runs = request.args.get("metric", ""), runs_of(request, self._desk.board.snapshot, MOST_RUNS)
        return json_of(request, lambda: curves.sparklines(self._desk.cache, metric, runs, SPARKLINES_TIMEOUT_S))

    def compare(self, request: Request) -> Response:
        snapshot = self._desk.board.snapshot
        runs = runs_of(request, snapshot, comparison.MOST_RUNS)
        found = {str(run.id) for run in runs}
        missing = [id_ for id_ in ids_of(request, comparison.MOST_RUNS) if id_ not in found]
        return json_of(request, lambda: comparison.comparison(runs, missing, goals(snapshot)))

    def experiments(self, request: Request) -> Response:
        desk = self._desk
        snapshot, choice = desk.board.snapshot, desk.visibility.choice
        return json_of(request, lambda: choosing.chosen(snapshot, choice, desk.follower))

    def tasks(self, request: Request) -> Response:
        return json_of(request, lambda: {"tasks": health.tasks(self._desk)})

    def not_shown(self, request: Request) -> Response:
        return json_of(request, lambda: self._not_shown.rows(self._desk.board.snapshot))
