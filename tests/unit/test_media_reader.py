"""Contents are read when someone looks, once for all who do, and kept while there is room."""

from __future__ import annotations

import dataclasses
import threading

import pytest

from tb_aml_plugin.errors import AccessDenied, ArtifactGone, CannotShow, SourceUnavailable
from tb_aml_plugin.media import InFile, Picture, Text
from tb_aml_plugin.media.reader import MAX_IN_FLIGHT, MediaReader
from tb_aml_plugin.model import NotShown, Run, RunId, ScalarSeries
from tb_aml_plugin.recent_reads import RecentReads
from tests.support import rich_run
from tests.support.board_builder import EPOCH_S, BoardBuilder, id_of
from tests.support.fake_artifacts import ArtifactSource
from tests.support.fake_clock import FakeClock
from tests.support.fake_source import FakeSource
from tests.support.waiting import wait_until

PNG = rich_run.encoded(rich_run.picture(0), "PNG")


class Reading:
    """A run "ended" and a run "active" with files, and a reader of them."""

    def __init__(self, budget_bytes: int = 2**20) -> None:
        built = BoardBuilder()
        self.source = built.source = ArtifactSource()
        built.experiment("e").run("ended", end=EPOCH_S + 1).run("active")
        self.clock = FakeClock()
        self.problems: list[tuple[RunId, NotShown]] = []
        self.gone: list[tuple[RunId, str]] = []
        self.reader = MediaReader(
            self.source,
            budget_bytes,
            not_shown=lambda run_id, problem: self.problems.append((run_id, problem)),
            gone=lambda run_id, path: self.gone.append((run_id, path)),
            now_s=self.clock,
        )

    def run(self, name: str = "ended") -> Run:
        return self.source.run(id_of(name))

    def put(self, path: str, content: bytes, run: str = "ended") -> InFile:
        self.source.put_file(id_of(run), path, content)
        return InFile(path, "image" if path.endswith("png") else "text", "", len(content))

    @property
    def reads(self) -> list[str]:
        return [path for path, _ in self.source.requests.read]


@pytest.fixture
def reading() -> Reading:
    return Reading()


def test_what_is_here_already_costs_nothing(reading: Reading) -> None:
    assert reading.reader.read(reading.run(), Text("x")) == Text("x")
    assert reading.reads == []


def test_a_content_is_read_once(reading: Reading) -> None:
    content = reading.put("x.png", PNG)
    assert reading.reader.read(reading.run(), content) == Picture(PNG)
    assert reading.reader.read(reading.run(), content) == Picture(PNG)
    assert reading.reads == ["x.png"]


def test_a_content_that_many_want_at_once_is_read_once(reading: Reading) -> None:
    content = reading.put("x.png", PNG)
    results: list[object] = []
    threads = [
        threading.Thread(target=lambda: results.append(reading.reader.read(reading.run(), content))) for _ in range(8)
    ]
    with reading.source.artifacts_hung():
        for thread in threads:
            thread.start()
        assert wait_until(lambda: reading.source.requests.under_way == 1, 10)
    for thread in threads:
        thread.join(10)
    assert results == [Picture(PNG)] * 8
    assert reading.reads == ["x.png"]


def test_so_many_files_are_read_at_once_and_no_more(reading: Reading) -> None:
    contents = [reading.put(f"{number}.png", PNG) for number in range(20)]
    threads = [threading.Thread(target=reading.reader.read, args=(reading.run(), content)) for content in contents]
    with reading.source.artifacts_hung():
        for thread in threads:
            thread.start()
        assert wait_until(lambda: reading.source.requests.under_way == MAX_IN_FLIGHT, 10)
    for thread in threads:
        thread.join(10)
    assert reading.source.requests.most_at_once == MAX_IN_FLIGHT


def test_a_file_that_grew_is_another_content(reading: Reading) -> None:
    before = reading.put("x.txt", b"one")
    assert reading.reader.read(reading.run(), before) == Text("one")
    after = reading.put("x.txt", b"one two")
    assert reading.reader.read(reading.run(), after) == Text("one two")


