"""All addresses below ``data/plugin/azureml/``. A new group of them is a room and a line here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from tb_aml_plugin.tab.change_routes import ChangeRoutes
from tb_aml_plugin.tab.desk import Desk
from tb_aml_plugin.tab.export_routes import ExportRoutes
from tb_aml_plugin.tab.file_routes import FileRoutes
from tb_aml_plugin.tab.log_routes import LogRoutes
from tb_aml_plugin.tab.media_routes import MediaRoutes
from tb_aml_plugin.tab.run_routes import RunRoutes
from tb_aml_plugin.tab.static_files import StaticRoutes

Apps = dict[str, Callable[..., Any]]


class Room(Protocol):
    """Some addresses that belong together."""

    def apps(self) -> Apps: ...


def apps(desk: Desk) -> Apps:
    """Path → WSGI application, as TensorBoard wants them."""
    rooms: tuple[Room, ...] = (
        StaticRoutes(),
        RunRoutes(desk),
        ExportRoutes(desk),
        FileRoutes(desk),
        LogRoutes(desk),
        MediaRoutes(desk),
        ChangeRoutes(desk),
    )
    return {path: app for room in rooms for path, app in room.apps().items()}
