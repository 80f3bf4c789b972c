"""Texts of strangers in pictures: a font that is there, and letters that it has."""

from __future__ import annotations

import functools
import importlib.util
import unicodedata
from pathlib import Path
from typing import Any

TEXT_PX = 14
LONGEST_LABEL = 28
_NOWHERE = "\U0010ffff"
"""A letter that no font has."""
_UNFOLDED = str.maketrans({"ß": "ss", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "Ae", "ł": "l", "Ł": "L", "đ": "d"})


def label(text: str, otherwise: str) -> str:
    """`text` on one line in letters that the font has, shortened in its middle; `otherwise` where it lacks some.

    Accents may be lost, letters not.
    """
    plain = " ".join(text.split())
    if not _is_drawable(plain):
        folded = unicodedata.normalize("NFKD", plain.translate(_UNFOLDED))
        plain = "".join(letter for letter in folded if not unicodedata.combining(letter))
    if not _is_drawable(plain):
        return otherwise
    if len(plain) <= LONGEST_LABEL:
        return plain
    half = LONGEST_LABEL // 2 - 1
    return f"{plain[:half].strip()}..{plain[-half:].strip()}"


def drawable(text: str) -> str:
    """`text` with a question mark for each letter that the font lacks."""
    return "".join(letter if _is_drawable(letter) else "?" for letter in text)


def width_px(text: str) -> int:
    """How much room `text` takes on a line."""
    return int(font().getlength(text)) + 1


@functools.lru_cache(maxsize=1)
def font() -> Any:
    """DejaVu Sans, which has Latin, Greek and Cyrillic letters, where matplotlib brought it; else Pillow's own, ASCII."""
    from PIL import ImageFont

    matplotlib = importlib.util.find_spec("matplotlib")
    for folder in (matplotlib.submodule_search_locations or ()) if matplotlib else ():
        try:
            return ImageFont.truetype(str(Path(folder, "mpl-data", "fonts", "ttf", "DejaVuSans.ttf")), TEXT_PX - 1)
        except (OSError, ImportError):  # not there; or Pillow without FreeType
            pass
    try:
        return ImageFont.load_default(TEXT_PX)
    except TypeError:  # Pillow before 10.1 has one size
        return ImageFont.load_default()


def _is_drawable(text: str) -> bool:
    return all(letter.isprintable() and _has(letter) for letter in text)


@functools.lru_cache(maxsize=4096)
def _has(letter: str) -> bool:
    """Whether the font has `letter`, and not the box that stands for those that it has not."""
    if letter.isascii():
        return True
    try:
        return bytes(font().getmask(letter)) != bytes(font().getmask(_NOWHERE))
    except UnicodeEncodeError:  # Pillow's oldest font has Latin letters alone
        return False
