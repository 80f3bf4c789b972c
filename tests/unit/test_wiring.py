"""What is settled before the first run is listed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tb_aml_plugin import wiring
from tb_aml_plugin.errors import SettingsError
from tb_aml_plugin.flags import Settings


@pytest.mark.parametrize("most", [0, -1])
def test_no_run_at_all_cannot_be_asked_for(most: int, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=f"At least one run .* not {most}"):
        wiring.connect(Settings(max_runs=most), {"MLFLOW_TRACKING_URI": f"sqlite:///{tmp_path / 'none.db'}"})


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (Settings(experiments=("",)), "name of the experiment is empty.*leave --aml_experiment out"),
        (Settings(experiments=(" , ",), run_ids=("r1",)), "name of the experiment is empty"),
        (Settings(run_ids=("", "")), "id of the run is empty.*leave --aml_run out"),
    ],
)
def test_an_empty_name_is_no_wish_to_see_nothing(settings: Settings, said: str, tmp_path: Path) -> None:
    """As a shell makes of "$EXPERIMENT" with the variable not set."""
    with pytest.raises(SettingsError, match=said):
        wiring.connect(settings, {"MLFLOW_TRACKING_URI": f"sqlite:///{tmp_path / 'none.db'}"})