def test_of_a_run_that_goes_on_a_file_is_read_again_after_a_while(reading: Reading) -> None:
    content = reading.put("x.txt", b"one", "active")
    reading.reader.read(reading.run("active"), content)
    reading.put("x.txt", b"two", "active")
    assert reading.reader.read(reading.run("active"), content) == Text("one")
    reading.clock.advance(60)
    assert reading.reader.read(reading.run("active"), content) == Text("two")


def test_of_a_run_that_ended_it_is_not(reading: Reading) -> None:
    content = reading.put("x.txt", b"one")
    reading.reader.read(reading.run(), content)
    reading.clock.advance(10_000)
    reading.reader.read(reading.run(), content)
    assert reading.reads == ["x.txt"]


def test_what_was_wanted_longest_ago_makes_room() -> None:
    reading = Reading(budget_bytes=3 * (len(PNG) + 1000))
    contents = {name: reading.put(f"{name}.png", PNG) for name in "abcd"}
    for name in "abcad":
        reading.reader.read(reading.run(), contents[name])
    assert reading.reads == ["a.png", "b.png", "c.png", "d.png"]
    for name in "acd":
        reading.reader.read(reading.run(), contents[name])
    assert len(reading.reads) == 4
    reading.clock.advance(20)
    reading.reader.read(reading.run(), contents["b"])
    assert reading.reads[4:] == ["b.png"]


def test_what_cannot_be_shown_says_why_once_for_the_board(reading: Reading) -> None:
    content = reading.put("x.png", b"no picture")
    for _ in range(3):
        with pytest.raises(CannotShow):
            reading.reader.read(reading.run(), content)
    assert reading.reads == ["x.png"]
    assert [(run_id, problem.what) for run_id, problem in reading.problems] == [(id_of("ended"), "x.png")]


def test_a_file_that_was_deleted_is_told(reading: Reading) -> None:
    content = reading.put("x.png", PNG)
    reading.source.remove_file(id_of("ended"), "x.png")
    with pytest.raises(ArtifactGone):
        reading.reader.read(reading.run(), content)
    assert reading.gone == [(id_of("ended"), "x.png")]


@pytest.mark.parametrize("problem", [SourceUnavailable("Down."), AccessDenied("No key.")])
def test_a_store_that_fails_is_asked_again(reading: Reading, problem: Exception) -> None:
    content = reading.put("x.png", PNG)
    reading.source.broken["x.png"] = problem
    with pytest.raises(type(problem)):
        reading.reader.read(reading.run(), content)
    reading.source.broken.clear()
    assert reading.reader.read(reading.run(), content) == Picture(PNG)


def test_a_place_without_artifacts_and_a_kind_that_is_not_there_are_reasons(reading: Reading) -> None:
    with pytest.raises(CannotShow):
        MediaReader(FakeSource()).read(reading.run(), InFile("x.png", "image"))
    with pytest.raises(CannotShow):
        reading.reader.read(reading.run(), InFile("x.png", "no such kind"))


def test_the_parts_of_a_file_are_read_together(reading: Reading) -> None:
    reading.source.put_file(id_of("ended"), "x.csv", b"a,b,c\n1,2,3\n4,5,6\n")
    for column in "abc":
        curve = reading.reader.read(reading.run(), InFile("x.csv", "csv_table", column, 18))
        assert isinstance(curve, ScalarSeries)
        assert len(curve) == 2
    assert reading.reads == ["x.csv"]


def test_what_was_just_read_is_kept_for_a_moment_and_within_bounds() -> None:
    clock = FakeClock()
    recent = RecentReads(budget_bytes=100, now_s=clock)
    read: list[str] = []

    def get(name: str, size: int = 40) -> bytes:
        return recent.get(name, lambda: (read.append(name), b"x" * size)[1])

    for name in "aabac":
        assert get(name) == b"x" * 40
    assert "".join(read) == "abc"
    get("a")
    assert "".join(read) == "abca"
    get("large", 60)
    get("large", 60)
    assert read[4:] == ["large", "large"]
    clock.advance(60)
    get("c")
    assert read[6:] == ["c"]


def test_the_same_path_in_two_runs_is_two_contents(reading: Reading) -> None:
    content = reading.put("x.txt", b"one")
    other = dataclasses.replace(reading.put("x.txt", b"two", "active"))
    assert content == other
    assert reading.reader.read(reading.run("ended"), content) == Text("one")
    assert reading.reader.read(reading.run("active"), other) == Text("two")
