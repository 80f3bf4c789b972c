"""What the panels of a run's page have to show of its files. Pure but for a look at a run that nobody looked at yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tb_aml_plugin import media
from tb_aml_plugin.kinds.run_facts import DESCRIPTION, FACTS
from tb_aml_plugin.media import Dashboard, InFile, MediaPoint, RunMedia, Table, artifact_listing
from tb_aml_plugin.model import Run
from tb_aml_plugin.tab.desk import Desk
from tb_aml_plugin.tab.file_types import preview
from tb_aml_plugin.tab.logs import log_files
from tb_aml_plugin.tab.wire_files import Frame, Media, MediaKind, MediaSeries

_KINDS: Mapping[tuple[Dashboard, str], MediaKind] = {
    (Dashboard.IMAGES, "image"): "image",
    (Dashboard.IMAGES, "confusion_matrix"): "matrix",
    (Dashboard.PR_CURVES, "accuracy_table"): "accuracy",
    (Dashboard.IMAGES, "residuals"): "residuals",
    (Dashboard.IMAGES, "predictions"): "predictions",
    (Dashboard.TEXT, "json_table"): "table",
    (Dashboard.TEXT, "csv_table"): "table",
    (Dashboard.TEXT, "parquet_table"): "table",
    (Dashboard.TEXT, "text"): "text",
    (Dashboard.TEXT, "model"): "text",
}
"""What a series of a dashboard is to the page, by the kind of file it comes from. A new kind is a line here."""

_ONLY_HERE: Mapping[str, MediaKind] = {"audio": "audio", "video": "video", "html": "html", "trace": "trace"}
"""Files that no dashboard shows and the page does, by how they can be looked at."""

_MOST_SERIES = 2000
_MOST_PROBLEMS = 200


def of_run(desk: Desk, run: Run) -> RunMedia:
    """What is known of the files of `run`; looks at them now where nobody has yet.

    Raises:
      SourceError: they cannot be read now.
    """
    known = desk.media.of(run)
    if known.files or known.complete:
        return known
    with desk.tasks.running("Looking at the artifacts"):
        desk.media.put(artifact_listing.look(desk.source, run, None).media)
    return desk.media.of(run)


def view(run: Run, held: RunMedia) -> Media:
    """Everything that there is to show, by kind and key."""
    read_as_logs = {file.path for file in log_files(held.files)}
    shown = [*_series(held.series), *_others(held)]
    found = [series for series in shown if series["frames"][0]["path"] not in read_as_logs]
    ordered = sorted(found, key=lambda series: (series["kind"], series["key"]))
    return {
        "run": run.id,
        "series": ordered[:_MOST_SERIES],
        "logs": len(read_as_logs),
        "files": len(held.files),
        "complete": held.complete and len(ordered) <= _MOST_SERIES,
        "problems": [
            {"path": problem.what, "reason": problem.reason}
            for problem in held.not_shown[:_MOST_PROBLEMS]
            if not problem.what.startswith("*.")  # files that no dashboard is for, which are shown here
        ],
    }


def _series(series: Iterable[media.MediaSeries]) -> list[MediaSeries]:
    found: dict[tuple[MediaKind, str], MediaSeries] = {}
    for one in series:
        for point in one.points:
            kind = _kind(one, point)
            if kind is None:
                continue
            # Each class of an accuracy table is a series of its own there, and a line in one picture here.
            key = one.tag.rpartition("/")[0] if kind == "accuracy" else one.tag
            frames = found.setdefault((kind, key), {"key": key, "kind": kind, "frames": []})["frames"]
            frame = _frame(point)
            if frame not in frames:
                frames.append(frame)
    return list(found.values())


def _kind(series: media.MediaSeries, point: MediaPoint) -> MediaKind | None:
    if isinstance(point.content, InFile):
        return _KINDS.get((series.dashboard, point.content.kind))
    is_own = series.dashboard is Dashboard.TEXT and series.tag in (FACTS, DESCRIPTION)  # the overview says it
    return "table" if isinstance(point.content, Table) and not is_own else None


def _frame(point: MediaPoint) -> Frame:
    content = point.content
    if isinstance(content, InFile):
        return {"path": content.path, "step": point.step, "size_bytes": content.size_bytes}
    return {"path": "", "step": point.step, "size_bytes": None}


def _others(held: RunMedia) -> Iterator[MediaSeries]:
    for file in held.files:
        how = preview(file.path)
        kind = "image" if file.path.lower().endswith(".svg") else _ONLY_HERE.get(how)
        if kind is not None:
            yield {
                "key": file.path,
                "kind": kind,
                "frames": [{"path": file.path, "step": None, "size_bytes": file.size_bytes}],
            }
