"""Credentials as MLflow's client takes them, patience, and every failure in our own words."""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import format_datetime
from pathlib import Path

import pytest

from tb_aml_plugin.errors import AccessDenied, NotATrackingStore, SourceError, SourceUnavailable
from tb_aml_plugin.sources import wire
from tb_aml_plugin.sources.mlflow_http import Http, read_timeout_s, tracking_server
from tb_aml_plugin.sources.wire import Refused
from tb_aml_plugin.target import RestTarget
from tests.support.ports import free_port
from tests.support.scripted_server import Answer, Request, ScriptedServer, refusal, scripted_server


def _connected(url: str, environ: Mapping[str, str] | None = None) -> Http:
    return tracking_server(RestTarget(url), environ or {})


def _asked(environ: Mapping[str, str], *, login: str = "") -> Request:
    """The request that a server gets from a client with these variables."""
    with scripted_server(lambda request: Answer()) as server:
        http = _connected(server.url.replace("//", f"//{login}"), environ)
        http.get("x", {})
        http.close()
    return server.requests[0]


BASIC = {"MLFLOW_TRACKING_USERNAME": "ada", "MLFLOW_TRACKING_PASSWORD": "hunter2"}


def test_user_and_password_come_from_mlflows_variables() -> None:
    assert _asked(BASIC).basic_credentials == ("ada", "hunter2")


def test_a_token_comes_from_mlflows_variable() -> None:
    assert _asked({"MLFLOW_TRACKING_TOKEN": "t0ken"}).headers["Authorization"] == "Bearer t0ken"


def test_a_password_goes_before_a_token_as_with_mlflow() -> None:
    assert _asked({**BASIC, "MLFLOW_TRACKING_TOKEN": "t0ken"}).basic_credentials == ("ada", "hunter2")
    incomplete = {"MLFLOW_TRACKING_USERNAME": "ada", "MLFLOW_TRACKING_TOKEN": "t0ken"}
    assert _asked(incomplete).headers["Authorization"] == "Bearer t0ken"


def test_a_login_in_the_address_goes_before_the_variables() -> None:
    assert _asked(BASIC, login="grace:s%40fe@").basic_credentials == ("grace", "s@fe")


def test_saved_credentials_are_used_where_mlflow_keeps_them(tmp_path: Path) -> None:
    (tmp_path / ".mlflow").mkdir()
    (tmp_path / ".mlflow" / "credentials").write_text(
        "[mlflow]\nmlflow_tracking_username = saved\nmlflow_tracking_password = p%ss\n"
    )
    assert _asked({"HOME": str(tmp_path)}).basic_credentials == ("saved", "p%ss")
    assert _asked({"HOME": str(tmp_path), **BASIC}).basic_credentials == ("ada", "hunter2")
    (tmp_path / ".mlflow" / "credentials").write_text("no section")
    assert "Authorization" not in _asked({"HOME": str(tmp_path)}).headers


def test_without_credentials_none_are_sent(tmp_path: Path) -> None:
    assert "Authorization" not in _asked({"HOME": str(tmp_path)}).headers


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        (Answer({}, 401), AccessDenied, "MLFLOW_TRACKING_USERNAME"),
        (Answer(b"<html>", 403), AccessDenied, "HTTP 403"),
        (refusal("Invalid filter"), Refused, "Invalid filter"),
        (refusal("No run", "RESOURCE_DOES_NOT_EXIST", 404), Refused, "No run"),
        (Answer(b"<html>", 404, {"Content-Type": "text/html"}), NotATrackingStore, "(HTTP 404, text/html)"),
        (Answer(b"<html>", 200), NotATrackingStore, "not as an MLflow tracking server"),
        (Answer([1, 2]), NotATrackingStore, "Check the address"),
        (Answer(b""), NotATrackingStore, "Check the address"),
        (Answer({"message": "db"}, 500), SourceUnavailable, "HTTP 500"),
        (refusal("the database is gone", "INTERNAL_ERROR", 500), SourceUnavailable, "the database is gone"),
    ],
)
def test_each_answer_that_is_none_has_its_error(answer: Answer, error: type[SourceError], said: str) -> None:
    with scripted_server(lambda request: answer) as server:
        http = _connected(server.url.replace("//", "//ada:hunter2@"))
        with pytest.raises(error) as caught:
            http.get("x", {})
        http.close()
    assert said in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_nobody_listening_is_unavailable() -> None:
    http = _connected(f"http://ada:hunter2@127.0.0.1:{free_port()}")
    with pytest.raises(SourceUnavailable, match="connection refused") as caught:
        http.get("x", {})
    assert "hunter2" not in str(caught.value)


def test_a_server_that_breaks_off_is_unavailable() -> None:
    # More is announced than sent.
    with scripted_server(lambda request: Answer(b"{", headers={"Content-Length": "1000"})) as server:
        http = _connected(server.url)
        with pytest.raises(SourceUnavailable):
            http.get("x", {})
        http.close()


