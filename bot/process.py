"""The running bot: what starts, in which order, what is watched, and how it ends without losing anything."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from enum import StrEnum
from typing import Any

import hikari
from aiohttp import web
from flask import Flask

from app.config import Settings
from app.domain.access import SystemActor
from app.domain.messages import service as messages
from app.domain.messages.records import ArchiveRecord, BatchOutcome, RecordKind
from app.domain.tenants.queries import tenants_of_guilds
from bot.api.application import build_api
from bot.api.keys import ApiParts
from bot.batching import MessageBatcher, Received
from bot.budget import Budget
from bot.commands import Commands
from bot.copying import GuildCopier
from bot.database import Domain
from bot.discord_guild import HikariDiscordGuild
from bot.gateway import Gateway
from bot.lanes import GuildLanes
from bot.live.hub import Hub
from bot.live.socket import register as register_live
from bot.membership import MembershipReporter
from bot.shards import Shards
from bot.sweeps import Sweeper

log = logging.getLogger(__name__)

ARCHIVE = SystemActor("gateway")
FIRST_BACK_OFF = 1.0
LONGEST_BACK_OFF = 60.0
SESSION_STARTS_KEPT = 300
"""Above 1,000 IDENTIFYs a day Discord resets the token; below this many left the bot waits instead."""


class GatewayState(StrEnum):
    STARTING = "starting"
    CONNECTED = "connected"
    WAITING = "waiting"
    """Discord cannot be reached; the bot tries again."""
    REFUSED = "refused"
    """Discord closed for good (wrong token, intents, shards): nobody reconnects before a person has mended it."""
    CLOSED = "closed"


class GatewayRefused(Exception):
    """Discord's gateway closed with a code after which reconnecting is no use."""

    def __init__(self, code: int) -> None:
        super().__init__(f"Discord closed the gateway for good with code {code}")
        self.code = code


