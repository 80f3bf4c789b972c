"""The kinds of places that hold runs, each with the same history in it. A new source is a line in `KINDS`."""

from __future__ import annotations

import contextlib
import importlib.util
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tb_aml_plugin import sources, target
from tb_aml_plugin.sources.base import RunSource
from tb_aml_plugin.target import Target
from tests.support.history import write_history
from tests.support.mlflow_server import mlflow_server
from tests.support.postgres import postgres
from tests.support.workspace import mlflow_environ, mlflow_url, trusted, workspace_environ, workspace_target


@dataclass(frozen=True)
class Place:
    """A place as MLflow's client and ours are told of it, and the ids of the runs in it by name.

    Attributes:
      write_environ, read_environ: what each needs in its environment.
    """

    write_uri: str
    read: Target
    ids: dict[str, str]
    write_environ: Mapping[str, str] = field(default_factory=dict)
    read_environ: Mapping[str, str] = field(default_factory=dict)

    def connect(self) -> RunSource:
        """A source of ours that reads it."""
        return sources.connect(self.read, self.read_environ)


@contextlib.contextmanager
def sqlite(folder: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    yield Place(uri, target.parse(uri), write_history(uri, folder))


@contextlib.contextmanager
def postgresql(folder: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    with postgres() as uri:
        # MLflow 2 writes with psycopg2 only: it compares numbers with texts, which psycopg refuses.
        write_uri = uri.replace("+psycopg:", "+psycopg2:") if importlib.util.find_spec("psycopg2") else uri
        yield Place(write_uri, target.parse(uri), write_history(write_uri, folder))


@contextlib.contextmanager
def files(folder: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    # MLflow 3 writes folders only when it is told that this is meant.
    before = os.environ.get("MLFLOW_ALLOW_FILE_STORE")
    os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
    try:
        uri = (folder / "mlruns").as_uri()
        yield Place(uri, target.parse(uri), write_history(uri, folder / "artifacts"))
    finally:
        os.environ.pop("MLFLOW_ALLOW_FILE_STORE") if before is None else None


@contextlib.contextmanager
def server(folder: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    store = f"sqlite:///{folder / 'served.db'}"
    ids = write_history(store, folder)
    with mlflow_server(store) as running:
        yield Place(store, target.parse(running.url), ids)


@contextlib.contextmanager
def workspace(folder: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    """An Azure ML workspace; MLflow's client writes through its MLflow endpoint."""
    azure = request.getfixturevalue("azure")
    environ = mlflow_environ(azure)
    with trusted(azure), pytest.MonkeyPatch.context() as patch:
        for name, value in environ.items():
            patch.setenv(name, value)
        ids = write_history(mlflow_url(azure), folder)
        yield Place(mlflow_url(azure), workspace_target(azure), ids, environ, workspace_environ(azure))


KINDS: dict[str, Callable[[Path, pytest.FixtureRequest], AbstractContextManager[Place]]] = {
    "sqlite": sqlite,
    "postgresql": postgresql,
    "files": files,
    "server": server,
    "workspace": workspace,
}
