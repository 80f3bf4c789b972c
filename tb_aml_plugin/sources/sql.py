"""Runs from any database that MLflow writes to, by SQL, without MLflow."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tb_aml_plugin import filters
from tb_aml_plugin.model import Experiment, ExperimentId, Points, Run, RunId
from tb_aml_plugin.sources import sql_filters, sql_models, sqlite_file
from tb_aml_plugin.sources.abilities import KnowsIdentity, RunWriter, WritesRuns
from tb_aml_plugin.sources.artifact_places import ArtifactPlaces
from tb_aml_plugin.sources.base import (
    MODEL_DOCUMENT,
    ArtifactStore,
    HoldsArtifacts,
    HoldsModels,
    LoggedModel,
    RunSource,
    Selection,
)
from tb_aml_plugin.sources.client_writes import ClientWriter
from tb_aml_plugin.sources.schema import EXPERIMENTS, METRICS, RUNS
from tb_aml_plugin.sources.sql_details import IDS_PER_STATEMENT, Details, chunks
from tb_aml_plugin.sources.sql_errors import translated
from tb_aml_plugin.sources.sql_rows import PointColumns, points_by_metric, run_of
from tb_aml_plugin.sources.sql_text import cased
from tb_aml_plugin.sources.sqlite_histories import Rows, SqliteHistories
from tb_aml_plugin.target import SqlTarget, masked

_CONNECT_TIMEOUT_S = 5
_STATEMENT_TIMEOUT_S = 30
_RUNS_PER_HISTORY_STATEMENT = 50
"""Of databases that are asked over a network."""

_ROWS_AT_ONCE = 20_000
"""Of a history, as Python objects: 8 MB."""

_HISTORY_THREADS = 4

_LIBPQ = {
    "connect_timeout": _CONNECT_TIMEOUT_S,
    "keepalives_idle": _STATEMENT_TIMEOUT_S,
    "tcp_user_timeout": _STATEMENT_TIMEOUT_S * 1000,
}
"""Timeouts of PostgreSQL's client: of a server that has vanished from the network no statement timeout would tell."""

_DRIVERS = {
    "postgresql": ("psycopg2", "psycopg", "pg8000"),
    "mysql": ("pymysql", "MySQLdb"),
    "mariadb": ("pymysql", "MySQLdb"),
}


