"""What is handed out: the sdist holds all that is needed to build, the wheel all that is needed to run."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

import tb_aml_plugin
from tests.support.tensorboard import tensorboard

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "tb_aml_plugin"


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist of this checkout, and the wheel that was built from that sdist."""
    folder = tmp_path_factory.mktemp("dist")
    checkout = folder / "checkout"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in listed.rstrip("\0").split("\0"):
        if (ROOT / name).is_file():  # one may have been removed and not yet committed
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, checkout / name)
    # Without isolation: it would fetch setuptools, which is here, and is what the sdist asks for.
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(checkout)]
    built = subprocess.run(build, capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


@pytest.fixture(scope="module")
def python(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The interpreter of an environment in which the wheel is installed, and its dependencies are those of the tests.

    They are lent by a path file, since a download of all of them would take minutes; this package cannot come that
    way, because what an editable install adds to an environment is not looked at through a path file.
    """
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder, with_pip=False)
    installed = folder / "bin" / "python"
    (wheel,) = dist.glob("*.whl")
    pip = [sys.executable, "-m", "pip", "--quiet", "--python", str(installed), "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--no-deps", "--no-index", str(wheel)], check=True)
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return str(installed)


def test_the_wheel_holds_the_package_and_nothing_else(dist: Path) -> None:
    (wheel,) = dist.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    there = {
        path.relative_to(ROOT).as_posix()
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in names if ".dist-info/" not in name} == there
    assert "tb_aml_plugin/static/index.js" in names
    assert "tb_aml_plugin/py.typed" in names
    assert any(name.endswith("LICENSE") for name in names)


def test_the_sdist_holds_what_is_needed_to_build_and_to_test(dist: Path) -> None:
    (sdist,) = dist.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for name in ("setup.py", "pyproject.toml", "Makefile", "LICENSE", "README.md", "CHANGELOG.md", "CONTRIBUTING.md"):
        assert name in names
    assert {"scripts/venv", "frontend/src/main.ts", "frontend/package-lock.json", "tests/conftest.py"} <= names
    assert not [name for name in names if "node_modules" in name or "__pycache__" in name or ".venv" in name]


def test_it_is_the_wheel_that_is_installed(python: str, tmp_path: Path) -> None:
    program = "import json, tb_aml_plugin as p; print(json.dumps([p.__file__, p.__version__]))"
    found = subprocess.run([python, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    file, version = json.loads(found.stdout)
    assert not file.startswith(str(ROOT))
    assert version == tb_aml_plugin.__version__
    command = Path(python).with_name("tb-aml")
    told = subprocess.run([command, "--version"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert told == f"tb-aml-plugin {version}\n"


def test_the_installed_wheel_shows_runs_and_its_tab(python: str, sweep_folder: Path) -> None:
    with tensorboard("--aml_experiment", "ridge-sweep", cwd=sweep_folder, python=python) as board:
        assert "ridge-sweep/sweep" in board.runs()
        assert board.get("data/plugins_listing")["azureml"]["enabled"]
        assert b"render" in board.fetch("data/plugin/azureml/index.js")
