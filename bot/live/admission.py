"""How often the socket may be asked for, and how many one address holds open. Counted by each process for itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from time import monotonic

from aiohttp import web

from app.domain.callers import counted_address
from app.domain.errors import DomainError

OPENINGS_AN_ADDRESS = 300
"""A minute, good and bad, counted before anything is looked up."""
OPENINGS_A_SESSION = 60
"""A minute: who opens more often is not reading."""
SOCKETS_AN_ADDRESS = 200
"""At once: a whole office behind one address."""


class NotAdmitted(DomainError):
    """The socket is refused before it opens."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__("The live stream does not open with this.", code=code)
        self.status = status


class Doorkeeper:
    """Belongs to one event loop."""

    def __init__(self, trusted_proxies: int) -> None:
        self._hops = trusted_proxies
        self._by_address = _Minute(OPENINGS_AN_ADDRESS)
        self._by_session = _Minute(OPENINGS_A_SESSION)
        self._open: Counter[str] = Counter()

    @contextmanager
    def place_for(self, request: web.Request) -> Iterator[None]:
        """A place among the sockets of the caller's address. Raises `NotAdmitted` (429) where all are taken."""
        address = self._address_of(request)
        if not self._by_address.has_room_for(address):
            raise NotAdmitted(429, "too_many_openings")
        if self._open[address] >= SOCKETS_AN_ADDRESS:
            raise NotAdmitted(429, "too_many_sockets")
        self._open[address] += 1
        try:
            yield
        finally:
            self._open[address] -= 1
            if not self._open[address]:
                del self._open[address]

    def count_session(self, session_id: int) -> None:
        """Raises `NotAdmitted` (429) where the session asks too often."""
        if not self._by_session.has_room_for(session_id):
            raise NotAdmitted(429, "too_many_openings")

    def _address_of(self, request: web.Request) -> str:
        """Only what the trusted proxies added to the header counts; the rest anybody may write."""
        told = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
        is_told = self._hops > 0 and len(told) >= self._hops
        return counted_address(told[-self._hops].strip() if is_told else request.remote)


class _Minute:
    """Counts by key within the running minute."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._minute = 0
        self._counts: Counter[Hashable] = Counter()

    def has_room_for(self, key: Hashable) -> bool:
        minute = int(monotonic() // 60)
        if minute != self._minute:
            self._minute, self._counts = minute, Counter()
        self._counts[key] += 1
        return self._counts[key] <= self._most
