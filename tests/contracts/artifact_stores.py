"""The kinds of places that hold artifacts, each with the same files. A new store is a line in `KINDS`."""

from __future__ import annotations

import contextlib
import functools
import os
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from mlflow.tracking import MlflowClient

from tb_aml_plugin import sources, target
from tb_aml_plugin.model import RunId
from tb_aml_plugin.sources.base import ArtifactStore, HoldsArtifacts, RunSource
from tests.emulator import Emulator, scenarios
from tests.emulator.azurite import ACCOUNT, CONTAINER
from tests.support import gcs
from tests.support.mlflow_server import mlflow_server
from tests.support.s3 import BUCKET, s3
from tests.support.workspace import trusted, workspace_environ, workspace_target

FILES = {
    "a.txt": b"0123456789",
    "empty": b"",
    "folder/b.bin": random.Random(0).randbytes(300_000),
    "folder/deeper/c.json": b"{}",
    "folder.txt": b"beside a folder",
    "odd + names/größe 名前 100%+&=;~!@$.txt": b"odd",
}


@dataclass(frozen=True)
class Place:
    """A run with `FILES` and one without any, and how MLflow and a source of ours are told of them.

    Attributes:
      tells_sizes: whether a listing says how large files are.
    """

    write_uri: str
    read_uri: str
    artifact_uri: str
    run_id: RunId
    bare_run_id: RunId
    environ: Mapping[str, str] = field(default_factory=dict)
    tells_sizes: bool = True

    def connect(self) -> RunSource:
        """A source of ours that reads it."""
        return sources.connect(target.parse(self.read_uri), {})

    def write(self, path: str, content: bytes) -> None:
        """Logs a file, or the same one anew, as MLflow's client does."""
        with TemporaryDirectory() as folder:
            file = Path(folder, Path(path).name)
            file.write_bytes(content)
            self._repository().log_artifact(str(file), str(Path(path).parent) if "/" in path else None)

    def remove(self, path: str) -> None:
        """Deletes a file."""
        self._repository().delete_artifacts(path)

    def _repository(self):
        return get_artifact_repository(self.artifact_uri, tracking_uri=self.write_uri)


@dataclass(frozen=True)
class WorkspacePlace(Place):
    """The same in an Azure ML workspace, whose files are in a blob store behind signed addresses."""

    azure: Emulator | None = None

    def connect(self) -> RunSource:
        return sources.connect(workspace_target(self._azure), workspace_environ(self._azure))

    def write(self, path: str, content: bytes) -> None:
        self._azure.blobs.put(self._azure.history.runs[self.run_id], path, content)

    def remove(self, path: str) -> None:
        del self._azure.history.runs[self.run_id].artifacts[path]

    @property
    def _azure(self) -> Emulator:
        assert self.azure
        return self.azure


class World:
    """What kinds have in common: one MLflow server, one S3 server and one workspace, each started when it is wanted."""

    def __init__(self, folder: Path, running: contextlib.ExitStack, azure: Callable[[], Emulator]) -> None:
        self.folder = folder
        self._running = running
        self._azure = azure

    @functools.cached_property
    def azure(self) -> Emulator:
        found = self._azure()
        self._running.enter_context(trusted(found))
        return found

    @functools.cached_property
    def s3_environ(self) -> Mapping[str, str]:
        return self._running.enter_context(s3())

    @functools.cached_property
    def gcs_environ(self) -> Mapping[str, str]:
        return self._running.enter_context(gcs.gcs())

    @functools.cached_property
    def server_url(self) -> str:
        store = f"sqlite:///{self.folder / 'served.db'}"
        return self._running.enter_context(mlflow_server(store, environ=self.s3_environ)).url

    def folder_uri(self, name: str) -> str:
        """Of a folder for artifacts."""
        return (self.folder / name).as_uri()


def local(world: World) -> Place:
    """A database here, artifacts in a folder."""
    return _written(f"sqlite:///{world.folder / 'local.db'}", world.folder_uri("local artifacts"))


