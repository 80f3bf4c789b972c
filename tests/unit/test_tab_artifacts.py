"""Artifacts on the page: listed, looked at, downloaded."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator

import pytest

from tb_aml_plugin.errors import AccessDenied, SourceUnavailable
from tb_aml_plugin.media import RunMedia
from tb_aml_plugin.model import Artifact
from tb_aml_plugin.tab import zips
from tests.support.board_builder import BoardBuilder, id_of
from tests.support.memory_artifacts import MemoryArtifacts, hold
from tests.support.tab import Tab, refusal, tab

RUN = id_of("a")
PICTURE = b"\x89PNG" + bytes(range(256)) * 10
PAGE = b"<script>parent.document.title='mine'</script><h1>report</h1>"
FILES = {
    "model/MLmodel": b"flavors:",
    "model/data/weights.bin": bytes(1000),
    "plots/loss.png": PICTURE,
    "report.html": PAGE,
    "notes/read me é.md": "# hé".encode(),
    "vector.svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "metrics.json": b'{"a": 1}',
}


@pytest.fixture
def store() -> MemoryArtifacts:
    return MemoryArtifacts()


@pytest.fixture
def running() -> Iterator[Tab]:
    built = BoardBuilder().experiment("ridge").run("a", end=1.7e9)
    hold(built, "a", dict(FILES))
    with tab(built) as running:
        yield running


def stored(running: Tab) -> MemoryArtifacts:
    found: MemoryArtifacts = running.desk.source.artifacts(running.desk.board.snapshot.runs["ridge/a"])  # type: ignore[attr-defined]
    return found


def test_a_folder_is_listed_one_level_deep_folders_first(running: Tab) -> None:
    found = running.get("/api/artifacts", run=RUN)
    assert [(a["path"], a["is_folder"], a["size_bytes"], a["preview"]) for a in found["artifacts"]] == [
        ("model", True, None, "none"),
        ("notes", True, None, "none"),
        ("plots", True, None, "none"),
        ("metrics.json", False, 8, "json"),
        ("report.html", False, len(PAGE), "html"),
        ("vector.svg", False, len(FILES["vector.svg"]), "image"),
    ]
    assert [a["name"] for a in running.get("/api/artifacts", run=RUN, folder="model")["artifacts"]] == [
        "data",
        "MLmodel",
    ]
    assert running.get("/api/artifacts", run=RUN, folder="nothing")["artifacts"] == []


def test_a_picture_is_served_as_one_and_can_do_nothing(running: Tab) -> None:
    response = running.ask("/api/artifacts/file", {"run": RUN, "path": "plots/loss.png"})
    assert response.data == PICTURE
    assert response.headers["Content-Type"] == "image/png"
    assert response.headers["Content-Length"] == str(len(PICTURE))
    for path in ("plots/loss.png", "vector.svg"):
        response = running.ask("/api/artifacts/file", {"run": RUN, "path": path})
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


@pytest.mark.parametrize("path", ["report.html", "model/data/weights.bin", "metrics.json", "model/MLmodel"])
def test_what_could_act_is_only_ever_a_download(running: Tab, path: str) -> None:
    response = running.ask("/api/artifacts/file", {"run": RUN, "path": path})
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"].startswith("attachment;")


def test_a_download_has_its_name_whatever_is_in_it(running: Tab) -> None:
    response = running.ask("/api/artifacts/file", {"run": RUN, "path": "notes/read me é.md", "download": "1"})
    assert response.headers["Content-Disposition"] == (
        "attachment; filename=\"read_me_.md\"; filename*=UTF-8''read%20me%20%C3%A9.md"
    )
    stored(running).files['a"; x=\r\n.txt'] = b"x"
    stored(running).files['b"x.txt'] = b"x"
    response = running.ask("/api/artifacts/file", {"run": RUN, "path": 'b"x.txt', "download": "1"})
    assert '"b_x.txt"' in response.headers["Content-Disposition"]
    assert refusal(running.ask("/api/artifacts/file", {"run": RUN, "path": 'a"; x=\r\n.txt'}))[0] == 404


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [("bytes=0-9", 0, 9), ("bytes=2000-", 2000, 2563), ("bytes=-4", 2560, 2563), ("bytes=5-99999", 5, 2563)],
)
def test_a_range_is_given_alone(running: Tab, wanted: str, first: int, last: int) -> None:
    store = stored(running)
    response = running.ask("/api/artifacts/file", {"run": RUN, "path": "plots/loss.png"}, headers={"Range": wanted})
    assert response.status_code == 206
    assert response.data == PICTURE[first : last + 1]
    assert response.headers["Content-Range"] == f"bytes {first}-{last}/{len(PICTURE)}"
    assert response.headers["Content-Length"] == str(last - first + 1)
    assert store.bytes_read == last - first + 1


@pytest.mark.parametrize("wanted", ["bytes=0-1,4-5", "lines=1-2", "nonsense", "bytes=9-2"])
def test_a_range_that_is_odd_gets_everything(running: Tab, wanted: str) -> None:
    response = running.ask("/api/artifacts/file", {"run": RUN, "path": "plots/loss.png"}, headers={"Range": wanted})
    assert (response.status_code, response.data) == (200, PICTURE)


def test_a_range_behind_the_end_is_refused(running: Tab) -> None:
    response = running.ask(
        "/api/artifacts/file", {"run": RUN, "path": "plots/loss.png"}, headers={"Range": "bytes=9999-"}
    )
    assert refusal(response) == (416, f"The file has only {len(PICTURE)} bytes.")


def test_head_tells_the_size_and_reads_nothing(running: Tab) -> None:
    response = running.method("HEAD", f"/api/artifacts/file?run={RUN}&path=plots/loss.png")
    assert (response.status_code, response.data) == (200, b"")
    assert response.headers["Content-Length"] == str(len(PICTURE))
    assert stored(running).bytes_read == 0


def test_a_file_of_unknown_size_comes_whole(running: Tab) -> None:
    store = stored(running)
    store.knows_sizes = False
    store.files["long.mp4"] = bytes(range(256)) * 10_000
    response = running.ask("/api/artifacts/file", {"run": RUN, "path": "long.mp4"}, headers={"Range": "bytes=0-"})
    assert (response.status_code, response.data) == (200, store.files["long.mp4"])


def test_the_size_of_a_file_that_was_listed_is_not_asked_for_again(running: Tab) -> None:
    store = stored(running)
    run = running.desk.board.snapshot.runs["ridge/a"]
    file = Artifact("plots/loss.png", size_bytes=len(PICTURE))
    running.desk.media.put(RunMedia(run.id, files=(file,), complete=True))
    asked: list[str] = []
    store.list = lambda folder="": asked.append(folder) or []  # type: ignore[method-assign,func-returns-value,assignment]
    response = running.ask(
        "/api/artifacts/file", {"run": RUN, "path": "plots/loss.png"}, headers={"Range": "bytes=1-3"}
    )
    assert (response.status_code, response.data, asked) == (206, PICTURE[1:4], [])


def test_a_page_is_for_a_frame_that_may_do_nothing(running: Tab) -> None:
    response = running.ask("/api/artifacts/page", {"run": RUN, "path": "report.html"})
    assert response.data == PAGE
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "script" not in policy
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"


def test_a_page_too_large_for_a_frame_is_refused(running: Tab) -> None:
    stored(running).files["big.html"] = bytes(33 * 2**20)
    code, message = running.refused("/api/artifacts/page", run=RUN, path="big.html")
    assert code == 413
    assert "Download it" in message


def test_a_text_comes_up_to_a_bound_and_says_so(running: Tab) -> None:
    store = stored(running)
    store.files["long.txt"] = b"x" * 1_000_000
    found = running.get("/api/text", run=RUN, path="long.txt")
    assert (len(found["text"]), found["truncated"], found["size_bytes"]) == (256 * 1024, True, 1_000_000)
    assert store.bytes_read <= 256 * 1024 + 1
    short = running.get("/api/text", run=RUN, path="notes/read me é.md")
    assert (short["text"], short["truncated"], short["binary"]) == ("# hé", False, False)


@pytest.mark.parametrize(
    ("content", "text", "binary"),
    [
        (b"\x00\x01\x02", "", True),
        (b"\xff\xfeh\x00i\x00", "hi", False),
        (b"\xef\xbb\xbfhi", "hi", False),
        (b"ok \xff\xfe\x80", "ok ���", False),
        ("\u202egnp.exe <script>".encode(), "\u202egnp.exe <script>", False),
        (b"", "", False),
    ],
)
def test_bytes_that_are_no_utf8_are_told_apart(running: Tab, content: bytes, text: str, binary: bool) -> None:
    stored(running).files["odd.txt"] = content
    found = running.get("/api/text", run=RUN, path="odd.txt")
    assert (found["text"], found["binary"]) == (text, binary)


PATH_TRICKS = [
    "../secret",
    "model/../../secret",
    "/etc/passwd",
    "C:/Windows/x",
    "..\\secret",
    "a\\..\\b",
    "model//x",
    "./x",
    "model/.",
    "x\0y",
    "x\ny",
    "a/" * 3000 + "b",
    "",
]


@pytest.mark.parametrize("path", PATH_TRICKS)
@pytest.mark.parametrize("address", ["artifacts/file", "artifacts/page", "text", "logs/part", "logs/find"])
def test_a_path_trick_is_no_file(running: Tab, address: str, path: str) -> None:
    assert running.refused(f"/api/{address}", run=RUN, path=path)[0] == 404
    assert stored(running).bytes_read == 0


@pytest.mark.parametrize("folder", [trick for trick in PATH_TRICKS if trick.strip("/") not in ("", "etc/passwd")])
@pytest.mark.parametrize("address", ["artifacts", "artifacts/zip"])
def test_a_path_trick_is_no_folder(running: Tab, address: str, folder: str) -> None:
    assert running.refused(f"/api/{address}", run=RUN, folder=folder)[0] == 404


@pytest.mark.parametrize("address", ["artifacts/file", "artifacts/page", "text", "logs/part", "logs/find"])
def test_a_file_that_is_gone_is_told_so(running: Tab, address: str) -> None:
    code, message = running.refused(f"/api/{address}", run=RUN, path="model/gone.txt")
    assert code == 410
    assert "model/gone.txt" in message


@pytest.mark.parametrize("address", ["artifacts", "artifacts/file", "artifacts/zip", "text", "logs", "logs/part"])
def test_a_run_that_is_not_there_is_told_so(running: Tab, address: str) -> None:
    assert running.refused(f"/api/{address}", run="gone", path="x")[0] == 404


def test_a_place_without_artifacts_says_so() -> None:
    with tab(BoardBuilder().experiment("ridge").run("a")) as running:
        code, message = running.refused("/api/artifacts", run=RUN)
        assert code == 404
        assert "cannot be read" in message


@pytest.mark.parametrize(
    ("problem", "code"), [(AccessDenied("Sign in first."), 403), (SourceUnavailable("Not now. Trying again."), 503)]
)
def test_a_store_that_fails_is_told_with_the_cure(running: Tab, problem: Exception, code: int) -> None:
    stored(running).problem = problem
    assert running.refused("/api/artifacts", run=RUN) == (code, str(problem))


def unzipped(running: Tab, **query: str) -> dict[str, bytes]:
    response = running.ask("/api/artifacts/zip", {"run": RUN, **query})
    assert response.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(response.data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_folder_is_packed_with_all_below_it(running: Tab) -> None:
    assert unzipped(running, folder="model") == {"MLmodel": b"flavors:", "data/weights.bin": bytes(1000)}
    assert unzipped(running) == FILES
    assert running.desk.tasks.current() == []


def test_a_zip_is_small_where_its_content_is(running: Tab) -> None:
    stored(running).files["zeros.bin"] = bytes(5_000_000)
    response = running.ask("/api/artifacts/zip", {"run": RUN})
    assert len(response.data) < 500_000


def test_what_could_not_be_packed_is_named_in_the_zip(running: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    store = stored(running)
    store.files["../out.txt"] = b"x"
    honest = store.read

    def failing(path: str, start: int = 0, length: int | None = None) -> bytes:
        if path == "report.html":
            raise SourceUnavailable("It did not answer.")
        return honest(path, start, length)

    monkeypatch.setattr(store, "read", failing)
    monkeypatch.setattr(zips, "MOST_FILES", 7)
    found = unzipped(running)
    note = found["NOT-IN-THIS-ZIP.txt"].decode()
    assert "report.html" in note
    assert "It did not answer." in note
    assert "../out.txt" in note
    assert not any(name.startswith("..") for name in found)


def test_packing_can_be_watched_and_ended(running: Tab) -> None:
    store = stored(running)
    store.files = {f"{number:03}.bin": os.urandom(200_000) for number in range(20)}
    chunks = zips.zipped(store, running.desk.tasks, "")
    received = [next(chunks)]
    (task,) = running.get("/api/tasks")["tasks"]
    assert task["what"] == "Packing all artifacts"
    assert running.post("/api/tasks/cancel", {"id": task["id"]})["tasks"][0]["id"] == task["id"]
    received += list(chunks)
    with zipfile.ZipFile(io.BytesIO(b"".join(received))) as archive:
        assert "ended" in archive.read("NOT-IN-THIS-ZIP.txt").decode()
        assert len(archive.namelist()) < 5
    assert running.get("/api/tasks")["tasks"] == []


def test_a_browser_that_goes_away_ends_the_packing(running: Tab) -> None:
    stored(running).files["big.bin"] = os.urandom(3_000_000)
    chunks = zips.zipped(stored(running), running.desk.tasks, "")
    next(iter(chunks))
    assert len(running.desk.tasks.current()) == 1
    chunks.close()  # type: ignore[attr-defined]
    assert running.desk.tasks.current() == []
