"""`tb_aml_plugin.open`: runs, params and curves as pandas or Arrow tables, from the same sources as the dashboards'."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import Any

from tb_aml_plugin import catalogue
from tb_aml_plugin.catalogue import Catalogue
from tb_aml_plugin.errors import SettingsError
from tb_aml_plugin.export import MOST_RUNS, curves
from tb_aml_plugin.export.tables import in_reading_order
from tb_aml_plugin.flags import Settings
from tb_aml_plugin.lazy_tables import CurveTable, RowTable, Table
from tb_aml_plugin.model import Run, RunId, ScalarSeries
from tb_aml_plugin.scalars import StepMode, to_series
from tb_aml_plugin.typed_names import closest, hint, is_glob

Names = str | Iterable[str] | None


class History:
    """The runs of one place, as they were when it was opened or last refreshed.

    What a method returns is read when it is turned into something, not before. Close it, or use it in a ``with``.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._found: Catalogue = catalogue.read(settings)

    def runs(self) -> Table:
        """A row for each run, in the order in which they started.

        Columns: ``experiment``, ``run`` (its name in TensorBoard), ``run_id``, ``display_name``, ``parent_id`` (None for
        none), ``status`` (MLflow's word), ``start_time`` and ``end_time`` (moments, UTC, to the millisecond; None where
        there is none).
        """
        return RowTable("runs", lambda: [self._run_row(name, run) for name, run in self._found.runs.items()])

    def params(self) -> Table:
        """A row for each param: ``experiment``, ``run``, ``run_id``, ``param``, ``value`` (text, as MLflow keeps it)."""
        return RowTable("params", lambda: self._pairs(lambda run: run.params))

    def tags(self) -> Table:
        """A row for each tag: ``experiment``, ``run``, ``run_id``, ``tag``, ``value``; MLflow's own after the others."""
        return RowTable("tags", lambda: self._pairs(lambda run: run.tags))

    def metrics(self) -> list[str]:
        """The names of all metrics that any run has, sorted. Known already: nothing is read."""
        return sorted({metric for run in self._found.runs.values() for metric in run.metrics})

    def scalars(self, metrics: Names = None, runs: Names = None, step: str = "auto") -> Table:
        """A row for each point of each curve; curve by curve, steps increasing.

        Columns: ``experiment``, ``run``, ``run_id``, ``metric``, ``step`` (int64), ``wall_time`` (float64, seconds since
        the Unix epoch), ``value`` (float64, as logged; NaN and ±inf are what they are). The first four are categories
        (pandas) or dictionaries (Arrow), so a million rows take 40 MB.

            >>> import tb_aml_plugin
            >>> with tb_aml_plugin.open("sqlite:///mlflow.db", experiment="ridge-sweep") as history:
            ...     frame = history.scalars("mse", runs="*/alpha*").to_pandas()
            >>> frame[["run", "step", "value"]]
                               run  step     value
            0  ridge-sweep/sweep/alpha 0.1     0  3000.125
            1  ridge-sweep/sweep/alpha 0.2     0  3001.125
            2  ridge-sweep/sweep/alpha 0.3     0  3002.125

        Args:
          metrics: names or globs; all where None.
          runs: names in TensorBoard, globs of them, or ids; all where None.
          step: "auto", "logged" or "index", as ``--aml_step``.

        Raises:
          SettingsError: no run has a metric, or no run has a name or id, that is given in full.
          SourceError: when it is read, and the place cannot be.
          ValueError: there is no such `step`.
        """
        mode, metrics, runs = StepMode(step), _listed(metrics), _listed(runs)
        _check("metric", metrics or (), self.metrics())
        _check("run", runs or (), [*self._found.runs, *(run.id for run in self._found.runs.values())])
        return CurveTable(lambda: self._curves(metrics, runs, mode), metrics)

    def refresh(self) -> None:
        """Looks again which runs there are, and what they say of themselves.

        Raises:
          SourceError: the place cannot be read; what was known stays.
        """
        names = {run.id: name for name, run in self._found.runs.items()}
        found = catalogue.read(self._settings, names)
        self._found.source.close()
        self._found = found

    def close(self) -> None:
        """Lets go of connections. Harmless when called twice."""
        self._found.source.close()

    def __enter__(self) -> History:  # noqa: PYI034 - typing.Self is of Python 3.11
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def __len__(self) -> int:
        return len(self._found.runs)

    def __repr__(self) -> str:
        return f"<History of {len(self)} runs at {self._found.source.location}>"

    def _run_row(self, name: str, run: Run) -> dict[str, Any]:
        return self._owner(name, run) | {
            "display_name": run.display_name,
            "parent_id": run.parent_id,
            "status": run.status.value,
            "start_time": run.start_time_s,
            "end_time": run.end_time_s,
        }

    def _pairs(self, of: Any) -> list[dict[str, Any]]:
        return [
            self._owner(name, run) | {"key": key, "value": value}
            for name, run in self._found.runs.items()
            for key, value in in_reading_order(of(run))
        ]

    def _owner(self, name: str, run: Run) -> dict[str, Any]:
        experiment = self._found.experiments.get(run.experiment_id)
        return {
            "experiment": experiment.name if experiment else str(run.experiment_id),
            "run": name,
            "run_id": str(run.id),
        }

    def _curves(
        self, metrics: Sequence[str] | None, runs: Sequence[str] | None, mode: StepMode
    ) -> Iterator[tuple[dict[str, Any], str, ScalarSeries]]:
        chosen = {n: r for n, r in self._found.runs.items() if runs is None or r.id in runs or _matches(n, runs)}
        owners = {run.id: self._owner(name, run) for name, run in chosen.items()}
        for run_id, metric, series in self._series(list(chosen.values()), metrics, mode):
            yield owners[run_id], metric, series

    def _series(
        self, runs: Sequence[Run], metrics: Sequence[str] | None, mode: StepMode
    ) -> Iterator[tuple[RunId, str, ScalarSeries]]:
        source = self._found.source
        if metrics is None:
            yield from curves.read(source, runs, mode)
            return
        for metric in self.metrics():
            having = [run.id for run in runs if metric in run.metrics]
            if not having or not _matches(metric, metrics):
                continue
            found = dict(source.histories(metric, having))
            for run_id in having:
                series = to_series(found[run_id], mode)
                if len(series):
                    yield run_id, metric, series


