"""Fetching from addresses that somebody else chose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO, Protocol


@dataclass(frozen=True)
class Fetched:
    """An answer of status 200. `content_type` is the server's claim, lower case, without parameters."""

    url: str
    content_type: str
    body: bytes


@dataclass(frozen=True)
class Downloaded:
    """An answer of status 200 whose body went into a file. `content_type` is the server's claim, as in `Fetched`."""

    url: str
    content_type: str
    size: int


class SafeHttp(Protocol):
    """Raises `clients.errors.Refused` (`blocked_address`, `bad_url`, `too_large`, `redirects`, `encoded`, `status_404`)
    or `Unavailable` (`unreachable`, `timeout`, `status_503`)."""

    def get(self, url: str, *, maximum_bytes: int, seconds: float, redirects: int = 0) -> Fetched:
        """GET without cookies, proxies or credentials. `seconds` bounds the whole, redirects and body included."""

    def download(
        self, url: str, into: BinaryIO, *, maximum_bytes: int, seconds: float, redirects: int = 0
    ) -> Downloaded:
        """As `get`, the body written to `into` piece by piece, so that its size costs no memory.

        Where it raises, `into` may hold a part.
        """
