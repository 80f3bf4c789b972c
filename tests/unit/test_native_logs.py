"""Which artifacts are native logs, and of which run they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_aml_plugin.native import native_logs
from tb_aml_plugin.native.native_logs import NativeLog


@pytest.mark.parametrize(
    ("files", "events", "assets"),
    [
        (["events.out.tfevents.1"], {".": ""}, {}),
        (["logs/fit/events.out.tfevents.1.host"], {"logs/fit": ""}, {}),
        (["tb/train/events.out.tfevents.1.v2", "tb/validation/events.out.tfevents.1.v2"],
         {"tb/train": "train", "tb/validation": "validation"}, {}),
        (["events.out.tfevents.1", "eval/events.out.tfevents.2"], {".": "", "eval": "eval"}, {}),
        (["tb/events.out.tfevents.1", "tb/plugins/profile/1/host.xplane.pb"],
         {"tb": ""}, {"tb/plugins/profile/1/host.xplane.pb": "plugins/profile/1/host.xplane.pb"}),
        (["trace/worker.1.pt.trace.json.gz"], {}, {"trace/worker.1.pt.trace.json.gz": "worker.1.pt.trace.json.gz"}),
        (["p/projector_config.pbtxt", "p/vectors.tsv", "other/data.tsv"], {},
         {"p/projector_config.pbtxt": "projector_config.pbtxt", "p/vectors.tsv": "vectors.tsv"}),
        (["tb/train/events.out.tfevents.1", "tb/projector_config.pbtxt"],
         {"tb/train": "train"}, {"tb/projector_config.pbtxt": "projector_config.pbtxt"}),
        (["tb/events.out.tfevents.1", "tb/projector_config.pbtxt", "tb/00000/words/tensors.tsv", "tb/00000/words/sprite.png",
          "tb/pictures/a.png", "tb/00000/b.png"], {"tb": ""},
         {"tb/projector_config.pbtxt": "projector_config.pbtxt", "tb/00000/words/tensors.tsv": "00000/words/tensors.tsv",
          "tb/00000/words/sprite.png": "00000/words/sprite.png"}),
        (["tb/events.out.tfevents.1", "tb/plugins/custom/asset", "code/plugins/logo.png"], {"tb": ""},
         {"tb/plugins/custom/asset": "plugins/custom/asset"}),
        (["model/MLmodel", "plot.png", "table.tsv"], {}, {}),
    ],
)  # fmt: skip
def test_each_log_is_a_part_of_its_run(files: list[str], events: dict[str, str], assets: dict[str, str]) -> None:
    logs = native_logs.native_logs(files)
    assert native_logs.sub_runs(logs) == events
    assert native_logs.asset_places(logs) == assets


def test_a_projectors_config_comes_after_what_it_names() -> None:
    logs = native_logs.native_logs(["a/projector_config.pbtxt", "a/vectors.tsv", "events.out.tfevents.1"])
    assert list(logs)[-1] == "a/projector_config.pbtxt"


def test_what_a_profiler_writes_as_an_event_file_is_no_run_of_its_own() -> None:
    # The profiler's own marker file; TensorBoard's reader would show an empty run "plugins/profile/1".
    logs = native_logs.native_logs(["plugins/profile/1/events.out.tfevents.1.profile-empty"])
    assert set(logs.values()) == {NativeLog.ASSET}


@pytest.mark.parametrize(
    "path",
    ["../up", "a/../b", "/absolute", "a//b", "nul\0", "x" * 300, "dot.", "C:/x", "a\\b", "\ud800", "", ".", "a/ b",
     "line\nbreak", "名" * 100],
)  # fmt: skip
def test_a_path_that_could_lead_elsewhere_is_not_safe(path: str) -> None:
    assert not native_logs.is_safe(path)


@given(st.text())
def test_what_is_safe_stays_below_its_folder(path: str) -> None:
    if native_logs.is_safe(path):
        assert ".." not in path.split("/")
        assert not path.startswith("/")
        assert "\0" not in path


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=4).map("/".join), min_size=1))
def test_the_common_folder_holds_all(folders: list[str]) -> None:
    common = native_logs.common_folder(folders)
    for folder in folders:
        assert common == "." or f"{folder}/".startswith(f"{common}/")
