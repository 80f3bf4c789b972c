"""Small pictures."""

from __future__ import annotations

import io

from PIL import Image


def png(width: int, height: int, colour: tuple[int, int, int]) -> bytes:
    """A PNG file of one colour."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(file, "PNG")
    return file.getvalue()
