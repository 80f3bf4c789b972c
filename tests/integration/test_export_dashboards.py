"""Whatever a data provider lists goes into the event file, and TensorBoard shows it from there."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from tbparse import SummaryReader
from tensorboard.data import provider as tb

from tb_aml_plugin.export import dashboards
from tb_aml_plugin.export.destination import LocalFolder
from tb_aml_plugin.export.event_file import EventFile
from tb_aml_plugin.export.task import Task
from tb_aml_plugin.model import ExperimentId, LatestPoint, Run, RunId, RunStatus
from tests.support.images import png
from tests.support.tensorboard import tensorboard
from tests.support.waiting import wait_until

RUN = "e/run"
T0 = 1_700_000_000.25
PICTURES = [png(3, 2, (10 * step, 0, 0)) for step in range(30)]
BUCKETS = np.array([[0.0, 1.0, 5.0], [1.0, 2.0, 7.0]])


class Provider(tb.DataProvider):
    """Everything that a dashboard may be served, of one run."""

    _TENSORS: ClassVar[dict[str, dict[str, list[tb.TensorDatum]]]] = {
        "text": {"notes": [tb.TensorDatum(0, T0, np.array(b"# **bold**"))], "table": [tb.TensorDatum(0, T0, np.array([["a", "b"], ["1", "2"]], object))]},
        "histograms": {"weights": [tb.TensorDatum(step, T0 + step, BUCKETS) for step in (0, 5)]},
        "pr_curves": {"pr": [tb.TensorDatum(0, T0, np.ones((6, 5)))]},
    }  # fmt: skip

    def list_plugins(self, ctx: Any = None, *, experiment_id: str) -> list[str]:
        return ["scalars", "hparams", "images", *self._TENSORS]

    def list_runs(self, ctx: Any = None, **query: Any) -> Any:
        return [tb.Run(run_id=RUN, run_name=RUN, start_time=T0)]

    def read_last_scalars(self, ctx: Any = None, **query: Any) -> Any:
        return {}

    def list_scalars(self, ctx: Any = None, **query: Any) -> Any:
        series = tb.ScalarTimeSeries(max_step=1, max_wall_time=T0, plugin_content=b"", description="", display_name="")
        return {RUN: {"loss": series, "table/column": series}}

    def read_scalars(self, ctx: Any = None, *, run_tag_filter: tb.RunTagFilter, **query: Any) -> Any:
        assert run_tag_filter.tags == frozenset(["table/column"]), "metrics are not read through here"
        return {RUN: {"table/column": [tb.ScalarDatum(step, T0 + step, step / 4) for step in (0, 1)]}}

    def list_tensors(self, ctx: Any = None, *, plugin_name: str, **query: Any) -> Any:
        series = tb.TensorTimeSeries(
            max_step=1, max_wall_time=T0, plugin_content=b"", description=f"of {plugin_name}", display_name=""
        )
        return {RUN: dict.fromkeys(self._TENSORS.get(plugin_name, ()), series)}

    def read_tensors(self, ctx: Any = None, *, plugin_name: str, run_tag_filter: tb.RunTagFilter, **query: Any) -> Any:
        return {RUN: {tag: self._TENSORS[plugin_name][tag] for tag in run_tag_filter.tags or ()}}

    def list_blob_sequences(self, ctx: Any = None, *, plugin_name: str, **query: Any) -> Any:
        series = tb.BlobSequenceTimeSeries(
            max_step=29, max_wall_time=T0, max_length=3, plugin_content=b"", description="", display_name=""
        )
        return {RUN: {"picture": series}} if plugin_name == "images" else {}

    def read_blob_sequences(self, ctx: Any = None, **query: Any) -> Any:
        def key(name: str) -> tb.BlobReference:
            return tb.BlobReference(blob_key=name)

        return {
            RUN: {
                "picture": [
                    tb.BlobSequenceDatum(step, T0 + step, (key("w"), key("h"), key(str(step))))
                    for step in range(len(PICTURES))
                ]
            }
        }

    def read_blob(self, ctx: Any = None, *, blob_key: str) -> bytes:
        return {"w": b"3", "h": b"2"}.get(blob_key) or PICTURES[int(blob_key)]


@pytest.mark.parametrize("load_fast", ["true", "false"])
def test_everything_is_shown_from_the_files(tmp_path: Path, load_fast: str) -> None:
    metrics = {"loss": LatestPoint(0, T0, 1.0)}
    run = Run(RunId("r"), ExperimentId("1"), "run", RunStatus.FINISHED, T0, T0 + 9, metrics=metrics)
    destination = LocalFolder(tmp_path / "logs")
    file = EventFile(Task(run, RUN, "e"), destination)
    dashboards.export(Provider(), RUN, run, file)
    file.finish()
    destination.close()
    with tensorboard(
        "--logdir", "logs", "--load_fast", load_fast, "--samples_per_plugin=images=50", cwd=tmp_path
    ) as board:
        assert wait_until(lambda: len(board.get("data/plugin/timeseries/tags")["images"]["tagRunSampledInfo"]) == 1)
        card = board.card("table/column")[RUN]
        assert [(p["step"], p["wallTime"], p["value"]) for p in card] == [(0, T0, 0.0), (1, T0 + 1, 0.25)]
        assert board.scalar_tags() == {RUN: ["table/column"]}
        frame = SummaryReader(str(tmp_path / "logs"), event_types={"scalars", "text", "images", "histograms"})
        assert frame.text["tag"].tolist() == ["notes", "table"]
        notes = board.get("data/plugin/text/text", run=RUN, tag="notes")
        assert "<strong>bold</strong>" in notes[0]["text"]
        assert "<td>2</td>" in board.get("data/plugin/text/text", run=RUN, tag="table")[0]["text"]
        histogram = board.get("data/plugin/histograms/histograms", run=RUN, tag="weights")
        assert [(step, bins) for _, step, bins in histogram] == [(0, BUCKETS.tolist()), (5, BUCKETS.tolist())]
        assert len(board.get("data/plugin/pr_curves/pr_curves", run=RUN, tag="pr")[RUN]) == 1
        images = board.get("data/plugin/images/images", run=RUN, tag="picture", sample="0")
        assert [image["step"] for image in images] == list(range(30))
        assert board.fetch("data/plugin/images/individualImage?" + images[7]["query"]) == PICTURES[7]
