"""Files that are too large, too many-pixeled or no files of their kind at all: a reason, and little read."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image

from tb_aml_plugin import kinds
from tb_aml_plugin.errors import CannotShow
from tb_aml_plugin.kinds import lettering
from tb_aml_plugin.kinds.base import HEAD_BYTES, TAIL_BYTES, File
from tb_aml_plugin.kinds.pictures import LARGEST_SIDE, MOST_PIXELS
from tb_aml_plugin.media import Dashboard, Payload, Picture, Table, Text
from tb_aml_plugin.model import ScalarSeries
from tests.support import rich_run
from tests.support.kind_files import Bytes, Repeated, file

MB = 2**20


def _png_of(width: int, height: int) -> bytes:
    """A PNG whose header says so, and whose data is all zeros, packed a thousand times."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = zlib.compress(b"\0" * min(height * (width + 1), 64 * MB), 9)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _payload(given: File) -> Payload:
    kind = kinds.of(given)
    assert kind is not None
    found = next(iter(kind.find(given)))
    return kind.payload(given, found.part)


def _moved(given: File) -> int:
    assert isinstance(given.read, Bytes)
    return given.read.moved_bytes


def test_a_picture_of_a_hundred_megapixels_is_refused_by_its_header() -> None:
    with pytest.raises(CannotShow, match=r"100 megapixels \(10000 x 10000\); up to 50"):
        _payload(file("x.png", _png_of(10_000, 10_000)))


def test_a_picture_of_a_billion_pixels_is_refused() -> None:
    with pytest.raises(CannotShow, match="pixels"):
        _payload(file("x.png", _png_of(60_000, 60_000)))


def test_a_large_picture_is_scaled() -> None:
    given = file("x.png", _png_of(9_000, 4_500))
    assert MOST_PIXELS > 9_000 * 4_500
    shown = _payload(given)
    assert isinstance(shown, Picture)
    with Image.open(io.BytesIO(shown.data)) as image:
        assert image.size == (LARGEST_SIDE, LARGEST_SIDE // 2)


def test_a_photograph_that_was_scaled_stays_small() -> None:
    shown = _payload(file("x.png", rich_run.encoded(rich_run.picture(0, (2500, 3000)), "PNG")))
    assert isinstance(shown, Picture)
    assert shown.data.startswith(b"\xff\xd8")


def test_what_every_browser_shows_is_not_touched() -> None:
    for form in ("PNG", "JPEG", "GIF", "BMP"):
        data = rich_run.encoded(rich_run.picture(0), form)
        shown = _payload(file("x.png", data))
        assert isinstance(shown, Picture)
        assert shown.data == data


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "PA", "CMYK", "1", "I", "F", "I;16", "LAB"])
def test_pictures_of_any_mode_become_ones_that_browsers_show(mode: str) -> None:
    shown = _payload(file("x.tiff", rich_run.encoded(Image.new(mode, (20, 10)), "TIFF")))
    assert isinstance(shown, Picture)
    with Image.open(io.BytesIO(shown.data)) as image:
        assert (image.format, image.size) == ("PNG", (20, 10))


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"<svg/>", b"BM", b"RIFF\0\0\0\0WEBP", b"%PDF"]
)
def test_a_broken_picture_says_so(content: bytes) -> None:
    with pytest.raises(CannotShow, match="no picture that can be read"):
        _payload(file("x.png", content))


