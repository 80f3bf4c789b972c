"""What azureml-core tells of the runs of experiments: ``read_back EXPERIMENT…``."""

from __future__ import annotations

import sys

from azureml.core import Experiment, Run

from tests.emulator.scripts.workspace import tell, workspace


def describe(run: Run) -> dict[str, object]:
    return {
        "name": run.display_name,
        "status": run.status,
        "parent": run.parent.id if run.parent else None,
        "metrics": run.get_metrics(),
        "tags": run.get_tags(),
        "children": [child.id for child in run.get_children()],
        "files": run.get_file_names(),
    }


if __name__ == "__main__":
    found = workspace()
    runs = [run for name in sys.argv[1:] for run in Experiment(found, name).get_runs(include_children=True)]
    tell({run.id: describe(run) for run in runs})
