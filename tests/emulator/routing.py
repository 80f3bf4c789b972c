"""One table of routes for each service; the application joins them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from tests.emulator.emulator import Emulator

Handler = Callable[..., Response]


@dataclass(frozen=True)
class Route:
    """`path` is werkzeug's; ``/WS`` in it stands for the workspace's own path. `kind` is for journal and faults."""

    kind: str
    method: str
    path: str
    handler: Handler
    open: bool = False  # needs no token


@dataclass(frozen=True)
class Call:
    """A request, and the emulator that it came to."""

    emulator: Emulator
    request: Request

    @property
    def json(self) -> dict[str, Any]:
        """The JSON object that was sent; empty when nothing was."""
        found = self.request.get_json(silent=True, force=True)
        return found if isinstance(found, dict) else {}
