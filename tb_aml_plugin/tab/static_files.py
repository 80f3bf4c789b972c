"""The built page: files of the package, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from werkzeug import Request, Response

from tb_aml_plugin.tab.responses import RefusedError, file_of, route

STATIC = Path(__file__).parent.parent / "static"

_TYPES = {".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2", ".svg": "image/svg+xml"}
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


def read(name: str) -> tuple[bytes, str] | None:
    """Content and media type of the file `name` of the page; None if the page has no such file.

    Args:
      name: of a file right below `static/`, or ``assets/`` and one below that. Anything else is no file of the page.
    """
    folder, _, file = name.rpartition("/")
    media_type = _TYPES.get(Path(file).suffix)
    if folder not in ("", "assets") or media_type is None or _NAME.fullmatch(file) is None:
        return None
    try:
        return (STATIC / folder / file).read_bytes(), media_type
    except OSError:
        return None


class StaticRoutes:
    """The addresses of the built page."""

    def apps(self) -> dict[str, Callable[..., Any]]:
        return {"/index.js": route("GET", self.file), "/assets/*": route("GET", self.file)}

    def file(self, request: Request) -> Response:
        name = request.path.partition("/azureml/")[2]
        found = read(name)
        if found is None:
            raise RefusedError(404, "The page has no such file; reload TensorBoard.")
        return file_of(request, *found, forever=name.startswith("assets/"))
