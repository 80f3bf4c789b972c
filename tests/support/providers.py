"""A data provider as others write them, which tells what it is given and fails when it is told to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tensorboard.data import provider as tb


class FakeProvider(tb.DataProvider):
    """Has one point of each scalar, one blob of each blob sequence, and hyperparameters as given.

    Args:
      scalars: run name → tag → value.
      blobs: run name → tag → blob.
      hparams: run name → tag → plugin content.
    """

    def __init__(
        self,
        name: str,
        scalars: Mapping[str, Mapping[str, float]] | None = None,
        blobs: Mapping[str, Mapping[str, bytes]] | None = None,
        hparams: Mapping[str, Mapping[str, bytes]] | None = None,
    ) -> None:
        self.name = name
        self.scalars, self.blobs, self.hparams = scalars or {}, blobs or {}, hparams or {}
        self.problem: Exception | None = None
        self.asked: list[str] = []

    def __str__(self) -> str:
        return self.name

    def experiment_metadata(self, ctx: Any = None, *, experiment_id: str) -> tb.ExperimentMetadata:
        self._ask("experiment_metadata")
        return tb.ExperimentMetadata(data_location=f"place of {self.name}", experiment_name=self.name, creation_time=7)

    def list_plugins(self, ctx: Any = None, *, experiment_id: str) -> list[str] | None:
        self._ask("list_plugins")
        found = {"scalars": self.scalars, "images": self.blobs, "hparams": self.hparams}
        return [plugin for plugin, data in found.items() if data] or None  # as old providers say "I cannot tell"

    def list_runs(self, ctx: Any = None, *, experiment_id: str) -> list[tb.Run]:
        self._ask("list_runs")
        return [tb.Run(run, run, 1.0) for run in {**self.scalars, **self.blobs, **self.hparams}]

    def list_scalars(self, ctx: Any = None, *, experiment_id: str, plugin_name: str, run_tag_filter: Any = None) -> Any:
        self._ask("list_scalars")
        series = tb.ScalarTimeSeries(max_step=0, max_wall_time=0.0, plugin_content=b"", description="", display_name="")
        return {run: dict.fromkeys(by_tag, series) for run, by_tag in self.scalars.items()}

    def read_scalars(
        self,
        ctx: Any = None,
        *,
        experiment_id: str,
        plugin_name: str,
        downsample: int | None = None,
        run_tag_filter: Any = None,
    ) -> Any:
        self._ask("read_scalars")
        return {
            run: {tag: [tb.ScalarDatum(0, 0.0, value)] for tag, value in by_tag.items()}
            for run, by_tag in self.scalars.items()
        }

    def read_last_scalars(
        self, ctx: Any = None, *, experiment_id: str, plugin_name: str, run_tag_filter: Any = None
    ) -> Any:
        self._ask("read_last_scalars")
        return {
            run: {tag: tb.ScalarDatum(0, 0.0, value) for tag, value in by_tag.items()}
            for run, by_tag in self.scalars.items()
        }

    def list_tensors(self, ctx: Any = None, *, experiment_id: str, plugin_name: str, run_tag_filter: Any = None) -> Any:
        self._ask("list_tensors")
        return {
            run: {
                tag: tb.TensorTimeSeries(
                    max_step=0, max_wall_time=0.0, plugin_content=content, description="", display_name=""
                )
                for tag, content in by_tag.items()
            }
            for run, by_tag in self.hparams.items()
            if plugin_name == "hparams"
        }

    def read_tensors(self, ctx: Any = None, *, experiment_id: str, **query: Any) -> Any:
        self._ask("read_tensors")
        return {}

    def list_blob_sequences(self, ctx: Any = None, *, experiment_id: str, **query: Any) -> Any:
        self._ask("list_blob_sequences")
        return {}

    def read_blob_sequences(self, ctx: Any = None, *, experiment_id: str, **query: Any) -> Any:
        self._ask("read_blob_sequences")
        return {
            run: {tag: [tb.BlobSequenceDatum(0, 0.0, (tb.BlobReference(f"{run}.{tag}"),))] for tag in by_tag}
            for run, by_tag in self.blobs.items()
        }

    def read_blob(self, ctx: Any = None, *, blob_key: str) -> bytes:
        run, _, tag = blob_key.partition(".")
        return self.blobs[run][tag]

    def _ask(self, method: str) -> None:
        self.asked.append(method)
        if self.problem is not None:
            raise self.problem


class NamedProvider(FakeProvider):
    """A `FakeProvider` that knows one experiment by name."""

    def knows(self, experiment_id: str) -> bool:
        return experiment_id == self.name