def test_a_picture_cut_short_says_so_where_it_has_to_be_read() -> None:
    whole = rich_run.encoded(rich_run.picture(0, (300, 300)), "WEBP")
    with pytest.raises(CannotShow):
        _payload(file("x.webp", whole[: len(whole) // 2]))


def test_a_picture_file_of_a_gigabyte_is_not_read() -> None:
    given = file("x.png", Repeated(b"\x89PNG", b"\0", 2**30))
    with pytest.raises(CannotShow, match=r"1024\.0 MB; up to 64\.0 MB"):
        _payload(given)
    assert _moved(given) == 0


@pytest.mark.parametrize(("orientation", "size"), [(1, (2048, 1024)), (3, (2048, 1024)), (6, (1024, 2048))])
def test_a_photograph_stays_upright_when_it_is_scaled(orientation: int, size: tuple[int, int]) -> None:
    photograph = Image.new("RGB", (4000, 2000))
    photograph.paste("white", (0, 0, 2000, 1000))
    exif = photograph.getexif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    photograph.save(buffer, "JPEG", exif=exif)
    shown = _payload(file("x.jpg", buffer.getvalue()))
    assert isinstance(shown, Picture)
    with Image.open(io.BytesIO(shown.data)) as image:
        assert image.size == size
        white = {1: (0.25, 0.25), 3: (0.75, 0.75), 6: (0.75, 0.25)}[orientation]
        assert image.convert("L").getpixel((int(size[0] * white[0]), int(size[1] * white[1]))) > 250


def test_svg_is_left_to_the_tab() -> None:
    given = file("x.svg", b"<svg/>")
    with pytest.raises(CannotShow, match="Azure ML tab"):
        kinds.named("svg").find(given)


def test_of_a_text_of_50_mb_the_beginning_is_shown() -> None:
    given = file("x.txt", Repeated(b"", b"line of text\n", 50 * MB))
    shown = _payload(given)
    assert isinstance(shown, Text)
    assert shown.text.endswith("(the first 64 kB of 50.0 MB)")
    assert _moved(given) == HEAD_BYTES


@pytest.mark.parametrize("content", [b"\0\1\2\3" * 100, bytes(range(128, 256)) * 4, b"PK\3\4" + b"\0" * 50])
def test_binary_data_named_like_a_text_says_so(content: bytes) -> None:
    with pytest.raises(CannotShow, match="holds binary data"):
        _payload(file("x.txt", content))


def test_a_text_that_is_cut_within_a_letter_is_whole_up_to_it() -> None:
    shown = _payload(file("x.txt", b"x" * (HEAD_BYTES - 1) + "ö".encode() + b"y"))
    assert isinstance(shown, Text)
    assert shown.text.startswith("x" * (HEAD_BYTES - 1) + "\n…")


@pytest.mark.parametrize(
    ("path", "head", "row"),
    [
        ("x.csv", b"a,b\n", b"1,0.5\n"),
        ("x.json", b'{"columns": ["a", "b"], "data": [[1, 0.5]', b",[1,0.5]"),
    ],
)
def test_of_a_table_of_a_million_rows_the_first_are_read(path: str, head: bytes, row: bytes) -> None:
    given = file(path, Repeated(head, row, len(head) + len(row) * 1_000_000))
    kind = kinds.of(given)
    assert kind is not None
    found = {(series.dashboard, series.tag): series.part for series in kind.find(given)}
    table, curve = kind.payload(given, ""), kind.payload(given, found[Dashboard.SCALARS, f"{path}/b"])
    assert isinstance(table, Table)
    assert len(table.rows) == 100
    assert table.note == "The first 100 rows of more."
    assert isinstance(curve, ScalarSeries)
    assert len(curve) == 10_000
    assert _moved(given) < 5 * MB


def test_of_a_parquet_file_of_a_million_rows_the_first_are_read() -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    rows = np.random.default_rng(0).normal(size=1_000_000)
    pq.write_table(pa.table({"a": rows, "b": rows}), buffer, row_group_size=100_000)
    given = file("x.parquet", buffer.getvalue())
    table = _payload(given)
    assert isinstance(table, Table)
    assert (len(table.rows), table.note) == (100, "The first 100 of 1000000 rows.")
    assert _moved(given) < 6 * MB < len(buffer.getvalue())


def test_a_parquet_file_that_repeats_long_texts_stays_small() -> None:
    """Ten kilobytes that say a long text a hundred thousand times, at the top and within other values."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    words = pa.DictionaryArray.from_arrays(pa.array([0] * 100_000, pa.int32()), pa.array(["x" * 200_000]))
    lists = pa.ListArray.from_arrays(pa.array(range(100_001), pa.int32()), words)
    buffer = io.BytesIO()
    pq.write_table(pa.table({"word": words, "words": lists, "n": range(100_000)}), buffer, store_schema=False)
    before = pa.default_memory_pool().max_memory()
    given = file("x.parquet", buffer.getvalue())
    table = _payload(given)
    assert isinstance(table, Table)
    assert [cell[:3] for cell in table.rows[99]] == ["xxx", "…", "99"]
    assert pa.default_memory_pool().max_memory() - before < 64 * MB
    assert [found.tag for found in kinds.named("parquet_table").find(given)] == ["x.parquet", "x.parquet/n"]


def test_a_table_of_many_columns_shows_the_first() -> None:
    given = file("x.csv", (",".join(f"c{n}" for n in range(500)) + "\n" + ",".join(["1"] * 500) + "\n").encode() * 1)
    table = _payload(given)
    assert isinstance(table, Table)
    assert len(table.columns) == 50
    assert table.note == "The first 50 of 500 columns."


def _npz(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


def test_an_archive_that_unpacks_to_much_is_refused() -> None:
    bomb = _npz("a.npy", b"\0" * (65 * MB))
    assert len(bomb) < MB
    with pytest.raises(CannotShow, match="more than 64"):
        _payload(file("x.npz", bomb))


def test_an_archive_that_says_less_than_it_holds_is_no_array() -> None:
    bomb = _npz("a.npy", b"\0" * (65 * MB)).replace(struct.pack("<I", 65 * MB), struct.pack("<I", 100))
    with pytest.raises(CannotShow):
        _payload(file("x.npz", bomb))


def test_an_array_of_objects_is_not_unpickled() -> None:
    buffer = io.BytesIO()
    np.save(buffer, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(CannotShow, match="no array that can be read"):
        _payload(file("x.npy", buffer.getvalue()))


def test_an_array_that_says_it_is_huge_is_no_array() -> None:
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": "<f8", "fortran_order": False, "shape": (2**40,)})
    with pytest.raises(CannotShow):
        _payload(file("x.npy", buffer.getvalue()))


@pytest.mark.parametrize(
    ("values", "buckets"),
    [
        (np.full(20, 3.0), [[2.5, 3.5, 20]]),
        (np.array([np.nan] * 5 + [np.inf, -np.inf] + [1.0] * 10), [[0.5, 1.5, 10]]),
        (np.array([1.0] * 10 + [np.nextafter(1.0, 2.0)]), [[0.5, 1.5, 11]]),
        (np.array([1e16, 1e16 + 2] * 10), None),
    ],
)
def test_odd_distributions_have_buckets(values: np.ndarray, buckets: list[list[float]] | None) -> None:
    from tb_aml_plugin.kinds.arrays import histogram

    found = histogram(values).buckets
    assert found.shape[1] == 3
    assert found[:, 2].sum() == np.isfinite(values).sum()
    if buckets is not None:
        assert found.tolist() == buckets


@pytest.mark.parametrize(
    "values", [np.arange(9), np.array([1e308, -1e308] * 10), np.array(["a"] * 20), np.array([1j] * 20)]
)
def test_what_is_no_distribution_says_so(values: np.ndarray) -> None:
    from tb_aml_plugin.kinds.arrays import histogram

    with pytest.raises(CannotShow):
        histogram(values)


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"matrix": []},
        {"matrix": [[1, 2], [3]], "class_labels": ["a", "b"]},
        {"matrix": [[1, "x"], [2, 3]], "class_labels": ["a", "b"]},
        {"matrix": [[1, 2], [3, 4]], "class_labels": ["a"]},
        {"matrix": [[1, float("nan")], [3, 4]], "class_labels": ["a", "b"]},
        {"matrix": [[[1]]], "class_labels": ["a"]},
    ],
)
def test_a_confusion_matrix_of_the_wrong_form_says_so(data: object) -> None:
    document = json.dumps({"schema_type": "confusion_matrix", "data": data}).encode()
    with pytest.raises(CannotShow):
        _payload(file("x.json", document))


def test_json_that_is_nested_without_end_is_no_json() -> None:
    deep = b'{"schema_type": "residuals", "data": ' + b"[" * 100_000
    with pytest.raises(CannotShow):
        _payload(file("x.json", deep))


def test_a_confusion_matrix_of_many_classes_is_drawn_without_labels_and_one_of_too_many_is_not() -> None:
    def document(size: int) -> bytes:
        data = {"matrix": np.eye(size).tolist(), "class_labels": [str(n) for n in range(size)]}
        return json.dumps({"schema_type": "confusion_matrix", "data": data}).encode()

    assert isinstance(_payload(file("x.json", document(300))), Picture)
    with pytest.raises(CannotShow, match="1001 classes"):
        _payload(file("x.json", document(1001)))


def test_labels_in_letters_that_cannot_be_drawn_do_no_harm() -> None:
    data = {"matrix": [[1, 2], [3, 4]], "class_labels": ["名前", "🚀" * 400]}
    document = json.dumps({"schema_type": "confusion_matrix", "data": data}).encode()
    assert isinstance(_payload(file("x" * 300 + ".json", document)), Picture)


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("cat", "cat"),
        ("fish & <chips>", "fish & <chips>"),
        (" two\nlines ", "two lines"),
        ("Small mammals: the domestic cat", "Small mammals..domestic cat"),
        ("名前", "#1"),
        ("🚀" * 400, "#1"),
        ("", ""),
    ],
)
def test_labels_are_drawn_in_letters_that_are_there(text: str, drawn: str) -> None:
    assert lettering.label(text, "#1") == drawn


def test_letters_with_accents_keep_at_least_the_letter() -> None:
    assert lettering.label("Größe", "#1") in ("Größe", "Grosse")
    assert lettering.label("déjà", "#1") in ("déjà", "deja")


def test_classes_of_one_name_are_a_curve_each() -> None:
    data = {**rich_run.ACCURACY_TABLE["data"], "class_labels": ["cat", "cat"]}
    given = file("x.json", json.dumps({"schema_type": "accuracy_table", "data": data}).encode())
    found = kinds.named("accuracy_table").find(given)
    assert [(one.tag, one.part) for one in found] == [("x.json/cat #0", "0"), ("x.json/cat #1", "1")]


def test_a_document_whose_keys_are_sorted_says_its_type_at_the_end() -> None:
    data = {"bin_counts": [1] * 20_000, "bin_edges": list(range(20_001))}
    document = json.dumps({"schema_type": "residuals", "data": data}, sort_keys=True).encode()
    assert len(document) > 2 * HEAD_BYTES
    given = file("x.json", document)
    kind = kinds.of(given)
    assert kind is kinds.named("residuals")
    assert _moved(given) == HEAD_BYTES + TAIL_BYTES


@pytest.mark.parametrize("letter", ["\u2028", "\x85", "\x0b", "\x1c"])
def test_a_cell_may_hold_whatever_unicode_ends_lines_with(letter: str) -> None:
    table = _payload(file("x.csv", f'name,n\none{letter}cell,1\n"two\nlines",2\n'.encode()))
    assert isinstance(table, Table)
    assert [row[1] for row in table.rows] == ["1", "2"]


@pytest.mark.parametrize(
    ("first", "columns"),
    [(",0,1", ("", "0", "1")), ("0,1,2", ("0", "1", "2")), ("1,2", ("column 0", "column 1")), ("0", ("column 0",))],
)
def test_columns_that_pandas_has_counted_are_named_so(first: str, columns: tuple[str, ...]) -> None:
    table = _payload(file("x.csv", f"{first}\n{first}\n".encode()))
    assert isinstance(table, Table)
    assert table.columns == columns


def test_a_store_that_says_no_sizes_has_its_files_read_up_to_the_same_limits() -> None:
    given = file("x.png", Repeated(b"\x89PNG", b"\0", 2**30), size_known=False)
    with pytest.raises(CannotShow, match=r"more; up to 64\.0 MB"):
        _payload(given)
    assert _moved(given) == 64 * MB + 1
    with pytest.raises(CannotShow, match="does not say how large"):
        _payload(file("x.npz", b"PK", size_known=False))
