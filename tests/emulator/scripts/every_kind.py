"""One run with all that azureml-core can log: ``every_kind EXPERIMENT``."""

from __future__ import annotations

import struct
import sys
import zlib
from pathlib import Path

from azureml.core import Experiment, Run

from tests.emulator.scripts.workspace import tell, workspace

MATRIX = {
    "schema_type": "confusion_matrix",
    "schema_version": "1.0.0",
    "data": {"class_labels": ["cat", "dog"], "matrix": [[8, 2], [1, 9]]},
}
ACCURACY = {
    "schema_type": "accuracy_table",
    "schema_version": "1.0.1",
    "data": {
        "probability_tables": [[[4, 4, 0, 0], [3, 1, 3, 1], [0, 0, 4, 4]]] * 2,
        "percentile_tables": [[[4, 4, 0, 0], [2, 0, 4, 2], [0, 0, 4, 4]]] * 2,
        "probability_thresholds": [0.0, 0.5, 1.0],
        "percentile_thresholds": [0.0, 0.5, 1.0],
        "class_labels": ["cat", "dog"],
    },
}
RESIDUALS = {
    "schema_type": "residuals",
    "schema_version": "1.0.0",
    "data": {
        "bin_edges": [-2.0, -1.0, 0.0, 1.0, 2.0],
        "bin_counts": [1, 5, 4, 2],
        "mean": 0.1,
        "stddev": 1.0,
        "res_count": 12,
    },
}
PREDICTIONS = {
    "schema_type": "predictions",
    "schema_version": "1.0.0",
    "data": {
        "bin_averages": [0.25, 0.75],
        "bin_errors": [0.01, 0.02],
        "bin_counts": [5, 7],
        "bin_edges": [0.0, 0.5, 1.0],
    },
}


def log_everything(run: Run) -> None:
    for step in range(5):
        run.log("loss", 1 / (step + 1), step=step)
    for value in (3.0, 1.0, 2.0):
        run.log("no steps", value)
    run.log("accuracy ", 0.5)
    run.log_list("weights", [0.5, 0.25, 0.125])
    run.log_list("names", ["cat", "dog"])
    for row in range(3):
        run.log_row("rows", epoch=row, lr=0.1 / (row + 1))
    run.log_table("table", {"x": [1, 2, 3], "y": [1.0, 4.0, 9.0], "label": ["a", "b", "c"]})
    run.log_list("long list", [float(value) for value in range(250)])
    run.log_confusion_matrix("matrix", MATRIX)
    run.log_accuracy_table("accuracy table", ACCURACY)
    run.log_residuals("residuals", RESIDUALS)
    run.log_predictions("predictions", PREDICTIONS)
    Path("picture.png").write_bytes(png())
    run.log_image("picture", path="picture.png")
    log_plot(run)
    Path("notes.txt").write_text("hello")
    run.upload_file("outputs/notes.txt", "notes.txt")
    run.tag("team", "vision")
    run.description = "A run with *everything*."
    run.set_tags({"note": "two\nlines", "empty": ""})
    run.add_properties({"origin": "emulator"})


def log_plot(run: Run) -> None:
    """What matplotlib has drawn; its file is named after the second."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    plt.figure(figsize=(1, 1))
    plt.plot([1, 3, 2])
    run.log_image("plot", plot=plt)


def png() -> bytes:
    """A picture of 2 × 2 red pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header, pixels = struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0), b"\0" + b"\xff\0\0" * 2
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(pixels * 2)) + chunk(b"IEND", b"")
    )


def main() -> None:
    run = Experiment(workspace(), sys.argv[1]).start_logging(
        outputs=None, snapshot_directory=None, display_name="everything"
    )
    log_everything(run)
    run.complete()
    metrics = run.get_metrics()
    tell({"id": run.id, "metrics": metrics, "files": sorted(run.get_file_names())})


if __name__ == "__main__":
    main()
