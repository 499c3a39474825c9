"""From the wire to the archive: a bounded queue, emptied in batches, two of them at a time.

While the database takes one batch, the next is read and cut into words; the archive's rows are the same in whatever
order batches are written. The gateway knows no back-pressure, so a full queue drops what comes and says so; it never grows.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable
from itertools import islice
from typing import Any, NamedTuple

from app.domain.messages.wire import snowflake
from bot.database import ARCHIVE_LANES, DATABASE_AWAY

log = logging.getLogger(__name__)

CAPACITY = 10_000
BATCH = 500
"""So many events are written without waiting for more."""
LARGEST_BATCH = 2_000
"""What is written at once where more has come meanwhile: a larger batch costs the database less for each row."""
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
OnDropped = Callable[[int, int, int], None]
"""(channel, message, when it was received in unix milliseconds): an event that the archive will never see."""


class MessageBatcher:
    """`put` never blocks; batches go to `write`, at most `lanes` at a time, the newest no later than 50 ms after it came.

    A database that is away holds its batches back until it returns. A batch that cannot be written for another reason
    is halved until the one bad event is found, which is set aside. `on_dropped` is called for each event that found the
    queue full; it must not wait.
    """

    def __init__(
        self, write: Write, *, capacity: int = CAPACITY, lanes: int = ARCHIVE_LANES, on_dropped: OnDropped | None = None
    ) -> None:
        self._write = write
        self._capacity = capacity
        self._on_dropped = on_dropped
        self._waiting: deque[Received] = deque()
        self._arrived = asyncio.Event()
        self._full = asyncio.Event()
        self._lanes = range(lanes)
        self._in_flight: dict[int, int] = {}
        """Lane → when the oldest event of the batch that it writes was received."""
        self._closing = False
        self._runner: asyncio.Future[list[None]] | None = None
        self.taken = 0
        self.written = 0
        self.dropped = 0
        self.set_aside = 0
        self._dropped_at = self._drop_logged_at = float("-inf")

    def put(self, name: str, payload: dict[str, Any]) -> None:
        """Queue one event, or count it as dropped."""
        waiting = self._waiting
        received_ms = time.time_ns() // 1_000_000
        if len(waiting) >= self._capacity:
            self._drop(payload, received_ms)
            return
        waiting.append(Received(name, payload, received_ms))
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
        """How long the oldest event that is not yet written has waited."""
        oldest = self._oldest_ms
        return 0.0 if oldest is None else max(0.0, time.time() - oldest / 1000)

    @property
    def settled_until_ms(self) -> int:
        """Everything received before this moment is written, set aside or dropped (unix milliseconds)."""
        oldest = self._oldest_ms
        return time.time_ns() // 1_000_000 if oldest is None else oldest

    @property
    def _oldest_ms(self) -> int | None:
        oldest = [*self._in_flight.values(), *(one.received_ms for one in islice(self._waiting, 1))]
        return min(oldest, default=None)

    @property
    def has_dropped_lately(self) -> bool:
        """True for ten minutes after events were lost: the archive has a hole."""
        return time.monotonic() - self._dropped_at < ALARM_SECONDS

    def start(self) -> None:
        """Begin to write."""
        self._runner = asyncio.gather(*(self._run(lane) for lane in self._lanes))

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
            log.error("archive.lost_at_shutdown", extra={"events": self.taken - self.written - self.set_aside})

    async def _run(self, lane: int) -> None:
        while True:
            await self._arrived.wait()
            if len(self._waiting) < BATCH and not self._closing:
                await self._until_full()
            batch = self._take()
            if batch:
                self._in_flight[lane] = batch[0].received_ms
                await self._settle(batch)
                del self._in_flight[lane]
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
        batch = [waiting.popleft() for _ in range(min(LARGEST_BATCH, len(waiting)))]
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

    def _drop(self, payload: dict[str, Any], received_ms: int) -> None:
        self.dropped += 1
        now = self._dropped_at = time.monotonic()
        if now - self._drop_logged_at > 10:
            self._drop_logged_at = now
            log.error("archive.queue_full", extra={"dropped": self.dropped, "capacity": self._capacity})
        if self._on_dropped is None:
            return
        channel_id = snowflake(payload.get("channel_id"))
        ids = payload.get("ids") if "ids" in payload else [payload.get("id") or payload.get("message_id")]
        for message_id in map(snowflake, ids if isinstance(ids, list) else ()):
            if channel_id is not None and message_id is not None:
                self._on_dropped(channel_id, message_id, received_ms)
