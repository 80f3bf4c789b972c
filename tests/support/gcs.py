"""A Google Cloud Storage server on this machine."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from gcp_storage_emulator.server import create_server

from tests.support.ports import free_port

BUCKET = "artifacts"


@contextlib.contextmanager
def gcs() -> Iterator[dict[str, str]]:
    """Runs one with an empty bucket `BUCKET`; gives the environment in which Google's client finds it."""
    port = free_port()
    server = create_server("127.0.0.1", port, in_memory=True, default_bucket=BUCKET)
    server.start()
    try:
        yield {"STORAGE_EMULATOR_HOST": f"http://127.0.0.1:{port}", "GOOGLE_CLOUD_PROJECT": "emulated"}
    finally:
        server.stop()
