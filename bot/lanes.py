"""Events of one guild are applied in the order they came; guilds do not wait for each other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.database import DATABASE_AWAY

log = logging.getLogger(__name__)

LANES = 4
CAPACITY = 5_000
ATTEMPTS = 8
DRAIN_SECONDS = 2.0

Work = Callable[[], Awaitable[object]]


@dataclass
class _Lane:
    queue: asyncio.Queue[tuple[int, Work]] = field(default_factory=lambda: asyncio.Queue(CAPACITY))
    overflowed: set[int] = field(default_factory=set)
    runner: asyncio.Task[None] | None = None


class GuildLanes:
    """`put` never blocks. A guild whose work did not fit is handed to `start_over` once its lane is empty."""

    def __init__(self, start_over: Callable[[int], Awaitable[object]]) -> None:
        self._start_over = start_over
        self._lanes = [_Lane() for _ in range(LANES)]
        self.failed = 0

    def put(self, guild_id: int, work: Work) -> None:
        """Do `work` after everything that was put for this guild before."""
        lane = self._lanes[(guild_id >> 22) % LANES]
        try:
            lane.queue.put_nowait((guild_id, work))
        except asyncio.QueueFull:
            if guild_id not in lane.overflowed:
                log.error("guild_events.lane_full", extra={"guild": guild_id})
            lane.overflowed.add(guild_id)

    @property
    def depth(self) -> int:
        """How much work waits."""
        return sum(lane.queue.qsize() for lane in self._lanes)

    def start(self) -> None:
        """Begin to work."""
        for lane in self._lanes:
            lane.runner = asyncio.create_task(self._run(lane), name="guild lane")

    async def drain(self) -> None:
        """Do what waits, within two seconds. The rest is a copy that the next start makes anew."""
        try:
            await asyncio.wait_for(asyncio.gather(*(lane.queue.join() for lane in self._lanes)), DRAIN_SECONDS)
        except TimeoutError:
            log.warning("guild_events.left_at_shutdown", extra={"depth": self.depth})
        for lane in self._lanes:
            if lane.runner is not None:
                lane.runner.cancel()

    async def _run(self, lane: _Lane) -> None:
        while True:
            guild_id, work = await lane.queue.get()
            try:
                await self._do(guild_id, work)
            finally:
                lane.queue.task_done()
            if lane.overflowed and lane.queue.empty():
                again = lane.overflowed.pop()
                await self._do(again, lambda again=again: self._start_over(again))  # type: ignore[misc]

    async def _do(self, guild_id: int, work: Work) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                await work()
                return
            except DATABASE_AWAY as error:
                log.warning("guild_events.wait_for_database", extra={"guild": guild_id, "error": type(error).__name__})
                await asyncio.sleep(min(5.0, 0.1 * 2**attempt))
            except Exception:
                self.failed += 1
                log.exception("guild_events.failed", extra={"guild": guild_id})
                return
        self.failed += 1
        log.error("guild_events.given_up", extra={"guild": guild_id})
