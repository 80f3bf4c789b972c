"""Changes runs with azureml-core as a person would: ``change RENAMED CANCELLED``, ids of runs."""

from __future__ import annotations

import sys

from azureml.core import Run

from tests.emulator.scripts.workspace import tell, workspace

if __name__ == "__main__":
    found = workspace()
    renamed, cancelled = (Run.get(found, run_id) for run_id in sys.argv[1:])
    renamed.display_name = "named by azureml-core"
    cancelled.cancel()
    tell({"name": renamed.display_name})
