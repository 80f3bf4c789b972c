"""Which store a run's artifact URI opens, what it says when none can, and the files that had to be fetched whole."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from tb_aml_plugin.errors import AccessDenied, ArtifactGone, ArtifactTooLarge, SourceUnavailable
from tb_aml_plugin.model import ExperimentId, Run, RunId, RunStatus
from tb_aml_plugin.sources.artifact_places import ArtifactPlaces
from tb_aml_plugin.sources.base import ArtifactStore
from tb_aml_plugin.sources.downloads import Downloads
from tb_aml_plugin.sources.repository_artifacts import RepositoryArtifacts
from tests.support.fake_clock import FakeClock
from tests.support.leftovers import python


def _open(uri: str) -> ArtifactStore:
    run = Run(RunId("r"), ExperimentId("e"), "", RunStatus.RUNNING, None, None, artifact_uri=uri)
    return ArtifactPlaces().open(run)


@pytest.mark.parametrize("form", ["{}", "file://{}", "file://localhost{}"])
def test_a_folder_is_named_in_several_ways(tmp_path: Path, form: str) -> None:
    (tmp_path / "file").write_text("mine")
    assert _open(form.format(tmp_path)).read("file") == b"mine"


@pytest.mark.parametrize(
    ("uri", "says"),
    [
        ("", "does not say"),
        ("mlflow-artifacts:/1/r/artifacts", "--aml_tracking_uri http://host:5000"),
        ("mlflow-artifacts://user:secret@host:5000/1/r/artifacts", "--aml_tracking_uri"),
        ("https://user:secret@host/api/2.0/mlflow-artifacts/artifacts", "--aml_tracking_uri"),
        ("ipfs://x/y?token=secret", "Known are"),
        ("file://host/share", "names a host"),
    ],
)
def test_a_place_that_cannot_be_reached_says_why_and_no_secret(uri: str, says: str) -> None:
    with pytest.raises(AccessDenied) as raised:
        _open(uri)
    assert says in str(raised.value)
    assert "secret" not in str(raised.value)


class _Failing:
    def __init__(self, error: Exception) -> None:
        self._error = error

    def list_artifacts(self, path: str | None) -> None:
        raise self._error


class _Boto(Exception):
    def __init__(self, status: int) -> None:
        super().__init__("https://bucket/key?X-Amz-Signature=secret")
        self.response = {"ResponseMetadata": {"HTTPStatusCode": status}}


class NoCredentialsError(Exception):
    pass


class _Azure(Exception):
    status_code = 403


@pytest.mark.parametrize(
    ("error", "kind", "says"),
    [
        (ModuleNotFoundError("No module named 'boto3'"), AccessDenied, "pip install boto3"),
        (_Boto(403), AccessDenied, "AWS_ACCESS_KEY_ID"),
        (NoCredentialsError(), AccessDenied, "AWS_PROFILE"),
        (_Azure("sig=secret"), AccessDenied, "refuses us"),
        (_Boto(503), SourceUnavailable, "Trying again"),
        (TimeoutError(), SourceUnavailable, "Trying again"),
    ],
)
def test_what_a_storage_client_raises_becomes_ours_without_its_words(
    error: Exception, kind: type[Exception], says: str
) -> None:
    store = RepositoryArtifacts("s3://bucket/path", Downloads())
    store._made = _Failing(error)
    with pytest.raises(kind) as raised:
        store.list()
    assert says in str(raised.value)
    assert "secret" not in str(raised.value)


class _Listing:
    """A store that names files as it likes; counts what is fetched."""

    def __init__(self, *paths: str) -> None:
        self._paths = paths

    def list_artifacts(self, path: str | None) -> list[SimpleNamespace]:
        return [SimpleNamespace(path=path, is_dir=False, file_size=1) for path in self._paths]


def test_names_that_lead_elsewhere_are_not_listed() -> None:
    tricks = (
        "../x",
        "/etc/passwd",
        "a\0b",
        "..",
        "a/../../x",
        "..\\x",
        "C:/x",
        "n" * 300,
        "folder/not of this one",
        "",
    )
    store = RepositoryArtifacts("s3://bucket/path", Downloads())
    store._made = _Listing("mine.txt", *tricks)
    assert [artifact.path for artifact in store.list()] == ["mine.txt"]


class _Place:
    """Files elsewhere, of which `fetch` brings one whole."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.fetched: list[str] = []

    def read(self, downloads: Downloads, name: str, start: int = 0, length: int | None = None) -> bytes:
        return downloads.read(name, lambda: self._size(name), lambda path: self._fetch(name, path), start, length)

    def _size(self, name: str) -> int:
        if name not in self.files:
            raise ArtifactGone("gone")
        return len(self.files[name])

    def _fetch(self, name: str, path: str) -> None:
        self.fetched.append(name)
        Path(path).write_bytes(self.files[name])


