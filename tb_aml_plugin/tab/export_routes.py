"""The addresses of downloads of the run table and of curves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug import Request, Response

from tb_aml_plugin import search
from tb_aml_plugin.tab import exports, table
from tb_aml_plugin.tab.desk import Desk
from tb_aml_plugin.tab.requests import ids_of
from tb_aml_plugin.tab.responses import RefusedError, route, stream_of

MOST_RUNS = 1000


class ExportRoutes:
    """What the page can download of runs."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._search = search.Searcher()

    def apps(self) -> dict[str, Callable[..., Any]]:
        return {
            "/api/export/runs": route("GET", self.runs),
            "/api/export/curves": route("GET", self.curves),
        }

    def runs(self, request: Request) -> Response:
        snapshot, kind = self._desk.board.snapshot, _format(request)
        keys = request.args.getlist("cell") or [column["key"] for column in table.columns(snapshot)]
        found = self._search.find(search.parse(request.args.get("q", "")), snapshot)
        columns = [(key, table.getter(key, longest=None)) for key in dict.fromkeys(keys)]
        return stream_of(exports.runs(snapshot, found, columns, kind), exports.MEDIA_TYPES[kind], f"runs.{kind}")

    def curves(self, request: Request) -> Response:
        desk, kind = self._desk, _format(request)
        wanted = set(ids_of(request, MOST_RUNS))
        named = {name: run for name, run in desk.board.snapshot.runs.items() if run.id in wanted}
        metrics = request.args.getlist("metric") or sorted({metric for run in named.values() for metric in run.metrics})
        if not named:
            raise RefusedError(404, "None of these runs is on the board.")
        chunks = exports.curves(desk.cache, desk.tasks, named, metrics, kind)
        return stream_of(chunks, exports.MEDIA_TYPES[kind], f"curves.{kind}")


def _format(request: Request) -> exports.Format:
    kind = request.args.get("format", "csv")
    if kind not in exports.MEDIA_TYPES:
        raise RefusedError(400, "format must be csv or json.")
    return "json" if kind == "json" else "csv"
