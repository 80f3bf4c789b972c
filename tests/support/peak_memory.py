"""A script that opens large files as a dashboard would, each in a process of its own, and tells what each took at most.

Prints JSON: name → (megabytes more than before, what was shown or why it was not).
"""

from __future__ import annotations

import io
import json
import resource
from collections.abc import Callable
from multiprocessing import get_context

import numpy as np

from tb_aml_plugin import kinds
from tb_aml_plugin.errors import CannotShow
from tests.support.kind_files import Bytes, Repeated, file

MB = 2**20


def _png(mode: str) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.new(mode, (7000, 7000)).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _parquet() -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    numbers = np.random.default_rng(0).normal(size=1_000_000)
    buffer = io.BytesIO()
    pq.write_table(pa.table(dict.fromkeys("abcd", numbers) | {"text": [str(n) for n in numbers]}), buffer)
    return buffer.getvalue()


def _matrix() -> bytes:
    data = {"matrix": np.eye(1000).tolist(), "class_labels": [str(number) for number in range(1000)]}
    return json.dumps({"schema_type": "confusion_matrix", "data": data}).encode()


def _numbers() -> bytes:
    return b"[" + b"0.12345678," * 1_400_000 + b"1]"


CASES: dict[str, Callable[[], tuple[str, bytes | Bytes]]] = {
    "text of 50 MB": lambda: ("x.txt", Repeated(b"", b"a line of text\n", 50 * MB)),
    "csv of a million rows": lambda: ("x.csv", Repeated(b"name,f1\n", b"1,0.25\n", 7_000_000)),
    "json of a million rows": lambda: (
        "x.json",
        Repeated(b'{"columns": ["name", "f1"], "data": [', b"[1, 0.25], ", 11_000_000),
    ),
    "parquet of a million rows": lambda: ("x.parquet", _parquet()),
    "png of 49 megapixels": lambda: ("x.png", _png("RGBA")),
    "png of 49 megapixels of 16 bits": lambda: ("x.png", _png("I;16")),
    "json of a million numbers": lambda: ("x.json", _numbers()),
    "matrix of a thousand classes": lambda: ("x.json", _matrix()),
}


def _measure(path: str, content: bytes | Bytes) -> tuple[float, str]:
    given = file(path, content)
    begin = _peak_mb()
    kind = kinds.of(given)
    assert kind
    try:
        shown = [type(kind.payload(given, found.part)).__name__ for found in kind.find(given)]
    except CannotShow as problem:
        shown = [str(problem)]
    return _peak_mb() - begin, " ".join(shown)


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _made(name: str) -> tuple[str, bytes | Bytes]:
    return CASES[name]()


def main() -> None:
    import PIL.Image
    import pyarrow.parquet  # noqa: F401 - what is loaded once is not the cost of a file

    PIL.Image.init()
    found = {}
    fork = get_context("fork")
    for name in CASES:
        with fork.Pool(1) as maker, fork.Pool(1) as reader:  # making a file may take more than reading it
            found[name] = reader.apply(_measure, maker.apply(_made, (name,)))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