class SqlSource:
    """Reads an MLflow database: SQLite and PostgreSQL are tested; MySQL and SQL Server get the same statements.

    SQLite files are opened read-only. No statement stays open between two runs of a history, so no writer waits
    longer than one short SELECT. Elsewhere every statement runs in a transaction of its own that is rolled back.
    """

    def __init__(self, target: SqlTarget) -> None:
        self.location = masked(target.url)
        self._url = target.url
        with translated(self.location):
            parsed = _with_driver(sa.make_url(target.url))
            self._file = sqlite_file.path_of(parsed)
            if self._file and str(parsed.database).startswith("~"):  # which MLflow takes for a folder's name
                self._url = parsed.set(database=str(self._file)).render_as_string(hide_password=False)
            self.engine = sqlite_file.engine(self._file) if self._file else _engine(parsed)
        self._dialect = self.engine.dialect.name
        self._sqlite_histories = SqliteHistories(self._fetch)
        self._marker_lock = threading.Lock()
        self._marker_connection: sa.Connection | None = None
        self._marker_file: int | None = None
        self._artifact_places = ArtifactPlaces()
        self._has_models: bool | None = None  # not looked yet

    def experiments(self) -> Sequence[Experiment]:
        active = EXPERIMENTS.c.lifecycle_stage == "active"
        query = sa.select(EXPERIMENTS.c.experiment_id, EXPERIMENTS.c.name).where(active)
        with self._connect() as connection:
            rows = connection.execute(query).all()
        return [Experiment(ExperimentId(str(id_)), str(name)) for id_, name in rows]

    def runs(self, selection: Selection, settled: Mapping[RunId, Run]) -> Sequence[Run]:
        with self._connect() as connection:
            rows = connection.execute(_selecting(selection)).all()
            bare = [run_of(row) for row in rows]
            known = {run.id: settled[run.id] for run in bare if _unchanged(run, settled.get(run.id))}
            details = Details.read(connection, [run.id for run in bare if run.id not in known])
        return [known.get(run.id) or details.complete(run) for run in bare]

    def find_runs(self, run_ids: Sequence[RunId]) -> Sequence[Run]:
        found: list[Run] = []
        with self._connect() as connection:
            for ids in chunks(run_ids, IDS_PER_STATEMENT):
                query = _RUN_COLUMNS.where(RUNS.c.run_uuid.in_(ids), RUNS.c.lifecycle_stage == "active")
                bare = [run_of(row) for row in connection.execute(query)]
                details = Details.read(connection, [run.id for run in bare], metrics=False)
                found += [details.complete(run) for run in bare]
        return found

    def histories(self, metric: str, run_ids: Sequence[RunId]) -> Iterator[tuple[RunId, Points]]:
        if self._dialect == "sqlite":
            yield from self._sqlite_histories.read(metric, run_ids)
            return
        for ids in chunks(run_ids, _RUNS_PER_HISTORY_STATEMENT):
            query = _POINT_COLUMNS.where(METRICS.c.key == metric, METRICS.c.run_uuid.in_(ids))
            if self._dialect != "postgresql":  # there "Loss" is "loss"; the index needs the first
                query = query.where(cased(METRICS.c.key) == metric)
            columns = PointColumns(ids)
            for rows in self._pages(query):
                columns.add(rows)
            yield from columns.by_run()

    @property
    def identity(self) -> str:
        return self.engine.url.username or ""

    def writer(self) -> RunWriter:
        return ClientWriter(self._url)

    def whole_history(self, run_id: RunId, most_points: int) -> Mapping[str, Points] | None:
        # SQLite finds the rows of a run together; by metric it would scan each metric's rows of all runs.
        query = sa.select(METRICS.c.key, *_POINT_COLUMNS.selected_columns[1:]).where(METRICS.c.run_uuid == run_id)
        with self._connect() as connection:
            rows = connection.execute(query.limit(most_points + 1)).cursor.fetchall()
        return points_by_metric(rows) if len(rows) <= most_points else None

    @property
    def history_threads(self) -> int:
        return 1 if self._dialect == "sqlite" else _HISTORY_THREADS

    def change_marker(self) -> Hashable | None:
        statement = _MARKERS.get(self._dialect)
        if statement is None:
            return None
        with self._marker_lock, translated(self.location):
            try:
                file = sqlite_file.number(self._file) if self._file else None
                if file != self._marker_file:
                    self._drop_marker_connection()
                    self._marker_file = file
                if self._marker_connection is None:
                    self._marker_connection = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
                return file, str(self._marker_connection.exec_driver_sql(statement).scalar_one())
            except sa.exc.DBAPIError:
                self._drop_marker_connection()
                raise

    def artifacts(self, run: Run) -> ArtifactStore:
        return self._artifact_places.open(run)

    def models(self, run: Run) -> Sequence[LoggedModel]:
        if self._has_models is None:
            with translated(self.location, self.engine):
                self._has_models = sql_models.has_models(self.engine)
        if not self._has_models:
            return []
        with self._connect() as connection:
            return sql_models.models(connection, run.id)

    def model_document(self, run: Run, model: LoggedModel) -> bytes:
        return self._artifact_places.open(replace(run, artifact_uri=model.artifact_uri)).read(*MODEL_DOCUMENT)

    def close(self) -> None:
        self._artifact_places.close()
        with self._marker_lock:
            self._drop_marker_connection()
        self.engine.dispose()

    def _drop_marker_connection(self) -> None:
        if self._marker_connection is not None:
            self._marker_connection.invalidate()
            self._marker_connection.close()
            self._marker_connection = None

    def _fetch(self, query: sa.Select[Any]) -> Rows:
        with self._connect() as connection:
            # The driver's own rows: SQLAlchemy's would double the time of a card.
            return connection.execute(query).cursor.fetchall()

    def _pages(self, query: sa.Select[Any]) -> Iterator[Rows]:
        """The rows of `query`, page by page: a million at once would take half a gigabyte."""
        with self._connect() as connection:
            found = connection.execute(query, execution_options={"stream_results": True, "max_row_buffer": 1})
            first = found.fetchone()  # the one that SQLAlchemy holds; the driver has all others
            rows: Rows = [] if first is None else [tuple(first)]
            while rows:
                yield rows
                rows = found.cursor.fetchmany(_ROWS_AT_ONCE)

    @contextlib.contextmanager
    def _connect(self) -> Iterator[sa.Connection]:
        with translated(self.location, self.engine), self.engine.connect() as connection:
            if self._dialect == "postgresql":
                connection.exec_driver_sql(_POSTGRESQL_BOUNDS)
            yield connection


