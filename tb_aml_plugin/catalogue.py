"""The runs of a place as they are now, read once."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tb_aml_plugin import wiring
from tb_aml_plugin.board import Board
from tb_aml_plugin.errors import SourceUnavailable, told_once
from tb_aml_plugin.flags import Settings
from tb_aml_plugin.follower import Follower
from tb_aml_plugin.model import Experiment, ExperimentId, Run, RunId
from tb_aml_plugin.sources.base import RunSource


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What `settings` chose.

    Attributes:
      source: reads more of them; to be closed.
      runs: by TensorBoard's name for them, in the order in which they started.
      experiments: theirs, by id.
    """

    source: RunSource
    runs: Mapping[str, Run]
    experiments: Mapping[ExperimentId, Experiment]


def read(settings: Settings, names: Mapping[RunId, str] = MappingProxyType({})) -> Catalogue:
    """Lists the runs that `settings` choose.

    Args:
      names: what runs were called before; they keep that as long as they can.

    Raises:
      SettingsError, SourceError: see `wiring.connect`; also where the place does not answer.
    """
    source, wanted, problem = wiring.connect(settings)
    with contextlib.ExitStack() as undo:
        undo.callback(source.close)
        if problem:
            raise SourceUnavailable(told_once(problem))
        board = Board(source.location)
        Follower(source, board, wanted, interval_s=0, report=lambda line: None, names=names).poll()
        snapshot = board.snapshot
        if snapshot.health.problem:
            raise SourceUnavailable(told_once(snapshot.health.problem))
        undo.pop_all()
    return Catalogue(source, snapshot.runs, snapshot.experiments)
