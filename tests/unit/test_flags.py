"""What was typed, as one value; and nothing of it where it must not be shown."""

from __future__ import annotations

import argparse

import pytest

from tb_aml_plugin import flags
from tb_aml_plugin.flags import PLACEHOLDER, Settings


def _parser(grpc_default: str = "") -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    parser.add_argument("--grpc_data_provider", default=grpc_default)
    parser.add_argument("--logdir", default="")
    flags.define(parser)
    return parser


def _typed(*arguments: str) -> argparse.Namespace:
    return _parser().parse_args(arguments)


def test_nothing_typed_is_nothing_asked() -> None:
    typed = _typed("--logdir", "x")
    assert not flags.are_given(typed)
    assert flags.settings_of(typed) == Settings()
    assert typed.grpc_data_provider == ""


@pytest.mark.parametrize(
    ("arguments", "settings"),
    [
        (["--aml_experiment", "a", "--aml_experiment", "b,c"], Settings(experiments=("a", "b,c"))),
        (["--aml_run", "1, 2", "--aml_run", "3"], Settings(run_ids=("1", "2", "3"))),
        (["--aml_tracking_uri", "sqlite:///x"], Settings(tracking_uri="sqlite:///x")),
        (["--aml_filter", "params.lr = '1'"], Settings(filter="params.lr = '1'")),
        (["--aml_order_by", "a ASC", "--aml_order_by", "b"], Settings(order_by=("a ASC", "b"))),
        (["--aml_max_runs", "7"], Settings(max_runs=7)),
        (["--aml_step", "index"], Settings(step="index")),
        (["--aml_native_logs", "off"], Settings(native_logs="off")),
        (["--aml_cache_bytes", "20m"], Settings(cache_bytes=20 * 2**20)),
        (["--aml_cache_bytes", "12345"], Settings(cache_bytes=12345)),
    ],
)
def test_each_flag_is_a_setting_and_stands_for_data(arguments: list[str], settings: Settings) -> None:
    typed = _typed(*arguments)
    assert flags.settings_of(typed) == settings
    assert typed.grpc_data_provider == PLACEHOLDER
    assert flags.are_given(typed)


@pytest.mark.parametrize("arguments", [["--aml_max_runs", "500"], ["--aml_step", "auto"], ["--aml_filter", ""]])
def test_a_flag_typed_with_its_default_was_given_all_the_same(arguments: list[str]) -> None:
    assert flags.are_given(_typed(*arguments))


def test_a_data_provider_that_was_named_keeps_its_name() -> None:
    for order in (["--grpc_data_provider", "host:1", "--aml_run", "r"], ["--aml_run", "r", "--grpc_data_provider=h"]):
        typed = _typed(*order)
        assert typed.grpc_data_provider.startswith("h")
        assert flags.are_given(typed)


def test_pythons_api_sets_a_plain_text_where_the_command_line_makes_a_list() -> None:
    # tensorboard.program.TensorBoard.configure(aml_experiment="x") assigns without the Action.
    assert flags.settings_of(argparse.Namespace(aml_experiment="a", aml_run="r")) == Settings(("a",), ("r",))


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5", ""])
def test_a_number_of_runs_is_a_whole_one_from_one_on(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        _typed("--aml_max_runs", text)
    assert f"at least 1, not {text!r}" in capsys.readouterr().err


def test_secrets_are_masked_where_tensorboard_would_show_them() -> None:
    typed = _typed("--aml_tracking_uri", "postgresql://me:hunter2@host/db")
    flags.hide_secrets(typed)
    assert typed.aml_tracking_uri == "postgresql://me:***@host/db"
    assert "hunter2" not in str(vars(typed))


@pytest.mark.parametrize("text", ["", "G", "1.5G", "-1", "5X", "٣", "1 G"])
def test_what_is_no_number_of_bytes_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        _typed("--aml_cache_bytes", text)
    assert "500M or 20G" in capsys.readouterr().err
