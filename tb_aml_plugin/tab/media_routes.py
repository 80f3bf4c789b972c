"""The addresses of what can be drawn from the files of a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug import Request, Response

from tb_aml_plugin import media as model
from tb_aml_plugin.kinds.base import File
from tb_aml_plugin.kinds.table_values import Rows
from tb_aml_plugin.media import Table
from tb_aml_plugin.model import Run
from tb_aml_plugin.tab import media, tables
from tb_aml_plugin.tab.artifacts import known_sizes, store_of
from tb_aml_plugin.tab.desk import Desk
from tb_aml_plugin.tab.requests import path_of, run_of, whole
from tb_aml_plugin.tab.responses import RefusedError, json_of, route

_MANY = 2**31


class MediaRoutes:
    """What the page can ask of pictures, tables and evaluations."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def apps(self) -> dict[str, Callable[..., Any]]:
        return {
            "/api/media": route("GET", self.media),
            "/api/table": route("GET", self.table),
            "/api/matrix": route("GET", self.matrix),
            "/api/accuracy": route("GET", self.accuracy),
            "/api/bins": route("GET", self.bins),
        }

    def media(self, request: Request) -> Response:
        run = run_of(request, self._desk.board.snapshot)
        found = media.view(run, media.of_run(self._desk, run))
        return json_of(request, lambda: found)

    def table(self, request: Request) -> Response:
        sort = request.args.get("sort")
        cut = tables.Cut(
            whole(request, "first", 0, 0, _MANY),
            whole(request, "count", 100, 1, tables.MOST_ROWS),
            None if sort is None else whole(request, "sort", 0, 0, _MANY),
            request.args.get("descending", "") not in ("", "0"),
            request.args.get("find", "")[:200],
        )
        path, rows = self._rows(request)
        return json_of(request, lambda: tables.page(path, rows, cut))

    def matrix(self, request: Request) -> Response:
        found = tables.matrix(self._file(request))
        return json_of(request, lambda: found)

    def accuracy(self, request: Request) -> Response:
        found = tables.accuracy(self._file(request))
        return json_of(request, lambda: found)

    def bins(self, request: Request) -> Response:
        found = tables.bins(self._file(request))
        return json_of(request, lambda: found)

    def _file(self, request: Request) -> File:
        run = run_of(request, self._desk.board.snapshot)
        known = known_sizes(self._desk.media, run)
        return tables.file_of(store_of(self._desk.source, run), run, path_of(request), known)

    def _rows(self, request: Request) -> tuple[str, Rows]:
        """The rows of a file, or of a series that is in no file."""
        if "series" not in request.args:
            file = self._file(request)
            return file.path, tables.rows_of(file)
        run = run_of(request, self._desk.board.snapshot)
        step = whole(request, "step", 0, -_MANY, _MANY)
        return "", tables.inline_rows(_inline(self._desk.media.of(run), run, request.args["series"], step))


def _inline(held: model.RunMedia, run: Run, tag: str, step: int) -> Table:
    for series in held.series:
        for point in series.points:
            if series.tag == tag and point.step == step and isinstance(point.content, Table):
                return point.content
    raise RefusedError(404, f"The run {run.id} has no such table.")
