"""What one run holds besides metrics, read once, as the dashboards would have it."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from tb_aml_plugin.board import Board, Health, Snapshot, Sync
from tb_aml_plugin.errors import SourceError
from tb_aml_plugin.export.task import Task
from tb_aml_plugin.media import RunMedia, artifact_listing
from tb_aml_plugin.media.index import MediaIndex
from tb_aml_plugin.media.provider import MediaDataProvider
from tb_aml_plugin.media.reader import MediaReader
from tb_aml_plugin.model import Experiment
from tb_aml_plugin.sources.base import RunSource
from tb_aml_plugin.visibility import Visibility

_CACHE_BYTES = 8 * 2**20
_FOREVER_S = float("inf")


@dataclass(frozen=True, slots=True)
class Held:
    """What a run holds.

    Attributes:
      provider: serves it, for the run alone, under the name of its task.
      media: what it is.
      problem: why its artifacts were not looked at; "" if they were.
    """

    provider: MediaDataProvider
    media: RunMedia
    problem: str = ""


def look(source: RunSource, task: Task) -> Held:
    """Looks at the artifacts of the run of `task`."""
    board = Board(source.location)
    experiment = Experiment(task.run.experiment_id, task.experiment)
    board.publish(
        Snapshot(
            runs=MappingProxyType({task.name: task.run}),
            experiments=MappingProxyType({experiment.id: experiment}),
            version=1,
            health=Health(Sync.ONCE, polls=1),
        )
    )
    index = MediaIndex()
    problem = ""
    try:
        index.put(artifact_listing.look(source, task.run, None).media)
    except SourceError as error:
        problem = str(error)
    reader = MediaReader(source, _CACHE_BYTES, not_shown=index.note)
    provider = MediaDataProvider(board, Visibility(), index, reader, read_timeout_s=_FOREVER_S)
    return Held(provider, index.of(task.run), problem)
