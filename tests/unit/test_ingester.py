"""The hook is there for one call, touches one name, and refuses a TensorBoard that is made otherwise."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

import pytest
from tensorboard import program
from tensorboard.data import ingester as tb_ingester
from tensorboard.data import server_ingester

from tb_aml_plugin import ingester
from tb_aml_plugin.errors import SettingsError
from tb_aml_plugin.flags import PLACEHOLDER
from tb_aml_plugin.merged import MergedDataProvider
from tests.support.providers import FakeProvider

NAME = "ExistingServerDataIngester"


@pytest.fixture(autouse=True)
def original() -> Iterator[type]:
    before = server_ingester.ExistingServerDataIngester
    yield before
    assert getattr(server_ingester, NAME) is before, "the hook was left in place"


class Made(tb_ingester.DataIngester):
    data_provider = None

    def start(self) -> None:
        pass


def _ask() -> Any:
    """As `program._make_data_ingester` does."""
    return server_ingester.ExistingServerDataIngester(PLACEHOLDER, channel_creds_type=None)


def test_one_call_gets_ours_and_the_next_tensorboards_own(original: type) -> None:
    made = Made()
    ingester.install(lambda: made)
    assert _ask() is made
    assert server_ingester.ExistingServerDataIngester is original


def test_flags_that_are_fixed_twice_leave_one_hook(original: type) -> None:
    first, second = Made(), Made()
    ingester.install(lambda: first)
    ingester.install(lambda: second)
    assert _ask() is second
    assert server_ingester.ExistingServerDataIngester is original


def test_the_original_is_back_when_making_ours_fails(original: type) -> None:
    def fail() -> Any:
        raise SettingsError("no")

    ingester.install(fail)
    with pytest.raises(SettingsError):
        _ask()
    assert server_ingester.ExistingServerDataIngester is original


class OtherSignature:
    def __init__(self, address: str, credentials: object) -> None: ...


@pytest.mark.parametrize("other", [None, lambda address: None, OtherSignature])
def test_a_tensorboard_that_is_made_otherwise_is_refused_and_left_alone(
    monkeypatch: pytest.MonkeyPatch, other: object
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(server_ingester, NAME, other)
        with pytest.raises(SettingsError, match=r"Tested are TensorBoard 2\.\d+ to 2\.\d+: pip install"):
            ingester.install(Made)
        assert getattr(server_ingester, NAME) is other


def _flags(**given: str) -> argparse.Namespace:
    nothing = {"logdir": "", "logdir_spec": "", "db": "", "grpc_data_provider": PLACEHOLDER}
    return argparse.Namespace(**(nothing | given))


def test_without_other_data_the_run_history_is_all_there_is() -> None:
    started: list[bool] = []
    ours = FakeProvider("ours")
    made = ingester.RunHistoryIngester(_flags(), [ours], lambda: started.append(True))
    assert not started
    made.start()
    assert started == [True]
    assert isinstance(made.data_provider, MergedDataProvider)
    assert list(made.data_provider.providers) == [ours]


@pytest.mark.parametrize("given", [{"logdir": "x"}, {"logdir_spec": "a:x"}, {"grpc_data_provider": "localhost:1"}])
def test_other_data_stand_behind_it_as_tensorboard_reads_them(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str]
) -> None:
    asked: list[argparse.Namespace] = []

    class Own(Made):
        data_provider = FakeProvider("own")

    def make(tensorboard: program.TensorBoard) -> Own:
        asked.append(tensorboard.flags)
        return Own()

    monkeypatch.setattr(program.TensorBoard, "_make_data_ingester", make)
    flags, ours = _flags(**given), FakeProvider("ours")
    made = ingester.RunHistoryIngester(flags, [ours], lambda: None)
    made.start()
    assert [str(provider) for provider in made.data_provider.providers] == ["ours", "own"]
    (seen,) = asked
    assert seen.grpc_data_provider == given.get("grpc_data_provider", "")
    assert flags.grpc_data_provider == given.get("grpc_data_provider", PLACEHOLDER), "TensorBoard's flags were changed"
