"""Every error this package raises on purpose.

    AmlError                    root; its text is safe to show to anyone and says the cure
    ├── SettingsError           what the user typed cannot work; shown as TensorBoard shows flag errors
    │   ├── TargetError         the place (URI, folder, config.json) cannot be understood or does not exist
    │   ├── FilterError         a filter or order-by text does not parse; points at the character
    │   └── UnknownExperiment   no experiment or run of that name; carries the closest names
    ├── LaunchFailed            a `tensorboard` process of ours did not start; has its last lines
    ├── CannotShow              what a file holds is nothing that a dashboard can show
    ├── ExportFailed            what was read could not be written: no room, no right
    └── SourceError             reading the place failed
        ├── SourceUnavailable   it may work later: down, locked, slow, throttled, gone for a moment
        ├── AccessDenied        it answered, and refused us: credentials or permissions
        ├── ArtifactGone        an artifact that was listed is no longer there
        ├── ArtifactTooLarge    an artifact is larger than we fetch
        └── NotATrackingStore   it answered, and is not something we can read: wrong kind, unknown schema

Foreign exceptions become one of these at the seam where they enter, in ``sources/``; nothing below the
seam lets a foreign exception out. Put no password, token or signed URL into a text: use `target.masked`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence


class AmlError(Exception):
    """Root of all errors of this package. ``str(error)`` is one or two plain sentences, safe to show."""


class SettingsError(AmlError):
    """What the user typed cannot work."""


class TargetError(SettingsError):
    """The tracking URI or folder cannot be understood, or nothing is there."""


class FilterError(SettingsError):
    """A filter or an order-by text does not parse.

    Attributes:
      text: the text as typed.
      position: index of the offending character in `text`, from 0; ``len(text)`` for "ended too early".
    """

    def __init__(self, reason: str, text: str, position: int) -> None:
        self.text = text
        self.position = position
        one_line = re.sub(r"\s", " ", text)
        super().__init__(f"{reason}\n  {one_line}\n  {' ' * position}^")


class UnknownExperiment(SettingsError):
    """No experiment or run of that name.

    Attributes:
      name: what was asked for.
      closest: existing names that look like it, best first.
    """

    def __init__(self, message: str, name: str, closest: Sequence[str] = ()) -> None:
        self.name = name
        self.closest = tuple(closest)
        super().__init__(message)


class LaunchFailed(AmlError):
    """TensorBoard did not start."""


class CannotShow(AmlError):
    """What a file holds is broken, too large, or of another kind than its name says; becomes a `model.NotShown`."""


class ExportFailed(AmlError):
    """What was read could not be written; runs that were written before are whole."""


class SourceError(AmlError):
    """Reading from the tracking store failed."""


class SourceUnavailable(SourceError):
    """The store does not answer now; the follower keeps trying."""


class AccessDenied(SourceError):
    """The store refused: wrong or missing credentials, or no permission."""


class ArtifactGone(SourceError):
    """An artifact is not, or no longer, there."""


class ArtifactTooLarge(SourceError):
    """An artifact is larger than may be fetched; fetching it again will not help."""


class NotATrackingStore(SourceError):
    """Something answered that is no tracking store we can read."""


def told_once(error: object) -> str:
    """The text of `error` for a call that ends with it: without "Trying again.", which sources say to a follower."""
    return str(error).removesuffix(" Trying again.")
