"""Runs from any MLflow tracking server, by its REST API, without MLflow."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tb_aml_plugin import filters, under_way
from tb_aml_plugin.errors import FilterError, NotATrackingStore
from tb_aml_plugin.model import Experiment, ExperimentId, Points, Run, RunId
from tb_aml_plugin.sources.abilities import KnowsIdentity, LinksRuns, RunWriter, WritesRuns
from tb_aml_plugin.sources.base import ArtifactStore, HoldsArtifacts, HoldsModels, LoggedModel, RunSource, Selection
from tb_aml_plugin.sources.mlflow_http import MLFLOW, Http
from tb_aml_plugin.sources.mlflow_json import experiment_of, is_active, points_of, run_of
from tb_aml_plugin.sources.parallel import as_completed
from tb_aml_plugin.sources.rest_writes import RestWriter
from tb_aml_plugin.sources.server_artifacts import ServedRoots, ServerArtifacts
from tb_aml_plugin.sources.server_models import ServerModels
from tb_aml_plugin.sources.wire import Refused, Wire

_API = "api/2.0/mlflow"
_BULK = "ajax-api/2.0/mlflow/metrics/get-history-bulk"
_BULK_POINTS = 25_000
"""Points in one answer of `_BULK`, over all runs (`get_metric_history_bulk_handler`, MLflow 2 and 3)."""
_RUNS_PER_BULK = 8
"""So few that the first curves are there in a fraction of a second, so many that requests are not the cost."""
_THREADS = 4
_PAGE = 1000
_UNFINISHED = "attributes.status != 'FINISHED' AND attributes.status != 'FAILED' AND attributes.status != 'KILLED'"


class MlflowRestSource:
    """Reads an MLflow tracking server.

    *Settled runs* spare the server work: with them, a listing asks only for the runs that have not ended and for those
    that ended after the last settled one. A run that was written into the past meanwhile is seen with the next full
    listing.

    *Histories* come from the endpoint of MLflow's own page that gives several runs at once, where the server has it,
    and run by run where not.

    Attributes:
      runs_at_once: how many runs the server has been seen to give in one answer.
    """

    def __init__(
        self, http: Http, *, has_bulk: bool = True, page: int = _PAGE, history_page: int = _BULK_POINTS
    ) -> None:
        """
        Args:
          has_bulk: whether the server may have the endpoint of MLflow's own page.
          page: runs that are asked for at once; less when the server finds it too much.
          history_page: points that are asked for at once, likewise.
        """
        self._http = http
        self._roots = ServedRoots()
        self._models = ServerModels(http, self._found_models)
        self.location = http.location
        self._page = self.runs_at_once = page
        self._history_page = history_page
        self._has_bulk = has_bulk

    def experiments(self) -> Sequence[Experiment]:
        found = self._pages("experiments/search", {"view_type": "ACTIVE_ONLY"}, "experiments")
        with self._http.understood():
            return [experiment_of(element) for element in found if is_active(element)]

    def runs(self, selection: Selection, settled: Mapping[RunId, Run]) -> Sequence[Run]:
        if not selection.run_ids:
            return self._of_experiments(selection, settled)
        named = self._named(selection)
        if not selection.experiment_ids:
            return named[: selection.max_runs]
        together = {run.id: run for run in (*self._of_experiments(selection, settled), *named)}
        return _ordered(together.values(), selection)

    def find_runs(self, run_ids: Sequence[RunId], within: Collection[ExperimentId] = ()) -> Sequence[Run]:
        """See `RunSource`.

        Args:
          within: experiments that they are probably in: several of one are one question.
        """
        found = list(self._together(run_ids, within)) if within and len(run_ids) > 1 else []
        missing = [run_id for run_id in run_ids if run_id not in {run.id for run in found}]
        return [*found, *(run for run in as_completed(self._run, missing, _THREADS) if run is not None)]

    def histories(self, metric: str, run_ids: Sequence[RunId]) -> Iterator[tuple[RunId, Points]]:
        chunks = [run_ids[start : start + _RUNS_PER_BULK] for start in range(0, len(run_ids), _RUNS_PER_BULK)]
        for found in as_completed(lambda chunk: self._histories(metric, chunk), chunks, _THREADS):
            yield from found

    def artifacts(self, run: Run) -> ArtifactStore:
        return ServerArtifacts(self._http, run, self._roots)

    def models(self, run: Run) -> Sequence[LoggedModel]:
        return self._models.of(run)

    def model_document(self, run: Run, model: LoggedModel) -> bytes:
        return self._models.document(model)

    @property
    def identity(self) -> str:
        return self._http.identity

    def page_of(self, run: Run) -> tuple[str, str]:
        place = re.sub(r"//[^/@]*@", "//", self.location)
        return "MLflow", f"{place}/#/experiments/{quote(run.experiment_id, '')}/runs/{quote(run.id, '')}"

    def writer(self) -> RunWriter:
        return RestWriter(self._http)

    def close(self) -> None:
        self._http.close()

    def _of_experiments(self, selection: Selection, settled: Mapping[RunId, Run]) -> Sequence[Run]:
        if not selection.experiment_ids:
            return []
        if not settled:
            return self._search(selection, selection.filter)
        ended_ms = max(int((run.end_time_s or 0) * 1000) for run in settled.values())
        changed = (_UNFINISHED, f"attributes.end_time > {ended_ms}")
        conditions = [_and(selection.filter, condition) for condition in changed]
        fresh = [run for found in as_completed(lambda c: self._search(selection, c), conditions, 2) for run in found]
        kept = [run for run in settled.values() if run.experiment_id in selection.experiment_ids]
        return _ordered({run.id: run for run in (*kept, *fresh)}.values(), selection)

    def _named(self, selection: Selection) -> Sequence[Run]:
        """The runs that were named by id, as far as they pass the filter."""
        found = self.find_runs(selection.run_ids)
        if not selection.filter:
            return _ordered(found, selection)
        experiments = tuple(sorted({run.experiment_id for run in found}))
        listed = ", ".join(f"'{run.id}'" for run in found)
        if not found:
            return []
        searched = Selection(experiments, order_by=selection.order_by, max_runs=len(found))
        return self._search(searched, _and(selection.filter, f"attributes.run_id IN ({listed})"))

    def _together(self, run_ids: Sequence[RunId], within: Collection[ExperimentId]) -> Sequence[Run]:
        """Those of `run_ids` that one search finds; none where the server does not understand it."""
        listed = ", ".join(f"'{run_id}'" for run_id in run_ids if "'" not in run_id)
        wanted = Selection(tuple(sorted(within)), max_runs=len(run_ids))
        try:
            return self._search(wanted, f"attributes.run_id IN ({listed})")
        except Refused:
            return []

    def _search(self, selection: Selection, condition: str) -> Sequence[Run]:
        body = {
            "experiment_ids": list(selection.experiment_ids),
            "filter": condition,
            "run_view_type": "ACTIVE_ONLY",
            "order_by": list(selection.order_by),
        }
        found = self._pages("runs/search", body, "runs", selection.max_runs)
        with self._http.understood():
            return [run_of(element) for element in found]

    def _pages(self, path: str, body: Mapping[str, object], key: str, most: int = 2**31) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        token: str | None = ""
        while len(found) < most:
            page = min(self._page, most - len(found))
            try:
                answer = self._http.post(f"{_API}/{path}", {**body, "max_results": page, "page_token": token})
            except Refused as error:
                if not _is_about_page_size(error) or page < 2:
                    raise
                self._page = self.runs_at_once = page // 2
                continue
            with self._http.understood():
                given = list(answer.get(key, ()))
            found += given
            if key == "runs":
                under_way.count(len(given))
            before, token = token, answer.get("next_page_token")
            if not token or token == before:
                break
            self.runs_at_once = min(self.runs_at_once, len(given))
        return found

    def _found_models(self, body: Mapping[str, object], most: int) -> Sequence[Mapping[str, Any]]:
        return self._pages("logged-models/search", body, "models", most)

    def _run(self, run_id: RunId) -> Run | None:
        try:
            found = self._http.get(f"{_API}/runs/get", {"run_id": run_id}).get("run", {})
        except Refused:
            return None
        with self._http.understood():
            return run_of(found) if is_active(found) else None

    def _histories(self, metric: str, run_ids: Sequence[RunId]) -> list[tuple[RunId, Points]]:
        with self._http.understood():
            found = self._bulk(metric, run_ids) if self._has_bulk and len(run_ids) > 1 else {}
            return [
                (run_id, points_of(found[run_id]) if run_id in found else self._history(metric, run_id))
                for run_id in run_ids
            ]

    def _bulk(self, metric: str, run_ids: Sequence[RunId]) -> dict[RunId, list[dict[str, Any]]]:
        """The points of those of `run_ids` that one answer holds whole; there may be none."""
        query = [("run_id", run_id) for run_id in run_ids]
        try:
            answer = self._http.get(_BULK, [*query, ("metric_key", metric), ("max_results", str(_BULK_POINTS))])
        except Refused:
            return {}  # one of the runs is gone, say; one by one, then
        except NotATrackingStore:
            self._has_bulk = False
            return {}
        points = answer.get("metrics", [])
        by_run: dict[RunId, list[dict[str, Any]]] = {run_id: [] for run_id in run_ids}
        for point in points:
            by_run[point["run_id"]].append(point)
        if len(points) < _BULK_POINTS:
            return by_run
        # Cut off. The answer is sorted by run id, so the last run that it names may go on.
        last = points[-1]["run_id"]
        return {run_id: found for run_id, found in by_run.items() if run_id < last}

    def _history(self, metric: str, run_id: RunId) -> Points:
        points: list[dict[str, Any]] = []
        token: str | None = ""
        while True:
            query = {"run_id": run_id, "metric_key": metric, "max_results": str(self._history_page)}
            try:
                answer = self._http.get(f"{_API}/metrics/get-history", query | ({"page_token": token} if token else {}))
            except Refused as error:
                if not _is_about_page_size(error) or self._history_page < 2:
                    return points_of([])
                self._history_page //= 2
                continue
            points += answer.get("metrics", ())
            before, token = token, answer.get("next_page_token")
            if not token or token == before:
                return points_of(points)


def _and(one: str, other: str) -> str:
    return f"{one} AND {other}" if one.strip() else other


def _ordered(runs: Any, selection: Selection) -> Sequence[Run]:
    try:
        found = filters.sort(runs, filters.parse_order_by(selection.order_by))
    except FilterError:  # by something that only the server can see; its order was lost in putting parts together
        found = filters.sort(runs, ())
    return found[: selection.max_runs]


def _is_about_page_size(error: Refused) -> bool:
    return error.status == 400 and "maxresults" in str(error).lower().replace("_", "")


if TYPE_CHECKING:
    _: RunSource = MlflowRestSource(Http(Wire("", MLFLOW), ""))
    __: HoldsArtifacts = MlflowRestSource(Http(Wire("", MLFLOW), ""))
    ___: WritesRuns = MlflowRestSource(Http(Wire("", MLFLOW), ""))
    ____: KnowsIdentity = MlflowRestSource(Http(Wire("", MLFLOW), ""))
    _____: LinksRuns = MlflowRestSource(Http(Wire("", MLFLOW), ""))
    ______: HoldsModels = MlflowRestSource(Http(Wire("", MLFLOW), ""))
