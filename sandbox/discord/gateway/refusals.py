"""What the gateway should do wrong on purpose, and how often."""

from __future__ import annotations

from sandbox.discord.gateway.opcodes import CloseCode

KINDS = frozenset({"http", "op7", "op9", "op9_resumable", "ready_then_op9", "silence"}) | {
    str(int(code)) for code in CloseCode
}


class Refusals:
    """Counts down the faults that the controls ordered.

    `http` answers 503 to the upgrade; `op7` greets with RECONNECT; `op9` and `op9_resumable` answer IDENTIFY and
    RESUME; `ready_then_op9` accepts and then invalidates; `silence` acknowledges no heartbeat; a close code
    answers IDENTIFY and RESUME with it.
    """

    def __init__(self) -> None:
        self._left: dict[str, int | None] = {}

    def order(self, kind: str, count: int | None) -> None:
        """Refuse the next `count` times; None means until `clear`. Raises ValueError for an unknown kind."""
        if kind not in KINDS:
            raise ValueError(f"unknown refusal {kind!r}; known: {', '.join(sorted(KINDS))}")
        self._left[kind] = count

    def clear(self) -> None:
        """Behave again."""
        self._left.clear()

    def take(self, kind: str) -> bool:
        """True, and counted, if this fault is due now."""
        if kind not in self._left:
            return False
        left = self._left[kind]
        if left is not None:
            if left <= 1:
                del self._left[kind]
            else:
                self._left[kind] = left - 1
            return left > 0
        return True

    def take_close_code(self) -> CloseCode | None:
        """The close code that is due now, counted, if any."""
        for kind in list(self._left):
            if kind.isdecimal() and self.take(kind):
                return CloseCode(int(kind))
        return None

    def pending(self) -> dict[str, int | None]:
        """What is still ordered."""
        return dict(self._left)
