"""Reading in Discord's audit log how far it has counted a line up.

Discord tells of a line on deleted messages once, at the first; while the same person deletes more, it counts the line up
and says nothing. So after a deletion in a channel that has such a line, the log is asked, once for all that come together.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Any

from hikari.internal import routes

from app.clients.errors import ClientError
from app.config import Timings
from app.domain.clock import snowflake_ms
from app.domain.messages.deletions import COUNTED_UP_MS, MESSAGE_DELETE
from app.domain.messages.records import RecordKind
from app.domain.messages.wire import snowflake
from bot.batching import MessageBatcher
from bot.budget import CallClass
from bot.discord_guild import HikariDiscordGuild

log = logging.getLogger(__name__)

WAIT_SECONDS = 3.0
"""Deletions that come together are asked about together."""
LINES = 100


class DeletionLog:
    """Belongs to the bot's loop. `deleted` and `line_written` never wait."""

    def __init__(self, guild: HikariDiscordGuild, batcher: MessageBatcher, timings: Timings) -> None:
        self._guild = guild
        self._batcher = batcher
        self._wait = WAIT_SECONDS / timings.scale
        self._began = time.monotonic()
        self._written: dict[tuple[int, int], float] = {}
        """(guild, channel) → when a line on it was last told of."""
        self._waiting: set[int] = set()
        """Guilds whose log is about to be asked."""
        self._tasks: set[asyncio.Task[None]] = set()

    def line_written(self, payload: Mapping[str, Any]) -> None:
        """The gateway told of a line on deleted messages."""
        options = payload.get("options")
        guild_id = snowflake(payload.get("guild_id"))
        channel_id = snowflake(options.get("channel_id")) if isinstance(options, Mapping) else None
        if payload.get("action_type") != MESSAGE_DELETE or guild_id is None or channel_id is None:
            return
        now = time.monotonic()
        if len(self._written) > 10_000:
            self._written = {place: at for place, at in self._written.items() if _is_open(at, now)}
        self._written[(guild_id, channel_id)] = now

    def deleted(self, payload: Mapping[str, Any]) -> None:
        """A single message was deleted: perhaps a line that was told of before now counts one more."""
        guild_id, channel_id = snowflake(payload.get("guild_id")), snowflake(payload.get("channel_id"))
        if guild_id is None or channel_id is None or guild_id in self._waiting:
            return
        written_at = self._written.get((guild_id, channel_id), self._began)  # what was written before is not known here
        if _is_open(written_at, time.monotonic()):
            self._waiting.add(guild_id)
            task = asyncio.create_task(self._ask(guild_id), name="deletion log")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Ask no more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _ask(self, guild_id: int) -> None:
        await asyncio.sleep(self._wait)
        self._waiting.discard(guild_id)  # what is deleted from now on needs another look
        route = routes.GET_GUILD_AUDIT_LOGS.compile(guild=guild_id)
        query = {"action_type": str(MESSAGE_DELETE), "limit": str(LINES)}
        try:
            answer = await self._guild.call(guild_id, route, CallClass.RECONCILE, query=query)
        except ClientError as error:
            log.warning("deletion_log.unread", extra={"guild": guild_id, "code": error.code})
            return
        since_ms = time.time() * 1000 - 2 * COUNTED_UP_MS
        for line in answer.get("audit_log_entries") or () if isinstance(answer, Mapping) else ():
            if snowflake_ms(snowflake(line.get("id")) or 0) >= since_ms:
                self._batcher.put(RecordKind.AUDIT_LISTED.value, {**line, "guild_id": str(guild_id)})


def _is_open(written_at: float, now: float) -> bool:
    return now - written_at <= COUNTED_UP_MS / 1000
