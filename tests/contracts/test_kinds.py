"""What every kind promises: what its writers' files give, and that no bytes at all do harm."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pytest
from google.protobuf import text_format
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.util import tensor_util

from tb_aml_plugin import kinds
from tb_aml_plugin.errors import CannotShow
from tb_aml_plugin.kinds import assembly
from tb_aml_plugin.kinds.base import File, Kind
from tb_aml_plugin.media import Dashboard, Histogram, Payload, Picture, PrCurve, Table, Text, markdown
from tb_aml_plugin.model import ScalarSeries
from tests.contracts.kind_samples import SAMPLES, Sample
from tests.support.kind_files import Bytes, file

GOLDEN = Path(__file__).with_name("golden")
WRITE = os.environ.get("TB_AML_WRITE_GOLDEN")
"""Set it to write what is there now as what is expected, and look at the difference."""

_TYPES = {
    Dashboard.IMAGES: (Picture,),
    Dashboard.TEXT: (Text, Table),
    Dashboard.SCALARS: (ScalarSeries,),
    Dashboard.HISTOGRAMS: (Histogram,),
    Dashboard.PR_CURVES: (PrCurve,),
}
MOST_READ_BYTES = 64 * 2**20
by_sample = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
by_kind = pytest.mark.parametrize("kind", kinds.KINDS, ids=lambda kind: kind.name)


def test_names_are_unique_and_have_samples() -> None:
    names = [kind.name for kind in kinds.KINDS]
    assert len(set(names)) == len(names)
    assert set(names) == {sample.kind for sample in SAMPLES} | {"svg"}


@by_sample
def test_a_file_is_claimed_by_its_kind(sample: Sample) -> None:
    found = kinds.of(sample.file())
    assert found is not None
    assert found.name == sample.kind


@by_sample
def test_what_a_file_gives_is_what_dashboards_take(sample: Sample) -> None:
    given_ = sample.file()
    kind = kinds.named(sample.kind)
    for found in kind.find(given_):
        assert isinstance(kind.payload(given_, found.part), _TYPES[found.dashboard])


@by_sample
def test_what_a_file_gives_is_what_it_always_gave(sample: Sample) -> None:
    given_ = sample.file()
    kind = kinds.named(sample.kind)
    summary = Summary()
    for piece in assembly.pieces_of(given_) or ():
        for series in assembly.assembled(given_.run, [piece]):
            payload = kind.payload(given_, piece.content.part)
            summary.value.append(_value(series.tag, series.dashboard, series.points[0].step, payload))
    path = GOLDEN / (re.sub(r"[^\w.-]+", "_", sample.path) + ".pbtxt")
    if WRITE:
        path.write_text(text_format.MessageToString(summary, as_utf8=True), encoding="utf-8")
    expected = text_format.Parse(path.read_text(encoding="utf-8"), Summary())
    assert [_rounded(value) for value in summary.value] == [_rounded(value) for value in expected.value]


@by_sample
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_damaged_file_gives_something_or_a_reason(sample: Sample, data: st.DataObject) -> None:
    content = bytearray(sample.content)
    for _ in range(data.draw(st.integers(0, 4))):
        position = data.draw(st.integers(0, len(content) - 1))
        content[position] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(content)))
    _look(sample.file(bytes(content[:end])))


@by_kind
@settings(max_examples=60, deadline=None)
@given(content=st.binary(max_size=300))
def test_any_bytes_give_something_or_a_reason(kind: Kind, content: bytes) -> None:
    for path in {sample.path for sample in SAMPLES if sample.kind == kind.name}:
        _look(file(path, content))


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "data",
                    "columns",
                    "schema_type",
                    "matrix",
                    "class_labels",
                    "bin_edges",
                    "bin_counts",
                    "probability_tables",
                    "probability_thresholds",
                ]
            )
            | st.text(max_size=3),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@pytest.mark.parametrize("kind", ["confusion_matrix", "accuracy_table", "residuals", "predictions", "table", "list"])
@settings(max_examples=80, deadline=None)
@given(document=_JSON)
def test_json_of_any_other_form_gives_something_or_a_reason(kind: str, document: object) -> None:
    import json

    forms = {"table": {"columns": document, "data": document}, "list": [document]}
    wrapped = forms.get(kind, {"schema_type": kind, "data": document})
    _look(file("a.json", json.dumps(wrapped).encode()))


def test_a_kind_that_is_not_there_is_no_kind() -> None:
    with pytest.raises(CannotShow):
        kinds.named("../x")


def _look(given_: File) -> None:
    """Does all that can be done with a file. Anything but `CannotShow` fails; so does reading without end."""
    try:
        kind = kinds.of(given_)
        if kind is not None:
            for found in kind.find(given_):
                payload = kind.payload(given_, found.part)
                assert isinstance(payload, _TYPES[found.dashboard])
    except CannotShow as problem:
        assert str(problem)
    assert isinstance(given_.read, Bytes)
    assert given_.read.moved_bytes <= MOST_READ_BYTES


def _value(tag: str, dashboard: Dashboard, step: int, payload: Payload) -> Summary.Value:
    """`payload` as an event file would hold it; of a picture its size and its mean colour."""
    value = Summary.Value(tag=tag, node_name=f"step {step}")
    value.metadata.plugin_data.plugin_name = dashboard.value
    if isinstance(payload, Picture):
        import io

        with Image.open(io.BytesIO(payload.data)) as image:
            value.image.width, value.image.height = image.size
            value.metadata.summary_description = f"{image.format} {image.mode}"
            colour = np.asarray(image.convert("RGB"), np.float64).mean(axis=(0, 1))
        value.tensor.CopyFrom(tensor_util.make_tensor_proto(colour.round().astype(np.int32)))
    elif isinstance(payload, (Text, Table)):
        value.tensor.CopyFrom(tensor_util.make_tensor_proto(markdown.array_of(payload)))
    elif isinstance(payload, ScalarSeries):
        value.tensor.CopyFrom(tensor_util.make_tensor_proto(np.stack([payload.steps, payload.values])))
    else:
        array = payload.buckets if isinstance(payload, Histogram) else payload.values
        value.tensor.CopyFrom(tensor_util.make_tensor_proto(array))
    return value


def _rounded(value: Summary.Value) -> tuple[object, ...]:
    """What must be equal; drawings differ by a shade from one Pillow to the next."""
    tensor = tensor_util.make_ndarray(value.tensor)
    if value.metadata.plugin_data.plugin_name == "images":
        tensor = tensor // 8
        if value.metadata.summary_description == "PNG RGB" and value.image.width > 100:
            tensor = tensor // 4
    elif tensor.dtype.kind == "f":
        tensor = tensor.round(9)
    return value.tag, value.node_name, value.metadata.plugin_data.plugin_name, value.image.width, str(tensor.tolist())
