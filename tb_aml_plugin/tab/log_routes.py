"""The addresses of the logs of a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug import Request, Response

from tb_aml_plugin.tab import logs
from tb_aml_plugin.tab.artifacts import store_of
from tb_aml_plugin.tab.desk import Desk
from tb_aml_plugin.tab.requests import path_of, run_of, whole
from tb_aml_plugin.tab.responses import RefusedError, json_of, route

_FAR = 2**53
"""Where JavaScript stops to count exactly: no log is as long."""


class LogRoutes:
    """What the page can ask of logs."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def apps(self) -> dict[str, Callable[..., Any]]:
        return {
            "/api/logs": route("GET", self.files),
            "/api/logs/part": route("GET", self.part),
            "/api/logs/find": route("GET", self.find),
        }

    def files(self, request: Request) -> Response:
        run = run_of(request, self._desk.board.snapshot)
        found = logs.logs(store_of(self._desk.source, run), run.id)
        return json_of(request, lambda: found)

    def part(self, request: Request) -> Response:
        run = run_of(request, self._desk.board.snapshot)
        start = whole(request, "start", 0, -_FAR, _FAR)
        length = whole(request, "length", logs.PART_BYTES, 1024, logs.MOST_PART_BYTES)
        found = logs.part(store_of(self._desk.source, run), run, path_of(request), start, length)
        return json_of(request, lambda: found)

    def find(self, request: Request) -> Response:
        store = store_of(self._desk.source, run_of(request, self._desk.board.snapshot))
        path, start = path_of(request), whole(request, "start", 0, 0, _FAR)
        what, text = request.args.get("what", "error"), request.args.get("text", "")
        if what == "text" and not text:
            raise RefusedError(400, "text must say what to look for.")
        found = logs.first_text(store, path, start, text) if what == "text" else logs.first_error(store, path, start)
        return json_of(request, lambda: found)
