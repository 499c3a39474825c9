"""Keeping the archive's ledger true: how far the bot has come, which channels are live, what it was not told.

A new session means that whatever happened since the watermark was missed; a resumed one means that nothing was.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import hikari

from app.config import Timings
from app.domain.coverage import service as coverage
from app.domain.coverage.models import GapReason
from app.domain.coverage.readable import BotPlace
from app.domain.coverage.service import COVERAGE, ArchivingGuild, Missed
from app.domain.messages.wire import snowflake
from bot.batching import MessageBatcher
from bot.database import Domain
from bot.lanes import GuildLanes

log = logging.getLogger(__name__)

SETTLE_SECONDS = 0.2
"""Changes of channels and roles come in flocks: they are accounted for together."""


@dataclass
class _Told:
    """A guild of the present session that the ledger does not know of yet."""

    missed: Missed | None
    at_ms: int


@dataclass
class _Lost:
    """Messages of which some news was lost, and since when."""

    by_channel: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    since_ms: int = 0


class Accountant:
    """Belongs to the bot's loop. Its domain work runs in each guild's lane, after the copy of that guild."""

    def __init__(
        self, bot: hikari.GatewayBot, domain: Domain, batcher: MessageBatcher, lanes: GuildLanes, timings: Timings
    ) -> None:
        self._bot = bot
        self._domain = domain
        self._batcher = batcher
        self._lanes = lanes
        self._timings = timings
        self._heard: dict[int, float] = {}
        """Shard → when it last was surely connected, unix seconds. Not while what was missed is being replayed."""
        self._live_shards: set[int] = set()
        self._has_begun: set[int] = set()
        self._told: dict[int, _Told] = {}
        self._accounted: set[int] = set()
        self._settling: set[int] = set()
        self._known: dict[int, ArchivingGuild] = {}
        """What was accounted for."""
        self._lost: dict[tuple[int, GapReason], _Lost] = {}
        self._runner: asyncio.Task[None] | None = None
        self._last_sweep = -math.inf
        self.tenants: dict[int, int] = {}
        """Guild → tenant, of those whose archive runs and whose ledger is up to date."""
        bot.event_manager.subscribe(hikari.ShardDisconnectedEvent, self._disconnected)

    def heard(self, shard_id: int) -> None:
        """Something came over a shard's connection."""
        if shard_id in self._live_shards:
            self._heard[shard_id] = time.time()

    def session_began(self, shard_id: int) -> None:
        """READY: the shard's session is new, so its guilds must be accounted for before the watermark moves on."""
        for guild_id in [one for one in self._accounted | self._told.keys() if self._shard_of(one) == shard_id]:
            self._forget(guild_id)
        self._live_shards.add(shard_id)
        self._heard[shard_id] = time.time()

    def session_resumed(self, shard_id: int) -> None:
        """RESUMED: everything that was missed has been told again."""
        self._live_shards.add(shard_id)
        self._heard[shard_id] = time.time()

    def guild_told(self, guild_id: int, payload: Mapping[str, Any]) -> None:
        """GUILD_CREATE: from now on the guild's events come. Its copy is ahead of this in the lane."""
        shard_id = self._shard_of(guild_id)
        reason = GapReason.MISSED_RESUME if shard_id in self._has_begun else GapReason.RESTART
        newest = {}
        for channel in (*payload.get("channels", ()), *payload.get("threads", ())):
            channel_id, last = snowflake(channel.get("id")), snowflake(channel.get("last_message_id"))
            if channel_id is not None and "last_message_id" in channel:
                newest[channel_id] = last or 0
        self._forget(guild_id)
        self._told[guild_id] = _Told(Missed(reason, newest), time.time_ns() // 1_000_000)
        self._lanes.put(guild_id, partial(self._account, guild_id))

    def guild_away(self, guild_id: int) -> None:
        """GUILD_DELETE: an outage, or the bot was put out."""
        self._forget(guild_id)

    def changed(self, guild_id: int) -> None:
        """A channel, a role or the bot's own roles changed: it may read more or less than before."""
        if guild_id in self._accounted and guild_id not in self._settling:
            self._settling.add(guild_id)
            asyncio.get_running_loop().call_later(SETTLE_SECONDS, self._look_again, guild_id)

    def dropped(self, channel_id: int, message_id: int, received_ms: int) -> None:
        """The queue was full and some news of a message was lost."""
        self.lost(channel_id, message_id, received_ms, GapReason.QUEUE_FULL)

    def lost(self, channel_id: int, message_id: int, received_ms: int, reason: GapReason) -> None:
        """Some news of a message was lost: it becomes a gap."""
        cache = self._bot.cache
        channel = cache.get_guild_channel(channel_id) or cache.get_thread(channel_id)
        if channel is None:
            return
        losses = self._lost.setdefault((int(channel.guild_id), reason), _Lost(since_ms=received_ms))
        losses.by_channel[channel_id].add(message_id)

    def start(self) -> None:
        """Begin to note how far the bot has come."""
        self._runner = asyncio.create_task(self._run(), name="coverage")

    async def close(self) -> None:
        """Note it a last time: the queue is empty by now."""
        if self._runner is not None:
            self._runner.cancel()
            await asyncio.gather(self._runner, return_exceptions=True)
        try:
            await self._tick()
        except Exception:
            log.exception("coverage.last_watermark_lost")

    def place_in(self, guild_id: int) -> BotPlace | None:
        """Who the bot is in a guild."""
        me = self._bot.get_me()
        own = self._bot.cache.get_member(guild_id, me.id) if me is not None else None
        if own is None:
            return None
        return BotPlace(int(own.id), tuple(int(one) for one in own.role_ids if one != guild_id))

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._timings.watermark)
            try:
                await self._tick()
                if time.monotonic() - self._last_sweep >= self._timings.sweep:
                    self._last_sweep = time.monotonic()
                    await self._sweep()
            except Exception:
                log.exception("coverage.tick_failed")

    async def _tick(self) -> None:
        settled = self._batcher.settled_until_ms
        await self._report_losses()
        if self._lost:
            return
        by_moment: dict[int, set[int]] = defaultdict(set)
        for guild_id in self._accounted:
            tenant_id, heard_ms = self.tenants.get(guild_id), self._heard_ms(self._shard_of(guild_id))
            if tenant_id is not None and heard_ms is not None:
                by_moment[min(settled, heard_ms)].add(tenant_id)
        if by_moment:
            await self._domain.run(coverage.note_watermarks, COVERAGE, by_moment)

    async def _report_losses(self) -> None:
        losses, self._lost = self._lost, {}
        for (guild_id, reason), lost in losses.items():
            tenant_id = self.tenants.get(guild_id)
            if tenant_id is None:
                continue
            try:
                await self._domain.run_for(
                    tenant_id, coverage.open_loss_gaps, COVERAGE, reason, lost.by_channel, since_ms=lost.since_ms
                )
            except Exception:
                again = self._lost.setdefault((guild_id, reason), _Lost(since_ms=lost.since_ms))
                for channel_id, ids in lost.by_channel.items():
                    again.by_channel[channel_id] |= ids
                raise

    async def _sweep(self) -> None:
        """Communities that were installed, or whose owner chose, since their guild was told."""
        present = {int(one) for one in self._bot.cache.get_available_guilds_view()}
        archiving = await self._domain.run(coverage.archiving_guilds, COVERAGE, present)
        for guild_id in present:
            known = self._known.get(guild_id) if guild_id in self._accounted else None
            if archiving.get(guild_id) != known and guild_id not in self._settling:
                self._settling.add(guild_id)
                self._lanes.put(guild_id, partial(self._account_again, guild_id))

    def _look_again(self, guild_id: int) -> None:
        self._lanes.put(guild_id, partial(self._account_again, guild_id))

    async def _account_again(self, guild_id: int) -> None:
        self._settling.discard(guild_id)
        await self._account(guild_id)

    async def _account(self, guild_id: int) -> None:
        told, own = self._told.get(guild_id), self.place_in(guild_id)
        if own is None or self._shard_of(guild_id) not in self._live_shards:
            return
        archiving = (await self._domain.run(coverage.archiving_guilds, COVERAGE, [guild_id])).get(guild_id)
        tenant_id = None if archiving is None else archiving.tenant_id
        if tenant_id is None:
            # Whoever keeps an archive from later on has missed nothing before.
            self._told.pop(guild_id, None)
            tenant_id = self.tenants.get(guild_id)
            if tenant_id is None:
                return
        account = await self._domain.run_for(
            tenant_id,
            coverage.account_for_channels,
            COVERAGE,
            own,
            now_ms=told.at_ms if told is not None else time.time_ns() // 1_000_000,
            missed=told.missed if told is not None else None,
        )
        if self._told.get(guild_id) is not told:
            return  # a newer session began meanwhile: it is accounted for next
        self._told.pop(guild_id, None)
        self._has_begun.add(self._shard_of(guild_id))
        if account.is_archiving and archiving is not None:
            self._known[guild_id] = archiving
            self.tenants[guild_id] = tenant_id
            self._accounted.add(guild_id)
        else:
            self._forget(guild_id)

    async def _disconnected(self, event: hikari.ShardDisconnectedEvent) -> None:
        self._live_shards.discard(event.shard.id)

    def _forget(self, guild_id: int) -> None:
        self._accounted.discard(guild_id)
        self._told.pop(guild_id, None)
        self._known.pop(guild_id, None)
        self.tenants.pop(guild_id, None)

    def _heard_ms(self, shard_id: int) -> int | None:
        """When the shard was last surely connected: the newest event or answered heartbeat."""
        heard = self._heard.get(shard_id)
        shard = self._bot.shards.get(shard_id)
        if heard is None:
            return None
        if shard is not None and shard_id in self._live_shards:
            # hikari hides it behind an underscore; an idle guild would otherwise seem to stand still.
            answered = getattr(shard, "_last_heartbeat_ack_received", math.nan)
            heard = max(heard, answered) if not math.isnan(answered) else heard
        return int(heard * 1000)

    def _shard_of(self, guild_id: int) -> int:
        return (guild_id >> 22) % (self._bot.shard_count or 1)