def test_a_server_that_says_nothing_is_given_up() -> None:
    go_on = threading.Event()

    def hang(request: Request) -> Answer:
        go_on.wait(30)
        return Answer()

    with scripted_server(hang) as server:
        http = _connected(server.url, {"MLFLOW_HTTP_REQUEST_TIMEOUT": "0.05"})
        with pytest.raises(SourceUnavailable, match="did not answer in time"):
            http.get("x", {})
        go_on.set()
        http.close()


@pytest.mark.parametrize(
    ("told", "seconds"), [("", 30), ("7", 7), ("0.5", 0.5), ("0", 30), ("-1", 30), ("inf", 30), ("soon", 30)]
)
def test_how_long_to_wait_is_what_mlflows_variable_says(told: str, seconds: float) -> None:
    assert read_timeout_s({"MLFLOW_HTTP_REQUEST_TIMEOUT": told}) == seconds


def _busy(times: int, status: int, headers: Mapping[str, str] | None = None) -> ScriptedServer:
    """A server that says so often that it is busy, and then answers."""
    left = [times]

    def answer(request: Request) -> Answer:
        left[0] -= 1
        return Answer({}, status, headers or {}) if left[0] >= 0 else Answer({"fine": True})

    return ScriptedServer(answer)


@pytest.mark.parametrize(
    ("status", "retry_after"),
    [
        (429, "0"),
        (502, "0"),
        (503, "-3"),
        (504, "nan"),
        (429, format_datetime(datetime(2020, 1, 1, tzinfo=timezone.utc), usegmt=True)),
    ],
)
def test_a_busy_server_is_asked_again(status: int, retry_after: str) -> None:
    server = _busy(2, status, {"Retry-After": retry_after})
    server.start()
    http = _connected(server.url)
    assert http.get("x", {}) == {"fine": True}
    assert len(server.requests) == 3
    http.close()
    server.stop()


def test_retry_after_says_how_long_to_wait_and_too_long_is_not_waited_for() -> None:
    for wait in ("3600", "inf"):
        server = _busy(1, 429, {"Retry-After": wait})
        server.start()
        http = _connected(server.url)
        with pytest.raises(SourceUnavailable, match=r"come back later \(HTTP 429\)"):
            http.get("x", {})
        assert len(server.requests) == 1
        http.close()
        server.stop()


def test_the_wait_is_as_long_as_the_server_says(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(wire.Wire, "_sleep", lambda self, wait_s, give_up_s, status: waits.append(wait_s))
    server = _busy(1, 503, {"Retry-After": "7"})
    server.start()
    http = _connected(server.url)
    http.get("x", {})
    assert waits == [7.0]
    http.close()
    server.stop()


def test_closing_ends_the_patience() -> None:
    server = _busy(1000, 503)
    server.start()
    http = _connected(server.url)
    problems: list[Exception] = []

    def ask() -> None:
        try:
            http.get("x", {})
        except SourceUnavailable as error:
            problems.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    http.close()
    asking.join(20)
    assert len(problems) == 1
    http.close()
    server.stop()


def test_a_certificate_that_is_not_trusted_is_told_from_a_server_that_is_down() -> None:
    with scripted_server(lambda request: Answer()) as server:
        http = _connected(server.url.replace("http:", "https:"))  # it speaks no TLS
        with pytest.raises(AccessDenied, match="MLFLOW_TRACKING_SERVER_CERT_PATH"):
            http.get("x", {})
        http.close()


@pytest.mark.parametrize(
    ("environ", "verify"),
    [
        ({}, None),
        ({"MLFLOW_TRACKING_INSECURE_TLS": "true"}, False),
        ({"MLFLOW_TRACKING_INSECURE_TLS": "1"}, False),
        ({"MLFLOW_TRACKING_INSECURE_TLS": "no"}, None),
        ({"MLFLOW_TRACKING_SERVER_CERT_PATH": "/ca.pem"}, "/ca.pem"),
    ],
)
def test_certificates_are_checked_as_mlflows_variables_say(environ: dict[str, str], verify: object) -> None:
    http = _connected("http://host", environ)
    assert http._wire.verify == verify
    http.close()


def test_a_client_certificate_is_taken_from_mlflows_variable() -> None:
    http = _connected("http://host", {"MLFLOW_TRACKING_CLIENT_CERT_PATH": "/client.pem"})
    assert http._wire.session.cert == "/client.pem"
    http.close()


def test_a_kept_connection_that_the_server_lets_go_of_is_no_failure() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"

    def serve(listener: socket.socket) -> None:
        for requests in (2, 1):  # the first connection ends with its second request, which nobody answers
            connection, _ = listener.accept()
            with connection:
                connection.recv(2**16)
                connection.sendall(answer)
                if requests > 1:
                    connection.recv(2**16)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=serve, args=(listener,))
        server.start()
        http = _connected(f"http://127.0.0.1:{listener.getsockname()[1]}")
        assert http.get("x", {}) == {}
        assert http.get("x", {}) == {}
        server.join(10)
        http.close()
