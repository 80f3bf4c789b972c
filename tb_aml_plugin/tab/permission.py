"""Whether runs may be changed from the tab, by whom, and why not. Pure but for the token."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_LOCAL_NAMES = frozenset(("localhost",))
TOKEN_HEADER = "X-Aml-Token"  # noqa: S105 - a header's name


@dataclass(frozen=True, slots=True)
class Permission:
    """What the flags allow.

    Attributes:
      writes: ``--aml_allow_writes``.
      remote: ``--aml_allow_remote_writes``.
      is_public: whether TensorBoard listens to other machines (``--bind_all``, ``--host``).
      token: made afresh for each process; a page that was not served by it does not know it.
    """

    writes: bool = False
    remote: bool = False
    is_public: bool = False
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    def refusal(self, headers: Mapping[str, str]) -> str:
        """Why someone who sends `headers` may not change runs, with the cure; "" where they may.

        TensorBoard asks nobody for a name. So only this machine may write unless a flag says otherwise: a request
        that calls us by another name than this machine's own comes through a proxy, or from a page that made its own
        name point here.
        """
        if not self.writes:
            return "Runs can only be looked at. To change them from here, start TensorBoard with --aml_allow_writes."
        if self.remote:
            return ""
        cure = "To change runs from there too, add --aml_allow_remote_writes: whoever can open the page then can."
        if self.is_public:
            return f"TensorBoard listens to other machines. {cure}"
        if not _is_local(headers.get("Host", "")):
            return f"The page was not opened as localhost. {cure}"
        return ""

    def rejection(self, headers: Mapping[str, str]) -> str:
        """The same for a request that changes something now: it must also come from our own page, and know the token."""
        reason = self.refusal(headers)
        if reason:
            return reason
        if not is_own_page(headers):
            return "Only the page itself may change runs."
        if not secrets.compare_digest(headers.get(TOKEN_HEADER, "").encode(), self.token.encode()):
            return "TensorBoard was started afresh since this page was opened. Reload the page."
        return ""


def is_own_page(headers: Mapping[str, str]) -> bool:
    """Whether the request comes from a page of this TensorBoard, or from no page at all.

    Browsers tell with ``Sec-Fetch-Site``; where they do not (plain http to another machine), with ``Origin``.
    """
    site = headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == headers.get("Host")


def is_public_host(host: str | None) -> bool:
    """Whether ``--host`` makes TensorBoard listen to other machines."""
    return bool(host) and not _is_loopback(host or "")


def _is_local(address: str) -> bool:
    """Whether the header ``Host``, a name with or without a port, is this machine."""
    try:
        return _is_loopback(urlsplit(f"//{address}").hostname or "")
    except ValueError:
        return False


def _is_loopback(host: str) -> bool:
    try:
        return host in _LOCAL_NAMES or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
