"""A video without a codec at hand: WebM whose frames are lossy WebP pictures, which are key frames of VP8."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 320, 240


def webm(seconds: int, frames_per_s: int = 5) -> bytes:
    """A film of noise, about 30 kB a frame: of 10 different frames, with an index to seek by.

    The container's elements: https://www.matroska.org/technical/elements.html
    """
    pictures = [_frame(number) for number in range(10)]
    step_ms = 1000 // frames_per_s
    times_ms = range(0, seconds * 1000, step_ms)
    clusters = [_cluster(time, pictures[place % len(pictures)]) for place, time in enumerate(times_ms)]
    head = _element(
        0x1549A966,
        _element(0x2AD7B1, _whole(1_000_000))  # a unit of time is a millisecond
        + _element(0x4489, struct.pack(">d", seconds * 1000))
        + _element(0x4D80, b"tests")
        + _element(0x5741, b"tests"),
    )
    picture = _element(0xB0, _whole(WIDTH)) + _element(0xBA, _whole(HEIGHT))
    entry = [(0xD7, _whole(1)), (0x73C5, _whole(1)), (0x83, _whole(1)), (0x86, b"V_VP8"), (0xE0, picture)]
    head += _element(0x1654AE6B, _element(0xAE, b"".join(_element(*each) for each in entry)))
    index_bytes = len(_index(times_ms, clusters, 0))
    body = head + _index(times_ms, clusters, len(head) + index_bytes) + b"".join(clusters)
    kind = _element(0x4282, b"webm") + _element(0x4287, _whole(2)) + _element(0x4285, _whole(2))
    return _element(0x1A45DFA3, kind) + _element(0x18538067, body)


def _frame(seed: int) -> bytes:
    noise = np.random.default_rng(seed).integers(0, 255, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "WEBP", quality=50)
    riff = file.getvalue()
    assert riff[12:16] == b"VP8 "
    (length,) = struct.unpack("<I", riff[16:20])
    return riff[20 : 20 + length]


def _cluster(time_ms: int, frame: bytes) -> bytes:
    block = b"\x81" + struct.pack(">hB", 0, 0x80) + frame  # of track 1, a key frame
    return _element(0x1F43B675, _element(0xE7, _whole(time_ms)) + _element(0xA3, block))


def _index(times_ms: Sequence[int], clusters: Sequence[bytes], start: int) -> bytes:
    points = []
    for time, cluster in zip(times_ms, clusters, strict=True):
        place = _element(0xF7, _whole(1)) + _element(0xF1, _whole(start))
        points.append(_element(0xBB, _element(0xB3, _whole(time)) + _element(0xB7, place)))
        start += len(cluster)
    return _element(0x1C53BB6B, b"".join(points))


def _whole(value: int) -> bytes:
    return value.to_bytes(8, "big")


def _element(identity: int, content: bytes) -> bytes:
    name = identity.to_bytes((identity.bit_length() + 7) // 8, "big")
    return name + (1 << 56 | len(content)).to_bytes(8, "big") + content
