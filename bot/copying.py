"""Keeping the database's copy of each guild: whole at start and on request, then event by event."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Concatenate, ParamSpec

import hikari

from app.clients.errors import Unavailable
from app.contracts.bot_api import Code
from app.db.scope import tenant_scope
from app.domain.access import SystemActor
from app.domain.members import service as members
from app.domain.moderation import service as moderation
from app.domain.tenants.queries import tenant_of_guild
from bot.budget import CallClass
from bot.database import Domain
from bot.discord_guild import HikariDiscordGuild
from bot.lanes import GuildLanes

P = ParamSpec("P")

SYSTEM = SystemActor("gateway")


@dataclass
class Copied:
    """What a whole copy found."""

    channels: int
    roles: int
    members: int


class GuildCopier:
    """Every method runs in the guild's lane, but `copy_now`, which puts its work there.

    A guild without a tenant is passed over: nothing of it is stored.
    """

    def __init__(self, bot: hikari.GatewayBot, domain: Domain, guild: HikariDiscordGuild) -> None:
        self._bot = bot
        self._domain = domain
        self._guild = guild
        self._awaited: dict[str, asyncio.Future[int]] = {}
        self._running: dict[int, asyncio.Task[Copied]] = {}
        self.lanes: GuildLanes | None = None

    async def copy_payload(self, guild_id: int, payload: dict[str, Any]) -> None:
        """The channels, roles and threads that a GUILD_CREATE carries."""
        await self._for(
            guild_id, members.copy_guild, payload, payload["channels"], payload["roles"], payload.get("threads", [])
        )

    async def copy_members(self, guild_id: int, whole: list[dict[str, Any]], nonce: str = "") -> None:
        """A complete member list."""
        waiting = self._awaited.pop(nonce, None)
        try:
            await self._for(guild_id, members.copy_members, whole, complete=True)
        except Exception as error:
            if waiting is not None and not waiting.done():
                waiting.set_exception(error)
            raise
        if waiting is not None and not waiting.done():
            waiting.set_result(len(whole))

    async def apply_event(self, guild_id: int, name: str, payload: dict[str, Any]) -> None:
        """One change."""
        await self._for(guild_id, members.apply_event, name, payload)

    async def record_audit_entry(self, guild_id: int, payload: dict[str, Any]) -> None:
        """One line of Discord's audit log: our own act's echo, or somebody else's act."""
        await self._for(guild_id, moderation.record_audit_entry, payload)

    def copy_now(self, guild_id: int) -> asyncio.Task[Copied]:
        """Copy the whole guild. Whoever asks while a copy runs gets the running one.

        Raises `Refused` or `Unavailable` when Discord does not give it.
        """
        running = self._running.get(guild_id)
        if running is None or running.done():
            running = self._running[guild_id] = asyncio.create_task(self._copy_whole(guild_id), name="guild copy")
            running.add_done_callback(lambda _task: self._running.pop(guild_id, None))
        return running

    async def _copy_whole(self, guild_id: int) -> Copied:
        assert self.lanes is not None
        done: asyncio.Future[tuple[int, int]] = asyncio.get_running_loop().create_future()
        self.lanes.put(guild_id, partial(self._copy_snapshot, guild_id, done))
        channels, roles = await done
        nonce = secrets.token_hex(12)
        listed = self._awaited[nonce] = asyncio.get_running_loop().create_future()
        try:
            await self._shard_of(guild_id).request_guild_members(guild_id, nonce=nonce)
            return Copied(channels, roles, await asyncio.wait_for(listed, 120))
        except (hikari.ComponentStateConflictError, TimeoutError) as error:
            raise Unavailable(Code.BOT_NOT_READY, "the gateway is not connected") from error
        finally:
            self._awaited.pop(nonce, None)

    async def _copy_snapshot(self, guild_id: int, done: asyncio.Future[tuple[int, int]]) -> None:
        try:
            found = await self._guild.snapshot_on_loop(guild_id, CallClass.RECONCILE)
            await self._for(
                guild_id, members.copy_guild, found["guild"], found["channels"], found["roles"], found["threads"]
            )
        except Exception as error:
            if not done.done():
                done.set_exception(error)
            raise
        if not done.done():
            done.set_result((len(found["channels"]), len(found["roles"])))

    def _shard_of(self, guild_id: int) -> hikari.api.GatewayShard:
        shard = self._bot.shards.get((guild_id >> 22) % (self._bot.shard_count or 1))
        if shard is None:
            raise Unavailable(Code.BOT_NOT_READY, "this process does not run the server's shard")
        return shard

    async def _for(
        self, guild_id: int, verb: Callable[Concatenate[SystemActor, P], object], *args: P.args, **kwargs: P.kwargs
    ) -> None:
        def call() -> None:
            tenant = tenant_of_guild(guild_id)
            if tenant is not None:
                with tenant_scope(tenant.id):
                    verb(SYSTEM, *args, **kwargs)

        await self._domain.run(call)
