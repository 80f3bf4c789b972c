"""Points that files and metrics give, put together as series. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tb_aml_plugin import kinds
from tb_aml_plugin.kinds.base import File
from tb_aml_plugin.media import Content, Dashboard, InFile, MediaPoint, MediaSeries
from tb_aml_plugin.model import Run

_MOST_LONE_PICTURES = 20
"""In one folder. More that say no step are one series, and not as many cards."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One point of a series that is still to be put together; None for what nobody says."""

    dashboard: Dashboard
    tag: str
    content: Content
    step: int | None = None
    wall_time_s: float | None = None

    @property
    def path(self) -> str:
        """Of the file that it is from; "" for one that is from none."""
        return self.content.path if isinstance(self.content, InFile) else ""


def pieces_of(file: File) -> list[Piece] | None:
    """What `file` gives; None for a file that no dashboard is for.

    Raises:
      CannotShow: it is of a kind that is shown, and cannot be.
    """
    kind = kinds.of(file)
    if kind is None:
        return None
    return [
        Piece(
            found.dashboard,
            found.tag,
            InFile(file.path, kind.name, found.part, file.artifact.size_bytes),
            found.step,
            found.wall_time_s,
        )
        for found in kind.find(file)
    ]


def assembled(run: Run, pieces: Iterable[Piece]) -> tuple[MediaSeries, ...]:
    """The series of `pieces` of `run`, sorted by dashboard, then tag."""
    by_series: dict[tuple[str, str], list[Piece]] = defaultdict(list)
    for piece in _gathered(pieces):
        by_series[piece.dashboard.value, piece.tag].append(piece)
    return tuple(
        MediaSeries(Dashboard(dashboard), tag, _points(run, by_series[dashboard, tag]))
        for dashboard, tag in sorted(by_series)
    )


def _gathered(pieces: Iterable[Piece]) -> Iterable[Piece]:
    lone: dict[str, list[Piece]] = defaultdict(list)
    for piece in pieces:
        if piece.dashboard is Dashboard.IMAGES and piece.step is None and piece.tag == piece.path:
            lone[piece.path.rpartition("/")[0]].append(piece)
        else:
            yield piece
    for folder, found in lone.items():
        crowded = folder and len(found) > _MOST_LONE_PICTURES
        yield from (replace(piece, tag=folder) for piece in found) if crowded else found


def _points(run: Run, pieces: Sequence[Piece]) -> tuple[MediaPoint, ...]:
    """Steps increasing; of several at one step the one logged last; those without a step counted from where others end."""
    ordered = sorted(pieces, key=lambda piece: (piece.wall_time_s or 0.0, _natural(piece.path)))
    stepped = {piece.step: piece for piece in ordered if piece.step is not None}
    first = max(stepped, default=-1) + 1
    stepped.update(enumerate((piece for piece in ordered if piece.step is None), first))
    start_s = run.start_time_s or 0.0
    return tuple(
        MediaPoint(step, start_s if piece.wall_time_s is None else piece.wall_time_s, piece.content)
        for step, piece in sorted(stepped.items())
    )


def _natural(path: str) -> list[tuple[int, str]]:
    """Orders ``a2`` before ``a10``."""
    return [(int(part) if part.isdecimal() else -1, part) for part in re.split(r"(\d{1,18})", path)]
