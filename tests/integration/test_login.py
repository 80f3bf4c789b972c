"""``tb-aml login``: a person enters a code once, and is remembered."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.emulator import Emulator
from tests.emulator.clients import environ


def test_a_person_signs_in_by_code_and_is_forgotten_when_asked(azure: Emulator, tmp_path: Path) -> None:
    azure.write_config(tmp_path)
    azure.signed_in = True
    code, said = _login(azure, tmp_path)
    azure.signed_in = False
    assert code == 0, said
    assert "enter the code EMUL-ATOR" in said
    assert f"Signed in as {azure.user}" in said
    (record,) = (tmp_path / ".config" / "tb-aml").iterdir()
    assert record.stat().st_mode & 0o777 == 0o600
    assert "token" not in record.read_text()
    assert _login(azure, tmp_path, "--forget") == (0, "Forgotten.\n")
    assert _login(azure, tmp_path, "--forget") == (0, "Nobody had signed in.\n")


def test_a_sign_in_that_comes_to_nothing_says_why(azure: Emulator, tmp_path: Path) -> None:
    azure.write_config(tmp_path)
    azure.faults.fail("entra.device_code", 400, times=9)
    code, said = _login(azure, tmp_path)
    azure.faults.clear()
    assert code == 1
    assert said.startswith("tb-aml login: Signing in came to nothing") and said.count("\n") == 1
    assert "Traceback" not in said


def _login(azure: Emulator, home: Path, *flags: str) -> tuple[int, str]:
    found = subprocess.run(
        [sys.executable, "-m", "tb_aml_plugin", "login", *flags],
        cwd=home,
        env={**os.environ, **environ(azure, home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return found.returncode, found.stdout + found.stderr
