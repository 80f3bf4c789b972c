"""What a place may be able to do besides letting its runs be read. Each is a protocol of its own: a source has it or not.

Threads, time and failure as in `RunSource`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol, runtime_checkable

from tb_aml_plugin.model import Run, RunId, SignIn


@runtime_checkable
class LinksRuns(Protocol):
    """A place that has a page of its own about each run."""

    def page_of(self, run: Run) -> tuple[str, str] | None:
        """What the page is called, such as "Azure ML studio", and its address (http or https). No I/O."""
        ...


@runtime_checkable
class KnowsIdentity(Protocol):
    """A place that takes us for someone."""

    @property
    def identity(self) -> str:
        """Name or address of whom we are signed in as; "" while that is not known. No I/O, no secret."""
        ...


@runtime_checkable
class HasTrackingUri(Protocol):
    """A place whose address for MLflow is another than `RunSource.location`."""

    @property
    def tracking_uri(self) -> str:
        """What ``mlflow.set_tracking_uri`` takes; "" while it is not known. No I/O, no secret."""
        ...


@runtime_checkable
class HoldsBack(Protocol):
    """A place that says when it wants to be asked again."""

    @property
    def throttled_until_s(self) -> float | None:
        """The moment, in seconds since the Unix epoch; None when it may be asked now. No I/O."""
        ...


@runtime_checkable
class SignsIn(Protocol):
    """A place that a person can sign in to while we run."""

    @property
    def sign_in(self) -> SignIn | None:
        """What a person has to do for us to read on; None while nobody has to do anything. No I/O."""
        ...

    def begin_sign_in(self) -> None:
        """Gets a code for a person to enter, which `sign_in` then shows, and waits for them in the background.

        Harmless while one is waited for.

        Raises:
          AccessDenied: no code was to be had; the text says why.
        """
        ...


@runtime_checkable
class Cautions(Protocol):
    """A place whose listing may lack runs that were asked for."""

    @property
    def caution(self) -> str:
        """What may be missing, why and what to do, about the listings of the last minute; "" if nothing is. No I/O."""
        ...


@runtime_checkable
class Unfolds(Protocol):
    """A place where listing again tells more, although nothing was written meanwhile."""

    @property
    def is_complete(self) -> bool:
        """Whether all that there is to tell was told. No I/O."""
        ...


@runtime_checkable
class KnowsTrees(Protocol):
    """A place that tells the runs below a run without being asked level by level."""

    def trees(self, run_ids: Sequence[RunId], settled: Mapping[RunId, Run]) -> Sequence[Run] | None:
        """Those of `run_ids` that exist and all runs below them, in any order; `settled` as in `RunSource.runs`.

        None where it cannot tell.
        """
        ...


WriteAction = Literal["tag", "rename", "note", "stop", "archive", "restore"]
EVERY_ACTION: tuple[WriteAction, ...] = ("tag", "rename", "note", "stop", "archive", "restore")


class RunWriter(Protocol):
    """Changes the runs of a place.

    Attributes:
      actions: what can be done there. A note is a tag.

    Raises from every method:
      AccessDenied: we may read there and not write.
      SourceError: it did not work; the text says why.
    """

    actions: tuple[WriteAction, ...]

    def set_tag(self, run_id: RunId, key: str, value: str) -> None: ...

    def delete_tag(self, run_id: RunId, key: str) -> None:
        """Harmless where there is no such tag."""
        ...

    def rename(self, run_id: RunId, name: str) -> None: ...

    def stop(self, run_id: RunId) -> None:
        """Ends a run that goes on: cancels the job where the place runs it, and marks it as killed where it does not."""
        ...

    def archive(self, run_id: RunId) -> None:
        """Takes the run out of all listings; it can be restored."""
        ...

    def restore(self, run_id: RunId) -> None:
        """Undoes `archive`."""
        ...


@runtime_checkable
class WritesRuns(Protocol):
    """A place whose runs can be changed."""

    def writer(self) -> RunWriter:
        """What changes them. Cheap to make, without I/O; its first change may take seconds."""
        ...
