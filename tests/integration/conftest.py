"""One written history for all tests that only read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.sweep import write_sweep


@pytest.fixture(scope="session")
def sweep_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a user leaves it: ``mlflow.db`` holds `tests.support.sweep` and one more experiment, "baseline"."""
    folder = tmp_path_factory.mktemp("sweep")
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    write_sweep(uri)
    write_sweep(uri, "baseline")
    return folder


@pytest.fixture(scope="session")
def sweep_uri(sweep_folder: Path) -> str:
    """The tracking URI of `sweep_folder`."""
    return f"sqlite:///{sweep_folder / 'mlflow.db'}"
