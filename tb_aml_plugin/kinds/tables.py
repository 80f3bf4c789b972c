"""Tables: a text to read, and a curve for each column of numbers. One class for each format, one way out."""

from __future__ import annotations

import abc
import json
from collections.abc import Iterable

from tb_aml_plugin.kinds import csv_rows, json_rows, parquet_rows, table_values
from tb_aml_plugin.kinds.base import File, Found
from tb_aml_plugin.kinds.table_values import Rows
from tb_aml_plugin.media import Payload
from tb_aml_plugin.model import Run

LOGGED_ARTIFACTS_TAG = "mlflow.loggedArtifacts"
"""Tag in which MLflow names the files that ``log_table`` wrote: JSON, ``[{"path": …, "type": "table"}]``."""


class _Tables(abc.ABC):
    """Files whose first rows can be read."""

    @abc.abstractmethod
    def rows(self, file: File) -> Rows:
        """The first rows of `file`.

        Raises:
          CannotShow: it holds no table.
        """

    def find(self, file: File) -> Iterable[Found]:
        return table_values.find(self.rows(file), file.path)

    def payload(self, file: File, part: str) -> Payload:
        rows = self.rows(file)
        if part:
            return table_values.curve(rows, part, file.run.start_time_s or 0.0)
        return table_values.table(rows)


class JsonTables(_Tables):
    """What ``mlflow.log_table`` and ``mlflow.evaluate`` write: ``{"columns": […], "data": [[…], …]}``."""

    name = "json_table"

    def claims(self, file: File) -> bool:
        return file.suffix == ".json" and (file.path in _logged_tables(file.run) or json_rows.begins_table(file.head))

    def rows(self, file: File) -> Rows:
        return json_rows.parse(file)


class CsvTables(_Tables):
    """Values separated by commas, semicolons or tabs."""

    name = "csv_table"

    def claims(self, file: File) -> bool:
        return file.suffix in (".csv", ".tsv")

    def rows(self, file: File) -> Rows:
        return csv_rows.parse(file)


class ParquetTables(_Tables):
    """Parquet, where pyarrow is installed."""

    name = "parquet_table"

    def claims(self, file: File) -> bool:
        return file.suffix == ".parquet"

    def rows(self, file: File) -> Rows:
        return parquet_rows.parse(file)


def _logged_tables(run: Run) -> frozenset[str]:
    try:
        listed = json.loads(run.tags.get(LOGGED_ARTIFACTS_TAG, "[]"))
    except (ValueError, RecursionError):
        return frozenset()
    entries = listed if isinstance(listed, list) else []
    return frozenset(str(entry.get("path", "")) for entry in entries if isinstance(entry, dict))
