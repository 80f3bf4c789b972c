"""Files, logs and changes of runs in the tab, by a real ``tensorboard`` over what MLflow's own client logged."""

from __future__ import annotations

import io
import json
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mlflow.tracking import MlflowClient

from tests.support.tab_store import HOSTILE, LOG_LINES, RICH, fill, run_ids
from tests.support.tensorboard import TensorBoard, tensorboard
from tests.support.waiting import wait_until

API = "data/plugin/azureml/api"


class Page:
    """The tab's addresses of one TensorBoard."""

    def __init__(self, board: TensorBoard, uri: str) -> None:
        self.board = board
        self.uri = uri
        self.ids = run_ids(uri)

    def get(self, address: str, /, **query: str) -> Any:
        return json.loads(self.board.fetch(f"{API}/{address}?{urllib.parse.urlencode(query)}"))

    def answer(self, path: str, query: dict[str, str], **headers: str) -> tuple[int, Any, bytes]:
        """Code, headers and body, whatever the code."""
        url = f"{self.board.url}{API}/{path}?{urllib.parse.urlencode(query)}"
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            with urllib.request.urlopen(urllib.request.Request(url, headers=sent), timeout=60) as response:
                return response.status, response.headers, response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def write(self, body: object) -> Any:
        token = self.get("writes")["token"]
        headers = {"Content-Type": "application/json", "X-Aml-Token": token, "Sec-Fetch-Site": "same-origin"}
        return json.loads(self.board.fetch(f"{API}/write", json.dumps(body).encode(), headers))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    uri = fill(tmp_path_factory.mktemp("store"))
    flags = ("--aml_tracking_uri", uri, "--aml_allow_writes", "--reload_interval", "3600")
    with tensorboard(*flags, cwd=tmp_path_factory.mktemp("cwd")) as board:
        found = Page(board, uri)
        assert wait_until(lambda: found.get("health")["runs"] == len(found.ids), 60)
        yield found
        assert "In 3.0" not in board.output  # TensorBoard's complaint about headers
        assert "Traceback" not in board.output


def test_every_file_is_listed_and_comes_as_it_was_logged(page: Page) -> None:
    run = page.ids[RICH]
    logged = _logged(page, run)
    assert logged
    address = MlflowClient(tracking_uri=page.uri).get_run(run).info.artifact_uri
    root = Path(urllib.request.url2pathname(urllib.parse.urlsplit(address).path))
    for path in logged:
        code, headers, body = page.answer("artifacts/file", {"run": run, "path": path, "download": "1"})
        assert code == 200
        assert len(body) == int(headers["Content-Length"])
        assert body == (root / path).read_bytes()


def test_a_folder_comes_as_one_zip(page: Page) -> None:
    run = page.ids[RICH]
    code, headers, body = page.answer("artifacts/zip", {"run": run})
    assert (code, headers["Content-Type"], headers["Transfer-Encoding"]) == (200, "application/zip", "chunked")
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == sorted(_logged(page, run))


def test_a_range_of_a_picture_is_partial_content(page: Page) -> None:
    run = page.ids[RICH]
    path = next(path for path in _logged(page, run) if path.endswith(".png"))
    _, _, whole = page.answer("artifacts/file", {"run": run, "path": path})
    code, headers, body = page.answer("artifacts/file", {"run": run, "path": path}, Range="bytes=10-19")
    assert (code, body) == (206, whole[10:20])
    assert headers["Content-Range"] == f"bytes 10-19/{len(whole)}"
    assert headers["Content-Type"] == "image/png"


def test_the_panels_of_the_page_have_what_was_logged(page: Page) -> None:
    run = page.ids[RICH]
    media = page.get("media", run=run)
    assert media["complete"]
    by_kind: dict[str, list[str]] = {}
    for series in media["series"]:
        by_kind.setdefault(series["kind"], []).append(series["frames"][0]["path"])
    assert {"image", "table", "matrix", "accuracy", "text"} <= by_kind.keys()
    for address, kind in (("table", "table"), ("matrix", "matrix"), ("accuracy", "accuracy"), ("text", "text")):
        for path in by_kind[kind]:
            assert page.get(address, run=run, path=path)["path"] == path


def test_the_log_is_followed_from_its_tail(page: Page) -> None:
    run = page.ids[RICH]
    log = page.get("logs", run=run)["files"][0]
    assert log["path"] == "user_logs/std_log.txt"
    tail = page.get("logs/part", run=run, path=log["path"], start="-2000")
    assert tail["final"]
    assert tail["end"] == tail["size_bytes"] == log["size_bytes"]
    text, at = "", 0
    while at < tail["end"]:
        part = page.get("logs/part", run=run, path=log["path"], start=str(at))
        text, at = text + part["text"], part["end"]
    assert text.endswith(tail["text"])
    assert text.count("\n") >= LOG_LINES


def test_hostile_names_are_data_and_nothing_else(page: Page) -> None:
    (row,) = [row for row in page.get("runs")["runs"] if row["id"] == page.ids[HOSTILE]]
    assert row["label"] == HOSTILE
    code, headers, body = page.answer("run", {"id": row["id"]})
    assert (code, headers["Content-Type"], headers["X-Content-Type-Options"]) == (200, "application/json", "nosniff")
    assert json.loads(body)["label"] == HOSTILE


def test_a_change_is_in_the_store_and_on_the_board(page: Page) -> None:
    client, run = MlflowClient(tracking_uri=page.uri), page.ids["resnet18-slow"]
    assert page.get("health")["writes"]
    page.write({"tag": {"run": run, "key": "kept", "value": "yes"}})
    page.write({"note": {"run": run, "text": "# slow"}})
    page.write({"rename": {"run": run, "name": "resnet18-slower"}})
    logged = client.get_run(run)
    assert (logged.data.tags["kept"], logged.info.run_name) == ("yes", "resnet18-slower")
    shown = page.get("run", id=run)
    assert (shown["label"], shown["note"]) == ("resnet18-slower", "# slow")
    assert any(name.endswith("/resnet18-slower") for name in page.board.runs())


def test_an_archived_run_leaves_the_dashboards_and_comes_back(page: Page) -> None:
    run, before = page.ids["resnet18-fast"], set(page.board.runs())
    page.write({"archive": {"run": run}})
    assert len(set(page.board.runs())) == len(before) - 1
    assert page.answer("run", {"id": run})[0] == 404
    page.write({"restore": {"run": run}})
    assert set(page.board.runs()) == before


def test_a_run_that_goes_on_is_stopped(page: Page) -> None:
    run = page.ids["resnet18-now"]
    page.write({"stop": {"run": run}})
    assert MlflowClient(tracking_uri=page.uri).get_run(run).info.status == "KILLED"
    assert page.get("run", id=run)["status"] == "killed"


def _logged(page: Page, run: str, folder: str = "") -> list[str]:
    """Every file below `folder`, as the tab lists them."""
    found: list[str] = []
    for artifact in page.get("artifacts", run=run, folder=folder)["artifacts"]:
        found += _logged(page, run, artifact["path"]) if artifact["is_folder"] else [artifact["path"]]
    return found
