"""Who may change runs from the tab, and what happens then."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

import pytest

from tb_aml_plugin.errors import AccessDenied
from tb_aml_plugin.model import RunId, RunStatus
from tb_aml_plugin.sources.abilities import EVERY_ACTION
from tb_aml_plugin.tab.permission import Permission, is_public_host
from tests.support.board_builder import EPOCH_S, BoardBuilder, id_of
from tests.support.tab import Tab, refusal, tab

LOCAL = {"Host": "localhost:6006"}


class MemoryWriter:
    """Changes the runs of a `FakeSource`."""

    actions = EVERY_ACTION

    def __init__(self, built: BoardBuilder) -> None:
        self._source = built.source
        self.archived: dict[RunId, object] = {}
        self.problem: Exception | None = None

    def set_tag(self, run_id: RunId, key: str, value: str) -> None:
        if self.problem:
            raise self.problem
        self._source.change(run_id, tags={**self._source.run(run_id).tags, key: value})

    def delete_tag(self, run_id: RunId, key: str) -> None:
        tags = {name: value for name, value in self._source.run(run_id).tags.items() if name != key}
        self._source.change(run_id, tags=tags)

    def rename(self, run_id: RunId, name: str) -> None:
        self._source.change(run_id, display_name=name)

    def stop(self, run_id: RunId) -> None:
        self._source.end(run_id, EPOCH_S + 9, RunStatus.KILLED)

    def archive(self, run_id: RunId) -> None:
        self.archived[run_id] = self._source.run(run_id)
        self._source.delete(run_id)

    def restore(self, run_id: RunId) -> None:
        self._source.put(self.archived.pop(run_id))  # type: ignore[arg-type]


def writable() -> tuple[BoardBuilder, MemoryWriter]:
    built = BoardBuilder().experiment("ridge").run("a").run("done", end=EPOCH_S)
    writer = MemoryWriter(built)
    built.source.writer = lambda: writer  # type: ignore[attr-defined]
    return built, writer


@pytest.fixture
def running() -> Iterator[Tab]:
    built, _ = writable()
    with tab(built, permission=Permission(writes=True)) as running:
        yield running


def headers(running: Tab, **more: str) -> dict[str, str]:
    token = running.get("/api/writes")["token"]
    return {"X-Aml-Token": token, "Sec-Fetch-Site": "same-origin", **more}


def run(running: Tab, name: str) -> Mapping[str, object]:
    found: Mapping[str, object] = running.get("/api/run", id=id_of(name))
    return found


def test_without_the_flag_nothing_is_written_and_the_reason_is_told() -> None:
    built, _ = writable()
    before = built.source.writes
    with tab(built) as running:
        access = running.get("/api/writes")
        assert (access["allowed"], access["token"], access["actions"]) == (False, "", [])
        assert "--aml_allow_writes" in access["reason"]
        assert not running.get("/api/health")["writes"]
        response = running.send("/api/write", {"rename": {"run": id_of("a"), "name": "x"}})
        assert refusal(response) == (403, access["reason"])
        # Nor with a token that was guessed right.
        token = running.desk.permission.token
        response = running.send("/api/write", {"rename": {"run": id_of("a"), "name": "x"}}, {"X-Aml-Token": token})
        assert response.status_code == 403
    assert built.source.writes == before


def test_each_change_is_made_and_on_the_board_when_it_is_answered(running: Tab) -> None:
    sent = headers(running)
    a = id_of("a")
    assert running.get("/api/writes")["actions"] == ["tag", "rename", "note", "stop", "archive", "restore"]
    running.post("/api/write", {"tag": {"run": a, "key": "team", "value": "<b>"}}, sent)
    assert run(running, "a")["tags"] == [{"key": "team", "value": "<b>"}]
    running.post("/api/write", {"tag": {"run": a, "key": "team", "value": None}}, sent)
    assert run(running, "a")["tags"] == []
    running.post("/api/write", {"note": {"run": a, "text": "# why"}}, sent)
    assert run(running, "a")["note"] == "# why"
    running.post("/api/write", {"note": {"run": a, "text": ""}}, sent)
    assert run(running, "a")["note"] == ""
    running.post("/api/write", {"rename": {"run": a, "name": "better"}}, sent)
    assert run(running, "a")["label"] == "better"
    running.post("/api/write", {"stop": {"run": a}}, sent)
    assert run(running, "a")["status"] == "killed"
    answer = running.post("/api/write", {"archive": {"run": a}}, sent)
    assert answer == {"action": "archive", "run": a, "version": running.get("/api/runs")["version"]}
    assert [row["label"] for row in running.get("/api/runs")["runs"]] == ["done"]
    running.post("/api/write", {"restore": {"run": a}}, sent)
    assert [row["label"] for row in running.get("/api/runs")["runs"]] == ["better", "done"]


def test_a_run_that_ended_long_ago_is_seen_changed_at_once(running: Tab) -> None:
    running.post("/api/write", {"rename": {"run": id_of("done"), "name": "renamed"}}, headers(running))
    assert run(running, "done")["label"] == "renamed"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"stop": {"run": id_of("done")}}, 409),
        ({"rename": {"run": "gone", "name": "x"}}, 404),
        ({"rename": {"run": id_of("a"), "name": "  "}}, 400),
        ({"rename": {"run": id_of("a"), "name": "x" * 251}}, 400),
        ({"rename": {"run": id_of("a")}}, 400),
        ({"rename": {"run": 1, "name": "x"}}, 400),
        ({"tag": {"run": id_of("a"), "key": "mlflow.user", "value": "eve"}}, 400),
        ({"tag": {"run": id_of("a"), "key": "azureml.x", "value": "eve"}}, 400),
        ({"tag": {"run": id_of("a"), "key": "", "value": "x"}}, 400),
        ({"tag": {"run": id_of("a"), "key": "k", "value": "x" * 5001}}, 400),
        ({"tag": {"run": id_of("a"), "key": "k", "value": ["x"]}}, 400),
        ({"destroy": {"run": id_of("a")}}, 400),
        ({"stop": id_of("a")}, 400),
        ({"stop": {"run": id_of("a")}, "archive": {"run": id_of("a")}}, 400),
        ([], 400),
        ({}, 400),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(running: Tab, body: object, code: int) -> None:
    before = running.get("/api/runs")["version"]
    assert refusal(running.send("/api/write", body, headers(running)))[0] == code
    assert running.get("/api/runs")["version"] == before


def test_a_place_that_refuses_is_told() -> None:
    built, writer = writable()
    writer.problem = AccessDenied("memory lets you read only.")
    with tab(built, permission=Permission(writes=True)) as running:
        response = running.send("/api/write", {"tag": {"run": id_of("a"), "key": "k", "value": "v"}}, headers(running))
        assert refusal(response) == (403, "memory lets you read only.")


def test_a_place_that_can_do_less_says_what() -> None:
    built, writer = writable()
    writer.actions = ("tag", "note")  # type: ignore[assignment]
    with tab(built, permission=Permission(writes=True)) as running:
        assert running.get("/api/writes")["actions"] == ["tag", "note"]
        response = running.send("/api/write", {"stop": {"run": id_of("a")}}, headers(running))
        assert response.status_code == 403
        running.post("/api/write", {"note": {"run": id_of("a"), "text": "why"}}, headers(running))
        assert run(running, "a")["note"] == "why"


def test_a_place_that_cannot_write_says_so() -> None:
    built = BoardBuilder().experiment("ridge").run("a")
    with tab(built, permission=Permission(writes=True)) as running:
        access = running.get("/api/writes")
        assert (access["allowed"], access["actions"]) == (False, [])
        assert "kind of place" in access["reason"]


@pytest.mark.parametrize(
    "forged",
    [
        {"X-Aml-Token": ""},
        {"X-Aml-Token": "guessed"},
        {"X-Aml-Token": "é"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
        {"Host": "evil.example"},
        {"Host": "evil.example:6006"},
        {"Host": "10.0.0.7:6006"},
        {"Content-Type": "text/plain"},
    ],
)
def test_a_request_that_another_page_makes_writes_nothing(forged: dict[str, str]) -> None:
    built, _ = writable()
    with tab(built, permission=Permission(writes=True)) as running:
        before = built.source.writes
        sent = {**headers(running), **forged}
        if not sent["Sec-Fetch-Site"]:
            del sent["Sec-Fetch-Site"]
        kind = sent.pop("Content-Type", "application/json")
        response = running.method(
            "POST",
            "/api/write",
            data=b'{"stop": {"run": "a-0123456789"}}',
            content_type=kind,
            headers={name: value.encode().decode("latin-1") for name, value in sent.items()},
        )
        assert refusal(response)[0] == 403
        assert built.source.writes == before


@pytest.mark.parametrize("path", ["shown", "chosen", "paused", "poll", "tasks/cancel", "write"])
@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"content_type": "text/plain", "data": b"{}"}, 403),
        ({"json": {}, "headers": {"Sec-Fetch-Site": "cross-site"}}, 403),
        ({"json": {}, "headers": {"Origin": "http://evil.example"}}, 403),
    ],
)
def test_no_change_at_all_is_made_for_another_page(running: Tab, path: str, more: dict[str, object], code: int) -> None:
    assert refusal(running.method("POST", f"/api/{path}", **more))[0] == code


def test_with_a_bound_to_all_the_flag_alone_does_not_do() -> None:
    permission = Permission(writes=True, is_public=True)
    assert "--aml_allow_remote_writes" in permission.refusal(LOCAL)
    assert dataclasses.replace(permission, remote=True).refusal({"Host": "gpu-box:6006"}) == ""
    assert "--aml_allow_writes" in Permission(remote=True).refusal(LOCAL)


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("localhost:6006", True),
        ("127.0.0.1:6006", True),
        ("[::1]:6006", True),
        ("localhost", True),
        ("127.0.0.2", True),
        ("gpu-box:6006", False),
        ("localhost.evil.example", False),
        ("0.0.0.0:6006", False),
        ("", False),
        ("[", False),
        ("me@localhost:1", True),
    ],
)
def test_only_this_machine_may_write(host: str, allowed: bool) -> None:
    assert (Permission(writes=True).refusal({"Host": host}) == "") is allowed


@pytest.mark.parametrize(
    ("host", "public"),
    [
        (None, False),
        ("", False),
        ("localhost", False),
        ("127.0.0.1", False),
        ("::1", False),
        ("0.0.0.0", True),
        ("gpu-box", True),
    ],
)
def test_a_host_is_told_for_public_or_not(host: str | None, public: bool) -> None:
    assert is_public_host(host) is public


def test_the_token_is_another_in_each_process_and_never_printed() -> None:
    one, other = Permission(), Permission()
    assert one.token != other.token
    assert len(one.token) >= 24
    assert one.token not in repr(one)
