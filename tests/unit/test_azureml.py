"""The pure parts of the Azure ML source, and how tokens are kept."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from tb_aml_plugin.errors import AccessDenied
from tb_aml_plugin.flags import AUTH_KINDS
from tb_aml_plugin.model import RunStatus
from tb_aml_plugin.sources.azureml import clouds, credential_kinds, trials
from tb_aml_plugin.sources.azureml.catalog import charts_of
from tb_aml_plugin.sources.azureml.metric_json import Rows, definition_of, iso, milliseconds
from tb_aml_plugin.sources.azureml.run_json import record_of
from tb_aml_plugin.sources.azureml.tables import artifact_path
from tb_aml_plugin.sources.azureml.tokens import Tokens

json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def test_every_way_to_sign_in_that_the_flag_takes_is_known() -> None:
    assert tuple(credential_kinds.KINDS) == AUTH_KINDS


@pytest.mark.parametrize(
    ("tags", "parent_tags", "found"),
    [
        ({}, {"_aml_system_t_0": '{"--lr": 0.1, "-b": 16, "name": "x"}'}, {"lr": "0.1", "b": "16", "name": "x"}),
        ({}, {"t_0": '{"lr": true}'}, {"lr": "true"}),
        ({"hyperparameters": '{"lr": 1e-05}'}, {}, {"lr": "1e-05"}),
        ({"hyperparameters": "not json"}, {"t_0": "[1]"}, {}),
        ({"hyperparameters": "[" * 100_000}, {}, {}),
        ({}, {"t_1": '{"lr": 1}'}, {}),
    ],
)
def test_the_arguments_of_a_trial(tags: dict[str, str], parent_tags: dict[str, str], found: dict[str, str]) -> None:
    assert trials.arguments("t_0", tags, parent_tags) == found


@pytest.mark.parametrize(
    ("status", "parsed"),
    [
        ("NotStarted", RunStatus.SCHEDULED),
        ("Preparing", RunStatus.SCHEDULED),
        ("Queued", RunStatus.SCHEDULED),
        ("Running", RunStatus.RUNNING),
        ("Finalizing", RunStatus.RUNNING),
        ("Completed", RunStatus.FINISHED),
        ("Failed", RunStatus.FAILED),
        ("Canceled", RunStatus.KILLED),
        ("Levitating", RunStatus.UNKNOWN),
    ],
)
def test_run_historys_statuses(status: str, parsed: RunStatus) -> None:
    assert record_of({"status": status}).status is parsed


@given(st.integers(0, 4_000_000_000_000))
def test_a_time_survives_its_way_to_the_service_and_back(time_ms: int) -> None:
    assert milliseconds(iso(time_ms)) == time_ms


@pytest.mark.parametrize(
    ("text", "time_ms"),
    [
        ("2023-11-14T22:13:20.1239999+00:00", 1_700_000_000_123),
        ("2023-11-14T22:13:20Z", 1_700_000_000_000),
        ("2023-11-14T22:13:20.5", 1_700_000_000_500),
        ("nonsense", 0),
        ("", 0),
    ],
)
def test_times_are_cut_to_milliseconds(text: str, time_ms: int) -> None:
    assert milliseconds(text) == time_ms


@given(json_values)
def test_no_json_is_too_odd_for_a_metric(found: Any) -> None:
    page = {"value": [{"data": found, "createdUtc": found, "step": found}, found]}
    rows = Rows(("x",))
    rows.add(page)
    points = rows.points("x", by_index=True)
    assert points.values.dtype == np.float64
    assert isinstance(definition_of({"metricKey": found, "columns": found, "uxMetricType": found}).name, str)


def test_a_table_has_a_chart_for_each_column_of_numbers() -> None:
    columns = {"x": "Double", "n": "int", "label": "string"}
    table = definition_of({"metricKey": {"name": "t"}, "columns": columns, "uxMetricType": "azureml.v1.table"})
    assert list(charts_of(table)) == ["t/x", "t/n"]


@pytest.mark.parametrize(
    ("location", "kind", "first", "path"),
    [
        ("aml://artifactId/ExperimentRun/dcid.r/a/b.png", "image", False, "a/b.png"),
        ("aml://artifactId/a/b.png", "image", True, "a/b.png"),
        ("aml://artifactId/ExperimentRun/dcid.r/outputs/m.json", "confusion_matrix", True, "m.json"),
        ("aml://artifactId/Elsewhere/x/y", "image", False, ""),
        ("https://somewhere", "image", False, ""),
    ],
)
def test_where_the_value_of_a_metric_is(location: str, kind: str, first: bool, path: str) -> None:
    assert artifact_path(location, kind, is_first_generation=first) == path


def test_a_cloud_is_told_by_the_address_then_by_the_variable() -> None:
    environ = {"AZUREML_CURRENT_CLOUD": "AzureChinaCloud"}
    assert clouds.find("AzureUSGovernment", environ, clouds.fetch).studio == "https://ml.azure.us"
    assert clouds.find("", environ, clouds.fetch).login == "https://login.chinacloudapi.cn"
    assert clouds.find("", {}, clouds.fetch).scope == "https://management.azure.com/.default"
    with pytest.raises(AccessDenied, match="no Azure cloud called 'Nimbus'"):
        clouds.find("Nimbus", {}, clouds.fetch)


@dataclass
class _Issued:
    token: str
    expires_on: float


class _Credential:
    def __init__(self, lifetime_s: float = 3600, problem: str = "") -> None:
        self.asked = 0
        self._lifetime_s, self._problem = lifetime_s, problem

    def get_token(self, *scopes: str) -> _Issued:
        self.asked += 1
        if self._problem:
            raise ValueError(self._problem)
        return _Issued(f"token {self.asked}", time.time() + self._lifetime_s)


def test_a_token_is_kept_until_a_service_refuses_it() -> None:
    credential = _Credential()
    tokens = Tokens(lambda: [("one", lambda: credential)], "scope")
    assert [tokens.get(), tokens.get()] == ["token 1", "token 1"]
    request = tokens(requests.Request("GET", "https://x").prepare())
    assert tokens.renew(request)
    assert tokens.renew(request)  # of another thread, whose request had the same token
    assert (tokens.get(), credential.asked) == ("token 2", 2)


def test_what_no_credential_gives_is_not_asked_for_again_at_once() -> None:
    bad, worse = _Credential(problem="no tenant"), _Credential(problem="no luck")
    tokens = Tokens(lambda: [("bad", lambda: bad), ("worse", lambda: worse)], "scope", lambda: "Do something.")
    for _ in range(3):
        with pytest.raises(AccessDenied, match=r"Do something\. Tried:\n  bad: no tenant\.\n  worse: no luck\."):
            tokens.get()
    assert (bad.asked, worse.asked) == (1, 1)
    good = _Credential()
    tokens.prefer(lambda: good)  # someone has signed in
    assert tokens.get() == "token 1"
    assert tokens.problem == ""


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "EnvironmentCredential",
            (
                "EnvironmentCredential authentication unavailable. Environment variables are not fully configured. Visit "
                "https://aka.ms/x to troubleshoot."
            ),
            ("EnvironmentCredential", "Environment variables are not fully configured."),
        ),
        (
            "FailedDACCredential",
            (
                "WorkloadIdentityCredential authentication unavailable. The workload options are not fully configured. See "
                "the troubleshooting guide for more information: https://aka.ms/x. Missing required arguments: 'a'."
            ),
            ("WorkloadIdentityCredential", "The workload options are not fully configured."),
        ),
        (
            "ManagedIdentityCredential",
            "ManagedIdentityCredential authentication unavailable.",
            ("ManagedIdentityCredential", "Not available here."),
        ),
        (
            "ManagedIdentityCredential",
            "ManagedIdentityCredential authentication unavailable, no response from the IMDS endpoint.",
            ("ManagedIdentityCredential", "no response from the IMDS endpoint."),
        ),
        (
            "AzureDeveloperCliCredential",
            "Azure Developer CLI could not be found. Please visit https://aka.ms/azure-dev for instructions.",
            ("AzureDeveloperCliCredential", "Azure Developer CLI could not be found."),
        ),
        (
            "service principal",
            "Authentication failed: AADSTS7000215: Invalid client secret provided.",
            ("service principal", "Authentication failed: AADSTS7000215: Invalid client secret provided."),
        ),
        ("x", "See this.", ("x", "See this.")),
    ],
)
def test_why_a_credential_gives_no_token_is_said_in_a_line(name: str, text: str, said: tuple[str, str]) -> None:
    def credential() -> _Credential:
        return _Credential(problem=text)

    (attempt,) = Tokens(lambda: [(name, credential)], "scope").attempt()
    assert (attempt.name, attempt.problem) == said
