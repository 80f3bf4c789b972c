"""What can go wrong between us and a workspace, while a real ``tensorboard`` serves: nothing goes blank, it is said once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.emulator import Emulator, scenarios
from tests.support.event_files import write_scalar
from tests.support.tensorboard import TensorBoard, run_tensorboard, tensorboard
from tests.support.waiting import wait_until
from tests.support.without import without

FLAGS = ("--logdir", "logs", "--aml_experiment", "sweep", "--reload_interval", "1")
RUN = "sweep/root/trial 0"
INDEX = "mlflow.runs/search"


@pytest.fixture(scope="module")
def folder(azure: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a user starts it: a config.json, and local logs."""
    folder = tmp_path_factory.mktemp("faults")
    azure.write_config(folder)
    write_scalar(folder / "logs" / "local", "loss", [1.0])
    scenarios.sweep(azure, children=2, metrics=1, points=3)
    return folder


@pytest.fixture(scope="module")
def board(azure: Emulator, folder: Path) -> Iterator[TensorBoard]:
    azure.faults.hang("*", times=1)  # the first request of all: the start does not wait for it
    environ = {**azure.environ(folder), **azure.service_principal(), "MLFLOW_HTTP_REQUEST_TIMEOUT": "3"}
    with tensorboard(*FLAGS, cwd=folder, environ=environ) as running:
        running.wait_for_run("local")
        assert RUN not in running.runs()
        azure.faults.clear()
        running.wait_for_run(RUN, 60)
        yield running
        assert "Traceback" not in running.output
        assert azure.client_secret not in running.output


FAULTS: dict[str, tuple[Callable[[Emulator], object], str]] = {
    "signed out": (lambda azure: azure.faults.fail(INDEX, 401, times=999), "The sign-in has expired"),
    "no permission": (lambda azure: azure.faults.fail(INDEX, 403, times=999), "needs the role"),
    "not there": (lambda azure: azure.faults.fail(INDEX, 404, times=999), "refused the request"),
    "broken": (lambda azure: azure.faults.fail(INDEX, 500, times=999), "failed: The emulator was told to answer 500"),
    "a page for people": (lambda azure: azure.faults.html(INDEX, times=999), "not as an Azure ML service"),
    "half an answer": (lambda azure: azure.faults.cut(INDEX, times=999), "does not answer"),
    "hanging": (lambda azure: azure.faults.hang(INDEX, times=999), "did not answer in time"),
    "deleted": (lambda azure: setattr(azure.faults, "workspace_deleted", True), "was not found"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_it_is_said_once_what_was_read_stays_and_it_recovers(board: TensorBoard, azure: Emulator, fault: str) -> None:
    strike, said = FAULTS[fault]
    before, again = board.output.count(said), board.output.count("answers again")
    strike(azure)
    assert wait_until(lambda: board.output.count(said) == before + 1, 60), board.output[-2000:]
    polls = azure.journal.count(INDEX)
    assert wait_until(lambda: azure.journal.count(INDEX) >= polls + 2, 60)
    assert board.output.count(said) == before + 1
    assert {"local", RUN} <= set(board.runs())
    assert len(board.card("metric 0")) == 2
    azure.faults.clear()
    assert wait_until(lambda: board.output.count("answers again") == again + 1, 90), board.output[-2000:]


def test_tokens_that_are_withdrawn_are_replaced_without_a_word(board: TensorBoard, azure: Emulator) -> None:
    said = len(board.output)
    azure.tokens.expire_all()
    azure.journal.clear()
    assert wait_until(lambda: azure.journal.count("entra.token") == 1, 60)
    assert wait_until(lambda: azure.journal.entries[-1].kind == INDEX and azure.journal.entries[-1].status == 200, 60)
    assert board.output[said:] == ""
    assert azure.journal.count("entra.token") == 1


def test_a_short_throttling_is_waited_for_without_a_word(board: TensorBoard, azure: Emulator) -> None:
    said = len(board.output)
    azure.journal.clear()
    azure.faults.throttle(INDEX, times=3, retry_after_s=1)
    throttled = lambda: [entry.status for entry in azure.journal.entries if entry.kind == INDEX]  # noqa: E731
    assert wait_until(lambda: throttled().count(429) == 3 and throttled()[-1] == 200, 60)
    assert board.output[said:] == ""


def test_metrics_that_arrive_late_are_shown(board: TensorBoard, azure: Emulator) -> None:
    run = azure.history.runs["sweep_1"]
    azure.history.late = True
    scenarios.add_scalar(azure, run, "late", [1.0, 2.0], steps=range(2))
    azure.history.deliver()
    # The run ended long ago: a full listing, once a minute, sees it.
    assert wait_until(lambda: "late" in board.scalar_tags()["sweep/root/trial 1"], 90)
    assert [point["value"] for point in board.card("late")["sweep/root/trial 1"]] == [1.0, 2.0]


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"subscription_id": "00000000-0000-4000-8000-0000000000ff"}, "sees no subscription"),
        ({"workspace_name": "absent"}, "There is no Azure ML workspace absent"),
    ],
)
def test_a_wrong_config_is_said_once_and_local_runs_are_there(
    azure: Emulator, folder: Path, tmp_path: Path, config: dict[str, str], said: str
) -> None:
    found = json.loads((folder / "config.json").read_text()) | config
    (tmp_path / "config.json").write_text(json.dumps(found))
    write_scalar(tmp_path / "logs" / "local", "loss", [1.0])
    environ = {**azure.environ(tmp_path), **azure.service_principal()}
    with tensorboard(*FLAGS, cwd=tmp_path, environ=environ) as board:
        assert wait_until(lambda: said in board.output, 60), board.output
        asked = azure.journal.count("arm.*")
        assert wait_until(lambda: azure.journal.count("arm.*") > asked, 60)
        assert board.output.count("Azure ML:") == 1, board.output
        assert board.runs() == ["local"]
        assert "Traceback" not in board.output


def test_without_the_extra_the_error_names_the_command(folder: Path, tmp_path: Path) -> None:
    code, output = run_tensorboard(*FLAGS, cwd=folder, environ=without(tmp_path, "azure.identity", "azureml"))
    assert code != 0
    assert 'pip install "tb-aml-plugin[azureml]"' in output
    assert "Traceback" not in output


def test_nobody_signed_in_is_said_once_and_a_person_signs_in_by_code(
    azure: Emulator, folder: Path, tmp_path: Path
) -> None:
    azure.write_config(tmp_path)
    write_scalar(tmp_path / "logs" / "local", "loss", [1.0])
    with tensorboard(*FLAGS, "--aml_auth", "device", cwd=tmp_path, environ=azure.environ(tmp_path)) as board:
        assert wait_until(lambda: "enter the code EMUL-ATOR" in board.output, 60), board.output
        assert board.runs() == ["local"]
        azure.signed_in = True
        board.wait_for_run(RUN, 90)
        assert board.output.count("EMUL-ATOR") == 1
        assert "answers again" in board.output
    azure.signed_in = False
    # The next one signs in silently.
    with tensorboard(*FLAGS, "--aml_auth", "device", cwd=tmp_path, environ=azure.environ(tmp_path)) as board:
        board.wait_for_run(RUN, 90)
        assert "Azure ML:" not in board.output
