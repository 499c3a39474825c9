"""Every REST request that came in, for tests that settle accounts."""

from collections import deque
from dataclasses import dataclass, field

from sandbox.discord.models import Json

KEPT = 200_000


@dataclass
class Ledger:
    """The latest requests, numbered from 1."""

    _calls: deque[Json] = field(default_factory=lambda: deque(maxlen=KEPT))
    _count: int = 0

    def add(self, **call: object) -> None:
        """Writes one request down."""
        self._count += 1
        self._calls.append({"n": self._count, **call})

    def since(self, number: int) -> list[Json]:
        """The requests after a number."""
        return [call for call in self._calls if call["n"] > number]
