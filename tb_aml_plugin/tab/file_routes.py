"""The addresses of the files of a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug import Request, Response

from tb_aml_plugin.model import Run
from tb_aml_plugin.sources.base import ArtifactStore
from tb_aml_plugin.tab import artifacts, zips
from tb_aml_plugin.tab.desk import Desk
from tb_aml_plugin.tab.file_responses import file_of, page_of
from tb_aml_plugin.tab.requests import path_of, run_of
from tb_aml_plugin.tab.responses import json_of, route, stream_of
from tb_aml_plugin.tab.words import label


class FileRoutes:
    """What the page can ask of artifacts."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def apps(self) -> dict[str, Callable[..., Any]]:
        return {
            "/api/artifacts": route("GET", self.listing),
            "/api/artifacts/file": route("GET", self.file),
            "/api/artifacts/page": route("GET", self.page),
            "/api/artifacts/zip": route("GET", self.zip),
            "/api/text": route("GET", self.text),
        }

    def listing(self, request: Request) -> Response:
        run, store = self._store(request)
        folder = path_of(request, "folder", is_folder=True)
        found = artifacts.listing(store, run.id, folder)
        return json_of(request, lambda: found)

    def file(self, request: Request) -> Response:
        (run, store), path = self._store(request), path_of(request)
        size = artifacts.size_of(store, path, artifacts.known_sizes(self._desk.media, run))
        download = request.args.get("download", "") not in ("", "0")
        return file_of(request, store, path, size, download=download, settled=run.status.is_terminal)

    def page(self, request: Request) -> Response:
        _, store = self._store(request)
        return page_of(artifacts.page(store, path_of(request)))

    def zip(self, request: Request) -> Response:
        run, store = self._store(request)
        folder = path_of(request, "folder", is_folder=True)
        name = f"{label(run)}-{folder.rpartition('/')[2]}" if folder else label(run)
        return stream_of(zips.zipped(store, self._desk.tasks, folder), "application/zip", f"{name}.zip")

    def text(self, request: Request) -> Response:
        _, store = self._store(request)
        found = artifacts.text(store, path_of(request))
        return json_of(request, lambda: found)

    def _store(self, request: Request) -> tuple[Run, ArtifactStore]:
        run = run_of(request, self._desk.board.snapshot)
        return run, artifacts.store_of(self._desk.source, run)
