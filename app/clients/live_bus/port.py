"""Each tenant's log of its newest thousand signals, and the keys that open it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from app.contracts.live import Cursor, Page, Signal


@dataclass(frozen=True)
class Ticket:
    """What a single-use ticket is bound to."""

    tenant_id: int
    guild_id: int
    user_id: int
    session_id: int
    origin: str


class LiveBus(Protocol):
    """Methods may raise `clients.errors.Unavailable` (Redis away), except `publish`, whose signals are hints."""

    def publish(self, tenant_id: int, signals: Iterable[Signal]) -> None: ...

    def read(self, tenant_id: int, after: Cursor | None, limit: int = 256) -> Page:
        """What came after the cursor; without one only the present cursor. `resync` when the log does not reach back."""

    def listen(self, told: Callable[[int], None]) -> Callable[[], None]:
        """Call `told(tenant_id)` from some thread whenever a log grew; a call may be lost. Returns how to stop."""

    def put_ticket(self, token: str, ticket: Ticket, seconds: int) -> None: ...

    def take_ticket(self, token: str) -> Ticket | None:
        """The ticket, once; None when unknown, used or expired."""

    def put_readable_channels(
        self, tenant_id: int, user_id: int, channel_ids: frozenset[int], seconds: float
    ) -> None: ...

    def readable_channels(self, tenant_id: int, user_id: int) -> frozenset[int] | None:
        """None = not known: then only entries without a channel are told."""

    def forget_readers(self, tenant_id: int) -> None:
        """Drop every remembered set of the tenant: an event may have changed what people see."""
