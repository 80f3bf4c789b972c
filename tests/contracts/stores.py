"""The kinds of places that hold runs, each with the same history in it. A new source is a line in `KINDS`."""

from __future__ import annotations

import contextlib
import importlib.util
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from tb_aml_plugin import sources, target
from tb_aml_plugin.sources.base import RunSource
from tests.support.history import write_history
from tests.support.mlflow_server import mlflow_server
from tests.support.postgres import postgres


@dataclass(frozen=True)
class Place:
    """A place as MLflow's client and ours are told of it, and the ids of the runs in it by name."""

    write_uri: str
    read_uri: str
    ids: dict[str, str]

    def connect(self) -> RunSource:
        """A source of ours that reads it."""
        return sources.connect(target.parse(self.read_uri), {})


@contextlib.contextmanager
def sqlite(folder: Path) -> Iterator[Place]:
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    yield Place(uri, uri, write_history(uri, folder))


@contextlib.contextmanager
def postgresql(folder: Path) -> Iterator[Place]:
    with postgres() as uri:
        # MLflow 2 writes with psycopg2 only: it compares numbers with texts, which psycopg refuses.
        write_uri = uri.replace("+psycopg:", "+psycopg2:") if importlib.util.find_spec("psycopg2") else uri
        yield Place(write_uri, uri, write_history(write_uri, folder))


@contextlib.contextmanager
def files(folder: Path) -> Iterator[Place]:
    # MLflow 3 writes folders only when it is told that this is meant.
    before = os.environ.get("MLFLOW_ALLOW_FILE_STORE")
    os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
    try:
        uri = (folder / "mlruns").as_uri()
        yield Place(uri, uri, write_history(uri, folder / "artifacts"))
    finally:
        os.environ.pop("MLFLOW_ALLOW_FILE_STORE") if before is None else None


@contextlib.contextmanager
def server(folder: Path) -> Iterator[Place]:
    store = f"sqlite:///{folder / 'served.db'}"
    ids = write_history(store, folder)
    with mlflow_server(store) as running:
        yield Place(store, running.url, ids)


KINDS: dict[str, Callable[[Path], AbstractContextManager[Place]]] = {
    "sqlite": sqlite,
    "postgresql": postgresql,
    "files": files,
    "server": server,
}
