"""The running bot: what starts, in which order, what is watched, and how it ends without losing anything."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from typing import Any

import hikari
from aiohttp import web
from flask import Flask

from app.config import Settings
from app.domain.access import SystemActor
from app.domain.coverage.models import GapReason
from app.domain.messages import service as messages
from app.domain.messages.records import ArchiveRecord, BatchOutcome, RecordKind
from app.domain.messages.wire import snowflake
from app.domain.tenants.queries import tenants_of_guilds
from bot.accounting import Accountant
from bot.api.application import build_api
from bot.api.keys import ApiParts
from bot.batching import MessageBatcher, Received
from bot.budget import Budget
from bot.checking import Checker
from bot.commands import Commands
from bot.connection import GatewayConnection, GatewayState
from bot.copying import GuildCopier
from bot.database import DATABASE_AWAY, Domain
from bot.deletion_log import DeletionLog
from bot.discord_guild import HikariDiscordGuild
from bot.filling import Filler
from bot.gateway import Gateway
from bot.lanes import GuildLanes
from bot.live.hub import Hub
from bot.live.socket import register as register_live
from bot.membership import MembershipReporter
from bot.shards import Shards
from bot.sweeps import Sweeper

log = logging.getLogger(__name__)

ARCHIVE = SystemActor("gateway")
_KINDS = {kind.value: kind for kind in RecordKind}
RECOVERABLE = frozenset({"partial", "unstorable"})
"""Why news was set aside that reading the message again may mend."""


class BotProcess:
    """hikari, the archive's batcher, the copies of the guilds, the API and the live stream on one event loop."""

    def __init__(
        self, settings: Settings, app: Flask, bot: hikari.GatewayBot, guild: HikariDiscordGuild, budget: Budget
    ) -> None:
        self.settings = settings
        self.hikari = bot
        self.guild = guild
        self.budget = budget
        self.domain = Domain(app)
        self.batcher = MessageBatcher(self._index, on_dropped=self._dropped)
        self.copier = GuildCopier(bot, self.domain, guild)
        self.lanes = GuildLanes(self._start_over)
        self.copier.lanes = self.lanes
        self.live = Hub(self.domain)
        self.commands = Commands(bot, self.domain, settings)
        self.sweeper = Sweeper(self.domain, settings.timings)
        self.reporter = MembershipReporter(settings)
        self.accountant = Accountant(bot, self.domain, self.batcher, self.lanes, settings.timings)
        self.checker = Checker(self.domain, guild, self.accountant, settings.timings)
        self.filler = Filler(self.domain, guild, self.accountant, settings.timings)
        self.deletion_log = DeletionLog(guild, self.batcher, settings.timings)
        self.gateway = Gateway(
            bot, self.batcher, self.lanes, self.copier, self.reporter, self.accountant, self.deletion_log
        )
        shards = Shards.parse(settings.bot_shards)
        self.connection = GatewayConnection(bot, shards, settings.timings, self.commands.sync)
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
        self.accountant.start()
        self.filler.start()
        self.checker.start()

    async def keep_connected(self) -> None:
        """Stay in the gateway until cancelled. Raises `GatewayRefused` when Discord closes for good."""
        await self.connection.keep()

    async def stop(self) -> None:
        """Take no more calls and finish those that run (they may need Discord), hear Discord out, leave, write what waits."""
        await asyncio.gather(
            self.live.close(),
            self.reporter.close(),
            self.sweeper.close(),
            self.filler.close(),
            self.checker.close(),
            self.deletion_log.close(),
        )
        if self._runner is not None:
            await self._runner.cleanup()
        await self.commands.close()
        await self.gateway.hear_out()
        await self.connection.close()
        await asyncio.gather(self.batcher.drain(), self.lanes.drain())
        await self.accountant.close()
        await asyncio.to_thread(self.domain.close)

    def health(self) -> dict[str, Any]:
        """What signed callers of `/health` learn."""
        shards = self.hikari.shards
        latencies = [
            shard.heartbeat_latency for shard in shards.values() if shard.heartbeat_latency == shard.heartbeat_latency
        ]
        return {
            "status": self._status(),
            "gateway": self.connection.state.value,
            "close_code": self.connection.close_code,
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
            "coverage": {
                **self.filler.health(),
                "checked": self.checker.checked,
                "differing": self.checker.differing,
            },
            "guild_events": {"depth": self.lanes.depth, "failed": self.lanes.failed},
            "live": {"sockets": self.live.sockets, "delivered": self.live.delivered},
            "membership": {"depth": self.reporter.depth, "code": self.reporter.last_code},
            "discord_calls": {str(int(kind)): count for kind, count in sorted(self.budget.used.items())},
        }

    def _status(self) -> str:
        if self.connection.state is GatewayState.REFUSED:
            return "failed"
        if self.connection.state is GatewayState.STARTING:
            return "starting"
        return "ok" if self.connection.is_whole and not self.batcher.has_dropped_lately else "degraded"

    async def _index(self, batch: list[Received]) -> None:
        try:
            outcome = await self.domain.archive(index_received, batch)
        except DATABASE_AWAY:
            raise
        except Exception:
            if len(batch) == 1:  # it will not be tried again
                self._note_lost(batch[0].payload, batch[0].received_ms)
            raise
        for aside in outcome.set_aside:
            if aside.reason in RECOVERABLE and aside.channel_id is not None and aside.message_id is not None:
                received_ms = batch[0].received_ms
                self.accountant.lost(aside.channel_id, aside.message_id, received_ms, GapReason.INDEXING_FAILED)
            if aside.reason not in ("not_archiving", "excluded"):
                log.warning("archive.set_aside", extra={"tenant": aside.tenant_id, "reason": aside.reason})

    def _dropped(self, channel_id: int, message_id: int, received_ms: int) -> None:
        self.accountant.dropped(channel_id, message_id, received_ms)

    def _note_lost(self, payload: dict[str, Any], received_ms: int) -> None:
        channel_id, message_id = snowflake(payload.get("channel_id")), snowflake(payload.get("id"))
        if channel_id is not None and message_id is not None:
            self.accountant.lost(channel_id, message_id, received_ms, GapReason.INDEXING_FAILED)

    async def _start_over(self, guild_id: int) -> None:
        # Not awaited: the copy puts its own work into this guild's lane.
        self.copier.copy_now(guild_id).add_done_callback(lambda task: task.cancelled() or task.exception())


def index_received(batch: list[Received]) -> BatchOutcome:
    """Take a batch of events off the wire into the archive."""
    return messages.index_batch(ARCHIVE, records_of(batch))


def records_of(batch: list[Received]) -> list[ArchiveRecord]:
    """Resolve each event's guild to its tenant. Messages outside servers and of no tenant are passed over."""
    named = [(int(each.payload.get("guild_id", 0)), each) for each in batch]
    tenants = tenants_of_guilds({guild_id for guild_id, _each in named if guild_id})
    known = {guild_id: tenant.id for guild_id, tenant in tenants.items()}
    return [
        ArchiveRecord(known[guild_id], _KINDS[each.name], each.payload, each.received_ms)
        for guild_id, each in named
        if guild_id in known
    ]
