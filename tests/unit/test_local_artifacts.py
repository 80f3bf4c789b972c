"""A folder of artifacts that strangers wrote."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tb_aml_plugin.errors import AccessDenied, ArtifactGone
from tb_aml_plugin.model import Artifact
from tb_aml_plugin.sources.local_artifacts import LocalArtifacts


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "artifacts"
    root.mkdir()
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "artifacts of another").mkdir()
    (tmp_path / "artifacts of another" / "secret").write_text("secret")
    (root / "file").write_text("mine")
    return root


@pytest.mark.parametrize(
    "target", ["../secret", "../artifacts of another/secret", "/etc/passwd", "no such file", "link", "."]
)
def test_a_link_out_of_the_artifacts_is_not_there(root: Path, target: str) -> None:
    (root / "link").symlink_to(target)
    assert "link" not in [artifact.path for artifact in LocalArtifacts(root).list() if not artifact.is_folder]
    with pytest.raises(ArtifactGone):
        LocalArtifacts(root).read("link")


def test_a_linked_folder_out_of_the_artifacts_is_not_there(root: Path) -> None:
    (root / "link").symlink_to("../artifacts of another")
    store = LocalArtifacts(root)
    assert list(store.list("link")) == []
    assert [artifact.path for artifact in store.list()] == ["file"]
    with pytest.raises(ArtifactGone):
        store.read("link/secret")


def test_a_link_within_is_followed(root: Path) -> None:
    (root / "latest").symlink_to("file")
    assert LocalArtifacts(root).read("latest") == b"mine"
    assert Artifact("latest", size_bytes=4) in LocalArtifacts(root).list()


def test_a_link_back_up_is_not_there_and_one_aside_is(root: Path) -> None:
    (root / "a" / "b").mkdir(parents=True)
    (root / "a" / "b" / "up").symlink_to("../..")
    (root / "a" / "self").symlink_to(".")
    (root / "a" / "file").write_bytes(b"x")
    (root / "latest").symlink_to("a")
    store = LocalArtifacts(root)
    assert [artifact.path for artifact in store.list("a")] == ["a/b", "a/file"]
    assert list(store.list("a/b")) == []
    assert Artifact("latest", is_folder=True) in store.list()
    assert Artifact("latest/file", size_bytes=1) in store.list("latest")


def test_the_root_itself_may_be_a_link(root: Path, tmp_path: Path) -> None:
    (tmp_path / "linked").symlink_to(root)
    assert LocalArtifacts(tmp_path / "linked").read("file") == b"mine"


def test_a_pipe_is_no_artifact_and_keeps_nobody_waiting(root: Path) -> None:
    os.mkfifo(root / "pipe")
    assert [artifact.path for artifact in LocalArtifacts(root).list()] == ["file"]
    with pytest.raises(ArtifactGone):
        LocalArtifacts(root).read("pipe")


@pytest.mark.parametrize("name", ["#", "a#b%step%1", "per%41cent", "line\nbreak", "quote\"'", "-rf", "~"])
def test_any_name_that_a_file_can_have_is_read(root: Path, name: str) -> None:
    (root / name).write_text("odd")
    assert LocalArtifacts(root).read(name) == b"odd"
    assert Artifact(name, size_bytes=3) in LocalArtifacts(root).list()


def test_of_several_roots_the_first_that_exists_counts(root: Path, tmp_path: Path) -> None:
    assert LocalArtifacts(tmp_path / "nowhere", root).read("file") == b"mine"


def test_a_folder_of_another_machine_is_told_from_a_run_without_artifacts(tmp_path: Path) -> None:
    assert list(LocalArtifacts(tmp_path / "mlruns" / "1" / "run" / "artifacts").list()) == []
    with pytest.raises(AccessDenied, match="not on this machine"):
        LocalArtifacts(tmp_path / "home" / "of another" / "mlruns" / "1" / "run" / "artifacts").list()