def bucket(world: World) -> Place:
    """A database here, artifacts in a bucket."""
    uri = f"sqlite:///{world.folder / 'bucket.db'}"
    return _written(uri, f"s3://{BUCKET}/mine", world.s3_environ)


def google_bucket(world: World) -> Place:
    """A database here, artifacts in Google Cloud Storage."""
    return _written(f"sqlite:///{world.folder / 'google.db'}", f"gs://{gcs.BUCKET}/mine", world.gcs_environ)


def blobs(world: World) -> Place:
    """A database here, artifacts in Azure Blob Storage, found by a connection string as MLflow's client finds it."""
    store = world.azure.blobs.azurite
    assert store
    parts = ("DefaultEndpointsProtocol=http", f"AccountName={ACCOUNT}", f"AccountKey={store.key}")
    environ = {"AZURE_STORAGE_CONNECTION_STRING": ";".join((*parts, f"BlobEndpoint={store.url}/{ACCOUNT}"))}
    location = f"wasbs://{CONTAINER}@{ACCOUNT}.blob.core.windows.net/mine"
    return _written(f"sqlite:///{world.folder / 'blobs.db'}", location, environ)


def moved_files(world: World) -> Place:
    """The folder of MLflow's file store, moved since it was written."""
    before, after = world.folder / "before", world.folder / "after"
    with environment({"MLFLOW_ALLOW_FILE_STORE": "true"}):
        written = _written(before.as_uri(), None)
    before.rename(after)
    artifacts = written.artifact_uri.replace(before.as_uri(), after.as_uri())
    return Place(after.as_uri(), str(after), artifacts, written.run_id, written.bare_run_id)


def served(world: World) -> Place:
    """A server that hands artifacts out and keeps them where only it knows (``mlflow-artifacts:``)."""
    return _written(world.server_url, None)


def servers_folder(world: World) -> Place:
    """A server, artifacts in a folder that it can reach."""
    return _written(world.server_url, world.folder_uri("server's artifacts"))


def servers_bucket(world: World) -> Place:
    """A server, artifacts in a bucket of which we have no key."""
    return _written(world.server_url, f"s3://{BUCKET}/server's", world.s3_environ)


def workspace(world: World) -> Place:
    """An Azure ML workspace."""
    azure = world.azure
    run = scenarios.add_run(azure, "artifacts", "run-with-artifacts")
    bare = scenarios.add_run(azure, "artifacts", "run-without-artifacts")
    place = WorkspacePlace("", "", "", RunId(run.id), RunId(bare.id), tells_sizes=False, azure=azure)
    for path, content in FILES.items():
        place.write(path, content)
    return place


KINDS: dict[str, Callable[[World], Place]] = {
    "folder": local,
    "file store": moved_files,
    "bucket": bucket,
    "Google's bucket": google_bucket,
    "Azure blobs": blobs,
    "server": served,
    "server's folder": servers_folder,
    "server's bucket": servers_bucket,
    "workspace": workspace,
}


def store_of(source: RunSource, run_id: RunId) -> ArtifactStore:
    """The artifacts of a run."""
    assert isinstance(source, HoldsArtifacts)
    (run,) = source.find_runs([run_id])
    return source.artifacts(run)


@contextlib.contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """The process's environment with `variables` in it."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def _written(uri: str, artifact_location: str | None, environ: Mapping[str, str] | None = None) -> Place:
    environ = environ or {}
    client = MlflowClient(tracking_uri=uri)
    experiment = client.create_experiment(f"artifacts of {uri} at {artifact_location}"[:100], artifact_location)
    run, bare = client.create_run(experiment), client.create_run(experiment)
    place = Place(uri, uri, run.info.artifact_uri, RunId(run.info.run_id), RunId(bare.info.run_id), environ)
    with environment(environ):
        for path, content in FILES.items():
            place.write(path, content)
    return place
