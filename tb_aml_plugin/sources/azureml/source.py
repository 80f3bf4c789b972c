"""Runs from an Azure ML workspace."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from tb_aml_plugin import filters
from tb_aml_plugin.azure_target import AzureTarget, tracking_uri
from tb_aml_plugin.errors import FilterError, NotATrackingStore
from tb_aml_plugin.model import Experiment, Points, Run, RunId, SignIn
from tb_aml_plugin.sources.abilities import Cautions, HasTrackingUri, KnowsTrees, RunWriter
from tb_aml_plugin.sources.azureml import studio, trials
from tb_aml_plugin.sources.azureml.artifacts import AzureArtifacts
from tb_aml_plugin.sources.azureml.histories import Series
from tb_aml_plugin.sources.azureml.metric_json import SCALAR, latest
from tb_aml_plugin.sources.azureml.tables import typed
from tb_aml_plugin.sources.azureml.trees import Trees, at_and_below
from tb_aml_plugin.sources.azureml.workspace import Connection, Workspace
from tb_aml_plugin.sources.azureml.writes import AzureWriter
from tb_aml_plugin.sources.base import (
    ArtifactStore,
    HoldsArtifacts,
    HoldsTypedMetrics,
    RunSource,
    Selection,
    TypedMetric,
)
from tb_aml_plugin.sources.wire import Refused

EXPERIMENTS_GOOD_S = 60.0
"""How long the experiments that there are need not be asked for."""
_BETWEEN_LISTINGS_S = 30.0
"""They are asked for so long after a full listing, so that both do not come together."""
_FORGET_EVERY_S = 55.0
"""While no run is settled every listing is a full one; at most so often it counts as one."""
EVERY_RUN = 10_000
"""Runs that are looked at when the workspace cannot filter or order them as it was asked to."""
_CAUTION_S = 60.0


class AzureSource:
    """Reads an Azure ML workspace.

    The *index* comes from the workspace's MLflow endpoint: many runs a request, each with its newest metrics, its params
    and tags. What that does not tell is added: states and errors from run history, lists and tables from the metric
    service (see `Catalog`), the arguments of trials from the tags that hold them. *Histories* come from the metric
    service, which has steps, times and what is new since a moment.

    Filters and orders that Azure ML's MLflow endpoint does not know are applied here.

    *A reload* while nothing changes is at most two requests: for the runs that go on, and for those that have ended
    since; once a minute for all runs, and for parents that are not among them; and once, between, for the experiments,
    and again for all runs. More only of more runs than a page holds.

    Nothing is asked, and nothing of Azure imported, before the first question.
    """

    def __init__(
        self, target: AzureTarget, environ: Mapping[str, str], now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self.location = target.location
        self._target = target
        self._workspace = Workspace(target, environ)
        self._now_s = now_s
        self._lock = threading.Lock()
        self._experiments: tuple[float, Sequence[Experiment]] = (float("-inf"), ())
        self._listed_s = float("-inf")  # when runs were last listed in full
        self._cut_short_s = float("-inf")  # when a listing of ours last had as many runs as we look at
        self._has_asked = False  # for experiments, in this reload
        self._trees = Trees()
        self._refused: set[tuple[str, tuple[str, ...]]] = set()  # filters and orders that the endpoint does not know
        self._runs: dict[RunId, Run] = {}  # as MLflow's endpoint tells of them
        self._seen: set[RunId] = set()
        self._seen_before: set[RunId] = set()

    @property
    def identity(self) -> str:
        return self._workspace.identity

    @property
    def tracking_uri(self) -> str:
        opened = self._workspace.opened
        return tracking_uri(self._target, opened.services.mlflow) if opened else ""

    @property
    def caution(self) -> str:
        if self._now_s() - self._cut_short_s > _CAUTION_S:
            return ""
        return (
            "The workspace cannot filter by params, nor order by metrics: that was done here, among the newest "
            f"{EVERY_RUN:,} runs, and there are more. Choose fewer experiments, or filter by attributes, tags or metrics."
        )

    @property
    def sign_in(self) -> SignIn | None:
        return self._workspace.sign_in

    def begin_sign_in(self) -> None:
        self._workspace.begin_sign_in()

    @property
    def throttled_until_s(self) -> float | None:
        return self._workspace.wire.paused_until_s

    def page_of(self, run: Run) -> tuple[str, str] | None:
        return ("Azure ML studio", run.url) if run.url else None

    def writer(self) -> RunWriter:
        return AzureWriter(self._connection)

    @property
    def is_complete(self) -> bool:
        connection = self._workspace.opened
        return connection is not None and connection.catalog.is_done

    def experiments(self) -> Sequence[Experiment]:
        asked_s, kept = self._experiments
        now_s = self._now_s()
        is_between = asked_s <= self._listed_s <= now_s - _BETWEEN_LISTINGS_S
        self._has_asked = False
        if now_s - asked_s < EXPERIMENTS_GOOD_S and not is_between:
            return kept
        found = self._connection().index.experiments()
        self._experiments = (self._now_s(), found)
        self._has_asked = True
        return found

    def runs(self, selection: Selection, settled: Mapping[RunId, Run]) -> Sequence[Run]:
        self._begin(settled)
        question = (selection.filter, selection.order_by)
        if _is_ours_to_filter(selection) or question in self._refused:
            return self._chosen(selection)
        # Two questions tell what has changed. Where one was asked already, all runs in one are less.
        index = self._connection().index
        told = {} if self._has_asked and len(settled) < index.runs_at_once else self._bare(settled)
        try:
            return self._completed(index.runs(selection, told))
        except Refused:
            if not (settled or selection.filter or selection.order_by):
                raise
        # Azure ML's endpoint knows less of MLflow's language than MLflow does: no order by metrics, for one.
        found = self._chosen(selection)
        self._refused.add(question)
        return found

    def find_runs(self, run_ids: Sequence[RunId]) -> Sequence[Run]:
        # What this minute's listing had, were it to be filtered out, is fresh; what is older will do for this reload.
        known_ids = self._runs.keys() if self._has_asked else self._seen & self._runs.keys()
        known = [self._runs[run_id] for run_id in run_ids if run_id in known_ids]
        unknown = [run_id for run_id in run_ids if run_id not in known_ids]
        index = self._connection().index
        found = index.find_runs(unknown, {run.experiment_id for run in self._runs.values()})
        return self._completed([*known, *found])

    def trees(self, run_ids: Sequence[RunId], settled: Mapping[RunId, Run]) -> Sequence[Run] | None:
        self._begin(settled)
        whole = self._trees.whole(self._connection().index, run_ids)
        if whole is None:
            return None
        self._remember(whole.values())
        return self._completed(at_and_below(run_ids, whole))

    def histories(self, metric: str, run_ids: Sequence[RunId]) -> Iterator[tuple[RunId, Points]]:
        connection = self._connection()
        drawn = {run_id: connection.catalog.known(run_id).series.get(metric) for run_id in run_ids}
        plain = Series(metric, metric)
        for run_id, points in connection.histories.read(metric, lambda run_id: drawn[run_id] or plain, run_ids):
            if drawn[run_id]:
                connection.catalog.read_on(run_id, metric, latest(points))
            yield run_id, points

    def artifacts(self, run: Run) -> ArtifactStore:
        return AzureArtifacts(self._connection().client, f"dcid.{run.id}")

    def typed_metrics(self, run: Run) -> Sequence[TypedMetric]:
        connection = self._connection()
        found: list[TypedMetric] = []
        for definition in connection.catalog.now(run).definitions:
            if definition.kind in ("", SCALAR):
                continue
            try:
                with connection.client.understood():
                    found += typed(definition, run.id, connection.client.metric(run.id, definition.name))
            except Refused:  # it is listed, and not there yet
                continue
        return found

    def close(self) -> None:
        self._workspace.close()

    def _connection(self) -> Connection:
        return self._workspace.open(goes_on=self._goes_on)

    def _goes_on(self, run_id: RunId) -> bool:
        run = self._runs.get(run_id)
        return run is not None and not run.status.is_terminal

    def _begin(self, settled: Mapping[RunId, Run]) -> None:
        """A listing begins."""
        now_s = self._now_s()
        if not settled and now_s - self._listed_s >= _FORGET_EVERY_S:
            self._listed_s = now_s
            self._forget()

    def _chosen(self, selection: Selection) -> Sequence[Run]:
        """The selection made here, from all runs of its experiments."""
        wanted, order = filters.parse(selection.filter), filters.parse_order_by(selection.order_by)
        try:
            filters.check_local(wanted, order)
        except FilterError as error:
            raise NotATrackingStore(f"{self.location} cannot filter like this, nor can we: {error}") from None
        everything = dataclasses.replace(selection, filter="", order_by=(), max_runs=EVERY_RUN)
        runs = self._completed(self._connection().index.runs(everything, {}))
        if len(runs) >= EVERY_RUN:
            self._cut_short_s = self._now_s()
        return filters.sort([run for run in runs if filters.matches(wanted, run)], order)[: selection.max_runs]

    def _bare(self, settled: Mapping[RunId, Run]) -> Mapping[RunId, Run]:
        """The same runs without what we have added to them."""
        return {run_id: self._runs.get(run_id, run) for run_id, run in settled.items()}

    def _completed(self, listed: Sequence[Run]) -> list[Run]:
        """`listed` with what MLflow's endpoint does not tell, as far as it is known by now."""
        connection = self._connection()
        bare = [_without_blank_names(run) for run in listed]
        self._remember(bare)
        with self._lock:
            parents = {run.parent_id for run in bare if run.parent_id} & self._runs.keys()
            tags = {run_id: self._runs[run_id].tags for run_id in parents}
        connection.catalog.look(bare)
        names = {experiment.id: experiment.name for experiment in self._experiments[1]}
        return [self._with_rest(run, connection, tags) for run in connection.records.complete(bare, names)]

    def _remember(self, runs: Iterable[Run]) -> None:
        with self._lock:
            for run in runs:
                self._runs[run.id] = run
                self._seen.add(run.id)

    def _forget(self) -> None:
        """Lets go of runs that no listing has had for some time."""
        with self._lock:
            kept = self._seen | self._seen_before
            self._runs = {run_id: run for run_id, run in self._runs.items() if run_id in kept}
            self._seen_before, self._seen = self._seen, set()
        opened = self._workspace.opened
        for part in (opened.catalog, opened.histories, opened.records) if opened else ():
            part.forget_all_but(kept)

    def _with_rest(self, run: Run, connection: Connection, tags: Mapping[RunId, Mapping[str, str]]) -> Run:
        known = connection.catalog.known(run.id)
        params = trials.arguments(run.id, run.tags, tags.get(run.parent_id or run.id, {}))
        return dataclasses.replace(
            run,
            params={**params, **run.params},
            metrics={**known.latest, **run.metrics},
            url=studio.run_url(connection.studio, self._target, run.id),
            not_shown=known.not_shown,
        )


def _is_ours_to_filter(selection: Selection) -> bool:
    """Whether the filter speaks of params: the endpoint does not know those of trials."""
    asked = filters.comparisons(filters.parse(selection.filter).root)
    return any(comparison.entity is filters.Entity.PARAM for comparison in asked)


def _without_blank_names(run: Run) -> Run:
    if all(name.strip() for name in run.metrics):
        return run
    return dataclasses.replace(run, metrics={name: point for name, point in run.metrics.items() if name.strip()})


if TYPE_CHECKING:
    _: RunSource = AzureSource(AzureTarget("", "", ""), {})
    __: HoldsArtifacts = AzureSource(AzureTarget("", "", ""), {})
    ___: HoldsTypedMetrics = AzureSource(AzureTarget("", "", ""), {})
    ______: Cautions = AzureSource(AzureTarget("", "", ""), {})
    _____: HasTrackingUri = AzureSource(AzureTarget("", "", ""), {})
    ____: KnowsTrees = AzureSource(AzureTarget("", "", ""), {})
