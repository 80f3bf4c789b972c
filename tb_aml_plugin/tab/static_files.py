"""The built page: files of the package, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

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
