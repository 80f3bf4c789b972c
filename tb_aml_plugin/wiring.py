"""The composition root: puts the rooms together for one TensorBoard process. The only room that knows all others."""

from __future__ import annotations

import argparse
import dataclasses
import functools
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tb_aml_plugin import experiment_names, filters, flags, ingester, place, sources, target
from tb_aml_plugin.azure_target import AzureTarget
from tb_aml_plugin.board import Board, Health, Snapshot
from tb_aml_plugin.errors import AmlError, SettingsError, SourceUnavailable
from tb_aml_plugin.follower import Follower
from tb_aml_plugin.media import RunMedia
from tb_aml_plugin.media.index import MediaIndex
from tb_aml_plugin.media.lister import INTERVAL_S as LISTING_INTERVAL_S
from tb_aml_plugin.media.lister import Lister
from tb_aml_plugin.media.provider import MediaDataProvider
from tb_aml_plugin.media.reader import MediaReader
from tb_aml_plugin.model import Experiment, Run, RunId
from tb_aml_plugin.native import cache_folder
from tb_aml_plugin.native.cache_folder import CacheFolder
from tb_aml_plugin.native.mirror import Mirror
from tb_aml_plugin.native.provider import NativeLogsProvider
from tb_aml_plugin.native.workers import MirrorWorkers
from tb_aml_plugin.provider import RunHistoryDataProvider
from tb_aml_plugin.scalars import StepMode
from tb_aml_plugin.series_cache import SeriesCache
from tb_aml_plugin.sources.base import ArtifactStore, HoldsArtifacts, RunSource
from tb_aml_plugin.tab.desk import Cache, Desk
from tb_aml_plugin.tab.permission import Permission, is_public_host
from tb_aml_plugin.terminal import tell
from tb_aml_plugin.wanted import Wanted

CACHE_BYTES = 256 * 2**20
FIRST_COPIES_S = 2.0
"""How long the first native logs may wait for others, to be read together."""


class RunHistory:
    """Source, Board, cache, follower and provider for one place. Nothing runs until `start`."""

    def __init__(
        self,
        source: RunSource,
        wanted: Wanted,
        mode: StepMode,
        *,
        interval_s: float,
        permission: Permission | None = None,
        greet: Callable[[Wanted], Wanted] | None = None,
    ) -> None:
        self.source = source
        self.board = Board(source.location)
        self.cache = SeriesCache(source, mode, CACHE_BYTES)
        self.provider = RunHistoryDataProvider(self.board, self.cache)
        self.media_index = MediaIndex()
        self.lister = Lister(
            source,
            self.media_index,
            interval_s=max(interval_s, LISTING_INTERVAL_S) if interval_s else 0,
            found=self._found,
        )
        self._mirroring: MirrorWorkers | None = None
        self.media_reader = MediaReader(source, not_shown=self.media_index.note, gone=self._gone)
        self._caches: dict[str, Cache] = {"pictures, texts and tables": self.media_reader}
        self.media_provider = MediaDataProvider(
            self.board, self.provider.visibility, self.media_index, self.media_reader
        )
        self.follower = Follower(
            source,
            self.board,
            wanted,
            interval_s=interval_s,
            report=tell,
            published=self._published,
            greet=greet,
        )
        self.provider.desk = Desk(
            self.board,
            self.cache,
            self.provider.visibility,
            self.follower,
            self.source,
            self.media_index,
            permission or Permission(),
            caches=self._caches,
        )

    def start(self) -> None:
        """Begins to follow the place."""
        self.follower.start()
        self.lister.start()

    def show_native_logs(
        self, cache: CacheFolder, artifacts: Callable[[Run], ArtifactStore], tb_flags: argparse.Namespace
    ) -> NativeLogsProvider:
        """Copies the runs' own TensorBoard logs into `cache`, from `start` on; the provider of what is in them."""
        mirror = Mirror(cache)
        self._caches["copies of TensorBoard's own logs"] = cache
        self._mirroring = MirrorWorkers(mirror, artifacts, self.media_index, self.lister.look_again)
        return NativeLogsProvider(
            mirror,
            lambda: self.provider.visibility.of(self.board.snapshot),
            functools.partial(self._read_event_files, tb_flags),
        )

    def stop(self) -> None:
        """Ends every thread and connection."""
        self.follower.stop()
        self.lister.stop()
        if self._mirroring is not None:
            self._mirroring.close()
        self.cache.close()
        self.source.close()

    def _published(self, snapshot: Snapshot) -> None:
        self.cache.forget_all_but({run.id for run in snapshot.runs.values()})
        if self._mirroring is not None:
            self._mirroring.follow(snapshot)
        self.lister.follow(snapshot)

    def _read_event_files(self, tb_flags: argparse.Namespace, logdir: str) -> Any:
        if self._mirroring is not None:  # what is there when reading begins need not wait for it to begin again
            self._mirroring.wait_until_copied(FIRST_COPIES_S)
        return ingester.read_event_files(tb_flags, logdir)

    def _found(self, run: Run, media: RunMedia) -> None:
        if self._mirroring is not None:
            self._mirroring.offer(run, media.files)

    def _gone(self, run_id: RunId, path: str) -> None:
        self.media_index.drop(run_id, path)
        self.lister.look_again(run_id)


