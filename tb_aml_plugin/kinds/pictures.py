"""Files of pictures as pictures that every browser shows, whoever made them. The one room that decodes images."""

from __future__ import annotations

import io
import struct
import threading
import warnings
import zlib
from typing import TYPE_CHECKING

from tb_aml_plugin.errors import CannotShow
from tb_aml_plugin.media import Picture

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF")
"""Decoders that are let near foreign files; Pillow has dozens."""

_SHOWN_AS_THEY_ARE = frozenset(("PNG", "JPEG", "GIF", "BMP"))
"""What TensorBoard serves as a picture (`util/img_mime_type_detector.py`)."""

_ORIENTATION = 0x0112  # in EXIF
MOST_PIXELS = 50_000_000
LARGEST_SIDE = 2048
"""A picture with a longer side is scaled down: no card is so large, and fifty of them would fill the browser."""
_LARGEST_AS_IT_IS_BYTES = 8 * 2**20
_LARGEST_PNG_BYTES = 2**20

_BROKEN = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    struct.error,
    zlib.error,
)
"""What Pillow's decoders raise on broken files. `UnidentifiedImageError` is an OSError."""

_decoding = threading.Lock()
"""One at a time: a picture of `MOST_PIXELS` takes 200 MB while it is scaled, one with transparency 400 MB."""


def picture(data: bytes) -> Picture:
    """The picture in a file.

    A PNG, JPEG, GIF or BMP of a usual size stays as it is, animations too; anything else becomes a PNG.

    Raises:
      CannotShow: `data` is no picture, or one of too many pixels; known from its header, before it is unpacked.
    """
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of bombs: the size is checked here
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                return _shown(image, data)
    except Image.DecompressionBombError:
        raise CannotShow("It has too many pixels.") from None
    except _BROKEN as error:
        raise CannotShow(f"It is no picture that can be read ({type(error).__name__}).") from None


def encoded(image: Image) -> Picture:
    """`image` as a PNG; as a JPEG where that would be large, which photographs are."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=4)
    if buffer.tell() > _LARGEST_PNG_BYTES and image.mode in ("RGB", "L"):
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=90)
    return Picture(buffer.getvalue())


def _shown(image: Image, data: bytes) -> Picture:
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise CannotShow(
            f"It has {width * height / 1e6:.0f} megapixels ({width} x {height}); up to {MOST_PIXELS / 1e6:.0f} are shown."
        )
    small = max(width, height) <= LARGEST_SIDE and len(data) <= _LARGEST_AS_IT_IS_BYTES
    if image.format in _SHOWN_AS_THEY_ARE and small:
        image.verify()
        return Picture(data)
    with _decoding:
        return encoded(_upright(_scaled(image), image))


def _scaled(image: Image) -> Image:
    image.draft("RGB", (LARGEST_SIDE, LARGEST_SIDE))  # JPEG: decodes no more than is needed
    if image.mode in ("I", "I;16", "I;16B", "F"):
        return _stretched(image)
    image.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
    if image.mode in ("P", "PA", "LA", "RGBA") or "transparency" in image.info:
        return image.convert("RGBA")
    return image.convert("RGB")


def _upright(scaled: Image, image: Image) -> Image:
    """`scaled` as a camera that was held sideways meant it: the picture in its new form no longer says so."""
    turns = {3: 180, 6: 270, 8: 90}
    turn = turns.get(image.getexif().get(_ORIENTATION, 1))
    return scaled if turn is None else scaled.rotate(turn, expand=True)


def _stretched(image: Image) -> Image:
    """A picture of depths or masks: its darkest value black, its brightest white."""
    import numpy as np
    from PIL import Image as Images

    image.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
    values = np.nan_to_num(np.asarray(image, np.float64), posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    scaled = (values - low) * (255.0 / (high - low)) if high > low else np.zeros_like(values)
    return Images.fromarray(scaled.astype(np.uint8))
