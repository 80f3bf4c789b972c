"""docs/http_api.md says what there is, no more and no less; every answer is of the shape it names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tb_aml_plugin.model import SignIn
from tb_aml_plugin.sources.client_writes import ClientWriter
from tb_aml_plugin.tab import routes, wire, wire_changes, wire_files
from tb_aml_plugin.tab.permission import Permission
from tests.support.board_builder import EPOCH_S, BoardBuilder, id_of
from tests.support.memory_artifacts import hold
from tests.support.rich_run import ACCURACY_TABLE, CONFUSION_MATRIX, RESIDUALS
from tests.support.shapes import differences
from tests.support.tab import PREFIX, Tab, tab

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "http_api.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(GET|POST) (api/[\w/]+)` \|(.*?)\| (.*) \|$", TEXT, re.MULTILINE)
SHAPES: dict[str, Any] = {
    name: shape
    for module in (wire, wire_changes, wire_files)
    for name, shape in vars(module).items()
    if isinstance(shape, type) and shape.__module__ == module.__name__
}
DOCUMENTED = {
    path: set(re.findall(r"`(\w+)`", re.sub(r"\([^)]*`(?:csv|step|error|1)`[^)]*\)", "", parameters)))
    for method, path, parameters, _ in ROWS
    if method == "GET"
}
"""The parameters of each address."""
A, B = id_of("a"), id_of("b")
TOKEN = "X-Aml-Token"


@pytest.fixture(scope="module")
def running() -> Iterator[Tab]:
    built = BoardBuilder().experiment("ridge")
    built.run("sweep").run("a", parent="sweep", end=EPOCH_S, params={"lr": "0.1", "n": "x"}).metric("loss", steps=3)
    built.run("b", parent="sweep", params={"lr": "10"}).metric("loss", [float("nan")]).metric("acc", steps=2)
    built.metric("mse", steps=2).metric("mae", steps=2)
    built.source.change(A, tags={"mlflow.note.content": "why", "team": "vision", "mlflow.user": "ada"})
    hold(
        built,
        "a",
        {
            "confusion.json": json.dumps(CONFUSION_MATRIX).encode(),
            "accuracy.json": json.dumps(ACCURACY_TABLE).encode(),
            "residuals": json.dumps(RESIDUALS).encode(),
            "rows.csv": b"n,t\n1,x\n",
            "train.log": b"hello\nValueError: no\n",
            "images/val+step+0+timestamp+1+abc.png": b"\x89PNG",
        },
    )
    built.source.writer = lambda: ClientWriter("sqlite://")  # type: ignore[attr-defined]
    built.source.sign_in = SignIn("Sign in.", "https://login.example/device", "ABC", EPOCH_S)  # type: ignore[attr-defined]
    built.source.begin_sign_in = lambda: None  # type: ignore[attr-defined]
    with tab(built, permission=Permission(writes=True)) as running:
        for metric in ("loss", "acc", "mse", "mae"):  # from now on no thread is started
            running.get("/api/curves", metric=metric, run=B)
        yield running


def test_every_address_is_in_the_documentation_with_its_method(running: Tab) -> None:
    apps = {f"{app.method} {path.lstrip('/')}" for path, app in routes.apps(running.desk).items() if "/api/" in path}
    assert {f"{method} {path}" for method, path, _, _ in ROWS} == apps


def test_every_parameter_is_in_the_documentation() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tb_aml_plugin" / "tab").glob("*.py"))
    read = set(re.findall(r'request\.args\.get(?:list)?\("(\w+)"|(?:whole|number|path_of)\(request, "(\w+)"', sources))
    read |= set(re.findall(r'args\["(\w+)"\]()', sources))
    used = {one or other for one, other in read} | {"run", "id", "path"}
    documented = {name for names in DOCUMENTED.values() for name in names}
    assert documented | {"series", "step"} == used


def test_every_shape_that_is_named_exists_and_every_answer_has_one() -> None:
    named = {shape for _, _, _, answer in ROWS for shape in re.findall(r"`([A-Z]\w+)`", answer)}
    assert named <= SHAPES.keys()
    for _, path, _, answer in ROWS:
        assert re.search(r"`[A-Z]\w+`", answer) or path.startswith(("api/artifacts/", "api/export/")), path


QUERIES: dict[str, dict[str, str | list[str]]] = {
    "api/search": {"q": "loss"},
    "api/search/place": {"q": ""},
    "api/run": {"id": A},
    "api/curves": {"metric": "loss", "run": [A, B]},
    "api/sparklines": {"metric": "loss", "run": [A, B]},
    "api/compare": {"run": [A, B, "gone"]},
    "api/media": {"run": A},
    "api/artifacts": {"run": A},
    "api/text": {"run": A, "path": "train.log"},
    "api/table": {"run": A, "path": "rows.csv"},
    "api/matrix": {"run": A, "path": "confusion.json"},
    "api/accuracy": {"run": A, "path": "accuracy.json"},
    "api/bins": {"run": A, "path": "residuals"},
    "api/logs": {"run": A},
    "api/logs/part": {"run": A, "path": "train.log"},
    "api/logs/find": {"run": A, "path": "train.log"},
}
BODIES: dict[str, object] = {
    "api/shown": {"all": True},
    "api/chosen": {"limit": 5000},
    "api/paused": {"paused": False},
    "api/poll": {},
    "api/sign_in": {},
}


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        (path, shape[0])
        for method, path, _, answer in ROWS
        if method == "GET" and (shape := re.findall(r"`([A-Z]\w+)`", answer))
    ],
)
def test_an_answer_is_of_the_shape_that_is_documented(running: Tab, path: str, shape: str) -> None:
    answer = running.get(f"/{path}", **QUERIES.get(path, {}))
    assert list(differences(answer, SHAPES[shape])) == []


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        (path, re.findall(r"`([A-Z]\w+)`", answer)[0])
        for method, path, _, answer in ROWS
        if method == "POST" and path in BODIES
    ],
)
def test_the_answer_to_a_change_is_of_the_shape_that_is_documented(running: Tab, path: str, shape: str) -> None:
    answer = running.post(f"/{path}", BODIES[path])
    assert list(differences(answer, SHAPES[shape])) == []


def test_the_page_of_a_run_holds_the_health_strips_troubles_in_their_shape(running: Tab) -> None:
    running.desk.cache.problem = "It does not answer."
    answer = running.get("/api/health")
    running.desk.cache.problem = ""
    assert list(differences(answer, SHAPES["Health"])) == []
    assert answer["troubles"][0]["about"] == "curves"


@pytest.mark.parametrize("path", sorted({path for method, path, _, _ in ROWS if method == "GET"}))
def test_the_wrong_method_is_refused(running: Tab, path: str) -> None:
    response = running.method("DELETE", f"/{path}")
    assert response.status_code == 405
    assert list(differences(response.json, SHAPES["Refusal"])) == []


@pytest.mark.parametrize("path", sorted({path for method, path, _, _ in ROWS if method == "POST"}))
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"[" * 100_000, b"\xff", b'{"a":NaN}', b"null"])
def test_a_body_that_is_none_is_refused(running: Tab, path: str, body: bytes) -> None:
    token = {TOKEN: running.desk.permission.token}
    response = running.method("POST", f"/{path}", data=body, content_type="application/json", headers=token)
    if response.status_code == 200:  # an address that takes any object
        assert body == b'{"a":NaN}'
        return
    assert response.status_code in (400, 404)
    assert list(differences(response.json, SHAPES["Refusal"])) == []


def test_a_body_too_large_is_refused_before_it_is_read(running: Tab) -> None:
    response = running.method("POST", "/api/shown", data=b" " * (2**21 + 1), content_type="application/json")
    assert response.status_code == 413


@pytest.mark.parametrize("path", sorted({path for method, path, _, _ in ROWS if method == "GET"}))
@pytest.mark.parametrize("odd", ["\0", "\ud800", "'\"`<script>", "x" * 5000, "-1", "1e999", "nan", "%00", "../.."])
def test_odd_parameters_are_answered_or_refused_and_never_a_defect(running: Tab, path: str, odd: str) -> None:
    every = {name: odd.encode("utf-8", "surrogatepass") for name in DOCUMENTED[path]}
    for query in (every, *({**QUERIES.get(path, {}), name: value} for name, value in every.items())):
        response = running._client.get(f"{PREFIX}/{path}", query_string=query)
        assert response.status_code in (200, 400, 404, 410, 415), (query, response.data[:300])


def test_a_defect_is_told_in_the_one_shape_and_in_the_terminal(
    running: Tab, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running.desk.board, "_snapshot", None)
    response = running.ask("/api/runs")
    monkeypatch.undo()
    assert response.status_code == 500
    assert list(differences(response.json, SHAPES["Refusal"])) == []
    assert "Traceback" not in response.text
    assert "/api/runs" in caplog.text
