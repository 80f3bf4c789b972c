"""The logs of a run: which files they are, what was added to one, where the first error stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from tb_aml_plugin.model import Artifact, Run
from tb_aml_plugin.sources.base import ArtifactStore
from tb_aml_plugin.tab.artifacts import decoded, files_below, size_of
from tb_aml_plugin.tab.file_types import suffix
from tb_aml_plugin.tab.wire_files import LogFile, LogPart, LogPlace, Logs

MOST_FILES = 500
PART_BYTES = 256 * 1024
MOST_PART_BYTES = 4 * 2**20
SEARCH_BYTES = 64 * 2**20
"""So much of a log is looked through in one request."""

_BLOCK_BYTES = 2**20
_LINE_LETTERS = 500

_FOLDERS = ("user_logs", "azureml-logs", "logs", "log", "system_logs")
_SUFFIXES = frozenset(("txt", "log", "out", "err", ""))
_ALWAYS = frozenset(("log", "out", "err"))

_ORDER = tuple(
    re.compile(pattern)
    for pattern in (
        r"user_logs/std_log\.txt",
        r"user_logs/std_log",
        r"azureml-logs/70_driver_log\.txt",
        r"azureml-logs/70_driver_log",
        r"user_logs/",
        r"azureml-logs/\d+_driver",
        r"(?!(azureml-logs|logs/azureml|system_logs)/)",
        r"azureml-logs/",
        r"logs/azureml/",
    )
)
"""Which log to read first: the person's own output, in Azure ML's newer layout and in the older; then what is around it.
https://learn.microsoft.com/azure/machine-learning/how-to-log-view-metrics names both layouts."""

_NODE = re.compile(
    r"(?:std_log_(?:process_)?|70_driver_log_|(?:^|[/_-])(?:node|rank|worker|ps|master|chief)[-_]?)(\d+)"
    r"|tvmps_([0-9a-f]{8,})"
)
_ERROR = re.compile(
    rb"Traceback \(most recent call last\)|\b(?:ERROR|FATAL|CRITICAL)\b|\b[A-Z]\w*(?:Error|Exception)\b"
    rb"|\bout of memory\b|\bSegmentation fault\b|\bcore dumped\b|\bOOMKilled\b|\bKilled\b"
)
_COLOUR = re.compile(rb"\x1b\[[0-9;]*m")
_HINT = re.compile(rb"Traceback|ERROR|FATAL|CRITICAL|Error|Exception|out of memory|Segmentation|core dumped|Killed")
"""One of these is in whatever `_ERROR` finds. Only their lines are searched: it alone takes 40 times longer."""


def logs(store: ArtifactStore, run_id: str) -> Logs:
    """The log files of a run, the one to read first at the front."""
    found = sorted(log_files(_candidates(store)), key=lambda artifact: (_rank(artifact.path), artifact.path))
    return {"run": run_id, "files": [_log_file(artifact) for artifact in found]}


def log_files(artifacts: Iterable[Artifact]) -> Iterator[Artifact]:
    """Those of `artifacts` that are logs."""
    for artifact in artifacts:
        folder, _, _ = artifact.path.partition("/")
        kind = suffix(artifact.path)
        is_log = kind in _SUFFIXES if folder in _FOLDERS and folder != artifact.path else kind in _ALWAYS
        if is_log and not artifact.is_folder:
            yield artifact


def part(store: ArtifactStore, run: Run, path: str, start: int, length: int = PART_BYTES) -> LogPart:
    """At most `length` bytes from `start` on; from so far before the end where `start` is negative, at a line's begin.

    Ends with a line where more follows. A file that has become shorter than `start` has begun anew: so does this.
    """
    size = size_of(store, path)
    first = max(0, size + start) if size is not None and start < 0 else max(0, start)
    if size is not None and first > size:
        first = 0
    content = store.read(path, first, length)
    if start < 0 and first > 0:
        dropped = content.find(b"\n") + 1
        content, first = content[dropped:], first + dropped
    reaches_end = first + len(content) >= size if size is not None else len(content) < length
    if not reaches_end:
        content = content[: content.rfind(b"\n") + 1] or content
    final = reaches_end and run.status.is_terminal
    content = content if final else _without_half_letter(content)
    return {
        "path": path,
        "start": first,
        "end": first + len(content),
        "size_bytes": size,
        "text": decoded(content) if first == 0 else content.decode("utf-8", "replace"),
        "final": final,
    }


def first_error(store: ArtifactStore, path: str, start: int) -> LogPlace:
    """The first line from `start` on that tells of an error."""
    return _searched(store, path, start, _error_in)


def first_text(store: ArtifactStore, path: str, start: int, text: str) -> LogPlace:
    """The first line from `start` on that `text` is in, whatever the case of its ASCII letters."""
    wanted = text.encode("utf-8", "surrogatepass").lower()
    return _searched(store, path, start, lambda block: block.lower().find(wanted))


def _searched(store: ArtifactStore, path: str, start: int, find: Callable[[bytes], int]) -> LogPlace:
    """Looks through blocks that end with a line, so that nothing is cut in two."""
    size_of(store, path)
    position, give_up = start, start + SEARCH_BYTES
    while position < give_up:
        block = store.read(path, position, _BLOCK_BYTES)
        is_last = len(block) < _BLOCK_BYTES
        whole = block if is_last else block[: block.rfind(b"\n") + 1] or block
        found = find(whole)
        if found >= 0:
            begin = whole.rfind(b"\n", 0, found) + 1
            line, _, _ = whole[begin:].partition(b"\n")
            text = line.decode("utf-8", "replace")[:_LINE_LETTERS]
            return _place(path, position + begin, text, position + begin + len(line) + 1, complete=False)
        position += len(whole)
        if is_last:
            return _place(path, None, "", position, complete=True)
    return _place(path, None, "", position, complete=False)


def _place(path: str, offset: int | None, line: str, searched_to: int, *, complete: bool) -> LogPlace:
    return {"path": path, "offset": offset, "line": line, "searched_to": searched_to, "complete": complete}


def _error_in(block: bytes) -> int:
    """Where the first line that tells of an error begins; -1 if there is none."""
    end = 0
    for hint in _HINT.finditer(block):
        if hint.start() < end:
            continue  # in a line that was searched for another
        begin, end = block.rfind(b"\n", 0, hint.start()) + 1, block.find(b"\n", hint.start())
        end = len(block) if end < 0 else end
        if _ERROR.search(_COLOUR.sub(b"", block[begin:end])):
            return begin
    return -1


def _candidates(store: ArtifactStore) -> Iterator[Artifact]:
    """What may be logs, without a look into folders of other things."""
    for artifact in store.list():
        if not artifact.is_folder:
            yield artifact
        elif artifact.path in _FOLDERS:
            yield from files_below(store, artifact.path, MOST_FILES)


def _rank(path: str) -> int:
    return next((number for number, pattern in enumerate(_ORDER) if pattern.match(path)), len(_ORDER))


def _log_file(artifact: Artifact) -> LogFile:
    node = _NODE.search(artifact.path)
    return {
        "path": artifact.path,
        "name": artifact.path.rpartition("/")[2],
        "node": (node[1] or node[2]) if node else "",
        "size_bytes": artifact.size_bytes,
    }


def _without_half_letter(content: bytes) -> bytes:
    """Without the beginning of a UTF-8 letter whose end has not been written, or read, yet."""
    for back in range(1, min(4, len(content) + 1)):
        byte = content[-back]
        if byte < 0x80:
            return content
        if byte >= 0xC0:
            needed = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return content[:-back] if needed > back else content
    return content
