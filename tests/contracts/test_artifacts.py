"""What every artifact store promises, on every kind of place, with the same files logged by MLflow."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

import pytest

from tb_aml_plugin.errors import ArtifactGone
from tb_aml_plugin.model import Artifact
from tb_aml_plugin.sources.base import ArtifactStore, RunSource
from tests.contracts.artifact_stores import FILES, KINDS, Place, World, store_of

BIG = "folder/b.bin"
ODD = next(path for path in FILES if path.startswith("odd"))
TRICKS = (
    "../a.txt",
    "folder/../../a.txt",
    "/etc/passwd",
    "a.txt\0",
    "folder//b.bin",
    "./a.txt",
    "..",
    "n" * 300,
    "C:/a",
)


@pytest.fixture(scope="module")
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with contextlib.ExitStack() as running:
        yield World(tmp_path_factory.mktemp("artifacts"), running, lambda: request.getfixturevalue("azure"))


@pytest.fixture(scope="module", params=list(KINDS))
def place(request: pytest.FixtureRequest, world: World) -> Place:
    return KINDS[request.param](world)


@pytest.fixture
def source(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunSource]:
    for name, value in place.environ.items():
        monkeypatch.setenv(name, value)
    source = place.connect()
    yield source
    source.close()


@pytest.fixture
def store(source: RunSource, place: Place) -> ArtifactStore:
    return store_of(source, place.run_id)


def test_a_folder_is_listed_one_level_deep_by_path(store: ArtifactStore, place: Place) -> None:
    top = store.list()
    assert [artifact.path for artifact in top if artifact.is_folder] == ["folder", "odd + names"]
    # MLflow's servers do not say the size of an empty file.
    sizes = {artifact.path: artifact.size_bytes or 0 for artifact in top if not artifact.is_folder}
    assert sizes == {path: len(content) * place.tells_sizes for path, content in FILES.items() if "/" not in path}
    assert [artifact.path for artifact in top] == sorted(artifact.path for artifact in top)
    assert list(store.list("folder")) == [
        Artifact(BIG, size_bytes=300_000 if place.tells_sizes else None),
        Artifact("folder/deeper", is_folder=True),
    ]
    assert [artifact.path for artifact in store.list("folder/deeper")] == ["folder/deeper/c.json"]
    assert [artifact.path for artifact in store.list("odd + names")] == [ODD]


@pytest.mark.parametrize("folder", ["no such folder", "a.txt", "folder/no such", *TRICKS])
def test_what_is_no_folder_holds_nothing(store: ArtifactStore, folder: str) -> None:
    assert list(store.list(folder)) == []


def test_a_run_without_artifacts_has_none(source: RunSource, place: Place) -> None:
    store = store_of(source, place.bare_run_id)
    assert list(store.list()) == []
    with pytest.raises(ArtifactGone):
        store.read("a.txt")


@pytest.mark.parametrize("path", FILES)
def test_a_file_is_read_whole(store: ArtifactStore, path: str) -> None:
    assert store.read(path) == FILES[path]


@pytest.mark.parametrize(
    ("start", "length"),
    [
        (0, 0),
        (0, 1),
        (0, 10),
        (1000, 100),
        (299_990, 100),
        (299_999, None),
        (300_000, 5),
        (300_000, None),
        (400_000, 1),
    ],
)
def test_a_range_is_read(store: ArtifactStore, start: int, length: int | None) -> None:
    end = None if length is None else start + length
    assert store.read(BIG, start, length) == FILES[BIG][start:end]


@pytest.mark.parametrize(
    "path", ["no such file", "folder/no such file", "no such/folder/a", "folder", "a.txt/b", "", *TRICKS]
)
def test_what_is_no_file_is_gone(store: ArtifactStore, path: str) -> None:
    with pytest.raises(ArtifactGone):
        store.read(path)
    with pytest.raises(ArtifactGone):
        store.read(path, 0, 10)


def test_a_file_that_grows_is_read_as_it_is_now(source: RunSource, place: Place) -> None:
    place.write("live/growing", b"one")
    assert store_of(source, place.run_id).read("live/growing") == b"one"
    place.write("live/growing", b"one two")
    later = place.connect()
    with contextlib.closing(later):
        assert store_of(later, place.run_id).read("live/growing", 3) == b" two"
        assert store_of(later, place.run_id).list("live") == [
            Artifact("live/growing", size_bytes=7 if place.tells_sizes else None)
        ]


def test_a_file_that_was_deleted_is_gone(source: RunSource, place: Place) -> None:
    place.write("live/short", b"x")
    assert "live/short" in [artifact.path for artifact in store_of(source, place.run_id).list("live")]
    place.remove("live/short")
    with pytest.raises(ArtifactGone):
        store_of(source, place.run_id).read("live/short")
    assert "live/short" not in [artifact.path for artifact in store_of(source, place.run_id).list("live")]


def test_eight_threads_may_read_at_once(store: ArtifactStore) -> None:
    results: list[bool] = []

    def read(number: int) -> None:
        start = number * 1000
        results.append(store.read(BIG, start, 1000) == FILES[BIG][start : start + 1000])

    threads = [threading.Thread(target=read, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert results == [True] * 8
