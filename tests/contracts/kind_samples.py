"""A file of each kind, as its writer makes it, and what it is to give. A new kind is a sample or more in `SAMPLES`."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from tb_aml_plugin.kinds.base import File
from tests.support import rich_run
from tests.support.kind_files import file, run

CSV = "name;precision;epoch\ncat;0,5;1\ndog;0.75;2\nsnow leopard;;3\n"
TABLE = {"columns": ["step", "f1", "label"], "data": [[10, 0.1, "a"], [20, 0.5, "<b>b</b>"], [30, 0.75, None]]}
MLMODEL = """\
artifact_path: model
flavors:
  python_function:
    loader_module: mlflow.sklearn
  sklearn:
    sklearn_version: 1.5.0
mlflow_version: 2.16.0
model_size_bytes: 1234
model_uuid: 0123456789abcdef
signature:
  inputs: '[{"type": "double", "name": "age", "required": true}, {"type": "long", "name": "bmi", "required": false}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1]}}]'
utc_time_created: '2024-09-01 10:00:00.000000'
"""


@dataclass(frozen=True)
class Sample:
    """A file of the kind called `kind`."""

    kind: str
    path: str
    content: bytes
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.kind}: {self.path}"

    def file(self, content: bytes | None = None) -> File:
        """The file, or one of its name that holds something else."""
        return file(self.path, self.content if content is None else content, of=run(self.tags))


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def _npy() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.linspace(-1, 1, 61, dtype=np.float32).reshape(61, 1))
    return buffer.getvalue()


def _npz() -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, kernel=np.arange(30), bias=np.ones(12))
    return buffer.getvalue()


def _parquet() -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    columns = {"x": [1.5, None, 2.5], "day": [None, None, None], "label": ["a", "b", "c"]}
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


def _picture(form: str, mode: str = "RGB", size: tuple[int, int] = (30, 20)) -> bytes:
    return rich_run.encoded(Image.new(mode, size, 100 if mode in ("L", "I;16") else "red"), form)


_LOGGED_TABLE = {"mlflow.loggedArtifacts": '[{"path": "eval.json", "type": "table"}]'}

SAMPLES = (
    Sample("image", "images/a~b+step+3+timestamp+1700000000123+uu-id.png", _picture("PNG")),
    Sample("image", "images/a#b%step%4%timestamp%1700000000124%uuid.png", _picture("PNG")),
    Sample("image", "plots/roc_1700000009.jpeg", _picture("JPEG")),
    Sample("image", "samples/epoch_007/x.gif", _picture("GIF", "P")),
    Sample("image", "x.bmp", _picture("BMP")),
    Sample("image", "x.webp", _picture("WEBP")),
    Sample("image", "depth.tiff", _picture("TIFF", "I;16")),
    Sample("image", "large.png", _picture("PNG", "L", (5000, 100))),
    Sample("confusion_matrix", "confusion.json", _json(rich_run.CONFUSION_MATRIX)),
    Sample("confusion_matrix", "confusion matrix", _json(rich_run.CONFUSION_MATRIX)),
    Sample("accuracy_table", "accuracy.json", _json(rich_run.ACCURACY_TABLE)),
    Sample("residuals", "residuals", _json(rich_run.RESIDUALS)),
    Sample("predictions", "predictions.json", _json(rich_run.PREDICTIONS)),
    Sample("json_table", "eval.json", _json(TABLE), _LOGGED_TABLE),
    Sample("json_table", "table.json", _json(TABLE)),
    Sample("csv_table", "metrics.csv", CSV.encode()),
    Sample("csv_table", "bare.tsv", b"1\t2\n3\t4\n"),
    Sample("parquet_table", "data.parquet", _parquet()),
    Sample("numbers", "weights.json", _json([[0.5 * n for n in range(10)], [1] * 10])),
    Sample("npy", "weights.npy", _npy()),
    Sample("npz", "weights.npz", _npz()),
    Sample("model", "model/MLmodel", MLMODEL.encode()),
    Sample("text", "notes/readme.md", "# Größe\n<script>x</script>".encode()),
    Sample("text", "log.txt", "名前\n```\n*plain*".encode("utf-16")),
    Sample("text", "config.yaml", b"lr: 0.1\n"),
    Sample("text", "config.json", b'{"lr": 0.1}'),
)
