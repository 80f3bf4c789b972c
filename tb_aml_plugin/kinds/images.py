"""Pictures: the Images and Time Series dashboards."""

from __future__ import annotations

from collections.abc import Iterable

from tb_aml_plugin.errors import CannotShow
from tb_aml_plugin.kinds import image_names
from tb_aml_plugin.kinds.base import File, Found
from tb_aml_plugin.kinds.pictures import picture
from tb_aml_plugin.media import Dashboard, Picture

_SUFFIXES = frozenset((".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff"))
_MOST_BYTES = 64 * 2**20


class Images:
    """Files of pictures, wherever they are among the artifacts; steps from their names."""

    name = "image"

    def claims(self, file: File) -> bool:
        return file.suffix in _SUFFIXES

    def find(self, file: File) -> Iterable[Found]:
        name = image_names.parse(file.path)
        if name.twin and name.twin in file.beside:
            return ()
        return (Found(Dashboard.IMAGES, name.tag, name.step, name.wall_time_s),)

    def payload(self, file: File, part: str) -> Picture:
        return picture(file.whole(_MOST_BYTES))


class VectorImages:
    """SVG: a page more than a picture."""

    name = "svg"

    def claims(self, file: File) -> bool:
        return file.suffix == ".svg"

    def find(self, file: File) -> Iterable[Found]:
        raise CannotShow(
            "TensorBoard shows no SVG, which may hold scripts. The Azure ML tab shows it in a frame of its own."
        )

    def payload(self, file: File, part: str) -> Picture:
        raise CannotShow("TensorBoard shows no SVG.")
