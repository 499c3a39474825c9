"""Buckets, the global limit, and the headers and 429s that tell of them. Counted in real seconds, not the world's."""

import hashlib
from collections import deque
from dataclasses import dataclass, field
from time import monotonic, time

from sandbox.discord.models import Json


@dataclass(slots=True)
class _Window:
    remaining: int
    ends_at: float


@dataclass(slots=True)
class Verdict:
    """Whether a request may pass, and the headers to send with it either way."""

    headers: dict[str, str]
    retry_after: float | None = None
    scope: str = "user"

    def payload(self) -> Json:
        """The 429's body."""
        return limited(self.retry_after or 0.0, is_global=self.scope == "global")


def limited(retry_after: float, *, is_global: bool) -> Json:
    """The body of a 429."""
    return {
        "message": "You are being rate limited.",
        "retry_after": round(retry_after, 3),
        "global": is_global,
        "code": 0,
    }


def refusal_headers(retry_after: float, scope: str) -> dict[str, str]:
    """The headers that only a 429 has."""
    headers = {"Retry-After": str(max(1, round(retry_after + 0.5))), "X-RateLimit-Scope": scope, "Via": "1.1 sandbox"}
    return headers | {"X-RateLimit-Global": "true"} if scope == "global" else headers


@dataclass
class RateLimits:
    """One window per bucket, major parameter and caller; and so many requests a second for each caller.

    `overrides` maps a bucket's name (`POST /channels/{channel_id}/messages`) to another limit.
    """

    is_enforced: bool = True
    global_per_second: int = 50
    overrides: dict[str, tuple[int, float]] = field(default_factory=dict)
    _windows: dict[tuple[str, str, str], _Window] = field(default_factory=dict)
    _recent: dict[str, deque[float]] = field(default_factory=dict)

    def take(self, bucket: str, limit: tuple[int, float], major: str, caller: str, *, counts_globally: bool) -> Verdict:
        """Counts one request."""
        now = monotonic()
        if counts_globally and self.is_enforced:
            wait = self._global_wait(caller, now)
            if wait > 0:
                return Verdict(refusal_headers(wait, "global"), wait, "global")
        allowed, seconds = self.overrides.get(bucket, limit)
        key = (bucket, major, caller)
        window = self._windows.get(key)
        if window is None or window.ends_at <= now:
            window = self._windows[key] = _Window(allowed, now + seconds)
            self._forget_ended(now)
        is_refused = window.remaining <= 0 and self.is_enforced
        window.remaining = max(0, window.remaining - 1)
        wait = window.ends_at - now
        headers = {
            "X-RateLimit-Bucket": hashlib.md5(bucket.encode(), usedforsecurity=False).hexdigest(),
            "X-RateLimit-Limit": str(allowed),
            "X-RateLimit-Remaining": str(window.remaining if self.is_enforced else allowed),
            "X-RateLimit-Reset": f"{time() + wait:.3f}",
            "X-RateLimit-Reset-After": f"{wait:.3f}",
        }
        return Verdict(headers | refusal_headers(wait, "user"), wait) if is_refused else Verdict(headers)

    def reset(self) -> None:
        """Forgets what was counted."""
        self._windows.clear()
        self._recent.clear()

    def _global_wait(self, caller: str, now: float) -> float:
        recent = self._recent.setdefault(caller, deque())
        while recent and now - recent[0] >= 1.0:
            recent.popleft()
        if len(recent) >= self.global_per_second:
            return 1.0 - (now - recent[0])
        recent.append(now)
        return 0.0

    def _forget_ended(self, now: float) -> None:
        if len(self._windows) > 10_000:
            self._windows = {key: window for key, window in self._windows.items() if window.ends_at > now}
