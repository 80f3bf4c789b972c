"""Keys of pictures: through any address, and back."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tb_aml_plugin.media import InFile
from tb_aml_plugin.media.blob_key import BlobKey
from tb_aml_plugin.model import RunId

KEYS = st.builds(
    BlobKey,
    st.text(max_size=50).map(RunId),
    st.builds(InFile, st.text(max_size=300), st.text(max_size=20), st.text(max_size=20), st.none() | st.integers(0)),
)


@given(key=KEYS)
@example(BlobKey(RunId("r"), InFile("a/größe 名前 +&#%?.png", "image", "", 3)))
@example(BlobKey(RunId("r"), InFile("\ud800", "image")))
def test_a_key_survives_any_address(key: BlobKey) -> None:
    text = key.encode()
    assert re.fullmatch(r"[A-Za-z0-9_-]*", text)
    assert BlobKey.decode(text) == key


@given(text=st.text(max_size=80) | st.binary(max_size=60).map(lambda b: b.hex()))
@example("")
@example("W10")
@example("WzEsMiwzLDQsNV0")
@example("x" * 100_000)
def test_anything_else_is_no_key(text: str) -> None:
    with pytest.raises(ValueError, match="no blob key"):
        BlobKey.decode(text)
