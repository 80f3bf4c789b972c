"""Where the workspace's services are: all of them here."""

from __future__ import annotations

from werkzeug.wrappers import Response

from tests.emulator.routing import Call, Route
from tests.emulator.wire import answer

SERVICES = (
    "api",
    "catalog",
    "experimentation",
    "gallery",
    "history",
    "hyperdrive",
    "inferencing",
    "modelmanagement",
    "notebooks",
    "pipelines",
    "studio",
    "studioportal",
)


def discovery(call: Call, path: str = "") -> Response:
    """Service → URL."""
    return answer(dict.fromkeys(SERVICES, call.emulator.url))


ROUTES = (
    Route("discovery", "GET", "/discovery", discovery, open=True),
    Route("discovery", "GET", "/discovery/<path:path>", discovery, open=True),
)
