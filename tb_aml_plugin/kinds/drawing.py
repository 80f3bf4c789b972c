"""Small drawings with labels: a matrix, bars. What Azure ML's studio would draw, as pictures.

A card of TensorBoard is some 350 pixels wide and 200 high, and shows pictures pixel by pixel: drawings are of that size
where they can be, so that their letters are still letters there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tb_aml_plugin.errors import CannotShow
from tb_aml_plugin.kinds import lettering
from tb_aml_plugin.kinds.lettering import TEXT_PX, font, width_px
from tb_aml_plugin.kinds.pictures import encoded
from tb_aml_plugin.kinds.schemas import Bins, ConfusionMatrix
from tb_aml_plugin.media import Picture

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

_INK, _FAINT, _PAPER = (33, 33, 33), (189, 189, 189), (255, 255, 255)
_BAR, _LINE = (66, 133, 244), (219, 68, 55)
_LEAST, _MOST = (247, 251, 255), (8, 48, 107)
"""Colours of a cell whose row has nothing, and everything, in it."""

_MOST_CLASSES = 1000
_MOST_LABELLED_CLASSES = 100
_LARGEST_SIDE_PX, _CARD_PX = 640, 240
_LEAST_LABELLED_CELL_PX, _CELL_PX, _LARGEST_CELL_PX = 16, 44, 72
_CHART_PX = (350, 250)


def confusion_matrix(found: ConfusionMatrix, title: str) -> Picture:
    """A cell for each pair of classes, coloured by its share of the true class; counts in the cells where they fit.

    Raises:
      CannotShow: there are more than 1000 classes.
    """
    size = len(found.labels)
    if size > _MOST_CLASSES:
        raise CannotShow(f"The confusion matrix has {size} classes; up to {_MOST_CLASSES} are drawn.")
    named = found.labels if size <= _MOST_LABELLED_CLASSES else ()
    labels = [lettering.label(label, f"#{number}") for number, label in enumerate(named)]
    texts = [[_number(count) for count in row] for row in found.counts] if labels else []
    widest_px = max((width_px(text) for row in texts for text in row), default=0)
    cell = max(_LEAST_LABELLED_CELL_PX if labels else 1, min(_cell_px(size, widest_px), _LARGEST_SIDE_PX // size))
    margin = 40 + max((width_px(label) for label in labels), default=0)
    side = cell * size
    image, draw = _canvas(margin + side + 24, 40 + side + margin, title)
    image.paste(_cells(found).resize((side, side), resample=0), (margin, 40))
    draw.rectangle((margin, 40, margin + side, 40 + side), outline=_FAINT)
    for index, label in enumerate(labels):
        middle = cell * index + cell // 2
        _text(draw, (margin - 8, 40 + middle), label, "rm")
        _sideways(image, (margin + middle, 40 + side + 8), label)
    if widest_px <= cell - 2:
        _counts(draw, found, texts, cell, margin)
    _sideways(image, (12, 40 + side // 2), "true class", centred=True)
    _text(draw, (margin + side // 2, 40 + side + margin - 12), "predicted class", "mm")
    return encoded(image)


def residuals(found: Bins, title: str) -> Picture:
    """A bar for each bin."""
    image, draw, place = _chart(found.edges, (0.0, float(found.counts.max())), title, "residual", "count")
    _bars(draw, place, found)
    return encoded(image)


def predictions(found: Bins, title: str) -> Picture:
    """The average prediction over the true value, with its deviation, beside the line on which both are equal."""
    averages, errors = found.averages, found.errors
    if averages is None or errors is None or not np.isfinite(averages).any():
        return residuals(found, title)
    spread = np.nan_to_num(errors)
    low = min(float(np.nanmin(averages - spread)), float(found.edges[0]))
    high = max(float(np.nanmax(averages + spread)), float(found.edges[-1]))
    image, draw, place = _chart(found.edges, (low, high), title, "true value", "average prediction")
    draw.line([place(found.edges[0], found.edges[0]), place(found.edges[-1], found.edges[-1])], fill=_FAINT, width=2)
    middles = (found.edges[:-1] + found.edges[1:]) / 2
    points = [(x, y, e) for x, y, e in zip(middles, averages, spread, strict=True) if np.isfinite(y)]
    draw.line([place(x, y) for x, y, _ in points], fill=_BAR, width=2)
    for x, y, error in points:
        draw.line([place(x, y - error), place(x, y + error)], fill=_LINE)
    return encoded(image)


def notice(text: str) -> Picture:
    """What stands in place of a picture that cannot be shown: `text`, which says why."""
    import textwrap

    lines = textwrap.wrap(text, 56)[:8]
    image, draw = _canvas(480, 64 + 22 * len(lines), "This picture is not shown")
    for number, line in enumerate(lines):
        _text(draw, (16, 52 + 22 * number), line, "lm")
    return encoded(image)


def _cells(found: ConfusionMatrix) -> Image:
    from PIL import Image

    totals = found.counts.sum(axis=1, keepdims=True)
    shares = np.divide(found.counts, totals, out=np.zeros_like(found.counts), where=totals > 0).clip(0, 1)
    least, most = np.array(_LEAST), np.array(_MOST)
    return Image.fromarray((least + (most - least) * shares[..., None]).astype(np.uint8))


def _cell_px(size: int, widest_px: int) -> int:
    """The side of a cell where there is room for it: for its count, and to fill a card."""
    return min(_LARGEST_CELL_PX, max(_CELL_PX, widest_px + 6, _CARD_PX // size))


def _counts(draw: ImageDraw, found: ConfusionMatrix, texts: list[list[str]], cell: int, margin: int) -> None:
    totals = found.counts.sum(axis=1)
    for row, line in enumerate(texts):
        for column, text in enumerate(line):
            dark = totals[row] > 0 and found.counts[row, column] > totals[row] / 2
            at = (margin + cell * column + cell // 2, 40 + cell * row + cell // 2)
            _text(draw, at, text, "mm", _PAPER if dark else _INK)


_Place = Callable[[float, float], tuple[float, float]]


def _chart(edges: Any, span: tuple[float, float], title: str, across: str, up: str) -> tuple[Image, ImageDraw, _Place]:
    """A chart with axes over `edges` and `span`, and where on it a value is."""
    (width, height), left, top, bottom = _CHART_PX, 80, 40, 50
    image, draw = _canvas(width, height, title)
    low_x, high_x = float(edges[0]), float(edges[-1])
    low_y, high_y = span
    across_px, up_px = width - left - 40, height - top - bottom

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            left + across_px * (float(x) - low_x) / ((high_x - low_x) or 1.0),
            top + up_px * (1 - (float(y) - low_y) / ((high_y - low_y) or 1.0)),
        )

    draw.line([(left, top), (left, top + up_px), (left + across_px, top + up_px)], fill=_FAINT)
    for share in (0.0, 0.5, 1.0):
        x, y = low_x + share * (high_x - low_x), low_y + share * (high_y - low_y)
        _text(draw, (place(x, low_y)[0], top + up_px + 14), _number(x), "mm")
        _text(draw, (left - 8, place(low_x, y)[1]), _number(y), "rm")
    _text(draw, (left + across_px // 2, height - 12), across, "mm")
    _sideways(image, (12, top + up_px // 2), up, centred=True)
    return image, draw, place


def _bars(draw: ImageDraw, place: _Place, found: Bins) -> None:
    for left, right, count in zip(found.edges, found.edges[1:], found.counts, strict=False):
        (x0, y0), (x1, y1) = place(left, max(count, 0.0)), place(right, 0.0)
        draw.rectangle((x0, y0, max(x0, x1 - 1), y1), fill=_BAR)


def _canvas(width: int, height: int, title: str) -> tuple[Image, ImageDraw]:
    from PIL import Image, ImageDraw

    short = lettering.drawable(title if len(title) <= 60 else f"..{title[-58:]}")
    image = Image.new("RGB", (max(width, 40 + width_px(short)), height), _PAPER)
    draw = ImageDraw.Draw(image)
    _text(draw, (16, 20), short, "lm")
    return image, draw


def _text(draw: ImageDraw, at: Sequence[float], text: str, anchor: str, fill: tuple[int, int, int] = _INK) -> None:
    x, y = at
    width, height = width_px(text), TEXT_PX
    left = x - {"l": 0.0, "m": width / 2, "r": float(width)}[anchor[0]]
    draw.text((left, y - height / 2), text, fill=fill, font=font())


def _sideways(image: Image, at: tuple[int, int], text: str, *, centred: bool = False) -> None:
    """`text` from bottom to top; `at` is its upper end, or its middle, in the middle of the line."""
    from PIL import Image, ImageDraw

    strip = Image.new("RGB", (width_px(text) + 2, TEXT_PX + 6), _PAPER)
    ImageDraw.Draw(strip).text((1, 1), text, fill=_INK, font=font())
    turned = strip.rotate(90, expand=True)
    x, y = at
    image.paste(turned, (x - turned.width // 2, y - turned.height // 2 if centred else y))


def _number(value: float) -> str:
    return f"{int(value)}" if value == int(value) and abs(value) < 1e6 else f"{value:.3g}"
