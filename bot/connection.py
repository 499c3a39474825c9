"""Staying in Discord's gateway: joining, coming back, giving up where coming back is no use, and sparing the token."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from enum import StrEnum

import hikari

from app.config import Timings
from bot.shards import Shards

log = logging.getLogger(__name__)

FIRST_BACK_OFF = 1.0
LONGEST_BACK_OFF = 60.0
GUARD_SECONDS = 30.0
SESSION_STARTS_KEPT = 300
"""Above 1,000 IDENTIFYs a day Discord resets the token; below this many left the bot waits instead of identifying."""


class GatewayState(StrEnum):
    STARTING = "starting"
    CONNECTED = "connected"
    WAITING = "waiting"
    """Discord cannot be reached, or session starts are spared; the bot tries again."""
    REFUSED = "refused"
    """Discord closed for good (wrong token, intents, shards): nobody reconnects before a person has mended it."""
    CLOSED = "closed"


class GatewayRefused(Exception):
    """Discord's gateway closed with a code after which reconnecting is no use."""

    def __init__(self, code: int) -> None:
        super().__init__(f"Discord closed the gateway for good with code {code}")
        self.code = code


class TooFewSessionStarts(Exception):
    """So many sessions were begun today that another might cost the token."""


class GatewayConnection:
    """Runs one hikari bot. hikari itself resumes and identifies again without end, so its session starts are watched."""

    def __init__(
        self, bot: hikari.GatewayBot, shards: Shards, timings: Timings, once_connected: Callable[[], Awaitable[None]]
    ) -> None:
        self._bot = bot
        self._shards = shards
        self._scale = timings.scale
        self._once_connected = once_connected
        self.state = GatewayState.STARTING
        self.close_code: int | None = None

    @property
    def is_whole(self) -> bool:
        """True while every shard of this process is connected."""
        shards = self._bot.shards.values()
        return self.state is GatewayState.CONNECTED and bool(shards) and all(shard.is_connected for shard in shards)

    async def keep(self) -> None:
        """Stay in the gateway until cancelled. Raises `GatewayRefused` when Discord closes for good."""
        back_off = FIRST_BACK_OFF
        while True:
            began = time.monotonic()
            try:
                await self._stay()
            except hikari.GatewayServerClosedConnectionError as error:
                if not error.can_reconnect:
                    await self._give_up(int(error.code or 0), error)
                log.warning("gateway.closed", extra={"code": error.code})
            except hikari.UnauthorizedError as error:
                await self._give_up(401, error)
            except TooFewSessionStarts as error:
                log.critical("gateway.too_few_session_starts", extra={"detail": str(error)})
                back_off = LONGEST_BACK_OFF
            except (hikari.HikariError, OSError, RuntimeError) as error:
                log.warning("gateway.unreachable", extra={"error": type(error).__name__, "detail": str(error)[:200]})
            await self._leave()
            self.state = GatewayState.WAITING
            if time.monotonic() - began > LONGEST_BACK_OFF:
                back_off = FIRST_BACK_OFF
            await asyncio.sleep(back_off / self._scale)
            back_off = min(LONGEST_BACK_OFF, back_off * 2)

    async def close(self) -> None:
        """Leave for good."""
        self.state = GatewayState.CLOSED
        await self._leave()

    async def _stay(self) -> None:
        await self._spare_the_token()
        staying = asyncio.create_task(self._join(), name="gateway: joined")
        watching = asyncio.create_task(self._watch_session_starts(), name="gateway: session starts")
        try:
            done, _running = await asyncio.wait({staying, watching}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (staying, watching):
                task.cancel()
            await asyncio.gather(staying, watching, return_exceptions=True)

    async def _join(self) -> None:
        await self._bot.start(check_for_updates=False, shard_ids=self._shards.ids, shard_count=self._shards.count)
        self.state = GatewayState.CONNECTED
        await self._once_connected()
        await self._bot.join()

    async def _spare_the_token(self) -> None:
        """Before joining: hikari's REST client is not open yet."""
        self._bot.rest.start()  # type: ignore[attr-defined]
        try:
            info = await self._bot.rest.fetch_gateway_bot_info()
        finally:
            await self._bot.rest.close()
        _refuse_with_few_starts(info)

    async def _watch_session_starts(self) -> None:
        """A gateway that invalidates each session makes hikari identify every two seconds, for hours."""
        while True:
            await asyncio.sleep(GUARD_SECONDS / self._scale)
            try:
                info = await self._bot.rest.fetch_gateway_bot_info()
            except (hikari.HikariError, OSError) as error:
                log.warning("gateway.session_starts_unknown", extra={"error": type(error).__name__})
                continue
            _refuse_with_few_starts(info)

    async def _give_up(self, code: int, error: Exception) -> None:
        self.state, self.close_code = GatewayState.REFUSED, code
        await self._leave()
        raise GatewayRefused(code) from error

    async def _leave(self) -> None:
        if self._bot.is_alive:
            with suppress(hikari.ComponentStateConflictError):  # closed meanwhile
                await self._bot.close()


def _refuse_with_few_starts(info: hikari.GatewayBotInfo) -> None:
    limit = info.session_start_limit
    if limit.remaining < min(SESSION_STARTS_KEPT, limit.total // 3):
        raise TooFewSessionStarts(f"{limit.remaining} session starts are left until {limit.reset_at}")
