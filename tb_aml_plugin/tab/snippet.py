"""Python that reads a run, for people to take with them."""

from __future__ import annotations

import re
from pathlib import Path

_SQLITE = re.compile(r"(sqlite(?:\+\w+)?:///)(?!/)(.+)")
_WEB_USER = re.compile(r"(https?://)[^/@]*@")
_SCHEME = re.compile(r"\w[\w+.-]+:")  # longer than the letter of a drive
_HIDDEN = ":***@"


def snippet(uri: str, run_id: str) -> str:
    """Code that reads the run in any folder.

    Args:
      uri: of the place as MLflow takes it; relative to this process's folder, and with passwords masked.
    """
    first, needs = "", ""
    if relative := _SQLITE.fullmatch(uri):
        uri = relative[1] + Path(relative[2]).absolute().as_posix()
    elif not _SCHEME.match(uri):
        uri = Path(uri).absolute().as_uri()
    if uri.startswith("azureml:"):
        needs = "  # and azureml-mlflow installed beside it"
    elif uri.startswith("file:"):
        first = 'import os\n\nos.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")  # which MLflow 3 asks for\n'
    elif _WEB_USER.match(uri):
        uri = _WEB_USER.sub(r"\1", uri)
        needs = "  # set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD before"
    elif _HIDDEN in uri:
        needs = "  # the address below lacks the password"
    return f"{first}import mlflow{needs}\n\nmlflow.set_tracking_uri({uri!r})\nrun = mlflow.get_run({run_id!r})\n"
