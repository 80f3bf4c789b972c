"""What the person at the terminal is told."""

from __future__ import annotations

import io
import sys

import pytest

from tb_aml_plugin.terminal import tell


def test_a_terminal_that_is_gone_is_told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """``tensorboard … 2>&1 | head``: the follower's thread reports from time to time, and must live on."""

    class Broken(io.StringIO):
        def flush(self) -> None:
            raise BrokenPipeError

    closed = io.StringIO()
    closed.close()
    for terminal in (Broken(), closed, None):
        monkeypatch.setattr(sys, "stderr", terminal)
        tell("The place answers again.")
