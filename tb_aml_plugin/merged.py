"""Several data providers as one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from tensorboard import errors
from tensorboard.data import provider as tb

from tb_aml_plugin import hparams

logger = logging.getLogger(__name__)

T = TypeVar("T")
ByRunAndTag = dict[str, dict[str, Any]]

_HPARAMS = "hparams"


class MergedDataProvider(tb.DataProvider):
    """Shows what each of `providers` has, side by side.

    Where two have the same run, its tags are put together; where both have the same tag, the earlier provider's is
    taken. A provider that fails contributes nothing to that answer and is logged: the others' data stays visible.
    If every provider fails, the error of the first is raised.
    """

    def __init__(self, providers: Sequence[tb.DataProvider]) -> None:
        self._providers = tuple(providers)

    @property
    def providers(self) -> Sequence[tb.DataProvider]:
        """The parts, first wins."""
        return self._providers

    def __str__(self) -> str:
        return "MergedDataProvider(" + ", ".join(map(str, self._providers)) + ")"

    def experiment_metadata(self, ctx: Any = None, *, experiment_id: str) -> tb.ExperimentMetadata:
        found = self._ask(lambda p: p.experiment_metadata(ctx, experiment_id=experiment_id), experiment_id)
        return tb.ExperimentMetadata(
            data_location=", ".join(filter(None, (part.data_location for part in found))),
            experiment_name=next(filter(None, (part.experiment_name for part in found)), ""),
            experiment_description=next(filter(None, (part.experiment_description for part in found)), ""),
            creation_time=next(filter(None, (part.creation_time for part in found)), 0),
        )

    def list_plugins(self, ctx: Any = None, *, experiment_id: str) -> list[str]:
        found = self._ask(lambda p: p.list_plugins(ctx, experiment_id=experiment_id) or (), experiment_id)
        return sorted({plugin for plugins in found for plugin in plugins})

    def list_runs(self, ctx: Any = None, *, experiment_id: str) -> list[tb.Run]:
        runs: dict[str, tb.Run] = {}
        for part in self._ask(lambda p: p.list_runs(ctx, experiment_id=experiment_id), experiment_id):
            for run in part:
                runs.setdefault(run.run_name, run)
        return list(runs.values())

    def list_scalars(self, ctx: Any = None, *, experiment_id: str, **query: Any) -> ByRunAndTag:
        return self._merge("list_scalars", ctx, experiment_id, query)

    def read_scalars(self, ctx: Any = None, *, experiment_id: str, **query: Any) -> ByRunAndTag:
        return self._merge("read_scalars", ctx, experiment_id, query)

    def read_last_scalars(self, ctx: Any = None, *, experiment_id: str, **query: Any) -> ByRunAndTag:
        return self._merge("read_last_scalars", ctx, experiment_id, query)

    def list_tensors(self, ctx: Any = None, *, experiment_id: str, plugin_name: str, **query: Any) -> ByRunAndTag:
        if plugin_name == _HPARAMS:
            return self._list_hparams(ctx, experiment_id, query)
        return self._merge("list_tensors", ctx, experiment_id, {"plugin_name": plugin_name, **query})

    def read_tensors(self, ctx: Any = None, *, experiment_id: str, **query: Any) -> ByRunAndTag:
        return self._merge("read_tensors", ctx, experiment_id, query)

    def list_blob_sequences(self, ctx: Any = None, *, experiment_id: str, **query: Any) -> ByRunAndTag:
        return self._merge("list_blob_sequences", ctx, experiment_id, query)

    def read_blob_sequences(self, ctx: Any = None, *, experiment_id: str, **query: Any) -> ByRunAndTag:
        def read(provider: tb.DataProvider) -> ByRunAndTag:
            found = provider.read_blob_sequences(ctx, experiment_id=experiment_id, **query)
            return _with_keys(found, self._providers.index(provider))

        return _together(self._ask(read, experiment_id))

    def read_blob(self, ctx: Any = None, *, blob_key: str) -> bytes:
        number, dot, key = blob_key.partition(".")
        for index, provider in enumerate(self._providers):
            if dot and number == str(index):
                return bytes(provider.read_blob(ctx, blob_key=key))
        raise errors.InvalidArgumentError(f"Not a blob key: {blob_key[:80]!r}")

    def _merge(self, method: str, ctx: Any, experiment_id: str, query: Mapping[str, Any]) -> ByRunAndTag:
        return _together(
            self._ask(lambda p: getattr(p, method)(ctx, experiment_id=experiment_id, **query) or {}, experiment_id)
        )

    def _list_hparams(self, ctx: Any, experiment_id: str, query: Mapping[str, Any]) -> ByRunAndTag:
        """The sessions of all providers, under one experiment tag that names the columns of all; see `hparams.merged`."""

        def read(provider: tb.DataProvider) -> tuple[ByRunAndTag, Mapping[str, Any]]:
            found = provider.list_tensors(ctx, experiment_id=experiment_id, plugin_name=_HPARAMS, **query) or {}
            has_columns = not found or any(hparams.EXPERIMENT_TAG in by_tag for by_tag in found.values())
            listed = (
                {} if has_columns else provider.list_scalars(ctx, experiment_id=experiment_id, plugin_name="scalars")
            )
            return found, listed

        parts = [part for part in self._ask(read, experiment_id) if part[0]]
        if len(parts) < 2:
            return parts[0][0] if parts else {}
        together = _together([found for found, _ in parts])
        contents = hparams.merged([(_contents(found), scalars) for found, scalars in parts])
        any_series = next(series for by_tag in together.values() for series in by_tag.values())
        return {
            run: {tag: _described(together[run].get(tag, any_series), content) for tag, content in by_tag.items()}
            for run, by_tag in contents.items()
        }

    def _ask(self, question: Callable[[tb.DataProvider], T], experiment_id: str) -> list[T]:
        """The answers of the providers that do not fail.

        Raises:
          Exception: that of the first provider, if all fail.
        """
        answers: list[T] = []
        failures: list[Exception] = []
        for provider in self._asked(experiment_id):
            try:
                answers.append(question(provider))
            # Providers are foreign code, and TensorBoard's pages go blank as a whole on any error.
            except Exception as error:  # noqa: BLE001
                failures.append(error)
                logger.warning("%s failed: %s: %s", provider, type(error).__name__, error)
        if failures and not answers:
            raise failures[0]
        return answers

    def _asked(self, experiment_id: str) -> Sequence[tb.DataProvider]:
        """All; but for an experiment that one of them knows by name, that one: the others would answer with all they have."""
        knowing = [p for p in self._providers if getattr(p, "knows", lambda _: False)(experiment_id)]
        return knowing or self._providers


def _together(parts: Sequence[ByRunAndTag]) -> ByRunAndTag:
    if len(parts) == 1:
        return parts[0]
    merged: ByRunAndTag = {}
    for part in parts:
        for run, by_tag in part.items():
            merged[run] = {**by_tag, **merged[run]} if run in merged else by_tag
    return merged


def _with_keys(found: ByRunAndTag, index: int) -> ByRunAndTag:
    """`found` with blob keys that tell which provider they are from; "." needs no escaping in a URL."""
    return {
        run: {
            tag: [
                tb.BlobSequenceDatum(
                    datum.step,
                    datum.wall_time,
                    tuple(tb.BlobReference(f"{index}.{blob.blob_key}", blob.url) for blob in datum.values),
                )
                for datum in data
            ]
            for tag, data in by_tag.items()
        }
        for run, by_tag in found.items()
    }


def _contents(found: ByRunAndTag) -> hparams.Contents:
    return {run: {tag: series.plugin_content for tag, series in by_tag.items()} for run, by_tag in found.items()}


def _described(series: tb.TensorTimeSeries, content: bytes) -> tb.TensorTimeSeries:
    return tb.TensorTimeSeries(
        max_step=series.max_step,
        max_wall_time=series.max_wall_time,
        plugin_content=content,
        description="",
        display_name="",
    )
