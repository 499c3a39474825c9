"""How often sessions may begin, and how much a connection may say."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

DAY_MS = 24 * 60 * 60 * 1000
SENDS_A_MINUTE = 120


class SessionStarts:
    """Discord's session start limit: so many IDENTIFYs in 24 hours of the world's clock, then none.

    `now_ms` is the world's clock in milliseconds.
    """

    def __init__(self, now_ms: Callable[[], int], total: int = 1000, max_concurrency: int = 1) -> None:
        self.total = total
        self.max_concurrency = max_concurrency
        self._now_ms = now_ms
        self._used = 0
        self._ends_at_ms = 0

    def take(self) -> bool:
        """Count one IDENTIFY; False if none was left."""
        self._begin_again_if_due()
        if self._used == 0:
            self._ends_at_ms = self._now_ms() + DAY_MS
        if self._used >= self.total:
            return False
        self._used += 1
        return True

    def set_remaining(self, remaining: int) -> None:
        """Make it so that `remaining` IDENTIFYs are left until the day is over."""
        self._used = max(self.total - remaining, 0)
        self._ends_at_ms = self._now_ms() + DAY_MS

    def payload(self) -> dict[str, Any]:
        """`session_start_limit` of `GET /gateway/bot`."""
        self._begin_again_if_due()
        return {
            "total": self.total,
            "remaining": self.total - self._used,
            "reset_after": max(self._ends_at_ms - self._now_ms(), 0),
            "max_concurrency": self.max_concurrency,
        }

    def _begin_again_if_due(self) -> None:
        if self._now_ms() >= self._ends_at_ms:
            self._used = 0


class IdentifySpacing:
    """At most one IDENTIFY in `seconds` for each of the `max_concurrency` groups of shards."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._last: dict[int, float] = {}

    def allows(self, group: int, now: float) -> bool:
        """True, and counted, if the group has rested long enough at `now` (monotonic seconds)."""
        last = self._last.get(group)
        if last is not None and now - last < self.seconds:
            return False
        self._last[group] = now
        return True


class SendLimit:
    """What one connection may send: 120 payloads in 60 seconds."""

    def __init__(self) -> None:
        self._sent: deque[float] = deque()

    def allows(self, now: float) -> bool:
        """True, and counted, if one more payload at `now` (monotonic seconds) is within the limit."""
        while self._sent and now - self._sent[0] >= 60:
            self._sent.popleft()
        if len(self._sent) >= SENDS_A_MINUTE:
            return False
        self._sent.append(now)
        return True
