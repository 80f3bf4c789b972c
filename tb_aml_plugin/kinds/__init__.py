"""Foreign things as series of TensorBoard's dashboards. A new kind is a module here and a line in `KINDS`."""

from __future__ import annotations

from tb_aml_plugin.errors import CannotShow
from tb_aml_plugin.kinds.arrays import NumberLists, NumpyArchives, NumpyArrays
from tb_aml_plugin.kinds.base import File, Kind
from tb_aml_plugin.kinds.evaluations import AccuracyTables, ConfusionMatrices, Predictions, Residuals
from tb_aml_plugin.kinds.images import Images, VectorImages
from tb_aml_plugin.kinds.models import Models
from tb_aml_plugin.kinds.tables import CsvTables, JsonTables, ParquetTables
from tb_aml_plugin.kinds.text_files import TextFiles

KINDS: tuple[Kind, ...] = (
    Models(),
    Images(),
    VectorImages(),
    ConfusionMatrices(),
    AccuracyTables(),
    Residuals(),
    Predictions(),
    JsonTables(),
    NumberLists(),
    CsvTables(),
    ParquetTables(),
    NumpyArrays(),
    NumpyArchives(),
    TextFiles(),
)
"""The first that claims a file has it."""

_BY_NAME = {kind.name: kind for kind in KINDS}


def of(file: File) -> Kind | None:
    """The kind that claims `file`; None for a file that no dashboard is for."""
    return next((kind for kind in KINDS if kind.claims(file)), None)


def named(name: str) -> Kind:
    """The kind called `name`.

    Raises:
      CannotShow: there is none.
    """
    if name not in _BY_NAME:
        raise CannotShow(f"There is no kind {name!r} of files.")
    return _BY_NAME[name]