def install(tb_flags: argparse.Namespace, environ: Mapping[str, str] = os.environ) -> None:
    """Makes the TensorBoard that is about to start with `tb_flags` show what its ``--aml_*`` flags name.

    Raises:
      SettingsError: a flag cannot work.
      SourceError: the place answered, and cannot be read. One that does not answer is tried again later instead.
    """
    settings = flags.settings_of(tb_flags)
    source, wanted, problem = connect(settings, environ, at_once=False)
    if problem:
        tell(f"{problem} TensorBoard starts without it and keeps trying.")
    tb_flags.grpc_data_provider = tb_flags.grpc_data_provider or flags.PLACEHOLDER
    permission = Permission(settings.allow_writes, settings.allow_remote_writes, _is_public(tb_flags))
    history = RunHistory(
        source,
        wanted,
        StepMode(settings.step),
        interval_s=tb_flags.reload_interval,
        permission=permission,
        greet=None if problem == "" else lambda wanted: _greeted(source, wanted),
    )
    # Already said: the follower, which will see it too, reports only what is new.
    history.board.publish(Snapshot(health=Health(problem=problem or "")))
    providers: list[Any] = [history.provider, history.media_provider]
    cache = _cache_of_native_logs(settings, source)
    if cache is not None and isinstance(source, HoldsArtifacts):
        # Last: where a metric and an event file have the same tag, the logged metric is shown.
        providers.append(history.show_native_logs(cache, source.artifacts, tb_flags))
    logdir = "" if cache is None else str(cache.logdir)
    ingester.install(lambda: ingester.RunHistoryIngester(tb_flags, providers, history.start, logdir))


def connect(
    settings: flags.Settings, environ: Mapping[str, str] = os.environ, *, at_once: bool = True
) -> tuple[RunSource, Wanted, str | None]:
    """The place that `settings` name, which runs of it are wanted, and why it does not answer now, "" if it does.

    Args:
      at_once: False leaves the asking to later where it takes seconds: an Azure ML workspace has to be signed in to and
        found. The last of the answer is None then.

    Raises:
      SettingsError, SourceError: as `install`.
    """
    wanted = _wanted(settings)
    wanted_filter, order_by = filters.parse(settings.filter), filters.parse_order_by(settings.order_by)
    found = place.find(settings, Path.cwd(), environ)
    if isinstance(found, target.FileTarget):
        filters.check_local(wanted_filter, order_by)
    source = sources.connect(found, environ)
    if isinstance(found, AzureTarget) and not at_once:
        return source, wanted, None
    try:
        existing = source.experiments()
        wanted = _with_runs_apart(source, wanted, existing)
        _check(source, wanted, existing)
    except SourceUnavailable as error:
        return source, wanted, str(error)
    except AmlError:
        source.close()
        raise
    return source, wanted, ""


def _cache_of_native_logs(settings: flags.Settings, source: RunSource) -> CacheFolder | None:
    if settings.native_logs == "off" or not isinstance(source, HoldsArtifacts):
        return None
    try:
        return CacheFolder(cache_folder.default_root(), source.location, settings.cache_bytes)
    except SettingsError as error:
        tell(f"{error} Going on without them.")
        return None


def _is_public(tb_flags: argparse.Namespace) -> bool:
    return bool(tb_flags.bind_all) or is_public_host(tb_flags.host)


def _wanted(settings: flags.Settings) -> Wanted:
    # "$EXPERIMENT" with the variable not set: nobody wants to see nothing.
    for names, what, flag in (
        (settings.experiments, "The name of the experiment", "--aml_experiment"),
        (settings.run_ids, "The id of the run", "--aml_run"),
    ):
        if names and not any(name.strip(" ,") for name in names):
            raise SettingsError(f"{what} is empty. Give one, or leave {flag} out.")
    if settings.max_runs < 1:
        raise SettingsError(f"At least one run has to be asked for, not {settings.max_runs}.")
    everything = () if settings.run_ids else ("*",)
    return Wanted(
        experiments=settings.experiments or everything,
        run_ids=tuple(RunId(id_) for id_ in settings.run_ids if id_),
        filter=settings.filter,
        order_by=settings.order_by,
        max_runs=settings.max_runs,
    )


def _greeted(source: RunSource, wanted: Wanted) -> Wanted:
    """`wanted` as `_with_runs_apart` gives it; what cannot be shown yet is said, long after the start as it is."""
    wanted = _with_runs_apart(source, wanted, source.experiments())
    found = {run.id for run in source.find_runs(wanted.run_ids)} if wanted.run_ids else set()
    for run_id in sorted(set(wanted.run_ids) - found):
        tell(f"{experiment_names.unknown_run(run_id, source.location)} It is shown as soon as it exists.")
    return wanted


def _with_runs_apart(source: RunSource, wanted: Wanted, existing: Sequence[Experiment]) -> Wanted:
    """`wanted`, with the names that are no experiment's but the id of a run where they belong."""
    unknown = experiment_names.match(wanted.experiments, existing).unknown
    found = {run.id for run in source.find_runs([RunId(name) for name in unknown])} if unknown else set()
    if not found:
        return wanted
    experiments = tuple(name for name in wanted.experiments if name not in found)
    return dataclasses.replace(wanted, experiments=experiments, run_ids=(*wanted.run_ids, *sorted(found)))


def _check(source: RunSource, wanted: Wanted, existing: Sequence[Experiment]) -> None:
    """Fails on what a glance at the place shows to be wrong, while there is someone to read it."""
    match = experiment_names.match(wanted.experiments, existing)
    if match.unknown:
        raise experiment_names.unknown_experiment(match.unknown[0], existing, source.location)
    missing = set(wanted.run_ids) - {run.id for run in source.find_runs(wanted.run_ids)} if wanted.run_ids else set()
    if missing:
        raise experiment_names.unknown_run(min(missing), source.location)
    for glob in match.empty:
        if glob != "*":
            tell(f"No experiment matches {glob!r} yet; one that does will appear.")
