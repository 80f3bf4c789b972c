"""What the paths of pictures say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_aml_plugin.kinds.image_names import ImageName, parse

LOGGED = "images/a~b.c+step+3+timestamp+1700000000123+0a-1b"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (f"{LOGGED}.png", ImageName("a/b.c", 3, 1_700_000_000.123)),
        (f"{LOGGED}+compressed.webp", ImageName("a/b.c", 3, 1_700_000_000.123, f"{LOGGED}.png")),
        ("images/a#b%step%-2%timestamp%1000%u.png", ImageName("a/b", -2, 1.0)),
        (
            "images/a%step%0%timestamp%1000%u%compressed.webp",
            ImageName("a", 0, 1.0, "images/a%step%0%timestamp%1000%u.png"),
        ),
        ("images/plain.png", ImageName("images/plain.png")),
        ("loss_1700000000.png", ImageName("loss.png", None, 1_700_000_000.0)),
        ("table_images/eval/0a1b.png", ImageName("table_images/eval")),
        ("table_images/eval/0a1b.webp", ImageName("table_images/eval", twin="table_images/eval/0a1b.png")),
        ("samples/epoch_003/a.png", ImageName("samples/a.png", 3)),
        ("samples/a_step_3.png", ImageName("samples/a.png", 3)),
        ("samples/step3.png", ImageName("samples", 3)),
        ("step_3.png", ImageName("step", 3)),
        ("epoch=3-step=100.png", ImageName("step", 100)),
        ("Epoch 12/x y.jpg", ImageName("x y.jpg", 12)),
        ("a-iter5-b.png", ImageName("a-b.png", 5)),
        ("footsteps3.png", ImageName("footsteps3.png")),
        ("003.png", ImageName("003.png")),
    ],
)
def test_a_path_says(path: str, name: ImageName) -> None:
    assert parse(path) == name


@given(path=st.text("ab~#%+_-=./ step0123456789epoch", min_size=1, max_size=60))
def test_any_path_has_a_tag(path: str) -> None:
    assert parse(path).tag or not path.strip("/")
