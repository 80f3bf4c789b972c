"""What a file is, by its name: how it can be looked at, and as what it may be served. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from tb_aml_plugin.tab.wire_files import Preview

DOWNLOAD = "application/octet-stream"

_PICTURES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "bmp": "image/bmp",
    "webp": "image/webp",
    "avif": "image/avif",
    "svg": "image/svg+xml",
    "ico": "image/x-icon",
}
_SOUNDS = {
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "ogg": "audio/ogg",
    "oga": "audio/ogg",
    "opus": "audio/ogg",
    "flac": "audio/flac",
    "m4a": "audio/mp4",
    "aac": "audio/aac",
}
_VIDEOS = {"mp4": "video/mp4", "m4v": "video/mp4", "webm": "video/webm", "ogv": "video/ogg", "mov": "video/quicktime"}
_TEXTS = [
    "txt",
    "log",
    "out",
    "err",
    "text",
    "yaml",
    "yml",
    "toml",
    "ini",
    "cfg",
    "conf",
    "env",
    "py",
    "ipynb",
    "r",
    "jl",
    "js",
    "ts",
    "css",
    "c",
    "cc",
    "cpp",
    "h",
    "hpp",
    "java",
    "go",
    "rs",
    "sh",
    "bash",
    "bat",
    "ps1",
    "sql",
    "xml",
    "diff",
    "patch",
    "rst",
    "tex",
    "dockerfile",
    "gitignore",
    "lock",
    "properties",
    "requirements",
    "mlmodel",
]
_NAMES_OF_TEXTS = frozenset(("mlmodel", "dockerfile", "makefile", "license", "readme", "requirements", "conda_env"))

_PREVIEWS: Mapping[str, Preview] = {
    **dict.fromkeys(_TEXTS, "text"),
    **dict.fromkeys(_PICTURES, "image"),
    **dict.fromkeys(_SOUNDS, "audio"),
    **dict.fromkeys(_VIDEOS, "video"),
    **dict.fromkeys(("md", "markdown"), "markdown"),
    **dict.fromkeys(("json", "jsonl", "ndjson"), "json"),
    **dict.fromkeys(("csv", "tsv", "parquet"), "table"),
    **dict.fromkeys(("html", "htm"), "html"),
}
_SERVED: Mapping[str, str] = {**_PICTURES, **_SOUNDS, **_VIDEOS}
_TRACES = (".pt.trace.json", ".pt.trace.json.gz", ".trace.json.gz", ".trace.json", ".perfetto-trace", ".pftrace")
"""What PyTorch's, TensorFlow's and Perfetto's own profilers write, and https://ui.perfetto.dev opens."""


def suffix(path: str) -> str:
    """The last part of the name, in small letters, without its dot; "" if there is none."""
    name = path.rpartition("/")[2]
    return name.rpartition(".")[2].lower() if "." in name else ""


def preview(path: str) -> Preview:
    """How the file can be looked at."""
    name = path.rpartition("/")[2].lower()
    if name.endswith(_TRACES):
        return "trace"
    if name in _NAMES_OF_TEXTS:
        return "text"
    return _PREVIEWS.get(suffix(path), "none")


def media_type(path: str) -> str:
    """As what the file may be served for a page to show; `DOWNLOAD` for all that could be more than it looks."""
    return _SERVED.get(suffix(path), DOWNLOAD)
