"""Fetching from addresses that somebody else chose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Fetched:
    """An answer of status 200. `content_type` is the server's claim, lower case, without parameters."""

    url: str
    content_type: str
    body: bytes


class SafeHttp(Protocol):
    """Raises `clients.errors.Refused` (`blocked_address`, `bad_url`, `too_large`, `redirects`, `encoded`, `status_404`)
    or `Unavailable` (`unreachable`, `timeout`, `status_503`)."""

    def get(self, url: str, *, maximum_bytes: int, seconds: float, redirects: int = 0) -> Fetched:
        """GET without cookies, proxies or credentials. `seconds` bounds the whole, redirects and body included."""
