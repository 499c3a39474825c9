"""Each night the archive's numbers are held against Discord's own message search; a difference opens a gap."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from hikari.internal import routes

from app.clients.errors import ClientError
from app.config import Timings
from app.domain.coverage import service as coverage
from app.domain.coverage.service import COVERAGE, CountedDay, DueCheck
from bot.accounting import Accountant
from bot.budget import CallClass
from bot.database import Domain
from bot.discord_guild import HikariDiscordGuild

log = logging.getLogger(__name__)

SEARCH = routes.Route("GET", "/guilds/{guild}/messages/search")
AT_ONCE = 2


class Checker:
    """Belongs to the bot's loop. Whoever is due is claimed, so any number of bots may check."""

    def __init__(self, domain: Domain, guild: HikariDiscordGuild, accountant: Accountant, timings: Timings) -> None:
        self._domain = domain
        self._guild = guild
        self._accountant = accountant
        self._timings = timings
        self._runner: asyncio.Task[None] | None = None
        self.checked = 0
        self.differing = 0

    def start(self) -> None:
        """Begin."""
        self._runner = asyncio.create_task(self._run(), name="cross-checks")

    async def close(self) -> None:
        """Stop; whoever was being checked is checked the next night."""
        if self._runner is not None:
            self._runner.cancel()
            await asyncio.gather(self._runner, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._timings.lease)
            try:
                tenants = set(self._accountant.tenants.values())
                every = self._timings.cross_check
                for due in await self._domain.run(coverage.claim_checks, COVERAGE, tenants, every, AT_ONCE):
                    await self._check(due)
            except Exception:
                log.exception("cross_check.failed")

    async def _check(self, due: DueCheck) -> None:
        own = self._accountant.place_in(due.guild_id)
        if own is None:
            return
        for days in (await self._domain.run_for(due.tenant_id, coverage.count_days, COVERAGE, own)).values():
            differing = await self._differing(due.guild_id, days)
            self.checked += 1
            if differing:
                self.differing += 1
                opened = await self._domain.run_for(due.tenant_id, coverage.note_counts, COVERAGE, differing)
                log.warning("cross_check.differs", extra={"tenant": due.tenant_id, "gaps": opened})

    async def _differing(self, guild_id: int, days: Sequence[CountedDay]) -> dict[CountedDay, int]:
        """The days whose counts differ: one question for all, and one for each day only where that one differs."""
        channel_id = days[0].channel_id
        first, until = min(one.stretch.first for one in days), max(one.stretch.until for one in days)
        is_unbroken = sum(one.stretch.until - one.stretch.first for one in days) == until - first
        theirs = await count_messages(self._guild, guild_id, first, until, channel_id) if is_unbroken else None
        if theirs in (sum(one.ours for one in days), sum(one.with_threads for one in days)):
            return {}
        found: dict[CountedDay, int] = {}
        for day in days:
            counted = await count_messages(self._guild, guild_id, day.stretch.first, day.stretch.until, channel_id)
            if counted is not None and not day.agrees(counted):
                found[day] = counted
        return found


async def count_messages(
    guild: HikariDiscordGuild, guild_id: int, first: int, until: int, channel_id: int | None
) -> int | None:
    """How many messages with ids from `first` to before `until` Discord's search counts; None while it cannot say."""
    query = {"limit": "1", "min_id": str(max(0, first - 1)), "max_id": str(until)}
    if channel_id is not None:
        query["channel_id"] = str(channel_id)
    try:
        answer = await guild.call(guild_id, SEARCH.compile(guild=guild_id), CallClass.BACKGROUND, query=query)
    except ClientError:
        return None
    total = answer.get("total_results") if isinstance(answer, dict) else None
    return total if isinstance(total, int) else None
