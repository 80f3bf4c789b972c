"""What the page works on: everything that its views read and its buttons change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from tb_aml_plugin.board import Board
from tb_aml_plugin.follower import Follower
from tb_aml_plugin.media.index import MediaIndex
from tb_aml_plugin.series_cache import SeriesCache
from tb_aml_plugin.sources.base import RunSource
from tb_aml_plugin.tab.permission import Permission
from tb_aml_plugin.tasks import Tasks
from tb_aml_plugin.visibility import Visibility


class Cache(Protocol):
    """Something that is kept so that the place need not be asked again."""

    @property
    def nbytes(self) -> int:
        """Bytes held now."""
        ...

    @property
    def budget_bytes(self) -> int:
        """Bytes that may be held."""
        ...


@dataclass(frozen=True, slots=True)
class Desk:
    """One place with its Board. Any thread may use it.

    Attributes:
      caches: what is kept besides curves, by what people call it.
    """

    board: Board
    cache: SeriesCache
    visibility: Visibility
    follower: Follower
    source: RunSource
    media: MediaIndex = field(default_factory=MediaIndex)
    permission: Permission = field(default_factory=Permission)
    tasks: Tasks = field(default_factory=Tasks)
    caches: Mapping[str, Cache] = field(default_factory=dict)
