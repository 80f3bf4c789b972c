"""Addresses that are made when they are asked for."""

from __future__ import annotations

import pytest
from werkzeug import Response
from werkzeug.test import Client

from tb_aml_plugin.tab.later import Later

APPS = {name: Response(name) for name in ("/index.js", "/assets/*", "/api/*", "/api/runs", "/api/files/*")}


@pytest.mark.parametrize(
    ("path", "answers"),
    [
        ("/data/plugin/azureml/index.js", "/index.js"),
        ("/data/plugin/azureml/assets/x.js", "/assets/*"),
        ("/data/plugin/azureml/api/runs", "/api/runs"),
        ("/data/plugin/azureml/api/other", "/api/*"),
        ("/data/plugin/azureml/api/files/a/b", "/api/files/*"),
    ],
)
def test_the_closest_address_answers(path: str, answers: str) -> None:
    assert Client(Later(lambda: APPS, "/azureml")).get(path).text == answers


@pytest.mark.parametrize("path", ["/data/plugin/azureml/none", "/data/plugin/azureml", "/elsewhere", "/"])
def test_an_address_that_is_not_there_is_not_found(path: str) -> None:
    assert Client(Later(lambda: {"/index.js": Response()}, "/azureml")).get(path).status_code == 404


def test_nothing_is_made_before_the_first_request_and_once_only() -> None:
    made = []
    later = Later(lambda: made.append(1) or APPS, "/azureml")  # type: ignore[func-returns-value]
    assert not made
    for _ in range(3):
        Client(later).get("/data/plugin/azureml/index.js")
    assert made == [1]
