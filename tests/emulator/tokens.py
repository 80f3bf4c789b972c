"""Access tokens as Entra issues them: JWTs, with what the SDKs read from them."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field

import jwt

TENANT = "72f988bf-0000-4000-8000-2d7cd011db47"
USER = "ada@example.org"
USER_ID = "11111111-2222-4333-8444-555555555555"


@dataclass
class Tokens:
    """Issues tokens and says which are good."""

    lifetime_s: float = 3600.0
    _key: str = field(default_factory=lambda: secrets.token_hex(32))
    _epoch: int = 0

    def issue(
        self, audience: str = "https://localhost", *, lifetime_s: float | None = None, nonce: str | None = None
    ) -> str:
        """A token for `audience`, good for `lifetime_s` seconds; with a `nonce` it tells who asked that it is for them."""
        now = time.time()
        claims = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{TENANT}/",
            "iat": int(now),
            "nbf": int(now),
            "exp": int(now + (self.lifetime_s if lifetime_s is None else lifetime_s)),
            "tid": TENANT,
            "oid": USER_ID,
            "upn": USER,
            "unique_name": USER,
            "name": USER,
            "ver": "1.0",
            "epoch": self._epoch,
            "jti": secrets.token_hex(8),
        }
        return jwt.encode(claims if nonce is None else {**claims, "nonce": nonce}, self._key, algorithm="HS256")

    def expires_on(self) -> int:
        """When a token issued now ends, in seconds since 1970."""
        return int(time.time() + self.lifetime_s)

    def expire_all(self) -> None:
        """No token issued so far is good any more, whatever its ``exp`` says."""
        self._epoch += 1

    def good(self, token: str) -> bool:
        """Whether `token` is one of ours, and neither expired nor withdrawn."""
        try:
            claims = jwt.decode(token, self._key, algorithms=["HS256"], options={"verify_aud": False})
        except jwt.InvalidTokenError:
            return False
        return bool(claims["epoch"] == self._epoch)
