"""The addresses of downloads of the run table and of curves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug import Request, Response

from tb_aml_plugin import search
from tb_aml_plugin.board import Snapshot
from tb_aml_plugin.tab import exports, table
from tb_aml_plugin.tab.desk import Desk
from tb_aml_plugin.tab.export_formats import FORMATS, Format
from tb_aml_plugin.tab.requests import ids_of
from tb_aml_plugin.tab.responses import RefusedError, json_of, route, stream_of

MOST_RUNS = 1000


class ExportRoutes:
    """What the page can download of runs."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._search = search.Searcher()

    def apps(self) -> dict[str, Callable[..., Any]]:
        return {
            "/api/export": route("GET", self.formats),
            "/api/export/runs": route("GET", self.runs),
            "/api/export/curves": route("GET", self.curves),
        }

    def formats(self, request: Request) -> Response:
        return json_of(request, lambda: {"formats": [name for name, kind in FORMATS.items() if kind.is_here]})

    def runs(self, request: Request) -> Response:
        snapshot, (name, kind) = self._desk.board.snapshot, _format(request)
        keys = request.args.getlist("cell") or [column["key"] for column in table.columns(snapshot)]
        columns = [(key, table.getter(key, longest=None)) for key in dict.fromkeys(filter(None, keys))]
        chunks = exports.runs(snapshot, self._wanted(request, snapshot), columns, kind)
        return stream_of(chunks, kind.media_type, f"runs.{name}")

    def curves(self, request: Request) -> Response:
        desk, snapshot, (suffix, kind) = self._desk, self._desk.board.snapshot, _format(request)
        runs = list(snapshot.runs.items())
        named = dict(runs[index] for index in self._wanted(request, snapshot))
        metrics = request.args.getlist("metric") or sorted({metric for run in named.values() for metric in run.metrics})
        if not named:
            raise RefusedError(404, "None of these runs is on the board.")
        chunks = exports.curves(desk.cache, desk.tasks, named, metrics, kind)
        return stream_of(chunks, kind.media_type, f"curves.{suffix}")

    def _wanted(self, request: Request, snapshot: Snapshot) -> list[int]:
        """The indices of the runs that are named; where none is, of those that the search finds."""
        if "run" in request.args:
            ids = set(ids_of(request, MOST_RUNS))
            return [index for index, run in enumerate(snapshot.runs.values()) if run.id in ids]
        return self._search.find(search.parse(request.args.get("q", "")), snapshot)


def _format(request: Request) -> tuple[str, Format]:
    """Name and kind of the file that is asked for."""
    name = request.args.get("format", "csv")
    kind = FORMATS.get(name)
    if kind is None:
        raise RefusedError(400, f"format must be one of {', '.join(FORMATS)}.")
    if not kind.is_here:
        raise RefusedError(400, f"{name} needs {kind.needs}, which is not installed: pip install {kind.needs}")
    return name, kind
