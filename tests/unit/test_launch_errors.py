"""What is said when TensorBoard does not start."""

from __future__ import annotations

import pytest

from tb_aml_plugin.errors import AmlError, LaunchFailed, SettingsError
from tb_aml_plugin.launch import launch_errors

CONFLICT = [
    "Traceback (most recent call last):",
    "pkg_resources.ContextualVersionConflict: (google-auth 2.0 (/x), Requirement.parse('google-auth<2'), {'tensorboard'})",
]


@pytest.mark.parametrize(
    ("exit_code", "lines", "kind", "said"),
    [
        (1, ["x", "No module named 'tensorboard'"], LaunchFailed, "-m pip install tensorboard"),
        (1, CONFLICT, LaunchFailed, "-m pip check"),
        (1, ["ImportError: cannot import name 'x' from 'y'"], LaunchFailed, "-m pip check"),
        (-9, [], LaunchFailed, r"exit code -9. Its last lines:\n  \(nothing\)"),
        (None, ["still loading"], LaunchFailed, r"did not answer within 120 s. Its last lines:\n  still loading"),
        (1, ["OSError: [Errno 28] No space left on device"], LaunchFailed, "disk is full"),
        (255, ["TensorBoard could not bind to port 6006, it was already in use"], launch_errors.PortTaken, "taken"),
        (
            1,
            ["noise", "Error: No experiment 'x'.", "Closest: 'y'."],
            SettingsError,
            "^No experiment 'x'.\nClosest: 'y'.$",
        ),
        (1, ["OSError: postgresql://ada:secret@h/db"], LaunchFailed, r"postgresql://ada:\*\*\*@h/db"),
    ],
)
def test_the_error_and_the_cure(exit_code: int | None, lines: list[str], kind: type[AmlError], said: str) -> None:
    error = launch_errors.of(exit_code, lines, 120.0)
    assert type(error) is kind
    with pytest.raises(kind, match=said):
        raise error


def test_only_the_last_lines_are_shown() -> None:
    shown = str(launch_errors.of(1, [f"line {n}" for n in range(1000)], 120.0))
    assert "line 999" in shown and "line 960" in shown and "line 959" not in shown
