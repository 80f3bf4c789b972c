"""A real PostgreSQL server, thrown away afterwards."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.support.ports import free_port
from tests.support.processes import running
from tests.support.waiting import wait_until

START_TIMEOUT_S = 60.0
PASSWORD = "postgres password"


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """A server on loopback with an empty database "mlflow"; its SQLAlchemy URL."""
    binaries = _binaries()
    with tempfile.TemporaryDirectory(prefix="postgres-", dir="/tmp") as name:
        folder, port = Path(name), free_port()
        as_user = _as_user(folder)
        password = folder / "password"
        password.write_text(PASSWORD)
        password.chmod(0o644)
        _run([*as_user, str(binaries / "initdb"), "-D", f"{folder}/data", "-U", "mlflow", "-A", "scram-sha-256",
              "--pwfile", str(password), "-N", "-E", "UTF8", "--locale", "C.UTF-8"])  # fmt: skip
        server = [*as_user, str(binaries / "postgres"), "-D", f"{folder}/data", "-p", str(port), "-k", name]
        server += ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "max_connections=50"]
        with running(server, folder / "log") as process:
            ready = [str(binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
            up = wait_until(lambda: subprocess.call(ready) == 0 or process.poll() is not None, START_TIMEOUT_S)
            assert up and process.poll() is None, f"PostgreSQL did not start: {(folder / 'log').read_text()}"
            environ = {**os.environ, "PGPASSWORD": PASSWORD}
            create = [str(binaries / "createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", "mlflow", "mlflow"]
            subprocess.run(create, check=True, env=environ)
            yield f"postgresql+psycopg://mlflow:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{port}/mlflow"


def _binaries() -> Path:
    on_path = shutil.which("initdb")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    assert on_path or found, "PostgreSQL is not installed: scripts/system-packages installs it"
    return found[-1].parent if found else Path(on_path or "").resolve().parent


def _as_user(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root: then as the user that its package made."""
    if os.geteuid() != 0:
        return []
    account = pwd.getpwnam("postgres")
    os.chown(folder, account.pw_uid, account.pw_gid)
    return ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"]


def _run(command: list[str]) -> None:
    found = subprocess.run(command, capture_output=True, text=True, cwd="/")
    assert found.returncode == 0, found.stdout + found.stderr
