"""What the user named, and that no text shown about it holds a password."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tb_aml_plugin.errors import TargetError
from tb_aml_plugin.target import (
    AzureTarget,
    FileTarget,
    RestTarget,
    SqlTarget,
    Target,
    find_default,
    masked,
    parse,
)

WORKSPACE = {"subscription_id": "s", "resource_group": "g", "workspace_name": "w"}

_PIECES = (
    "http", "https", "sqlite", "postgresql", "mysql+pymysql", "file", "azureml", "C", ":", "/", "//", "///", "@", "#",
    "?", "[", "]", "~", "\x00", " ", "\n", "%", "user", "host", "5000", "99999", "é", "\ud800", "℀", ".", "..", "\\",
)  # fmt: skip
texts = st.one_of(st.text(), st.lists(st.sampled_from(_PIECES)).map("".join))

SECRET = "hunter2"
around = st.text("a/@#?:;%&= []'\"$\\é~", max_size=4)
passwords = st.builds("{}{}{}".format, around, st.just(SECRET), around)


@pytest.mark.parametrize(
    ("uri", "target"),
    [
        ("sqlite:///mlflow.db", SqlTarget("sqlite:///mlflow.db")),
        (" sqlite:////abs/mlflow.db\n", SqlTarget("sqlite:////abs/mlflow.db")),
        ("postgresql://user:pw@host:5432/db", SqlTarget("postgresql://user:pw@host:5432/db")),
        ("postgres://user@host/db", SqlTarget("postgresql://user@host/db")),
        ("postgresql+psycopg://host/db", SqlTarget("postgresql+psycopg://host/db")),
        ("mysql+pymysql://host/db", SqlTarget("mysql+pymysql://host/db")),
        ("http://host:5000", RestTarget("http://host:5000")),
        ("https://host/mlflow/", RestTarget("https://host/mlflow")),
        ("HTTP://host:5000/?x=1#/experiments/1", RestTarget("http://host:5000")),
        ("http://[::1]:5000", RestTarget("http://[::1]:5000")),
        ("./mlruns", FileTarget(Path("mlruns"))),
        ("mlruns", FileTarget(Path("mlruns"))),
        ("/data/mlruns", FileTarget(Path("/data/mlruns"))),
        ("file:///data/ml%20runs", FileTarget(Path("/data/ml runs"))),
        ("file:mlruns", FileTarget(Path("mlruns"))),
        ("file://localhost/data", FileTarget(Path("/data"))),
        ("file:///C:/mlruns", FileTarget(Path("C:/mlruns"))),
        ("C:\\mlruns", FileTarget(Path("C:\\mlruns"))),
    ],
)
def test_each_form_names_its_place(uri: str, target: Target) -> None:
    assert parse(uri) == target


def test_a_path_of_a_file_is_meant_as_sqlite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mlflow.db").touch()
    monkeypatch.chdir(tmp_path)
    assert parse("mlflow.db") == SqlTarget(f"sqlite:///{tmp_path / 'mlflow.db'}")
    assert parse("other.db") == FileTarget(Path("other.db"))


def test_a_tilde_is_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert parse("~/mlruns") == FileTarget(tmp_path / "mlruns")


@pytest.mark.parametrize(
    ("uri", "says"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("ftp://host", "Unknown scheme 'ftp'"),
        ("databricks://profile", "Unknown scheme 'databricks'"),
        ("http://", "no host"),
        ("http://:5000", "no host"),
        ("http://host:port", "port"),
        ("http://host:99999", "port"),
        ("http://[::1", "malformed"),
        ("http://u:p@q#r@host", "unclear"),
        ("http://u:p/q@host", "%2F"),
        ("http://u:1/q?@host", "unclear"),
        ("file://host/path", "names a host"),
        ("file://", "no path"),
        ("file://[x", "malformed"),
        ("sqlite:mlflow.db", "sqlite://, then the database"),
        ("sqlite://", "names no file"),
        ("sqlite:///", "names no file"),
    ],
)
def test_what_names_no_place_is_refused_with_a_reason(uri: str, says: str) -> None:
    with pytest.raises(TargetError) as refused:
        parse(uri)
    assert says in str(refused.value)


@given(texts)
@example("~\x00")
@example("http://[")
@example("http://℀.com")
def test_any_text_is_a_target_or_a_target_error(text: str) -> None:
    try:
        target = parse(text)
    except TargetError as error:
        assert str(error)
    else:
        assert isinstance(target, Target)
        assert repr(target)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://u:hunter2@host:5432/db", "postgresql://u:***@host:5432/db"),
        ("postgresql://u@host/db", "postgresql://u@host/db"),
        ("http://host:5000/path", "http://host:5000/path"),
        ("http://u:@host", "http://u:***@host"),
        ("http://:hunter2@host", "http://:***@host"),
        ("postgresql://u:hun/ter2@host/db", "postgresql://u:***@host/db"),
        ("postgresql://u:hun#t?er@2@host/db", "postgresql://u:***@host/db"),
        ("postgresql://u:hun ter2@host/db", "postgresql://u:***@host/db"),
        ("connecting to 'postgresql://u:hunter2@host/db' failed", "connecting to 'postgresql://u:***@host/db' failed"),
        ("not http://a:b@x nor http://c:d@y, ask me@z", "not http://a:***@x nor http://c:***@y, ask me@z"),
        ("mysql://host/db?user=u&password=hunter#2&x=1", "mysql://host/db?user=u&password=***&x=1"),
        (
            "https://x.blob.core.windows.net/c?sv=1&sig=hunter2%3D&se=2",
            "https://x.blob.core.windows.net/c?sv=1&sig=***&se=2",
        ),
        ("https://host/?access_token=hunter2", "https://host/?access_token=***"),
        ("mssql+pyodbc:///?odbc_connect=DRIVER%3DX%3BUID%3Dsa%3BPWD%3Dhunter2", "mssql+pyodbc:///?odbc_connect=***"),
        ("FATAL: no route, host=h password=hunter2 user=u", "FATAL: no route, host=h password=*** user=u"),
        ("u:hunter2@host/db", "u:***@host/db"),
        ("postgresql:u:hunter2@host/db", "postgresql:***@host/db"),
        ("postgresql:/u:hunter2@host/db", "postgresql:***@host/db"),
        ("Metric loss: 3 runs @ 5", "Metric loss: 3 runs @ 5"),
        ("/home/me@work/mlruns", "/home/me@work/mlruns"),
    ],
)
def test_a_password_is_masked_and_the_rest_stays(text: str, shown: str) -> None:
    assert masked(text) == shown


@settings(max_examples=3000)
@given(passwords)
def test_no_password_survives_in_a_url(password: str) -> None:
    url = f"postgresql://user:{password}@host/db"
    assert SECRET not in masked(url)
    assert SECRET not in repr(SqlTarget(url))


@settings(max_examples=5000)
@given(
    st.sampled_from(
        ["http://u:{}@h", "https://u:{}@h:99999", "file://u:{}@h/p", "ftp://u:{}@h", "postgresql:u:{}@h", "u:{}@h/db",
         "http:/u:{}@h", "sqlite:u:{}@h", "mysql+x:/u:{}@h"]
    ),
    passwords,
)  # fmt: skip
def test_no_error_tells_a_password(form: str, password: str) -> None:
    try:
        target = parse(form.format(password))
    except TargetError as error:
        assert SECRET not in str(error)
    else:
        if isinstance(target, SqlTarget | RestTarget):
            assert SECRET not in repr(target)


def test_the_variable_comes_first(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").touch()
    assert find_default(tmp_path, {"MLFLOW_TRACKING_URI": " http://host "}) == RestTarget("http://host")


def test_a_workspace_comes_before_a_database_and_that_before_a_folder(tmp_path: Path) -> None:
    (tmp_path / "mlruns").mkdir()
    assert find_default(tmp_path, {}) == FileTarget(tmp_path / "mlruns")
    (tmp_path / "mlflow.db").touch()
    assert find_default(tmp_path, {"MLFLOW_TRACKING_URI": " "}) == SqlTarget(f"sqlite:///{tmp_path}/mlflow.db")
    (tmp_path / "config.json").write_text(json.dumps(WORKSPACE))
    assert find_default(tmp_path, {}) == AzureTarget("s", "g", "w")


def test_where_nothing_is_the_error_says_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(TargetError) as refused:
        find_default(tmp_path, {})
    for word in ("--aml_tracking_uri", "MLFLOW_TRACKING_URI", "config.json", "mlflow.db", "mlruns", str(tmp_path)):
        assert word in str(refused.value)
