"""What the gateway says, handed on: messages to the archive, changes of a guild to its copy, in the order they came.

Raw payloads are read, not hikari's typed events: those are lost where a key is missing, and cost twice the time.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from functools import partial
from typing import Any

import hikari

from app.contracts.membership import MembershipReport, ReportedGuild, ReportKind
from app.domain.messages.deletions import MESSAGE_BULK_DELETE, MESSAGE_DELETE
from bot.accounting import Accountant
from bot.batching import MessageBatcher
from bot.copying import GuildCopier
from bot.deletion_log import DeletionLog
from bot.lanes import GuildLanes
from bot.member_lists import MemberLists
from bot.membership import MembershipReporter

log = logging.getLogger(__name__)

MESSAGE_EVENTS = frozenset(
    {
        "MESSAGE_CREATE",
        "MESSAGE_UPDATE",
        "MESSAGE_DELETE",
        "MESSAGE_DELETE_BULK",
        "MESSAGE_REACTION_ADD",
        "MESSAGE_REACTION_REMOVE",
        "MESSAGE_REACTION_REMOVE_ALL",
        "MESSAGE_REACTION_REMOVE_EMOJI",
        "AUTO_MODERATION_ACTION_EXECUTION",
    }
)
COPIED_EVENTS = frozenset(
    {
        "CHANNEL_CREATE",
        "CHANNEL_UPDATE",
        "CHANNEL_DELETE",
        "THREAD_CREATE",
        "THREAD_UPDATE",
        "THREAD_DELETE",
        "THREAD_LIST_SYNC",
        "THREAD_MEMBERS_UPDATE",
        "GUILD_ROLE_CREATE",
        "GUILD_ROLE_UPDATE",
        "GUILD_ROLE_DELETE",
        "GUILD_MEMBER_ADD",
        "GUILD_MEMBER_UPDATE",
        "GUILD_MEMBER_REMOVE",
        "GUILD_BAN_ADD",
        "GUILD_BAN_REMOVE",
    }
)
MEMBER_EVENTS = frozenset({"GUILD_MEMBER_ADD", "GUILD_MEMBER_UPDATE", "GUILD_MEMBER_REMOVE"})
WAIT_FOR_GUILDS = 10.0
"""Guilds in an outage are reported without a name after this many seconds."""
SECONDS_TO_HEAR_OUT = 2.0


class Gateway:
    """Subscribes to one hikari bot. Its listener never waits, so events keep the order of the wire."""

    def __init__(
        self,
        bot: hikari.GatewayBot,
        batcher: MessageBatcher,
        lanes: GuildLanes,
        copier: GuildCopier,
        reporter: MembershipReporter,
        accountant: Accountant,
        deletion_log: DeletionLog,
    ) -> None:
        self._bot = bot
        self._batcher = batcher
        self._lanes = lanes
        self._copier = copier
        self._reporter = reporter
        self._accountant = accountant
        self._deletion_log = deletion_log
        self._lists = MemberLists()
        self.guilds: dict[int, ReportedGuild] = {}
        self._awaited: set[int] = set()
        self._told: set[int] = set()
        """Guilds that Discord has told whole since their shard's session began, and keeps up to date."""
        self._last_words: dict[str, asyncio.Future[None]] = {}
        """By nonce: questions whose answer says that all is here that was sent before it."""
        self._whole_list: asyncio.TimerHandle | None = None
        self._handlers: dict[str, Callable[[dict[str, Any]], None]] = {
            "READY": self._ready,
            "GUILD_CREATE": self._guild_create,
            "GUILD_UPDATE": self._guild_update,
            "GUILD_DELETE": self._guild_delete,
            "GUILD_MEMBERS_CHUNK": self._members_chunk,
            "GUILD_AUDIT_LOG_ENTRY_CREATE": self._audit_entry,
            **{name: partial(self._copied, name) for name in COPIED_EVENTS},
        }
        bot.event_manager.subscribe(hikari.ShardPayloadEvent, self.take)

    async def take(self, event: hikari.ShardPayloadEvent) -> None:
        """One payload off the wire."""
        name = event.name
        if name == "RESUMED":
            self._accountant.session_resumed(event.shard.id)
        self._accountant.heard(event.shard.id)
        if name in MESSAGE_EVENTS:
            self._batcher.put(name, event.payload)  # type: ignore[arg-type]
            if name == "MESSAGE_DELETE":
                self._deletion_log.deleted(event.payload)
            return
        handler = self._handlers.get(name)
        if handler is not None:
            handler(event.payload)  # type: ignore[arg-type]

    def is_current(self, guild_id: int) -> bool:
        """True while what hikari remembers of this guild is what Discord told, up to the last moments."""
        shard = self._bot.shards.get((guild_id >> 22) % (self._bot.shard_count or 1))
        return shard is not None and shard.is_connected and guild_id in self._told

    async def hear_out(self, seconds: float = SECONDS_TO_HEAR_OUT) -> None:
        """Return once everything is here that Discord had sent before this call, or time is up.

        To be called before leaving: that ends the session, and what is on its way then is never sent again.
        """
        try:
            await asyncio.wait_for(asyncio.gather(*(self._answer_of(shard) for shard in self._connected())), seconds)
        except TimeoutError:
            log.warning("gateway.not_heard_out", extra={"seconds": seconds})

    def _connected(self) -> list[hikari.api.GatewayShard]:
        return [shard for shard in self._bot.shards.values() if shard.is_connected]

    async def _answer_of(self, shard: hikari.api.GatewayShard) -> None:
        """One shard's socket keeps its order: the answer to any question comes after what was sent before."""
        guild_id = next((one for one in self._told if (one >> 22) % shard.shard_count == shard.id), None)
        if guild_id is None:
            return
        nonce = secrets.token_hex(12)
        answered = self._last_words[nonce] = asyncio.get_running_loop().create_future()
        try:
            await shard.request_guild_members(guild_id, users=[shard.get_user_id()], nonce=nonce)
            await answered
        except (hikari.ComponentStateConflictError, OSError):
            log.warning("gateway.not_heard_out", extra={"shard": shard.id})
        finally:
            del self._last_words[nonce]

    def _ready(self, payload: dict[str, Any]) -> None:
        announced = {int(guild["id"]) for guild in payload.get("guilds", ())}
        shard_id, shard_count = payload.get("shard") or (0, 1)
        self._accountant.session_began(shard_id)
        self._told = {guild_id for guild_id in self._told if (guild_id >> 22) % shard_count != shard_id}
        own = {guild_id for guild_id in self.guilds if (guild_id >> 22) % shard_count == shard_id}
        for guild_id in own - announced:
            del self.guilds[guild_id]
        for guild_id in announced:
            self.guilds.setdefault(guild_id, ReportedGuild(guild_id))
        self._awaited |= announced
        self._report_all_in(WAIT_FOR_GUILDS if self._awaited else 0)

    def _guild_create(self, payload: dict[str, Any]) -> None:
        if payload.get("unavailable"):
            return
        guild = _reported(payload)
        has_joined = "unavailable" not in payload
        self.guilds[guild.id] = guild
        self._told.add(guild.id)
        if has_joined:
            self._reporter.report(MembershipReport(ReportKind.JOINED, (guild,)))
        elif guild.id in self._awaited:
            self._awaited.discard(guild.id)
            if not self._awaited:
                self._report_all_in(0)
        self._lanes.put(guild.id, partial(self._copier.copy_payload, guild.id, payload))
        self._accountant.guild_told(guild.id, payload)

    def _guild_update(self, payload: dict[str, Any]) -> None:
        guild = _reported(payload)
        before = self.guilds.get(guild.id)
        self.guilds[guild.id] = guild
        if before != guild:
            self._reporter.report(MembershipReport(ReportKind.JOINED, (guild,)))

    def _guild_delete(self, payload: dict[str, Any]) -> None:
        guild_id = int(payload["id"])
        self._told.discard(guild_id)
        self._accountant.guild_away(guild_id)
        if payload.get("unavailable"):
            return  # an outage, not a leave
        guild = self.guilds.pop(guild_id, ReportedGuild(guild_id))
        self._awaited.discard(guild_id)
        self._reporter.report(MembershipReport(ReportKind.LEFT, (guild,)))

    def _members_chunk(self, payload: dict[str, Any]) -> None:
        if (answered := self._last_words.get(str(payload.get("nonce")))) is not None:
            if not answered.done():
                answered.set_result(None)
            return
        guild_id = int(payload["guild_id"])
        whole = self._lists.add_chunk(guild_id, payload)
        if whole is not None:
            nonce = str(payload.get("nonce") or "")
            self._lanes.put(guild_id, partial(self._copier.copy_members, guild_id, whole, nonce))

    def _copied(self, name: str, payload: dict[str, Any]) -> None:
        if "guild_id" not in payload:
            return
        guild_id = int(payload["guild_id"])
        if name in MEMBER_EVENTS:
            self._lists.note(guild_id, name, payload)
        self._lanes.put(guild_id, partial(self._copier.apply_event, guild_id, name, payload))
        if name not in MEMBER_EVENTS or self._is_own(payload):
            self._accountant.changed(guild_id)

    def _is_own(self, payload: dict[str, Any]) -> bool:
        me = self._bot.get_me()
        return me is not None and str((payload.get("user") or {}).get("id")) == str(int(me.id))

    def _audit_entry(self, payload: dict[str, Any]) -> None:
        if payload.get("action_type") in (MESSAGE_DELETE, MESSAGE_BULK_DELETE):
            self._batcher.put("GUILD_AUDIT_LOG_ENTRY_CREATE", payload)
            self._deletion_log.line_written(payload)
            return
        guild_id = int(payload["guild_id"])
        self._lanes.put(guild_id, partial(self._copier.record_audit_entry, guild_id, payload))

    def _report_all_in(self, seconds: float) -> None:
        if self._whole_list is not None:
            self._whole_list.cancel()
        self._whole_list = asyncio.get_running_loop().call_later(seconds, self._report_all)

    def _report_all(self) -> None:
        self._whole_list = None
        self._awaited.clear()
        shards = self._bot.shards
        self._reporter.report(
            MembershipReport(
                ReportKind.ALL,
                tuple(self.guilds.values()),
                tuple(sorted(shards)) or (0,),
                self._bot.shard_count or 1,
            )
        )


def _reported(payload: dict[str, Any]) -> ReportedGuild:
    return ReportedGuild(
        int(payload["id"]), str(payload.get("name", "")), payload.get("icon"), int(payload.get("owner_id") or 0)
    )
