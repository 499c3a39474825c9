"""Filling the archive's gaps and fetching history: pages of Discord's own lists, within the budget.

Gaps that opened while the archive ran are class 3, history is class 4: neither ever makes a person's act wait. Each
gap is worked on for a few pages, then others have their turn; a community that is worked on already stands back.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from datetime import datetime
from functools import partial
from typing import Any

from hikari.internal import routes

from app.clients.errors import ClientError, Refused, Unavailable
from app.config import Timings
from app.domain.clock import snowflake_time
from app.domain.coverage import service as coverage
from app.domain.coverage.estimating import AT_ONCE
from app.domain.coverage.service import (
    COVERAGE,
    NO_ACCESS,
    PAGE,
    UNKNOWN_CHANNEL,
    AskedPage,
    ClaimedBackfill,
    ClaimedGap,
)
from app.domain.members import service as members
from bot.accounting import Accountant
from bot.budget import CallClass
from bot.checking import count_messages
from bot.database import Domain
from bot.discord_guild import HikariDiscordGuild

log = logging.getLogger(__name__)


PAGES_A_TURN = 10
MOST_THREAD_PAGES = 50
NO_SUCH_CHANNEL = "discord_10003"
NO_SUCH_MESSAGE = "discord_10008"
ARCHIVED = (routes.GET_PUBLIC_ARCHIVED_THREADS, routes.GET_PRIVATE_ARCHIVED_THREADS)


class Filler:
    """Belongs to the bot's loop. Any number of bots may fill: gaps are claimed."""

    def __init__(self, domain: Domain, guild: HikariDiscordGuild, accountant: Accountant, timings: Timings) -> None:
        self._domain = domain
        self._guild = guild
        self._accountant = accountant
        self._timings = timings
        self._tasks: dict[asyncio.Task[None], int] = {}
        """What runs → the tenant it runs for."""
        self._runner: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._is_closing = False
        self._open: dict[str, int] = {}
        self.pages = 0
        self.failed = 0

    def start(self) -> None:
        """Begin to look for gaps."""
        self._runner = asyncio.create_task(self._run(), name="gaps")

    async def close(self) -> None:
        """Stop after the pages that are under way; what is claimed goes back."""
        self._is_closing = True
        if self._runner is not None:
            self._runner.cancel()
            await asyncio.gather(self._runner, return_exceptions=True)
        if self._tasks:
            _done, late = await asyncio.wait(self._tasks, timeout=2)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def wake(self) -> None:
        """There may be something to fill: look now."""
        self._wake.set()

    def health(self) -> dict[str, Any]:
        """What is open, and what was done."""
        return {**self._open, "running": len(self._tasks), "pages": self.pages, "failed": self.failed}

    async def _run(self) -> None:
        # A wait that is woken and cancelled at the same moment forgets the cancellation: the flag ends the loop all the same.
        while not self._is_closing:
            found = 0
            try:
                found = await self._look()
            except Exception:
                log.exception("gaps.look_failed")
            if (found and len(self._tasks) < AT_ONCE) or self._is_closing:
                continue
            self._wake.clear()
            try:
                await asyncio.wait_for(self._wake.wait(), self._timings.gap_sweep)
            except TimeoutError:
                pass

    async def _look(self) -> int:
        tenants = set(self._accountant.tenants.values())
        free = AT_ONCE - len(self._tasks)
        if not tenants or free <= 0:
            return 0
        lease, busy = self._timings.lease, Counter(self._tasks.values())
        found = 0
        for backfill in await self._domain.run(coverage.claim_backfills, COVERAGE, tenants, 1, lease):
            self._begin(self._prepare(backfill), backfill.tenant_id)
            found += 1
        for gap in await self._domain.run(coverage.claim_gaps, COVERAGE, tenants, set(busy), free, lease):
            self._begin(self._fill(gap), gap.tenant_id)
            found += 1
        self._open = await self._domain.run(coverage.count_open, COVERAGE)
        return found

    def _begin(self, work: Any, tenant_id: int) -> None:
        task = asyncio.create_task(work, name="gap")
        self._tasks[task] = tenant_id
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.pop(task, None)
        self._wake.set()
        if not task.cancelled() and task.exception() is not None:
            self.failed += 1
            log.error("gaps.failed", exc_info=task.exception())

    async def _fill(self, gap: ClaimedGap) -> None:
        try:
            if gap.lists_threads:
                await self._look_for_threads(gap)
            # Of history each channel's newest page comes first: it says which are the busiest.
            left = PAGES_A_TURN if gap.is_begun or gap.is_urgent else 1
            asked = await self._in(gap, coverage.next_page, self._timings.lease)
            while asked is not None and left and not self._is_closing:
                asked, left = await self._one_page(gap, asked), left - 1
            if asked is not None:
                await self._in(gap, coverage.set_back, None, 0.0)
        except Refused as error:
            code = UNKNOWN_CHANNEL if error.code == NO_SUCH_CHANNEL else NO_ACCESS
            log.warning("gaps.refused", extra={"channel": gap.channel_id, "code": error.code})
            await self._in(gap, coverage.give_up, code)
        except Unavailable as error:
            await self._in(gap, coverage.set_back, error.code, error.retry_after or self._timings.retry(1))

    async def _one_page(self, gap: ClaimedGap, asked: AskedPage) -> AskedPage | None:
        """Ask, take, and say what is to be asked next."""
        query = {"limit": str(PAGE)} | ({"before": str(asked.before)} if asked.before is not None else {})
        turn: list[int] = []
        route = routes.GET_CHANNEL_MESSAGES.compile(channel=gap.channel_id)
        page = await self._guild.call(
            gap.guild_id, route, _class_of(gap), query=query, on_turn=lambda: turn.append(_now_ms())
        )
        call_ms = _now_ms() - turn[0]
        if not page and asked.newest_held is not None:
            await self._be_sure(gap, asked.newest_held)
        self.pages += 1
        taken = partial(coverage.take_page, call_ms=call_ms, lease=self._timings.lease)
        return await self._in(gap, taken, asked, page, turn[0])

    async def _be_sure(self, gap: ClaimedGap, message_id: int) -> None:
        """Discord answers an empty list also where history may not be read: ask for one message by its name.

        Raises `Refused` where the bot may not read.
        """
        route = routes.GET_CHANNEL_MESSAGE.compile(channel=gap.channel_id, message=message_id)
        try:
            await self._guild.call(gap.guild_id, route, _class_of(gap))
        except Refused as error:
            if error.code != NO_SUCH_MESSAGE:
                raise
        else:
            raise Unavailable("list_is_behind")

    async def _look_for_threads(self, gap: ClaimedGap) -> None:
        found = await self._archived_threads(gap.guild_id, gap.channel_id, gap.since_ms, _class_of(gap))
        await self._copy_threads(gap.tenant_id, found)
        await self._in(gap, coverage.threads_found, [int(one["id"]) for one in found])

    async def _prepare(self, backfill: ClaimedBackfill) -> None:
        """Find the archived threads that belong to it, count, and begin."""
        own = self._accountant.place_in(backfill.guild_id)
        try:
            if own is None:
                raise Unavailable("bot_not_ready")
            parents = await self._domain.run_for(
                backfill.tenant_id, coverage.channels_to_look_through, COVERAGE, own, backfill.channel_id
            )
            since_ms = round(snowflake_time(backfill.oldest_id).timestamp() * 1000)
            threads: list[int] = []
            for channel_id in parents:
                found = await self._archived_threads(backfill.guild_id, channel_id, since_ms, CallClass.BACKGROUND)
                await self._copy_threads(backfill.tenant_id, found)
                threads += [int(one["id"]) for one in found]
            total = await count_messages(
                self._guild, backfill.guild_id, backfill.oldest_id, backfill.before_id, backfill.channel_id
            )
            await self._domain.run_for(
                backfill.tenant_id, coverage.start_backfill, COVERAGE, backfill.id, backfill.token, own, threads, total
            )
        except ClientError as error:
            await self._domain.run_for(
                backfill.tenant_id,
                coverage.set_backfill_back,
                COVERAGE,
                backfill.token,
                error.code,
                self._timings.retry(1),
            )

    async def _archived_threads(
        self, guild_id: int, channel_id: int, since_ms: int, kind: CallClass
    ) -> list[dict[str, Any]]:
        """Threads of a channel that were archived since a moment; private ones where the bot may list them."""
        found: list[dict[str, Any]] = []
        for route in ARCHIVED:
            before: str | None = None
            for _page in range(MOST_THREAD_PAGES):
                query = {"limit": str(PAGE)} | ({"before": before} if before else {})
                try:
                    page = await self._guild.call(guild_id, route.compile(channel=channel_id), kind, query=query)
                except Refused:
                    break
                threads = page.get("threads") or []
                found += [one for one in threads if _archived_ms(one) >= since_ms]
                if not page.get("has_more") or not threads or _archived_ms(threads[-1]) < since_ms:
                    break
                before = threads[-1]["thread_metadata"]["archive_timestamp"]
        return found

    async def _copy_threads(self, tenant_id: int, threads: list[dict[str, Any]]) -> None:
        if threads:
            told = {"threads": threads}
            await self._domain.run_for(tenant_id, members.apply_event, COVERAGE, "THREAD_LIST_SYNC", told)

    async def _in(self, gap: ClaimedGap, verb: Any, *rest: Any) -> Any:
        return await self._domain.in_background(gap.tenant_id, verb, COVERAGE, gap.id, gap.token, *rest)


def _class_of(gap: ClaimedGap) -> CallClass:
    return CallClass.RECONCILE if gap.is_urgent else CallClass.BACKGROUND


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _archived_ms(thread: dict[str, Any]) -> float:
    stamp = (thread.get("thread_metadata") or {}).get("archive_timestamp")
    try:
        return datetime.fromisoformat(str(stamp)).timestamp() * 1000
    except ValueError:
        return 0.0
