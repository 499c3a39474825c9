"""From the wire to the archive: a bounded queue, emptied in batches, one at a time.

The gateway knows no back-pressure, so a full queue drops what comes and says so; it never grows.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from bot.database import DATABASE_AWAY

log = logging.getLogger(__name__)

CAPACITY = 10_000
BATCH = 500
WAIT_SECONDS = 0.05
LONGEST_BACK_OFF = 5.0
DRAIN_SECONDS = 4.0
ALARM_SECONDS = 600.0


class Received(NamedTuple):
    """A message event as it came off the wire, and when (unix milliseconds)."""

    name: str
    payload: dict[str, Any]
    received_ms: int


Write = Callable[[list[Received]], Awaitable[object]]


class MessageBatcher:
    """`put` never blocks; `run` hands batches of at most 500 to `write`, the newest no later than 50 ms after it came.

    A database that is away holds a batch back until it returns. A batch that cannot be written for another reason is
    halved until the one bad event is found, which is set aside.
    """

    def __init__(self, write: Write, *, capacity: int = CAPACITY) -> None:
        self._write = write
        self._capacity = capacity
        self._waiting: deque[Received] = deque()
        self._arrived = asyncio.Event()
        self._full = asyncio.Event()
        self._closing = False
        self._runner: asyncio.Task[None] | None = None
        self.taken = 0
        self.written = 0
        self.dropped = 0
        self.set_aside = 0
        self._dropped_at = self._drop_logged_at = float("-inf")

    def put(self, name: str, payload: dict[str, Any]) -> None:
        """Queue one event, or count it as dropped."""
        waiting = self._waiting
        if len(waiting) >= self._capacity:
            self._drop()
            return
        waiting.append(Received(name, payload, time.time_ns() // 1_000_000))
        self.taken += 1
        if len(waiting) == 1:
            self._arrived.set()
        elif len(waiting) == BATCH:
            self._full.set()

    @property
    def depth(self) -> int:
        """How many events wait."""
        return len(self._waiting)

    @property
    def lag_seconds(self) -> float:
        """How long the oldest waiting event has waited."""
        return max(0.0, time.time() - self._waiting[0].received_ms / 1000) if self._waiting else 0.0

    @property
    def has_dropped_lately(self) -> bool:
        """True for ten minutes after events were lost: the archive has a hole."""
        return time.monotonic() - self._dropped_at < ALARM_SECONDS

    def start(self) -> None:
        """Begin to write."""
        self._runner = asyncio.create_task(self._run(), name="message batches")

    async def drain(self) -> None:
        """Write what waits, within four seconds; what is left then is lost and counted in the log."""
        self._closing = True
        self._arrived.set()
        self._full.set()
        if self._runner is None:
            return
        try:
            await asyncio.wait_for(self._runner, DRAIN_SECONDS)
        except TimeoutError:
            log.error("archive.lost_at_shutdown", extra={"events": len(self._waiting)})

    async def _run(self) -> None:
        while True:
            await self._arrived.wait()
            if len(self._waiting) < BATCH and not self._closing:
                await self._until_full()
            batch = self._take()
            if batch:
                await self._settle(batch)
            elif self._closing:
                return

    async def _until_full(self) -> None:
        self._full.clear()
        try:
            await asyncio.wait_for(self._full.wait(), WAIT_SECONDS)
        except TimeoutError:
            pass

    def _take(self) -> list[Received]:
        waiting = self._waiting
        batch = [waiting.popleft() for _ in range(min(BATCH, len(waiting)))]
        if not waiting and not self._closing:
            self._arrived.clear()
        return batch

    async def _settle(self, batch: list[Received]) -> None:
        back_off = 0.1
        while True:
            try:
                await self._write(batch)
            except DATABASE_AWAY as error:
                log.warning("archive.waits_for_database", extra={"error": type(error).__name__, "depth": self.depth})
                await asyncio.sleep(back_off)
                back_off = min(LONGEST_BACK_OFF, back_off * 2)
            except Exception:
                if len(batch) == 1:
                    self.set_aside += 1
                    log.exception("archive.set_aside", extra={"event": batch[0].name})
                    return
                middle = len(batch) // 2
                await self._settle(batch[:middle])
                await self._settle(batch[middle:])
                return
            else:
                self.written += len(batch)
                return

    def _drop(self) -> None:
        self.dropped += 1
        now = self._dropped_at = time.monotonic()
        if now - self._drop_logged_at > 10:
            self._drop_logged_at = now
            log.error("archive.queue_full", extra={"dropped": self.dropped, "capacity": self._capacity})