FETCHING = """
import os, pathlib, signal, sys
from tb_aml_plugin.sources.downloads import Downloads
signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
downloads = Downloads()
downloads.read("a", lambda: 1, lambda path: pathlib.Path(path).write_text("a"), 0, None)
print("fetched")
"""


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def downloads(clock: FakeClock) -> Iterator[Downloads]:
    downloads = Downloads(budget_bytes=100, now_s=clock)
    yield downloads
    downloads.close()


@pytest.fixture
def place() -> _Place:
    place = _Place()
    place.files = {name: name.encode() * 40 for name in "abc"}
    return place


def test_a_file_is_fetched_once_for_many_ranges(downloads: Downloads, place: _Place) -> None:
    assert b"".join(place.read(downloads, "a", start, 10) for start in range(0, 50, 10)) == b"a" * 40
    assert place.fetched == ["a"]


def test_a_file_that_grew_is_fetched_again_after_a_while(downloads: Downloads, place: _Place, clock: FakeClock) -> None:
    place.read(downloads, "a")
    place.files["a"] += b"!"
    clock.advance(60)
    assert place.read(downloads, "a", 40) == b"!"
    clock.advance(60)
    assert place.read(downloads, "a", 40) == b"!"
    assert place.fetched == ["a", "a"]


@pytest.mark.parametrize("ending", ["", "signal.raise_signal(signal.SIGTERM)"])
def test_nothing_is_left_when_the_process_ends_without_closing(ending: str, tmp_path: Path) -> None:
    """As TensorBoard does, which exits on SIGTERM with a handler of its own."""
    with python(FETCHING + ending, tmp_path) as program:
        assert program.line() == "fetched"
        program.process.wait(30)
        assert list(tmp_path.iterdir()) == []


def test_a_fork_that_ends_takes_nothing_away(tmp_path: Path) -> None:
    with python(FETCHING + "os.fork() and (os.wait(), print(os.listdir(os.environ['TMPDIR'])))", tmp_path) as program:
        assert program.line() == "fetched"
        assert program.line().startswith("['tb-aml-")


def test_the_files_read_longest_ago_make_room(downloads: Downloads, place: _Place) -> None:
    for name in "abac":
        place.read(downloads, name)
    place.read(downloads, "a")
    assert place.fetched == ["a", "b", "c"]
    place.read(downloads, "b")
    assert place.fetched == ["a", "b", "c", "b"]
    assert sum(path.stat().st_size for path in _folder(downloads).iterdir()) <= 100


def test_a_file_larger_than_all_that_is_kept_is_not_fetched(downloads: Downloads, place: _Place) -> None:
    place.files["a"] = b"a" * 101
    with pytest.raises(ArtifactTooLarge):
        place.read(downloads, "a", 0, 1)
    assert place.fetched == []


def test_a_file_that_is_gone_leaves_nothing(downloads: Downloads, place: _Place, clock: FakeClock) -> None:
    place.read(downloads, "a")
    del place.files["a"]
    clock.advance(60)
    with pytest.raises(ArtifactGone):
        place.read(downloads, "a")


def test_the_folder_is_private_and_goes_with_the_end(downloads: Downloads, place: _Place) -> None:
    place.read(downloads, "a")
    folder = _folder(downloads)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    downloads.close()
    assert not folder.exists()
    with pytest.raises(SourceUnavailable):
        place.read(downloads, "a")


def _folder(downloads: Downloads) -> Path:
    assert downloads._folder is not None
    return downloads._folder
