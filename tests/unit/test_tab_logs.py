"""Logs on the page: found in every layout, followed as they grow, searched."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_aml_plugin.model import ExperimentId, Run, RunId, RunStatus
from tb_aml_plugin.tab import logs
from tests.support.board_builder import BoardBuilder, id_of
from tests.support.memory_artifacts import MemoryArtifacts, hold
from tests.support.tab import Tab, tab

RUNNING = Run(RunId("a"), ExperimentId("1"), "a", RunStatus.RUNNING, 1.0, None)
ENDED = Run(RunId("a"), ExperimentId("1"), "a", RunStatus.FINISHED, 1.0, 2.0)


def store(**files: bytes) -> MemoryArtifacts:
    found = MemoryArtifacts()
    found.files = dict(files)
    return found


def paths(*files: str) -> list[str]:
    found = MemoryArtifacts()
    found.files = dict.fromkeys(files, b"x")
    return [file["path"] for file in logs.logs(found, "a")["files"]]


def test_the_persons_own_output_comes_first_in_the_newer_layout() -> None:
    assert paths(
        "system_logs/lifecycler/execution-wrapper.log",
        "user_logs/std_log.txt",
        "outputs/model.pkl",
        "logs/azureml/dataprep/python_span.log",
        "user_logs/profile.txt",
    ) == [
        "user_logs/std_log.txt",
        "user_logs/profile.txt",
        "logs/azureml/dataprep/python_span.log",
        "system_logs/lifecycler/execution-wrapper.log",
    ]


def test_the_persons_own_output_comes_first_in_the_older_layout() -> None:
    assert paths(
        "azureml-logs/55_azureml-execution-tvmps_0a1b2c3d4e5f_d.txt",
        "azureml-logs/65_job_prep-tvmps_0a1b2c3d4e5f_d.txt",
        "azureml-logs/70_driver_log.txt",
        "logs/azureml/107_azureml.log",
        "azureml-logs/75_job_post-tvmps_0a1b2c3d4e5f_d.txt",
    )[:2] == ["azureml-logs/70_driver_log.txt", "azureml-logs/55_azureml-execution-tvmps_0a1b2c3d4e5f_d.txt"]


def test_text_logs_that_mlflow_users_write_are_found() -> None:
    assert paths(
        "train.log", "logs/epoch/1.txt", "notes.txt", "logs/events.out.tfevents.1", "model/data.out", "std.err"
    ) == [
        "logs/epoch/1.txt",
        "std.err",
        "train.log",
    ]


def test_each_node_has_its_name() -> None:
    found = MemoryArtifacts()
    found.files = dict.fromkeys(
        [
            "user_logs/std_log_process_0.txt",
            "user_logs/std_log_process_11.txt",
            "azureml-logs/70_driver_log_3.txt",
            "azureml-logs/55_azureml-execution-tvmps_0a1b2c3d4e5f_d.txt",
            "logs/rank_7/out.log",
            "logs/network-2.log",
        ],
        b"x",
    )
    assert {file["path"]: file["node"] for file in logs.logs(found, "a")["files"]} == {
        "user_logs/std_log_process_0.txt": "0",
        "user_logs/std_log_process_11.txt": "11",
        "azureml-logs/70_driver_log_3.txt": "3",
        "azureml-logs/55_azureml-execution-tvmps_0a1b2c3d4e5f_d.txt": "0a1b2c3d4e5f",
        "logs/rank_7/out.log": "7",
        "logs/network-2.log": "",
    }


def test_folders_of_other_things_are_not_entered() -> None:
    found = store()
    found.files = {"train.log": b"", **{f"model/{n}/{m}.log": b"" for n in range(20) for m in range(3)}}
    asked: list[str] = []
    honest = found.list
    found.list = lambda folder="": asked.append(folder) or honest(folder)  # type: ignore[method-assign,func-returns-value,assignment]
    logs.logs(found, "a")
    assert asked == [""]


def test_the_tail_begins_with_a_line_and_goes_on_where_it_ended() -> None:
    held = store(log=b"".join(b"line %d\n" % n for n in range(1000)))
    tail = logs.part(held, RUNNING, "log", -20)
    assert tail["text"] == "line 998\nline 999\n"
    assert tail["end"] == tail["size_bytes"] == len(held.files["log"])
    held.files["log"] += b"and on"
    more = logs.part(held, RUNNING, "log", tail["end"])
    assert (more["text"], more["start"], more["final"]) == ("and on", tail["end"], False)
    held.files["log"] += b", the end\n"
    last = logs.part(held, ENDED, "log", more["end"])
    assert (last["text"], last["final"]) == (", the end\n", True)
    assert logs.part(held, ENDED, "log", last["end"])["text"] == ""


def test_nothing_new_reads_nothing() -> None:
    held = store(log=b"x" * 1000)
    held.bytes_read = 0
    assert logs.part(held, RUNNING, "log", 1000)["text"] == ""
    assert held.bytes_read == 0


def test_a_part_ends_with_a_line_where_more_follows() -> None:
    held = store(log=b"one\ntwo\nthree\n")
    assert logs.part(held, RUNNING, "log", 0, 10)["text"] == "one\ntwo\n"


def test_a_line_longer_than_a_part_comes_in_pieces() -> None:
    held = store(log=b"x" * 100_000)
    first = logs.part(held, RUNNING, "log", 0, 65_536)
    second = logs.part(held, RUNNING, "log", first["end"], 65_536)
    assert len(first["text"]) + len(second["text"]) == 100_000


def test_a_log_that_begins_anew_is_read_from_its_beginning() -> None:
    held = store(log=b"fresh\n")
    part = logs.part(held, RUNNING, "log", 5000)
    assert (part["start"], part["text"]) == (0, "fresh\n")


def test_a_log_of_unknown_size_can_be_followed() -> None:
    held = store(log=b"one\n")
    held.knows_sizes = False
    first = logs.part(held, RUNNING, "log", 0)
    assert (first["text"], first["size_bytes"]) == ("one\n", None)
    held.files["log"] += b"two\n"
    assert logs.part(held, ENDED, "log", first["end"]) == {
        "path": "log",
        "start": 4,
        "end": 8,
        "size_bytes": None,
        "text": "two\n",
        "final": True,
    }


def test_half_a_letter_waits_for_its_other_half() -> None:
    held = store(log="é".encode()[:1])
    first = logs.part(held, RUNNING, "log", 0)
    assert (first["text"], first["end"]) == ("", 0)
    assert logs.part(held, ENDED, "log", 0)["text"] == "�"


@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")), st.data())
def test_following_gives_the_same_as_reading_once(content: bytes, data: st.DataObject) -> None:
    """However the file grows, and however it is asked for."""
    held, text, at = store(log=b""), "", 0
    while len(held.files["log"]) < len(content):
        grown = data.draw(st.integers(len(held.files["log"]) + 1, len(content)))
        held.files["log"] = content[:grown]
        part = logs.part(held, RUNNING, "log", at, data.draw(st.integers(8, 64)))
        text, at = text + part["text"], part["end"]
    while at < len(content) or not content:
        part = logs.part(held, ENDED, "log", at, 64)
        text, at = text + part["text"], part["end"]
        if part["final"]:
            break
    expected = content.decode("utf-8-sig" if content.startswith(b"\xef\xbb\xbf") else "utf-8", "replace")
    if not content.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef")):  # a mark at the begin is another matter
        assert text.replace("�", "") == expected.replace("�", "")
    assert at == len(content)


@pytest.mark.parametrize(
    "line",
    [
        "Traceback (most recent call last):",
        "ValueError: no",
        "2026-01-01 00:00:00 ERROR train: no",
        "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate",
        "RuntimeException in thread",
        "\x1b[1;31mRuntimeError\x1b[0m: in colour",
        "Segmentation fault (core dumped)",
        "Killed",
    ],
)
def test_the_first_error_is_found(line: str) -> None:
    before = b"epoch 1 errors=0 error_rate 0.1\nmean_squared_error: 0.2\n" * 100
    found = logs.first_error(store(log=before + line.encode() + b"\nmore\n"), "log", 0)
    assert (found["offset"], found["line"]) == (len(before), line)


def test_a_log_without_errors_has_none() -> None:
    found = logs.first_error(store(log=b"all is well\n" * 1000), "log", 0)
    assert (found["offset"], found["complete"], found["searched_to"]) == (None, True, 12_000)


def test_an_error_in_a_line_without_an_end_is_found_across_blocks() -> None:
    content = b"x" * 3_000_000 + b" ERROR\n"
    found = logs.first_error(store(log=content), "log", 0)
    assert found["offset"] is not None
    assert len(found["line"]) <= 500


def test_a_search_goes_on_behind_the_line_that_was_found() -> None:
    held = store(log=b"ValueError: KeyError ERROR\nMyErrors, no error\nKilled\n")
    first = logs.first_error(held, "log", 0)
    second = logs.first_error(held, "log", first["searched_to"])
    assert (first["offset"], second["offset"]) == (0, 46)
    assert logs.first_error(held, "log", second["searched_to"])["offset"] is None


def test_a_search_stops_after_so_many_bytes_and_goes_on_from_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "SEARCH_BYTES", 2**20)
    held = store(log=b"nothing\n" * 400_000 + b"needle\n")
    start, tries = 0, 0
    while (found := logs.first_text(held, "log", start, "NEEDLE"))["offset"] is None:
        assert found["searched_to"] > start
        start, tries = found["searched_to"], tries + 1
    assert found["offset"] == 8 * 400_000
    assert tries >= 2


@pytest.fixture
def running() -> Iterator[Tab]:
    built = BoardBuilder().experiment("ridge").run("a")
    hold(built, "a", {"user_logs/std_log.txt": b"<script>alert(1)</script>\n\x1b[31mred\x1b[0m\nValueError: no\n"})
    with tab(built) as running:
        yield running


def test_the_page_follows_and_searches_over_http(running: Tab) -> None:
    run = id_of("a")
    (file,) = running.get("/api/logs", run=run)["files"]
    part = running.get("/api/logs/part", run=run, path=file["path"], start="-1000")
    assert part["text"].startswith("<script>alert(1)</script>\n\x1b[31mred")
    found = running.get("/api/logs/find", run=run, path=file["path"])
    assert found["line"] == "ValueError: no"
    found = running.get("/api/logs/find", run=run, path=file["path"], what="text", text="RED")
    assert found["offset"] == 26
    assert running.refused("/api/logs/find", run=run, path=file["path"], what="text")[0] == 400
    assert running.refused("/api/logs/part", run=run, path=file["path"], start="soon")[0] == 400