def open(  # noqa: A001 - tb_aml_plugin.open
    uri: str = "",
    experiment: Names = None,
    *,
    run: Names = None,
    filter: str = "",  # noqa: A002 - as the flag is called
    max_runs: int = MOST_RUNS,
) -> History:
    """The runs at `uri`.

        >>> import tb_aml_plugin
        >>> history = tb_aml_plugin.open("sqlite:///mlflow.db", experiment="ridge-sweep")
        >>> len(history)
        4
        >>> history.metrics()
        ['alpha', 'loss', 'mse']
        >>> history.params().to_pandas()[["run", "param", "value"]].iloc[0].tolist()
        ['ridge-sweep/sweep/alpha 0.1', 'alpha', '0.1']
        >>> history.close()

    Args:
      uri: a tracking URI, as for ``--aml_tracking_uri``; without it ``$MLFLOW_TRACKING_URI``, an Azure ML
        ``config.json``, ``./mlflow.db``, ``./mlruns``.
      experiment: names, ids or globs; all where neither this nor `run` is given.
      run: ids of runs, which come with those below them.
      filter: MLflow search filter that runs have to pass.
      max_runs: at most so many, those started last.

    Raises:
      SettingsError: the place or an experiment is not there, or the filter does not parse.
      SourceError: the place cannot be read.
    """
    return History(
        Settings(
            experiments=tuple(_listed(experiment) or ()),
            run_ids=tuple(_listed(run) or ()),
            tracking_uri=uri,
            filter=filter,
            max_runs=max_runs,
        )
    )


def _listed(names: Names) -> Sequence[str] | None:
    return names if names is None else [names] if isinstance(names, str) else list(names)


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(name == pattern or fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _check(what: str, names: Iterable[str], known: Sequence[str]) -> None:
    """Fails on a name that is nobody's; a glob may find nothing."""
    for name in names:
        if not is_glob(name) and name not in known:
            raise SettingsError(f"There is no {what} {name!r}. {hint(closest(name, known))}".rstrip())
