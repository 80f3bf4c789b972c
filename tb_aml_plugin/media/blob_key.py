"""Blob keys: what TensorBoard asks for a picture by. Pure.

A key says by itself where the picture is, since the address that TensorBoard makes of it names neither run nor
experiment, and one part of its page does not escape it (`metrics_data_source.ts`): so base64url, without padding.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

from tb_aml_plugin.media import InFile
from tb_aml_plugin.model import RunId

_LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class BlobKey:
    """A content of a run."""

    run_id: RunId
    content: InFile

    def encode(self) -> str:
        """The key as text, of letters, digits, ``-`` and ``_``."""
        content = self.content
        parts = [self.run_id, content.path, content.kind, content.part, content.size_bytes]
        packed = json.dumps(parts, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()

    @classmethod
    def decode(cls, text: str) -> BlobKey:
        """The key that `text` is.

        Raises:
          ValueError: it is none.
        """
        if len(text) > _LONGEST:
            raise ValueError("no blob key: too long")
        try:
            parts = json.loads(base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)))
        except (ValueError, RecursionError):
            raise ValueError("no blob key") from None
        if not isinstance(parts, list) or len(parts) != 5:
            raise ValueError("no blob key")
        run_id, path, kind, part, size = parts
        texts_are_texts = all(isinstance(text, str) for text in parts[:4])
        if not texts_are_texts or not (size is None or isinstance(size, int)):
            raise ValueError("no blob key")
        return cls(RunId(run_id), InFile(path, kind, part, size))
