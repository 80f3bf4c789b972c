"""A training that goes on as long as it is told to: ``live_training EXPERIMENT``.

Each line of its input is a value of ``loss`` to log, with the next step. It prints its run's id at first, and "logged"
once a value has arrived; the run completes when the input ends.
"""

from __future__ import annotations

import sys

from azureml.core import Experiment

from tests.emulator.scripts.workspace import workspace


def main() -> None:
    run = Experiment(workspace(), sys.argv[1]).start_logging(
        outputs=None, snapshot_directory=None, display_name="training"
    )
    print(run.id, flush=True)
    for step, line in enumerate(sys.stdin):
        run.log("loss", float(line), step=step)
        run.flush()
        print("logged", flush=True)
    run.complete()


if __name__ == "__main__":
    main()