_MARKERS = {
    # https://www.sqlite.org/pragma.html#pragma_data_version: changes when another connection commits; compared
    # on one connection only, which is why the source keeps one.
    "sqlite": "PRAGMA data_version",
    # Two equal snapshots see the same rows. Any writing transaction of the cluster moves it, so it may change in
    # vain, never stay in vain (PostgreSQL manual, "System Information Functions").
    "postgresql": "SELECT txid_current_snapshot()::text",
}

_POSTGRESQL_BOUNDS = (
    f"SELECT set_config('statement_timeout', '{_STATEMENT_TIMEOUT_S * 1000}', true), "
    "set_config('transaction_read_only', 'on', true), set_config('cursor_tuple_fraction', '1', true)"
)
"""For the transaction, in one round trip. A cursor is planned to be read to its end, which all are."""

_RUN_COLUMNS = sa.select(
    RUNS.c.run_uuid,
    RUNS.c.experiment_id,
    RUNS.c.name,
    RUNS.c.status,
    RUNS.c.start_time,
    RUNS.c.end_time,
    RUNS.c.artifact_uri,
)

_POINT_COLUMNS = sa.select(METRICS.c.run_uuid, METRICS.c.step, METRICS.c.timestamp, METRICS.c.value, METRICS.c.is_nan)


def _selecting(selection: Selection) -> sa.Select[Any]:
    wanted = sa.or_(
        RUNS.c.experiment_id.in_([int(id_) for id_ in selection.experiment_ids]),
        RUNS.c.run_uuid.in_(selection.run_ids),
    )
    query = _RUN_COLUMNS.where(RUNS.c.lifecycle_stage == "active", wanted)
    query = query.where(*sql_filters.where(filters.parse(selection.filter)))
    return sql_filters.ordered(query, filters.parse_order_by(selection.order_by)).limit(selection.max_runs)


def _unchanged(run: Run, settled: Run | None) -> bool:
    return settled is not None and (run.status, run.end_time_s, run.display_name, run.experiment_id) == (
        settled.status,
        settled.end_time_s,
        settled.display_name,
        settled.experiment_id,
    )


def _engine(parsed: sa.URL) -> sa.Engine:
    dialect = parsed.get_backend_name()
    options: dict[str, Any] = {"pool_pre_ping": True, "pool_timeout": _STATEMENT_TIMEOUT_S, "max_overflow": 16}
    if dialect == "postgresql" and parsed.get_driver_name() in ("psycopg", "psycopg2"):
        options["connect_args"] = {key: value for key, value in _LIBPQ.items() if key not in parsed.query}
    elif parsed.get_driver_name() in ("pymysql", "mysqldb"):
        options["connect_args"] = {"connect_timeout": _CONNECT_TIMEOUT_S, "read_timeout": _STATEMENT_TIMEOUT_S}
    return sa.create_engine(parsed, **options)


def _with_driver(url: sa.URL) -> sa.URL:
    """`url` with a driver that is installed, where the user named none: SQLAlchemy's default changes with its version."""
    import importlib.util

    if "+" in url.drivername:
        return url
    for driver in _DRIVERS.get(url.drivername, ()):
        if importlib.util.find_spec(driver):
            return url.set(drivername=f"{url.drivername}+{driver.lower()}")
    return url


if TYPE_CHECKING:
    _: RunSource = SqlSource(SqlTarget(""))
    __: HoldsArtifacts = SqlSource(SqlTarget(""))
    ___: WritesRuns = SqlSource(SqlTarget(""))
    ____: KnowsIdentity = SqlSource(SqlTarget(""))
    _____: HoldsModels = SqlSource(SqlTarget(""))