class BotProcess:
    """hikari, the archive's batcher, the copies of the guilds, the API and the live stream on one event loop."""

    def __init__(self, settings: Settings, app: Flask, bot: hikari.GatewayBot, guild: HikariDiscordGuild, budget: Budget) -> None:
        self.settings = settings
        self.hikari = bot
        self.guild = guild
        self.budget = budget
        self.domain = Domain(app)
        self.batcher = MessageBatcher(self._index)
        self.copier = GuildCopier(bot, self.domain, guild)
        self.lanes = GuildLanes(self._start_over)
        self.copier.lanes = self.lanes
        self.live = Hub(self.domain)
        self.commands = Commands(bot, self.domain, settings)
        self.sweeper = Sweeper(self.domain, settings.timings)
        self.reporter = MembershipReporter(settings)
        self.gateway = Gateway(bot, self.batcher, self.lanes, self.copier, self.reporter)
        self.state = GatewayState.STARTING
        self.close_code: int | None = None
        self._shards = Shards.parse(settings.bot_shards)
        self._started_at = time.monotonic()
        self._runner: web.AppRunner | None = None

    async def start(self, listener: socket.socket) -> None:
        """Serve the API on `listener` and begin to work. `keep_connected` then joins the gateway."""
        self.domain.forbid_this_thread()
        self.guild.attach(asyncio.get_running_loop(), self.gateway.is_current)
        parts = ApiParts(self.settings, self.hikari, self.domain, self.guild, self.copier, self.health)
        api = build_api(parts)
        register_live(api, self.domain, self.live)
        self._runner = web.AppRunner(api, access_log=None, shutdown_timeout=2.0, handle_signals=False)
        await self._runner.setup()
        await web.SockSite(self._runner, listener).start()
        await self.live.start()
        self.batcher.start()
        self.lanes.start()
        self.reporter.start()
        self.sweeper.start()

    async def keep_connected(self) -> None:
        """Stay in the gateway until cancelled. Raises `GatewayRefused` when Discord closes for good."""
        back_off = FIRST_BACK_OFF
        while True:
            began = time.monotonic()
            try:
                await self._connect()
                self.state = GatewayState.CONNECTED
                await self.hikari.join()
            except hikari.GatewayServerClosedConnectionError as error:
                if not error.can_reconnect:
                    self.state, self.close_code = GatewayState.REFUSED, int(error.code or 0)
                    await self._leave_gateway()
                    raise GatewayRefused(self.close_code) from error
                log.warning("gateway.closed", extra={"code": error.code})
            except hikari.UnauthorizedError as error:
                self.state, self.close_code = GatewayState.REFUSED, 401
                await self._leave_gateway()
                raise GatewayRefused(401) from error
            except (hikari.HikariError, OSError, RuntimeError) as error:
                log.warning("gateway.unreachable", extra={"error": type(error).__name__, "detail": str(error)[:200]})
            await self._leave_gateway()
            self.state = GatewayState.WAITING
            if time.monotonic() - began > LONGEST_BACK_OFF:
                back_off = FIRST_BACK_OFF
            await asyncio.sleep(back_off)
            back_off = min(LONGEST_BACK_OFF, back_off * 2)

    async def stop(self) -> None:
        """Take no more calls and finish those that run (they may need Discord), leave the gateway, write what waits."""
        self.state = GatewayState.CLOSED
        await asyncio.gather(self.live.close(), self.reporter.close(), self.sweeper.close())
        if self._runner is not None:
            await self._runner.cleanup()
        await self.commands.close()
        await self._leave_gateway()
        await asyncio.gather(self.batcher.drain(), self.lanes.drain())
        await asyncio.to_thread(self.domain.close)

    def health(self) -> dict[str, Any]:
        """What signed callers of `/health` learn."""
        shards = self.hikari.shards
        latencies = [shard.heartbeat_latency for shard in shards.values() if shard.heartbeat_latency == shard.heartbeat_latency]
        return {
            "status": self._status(),
            "gateway": self.state.value,
            "close_code": self.close_code,
            "latency_ms": round(max(latencies) * 1000, 1) if latencies else None,
            "shards": {str(number): shard.is_connected for number, shard in shards.items()},
            "guilds": len(self.gateway.guilds),
            "uptime_seconds": int(time.monotonic() - self._started_at),
            "archive": {
                "depth": self.batcher.depth,
                "lag_seconds": round(self.batcher.lag_seconds, 3),
                "written": self.batcher.written,
                "dropped": self.batcher.dropped,
                "set_aside": self.batcher.set_aside,
            },
            "guild_events": {"depth": self.lanes.depth, "failed": self.lanes.failed},
            "live": {"sockets": self.live.sockets, "delivered": self.live.delivered},
            "membership": {"depth": self.reporter.depth, "code": self.reporter.last_code},
            "discord_calls": {str(int(kind)): count for kind, count in sorted(self.budget.used.items())},
        }

    def _status(self) -> str:
        if self.state is GatewayState.REFUSED:
            return "failed"
        if self.state is GatewayState.STARTING:
            return "starting"
        connected = self.hikari.shards and all(shard.is_connected for shard in self.hikari.shards.values())
        whole = self.state is GatewayState.CONNECTED and connected and not self.batcher.has_dropped_lately
        return "ok" if whole else "degraded"

    async def _connect(self) -> None:
        info = None
        self.hikari.rest.start()  # type: ignore[attr-defined]
        try:
            info = await self.hikari.rest.fetch_gateway_bot_info()
        finally:
            await self.hikari.rest.close()
        wanted = len(self._shards.ids) if self._shards.ids is not None else info.shard_count
        left = info.session_start_limit.remaining - wanted
        if left < min(SESSION_STARTS_KEPT, info.session_start_limit.total // 3):
            log.critical("gateway.too_few_session_starts", extra={"left": left, "reset_at": str(info.session_start_limit.reset_at)})
            raise RuntimeError(f"only {left} session starts are left until {info.session_start_limit.reset_at}")
        await self.hikari.start(check_for_updates=False, shard_ids=self._shards.ids, shard_count=self._shards.count)
        await self.commands.sync()

    async def _leave_gateway(self) -> None:
        if self.hikari.is_alive:
            await self.hikari.close()

    async def _index(self, batch: list[Received]) -> None:
        outcome = await self.domain.archive(_index_batch, batch)
        for aside in outcome.set_aside:
            if aside.reason != "not_archiving":
                log.warning("archive.set_aside", extra={"tenant": aside.tenant_id, "reason": aside.reason})

    async def _start_over(self, guild_id: int) -> None:
        # Not awaited: the copy puts its own work into this guild's lane.
        self.copier.copy_now(guild_id).add_done_callback(lambda task: task.cancelled() or task.exception())


def _index_batch(batch: list[Received]) -> BatchOutcome:
    """Resolve each event's guild to its tenant and index. Messages outside servers and of no tenant are passed over."""
    tenants = tenants_of_guilds({int(each.payload["guild_id"]) for each in batch if "guild_id" in each.payload})
    records = [
        ArchiveRecord(tenants[int(each.payload["guild_id"])].id, RecordKind(each.name), each.payload, each.received_ms)
        for each in batch
        if int(each.payload.get("guild_id", 0)) in tenants
    ]
    return messages.index_batch(ARCHIVE, records)
