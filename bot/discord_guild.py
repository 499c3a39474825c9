"""The bot's hand in Discord: the domain's port, spoken through hikari.

The domain calls from its own threads; each call runs on the bot's event loop and has a deadline.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import TimeoutError as FutureTimeout
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import quote

import hikari
from hikari.internal import data_binding, routes

from app.clients.discord_guild.port import CreatedWebhook, LiveGuild, LiveMember, LiveRole
from app.clients.errors import ClientError, Refused, Unavailable
from app.db.transaction import TransactionError, leave_database
from bot.budget import Budget, CallClass, present_class

R = TypeVar("R")

ONE_CALL_SECONDS = 8.0
MANY_CALLS_SECONDS = 120.0
MEMBERS_A_PAGE = 1000
LONGEST_REASON = 512
UNKNOWN_MEMBER = 10007
UNKNOWN_BAN = 10026
UNKNOWN_USER = 10013
OWN_ACT_SECONDS = 5.0
"""Whom we acted on is asked of Discord this long: the event that brings the cache up to date may be under way."""


class HikariDiscordGuild:
    """Safe to call from any thread but the loop's own. `attach` names the loop that the bot runs on.

    What an act's decision rests on comes from hikari's cache, which the gateway keeps within moments of Discord, so that an
    act costs one call; Discord itself refuses what the cache does not know yet. Where the gateway is behind, Discord is asked.
    """

    def __init__(self, bot: hikari.GatewayBot, budget: Budget) -> None:
        self._bot = bot
        self._budget = budget
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_current: Callable[[int], bool] = lambda _guild_id: False
        self._acted_on: dict[tuple[int, int], float] = {}

    def attach(self, loop: asyncio.AbstractEventLoop, is_current: Callable[[int], bool]) -> None:
        """Calls run on `loop` from now on. `is_current` says whether hikari's cache of a guild can be believed."""
        self._loop = loop
        self._is_current = is_current

    def own_id(self) -> int:
        me = self._bot.get_me()
        if me is None:
            raise Unavailable("bot_not_ready")
        return int(me.id)

    def guild(self, guild_id: int) -> LiveGuild:
        return self._wait(self._guild(guild_id, present_class()), "guild")

    def member(self, guild_id: int, user_id: int) -> LiveMember | None:
        return self._wait(self._member(guild_id, user_id, present_class()), "member")

    def fetch_member(self, guild_id: int, user_id: int) -> LiveMember | None:
        return self._wait(self._fetch_member(guild_id, user_id, present_class()), "member")

    def ban(self, guild_id: int, user_id: int, *, reason: str, delete_message_seconds: int) -> None:
        route = routes.PUT_GUILD_BAN.compile(guild=guild_id, user=user_id)
        self._act_on(guild_id, user_id, route, {"delete_message_seconds": delete_message_seconds}, reason)

    def unban(self, guild_id: int, user_id: int, *, reason: str) -> None:
        self._ask(guild_id, routes.DELETE_GUILD_BAN.compile(guild=guild_id, user=user_id), None, reason)

    def is_banned(self, guild_id: int, user_id: int) -> bool:
        try:
            self._ask(guild_id, routes.GET_GUILD_BAN.compile(guild=guild_id, user=user_id))
        except Refused as error:
            if error.code == f"discord_{UNKNOWN_BAN}":
                return False
            raise
        return True

    def kick(self, guild_id: int, user_id: int, *, reason: str) -> None:
        self._act_on(guild_id, user_id, routes.DELETE_GUILD_MEMBER.compile(guild=guild_id, user=user_id), None, reason)

    def timeout(self, guild_id: int, user_id: int, *, until: datetime | None, reason: str) -> None:
        route = routes.PATCH_GUILD_MEMBER.compile(guild=guild_id, user=user_id)
        ends = None if until is None else until.astimezone(UTC).isoformat()
        self._act_on(guild_id, user_id, route, {"communication_disabled_until": ends}, reason)

    def create_webhook(self, guild_id: int, channel_id: int, *, name: str, reason: str) -> CreatedWebhook:
        route = routes.POST_CHANNEL_WEBHOOKS.compile(channel=channel_id)
        return _webhook(self._ask(guild_id, route, {"name": name}, reason))

    def move_webhook(self, guild_id: int, webhook_id: int, channel_id: int, *, reason: str) -> CreatedWebhook:
        route = routes.PATCH_WEBHOOK.compile(webhook=webhook_id)
        return _webhook(self._ask(guild_id, route, {"channel_id": str(channel_id)}, reason))

    def webhooks(self, guild_id: int) -> list[CreatedWebhook]:
        own = str(self.own_id())
        found = self._ask(guild_id, routes.GET_GUILD_WEBHOOKS.compile(guild=guild_id))
        return [_webhook(each) for each in found if each.get("token") and (each.get("user") or {}).get("id") == own]

    def execute_webhook(self, guild_id: int, webhook_id: int, token: str, content: str) -> int:
        route = routes.POST_WEBHOOK_WITH_TOKEN.compile(webhook=webhook_id, token=token)
        body = {"content": content, "allowed_mentions": {"parse": []}}
        work = self.call(guild_id, route, present_class(), body=body, query={"wait": "true"})
        return int(self._wait(work, "execute webhook")["id"])

    def snapshot(self, guild_id: int) -> dict[str, Any]:
        return self._wait(self.snapshot_on_loop(guild_id, present_class()), "snapshot", MANY_CALLS_SECONDS)

    def members(self, guild_id: int) -> list[dict[str, Any]]:
        return self._wait(self._members(guild_id, present_class()), "members", MANY_CALLS_SECONDS)

    async def call(
        self,
        guild_id: int,
        route: routes.CompiledRoute,
        kind: CallClass,
        *,
        body: dict[str, Any] | None = None,
        reason: str = "",
        query: dict[str, str] | None = None,
        on_turn: Callable[[], None] | None = None,
    ) -> Any:
        """One call within the budget, on the loop, Discord's JSON back. `on_turn` is called once the budget lets it go.

        Raises `Refused` or `Unavailable`.
        """
        await self._budget.take(kind, guild_id)
        if on_turn is not None:
            on_turn()
        asked = data_binding.StringMapBuilder()
        for name, value in (query or {}).items():
            asked.put(name, value)
        # hikari hides its raw client behind an underscore; its typed calls lose fields that the copy of a guild keeps.
        request = self._bot.rest._request  # type: ignore[attr-defined]
        try:
            return await request(
                route,
                query=asked,
                json=body if body is not None else None,
                reason=_fitting(reason) if reason else hikari.UNDEFINED,
            )
        except Exception as error:
            raise _mapped(error) from error

    def _ask(
        self, guild_id: int, route: routes.CompiledRoute, body: dict[str, Any] | None = None, reason: str = ""
    ) -> Any:
        return self._wait(self.call(guild_id, route, present_class(), body=body, reason=reason), str(route))

    def _act_on(
        self, guild_id: int, user_id: int, route: routes.CompiledRoute, body: dict[str, Any] | None, reason: str
    ) -> None:
        kind = present_class()

        async def act() -> None:
            now = time.monotonic()
            self._acted_on = {one: at for one, at in self._acted_on.items() if now - at < OWN_ACT_SECONDS}
            try:
                await self.call(guild_id, route, kind, body=body, reason=reason)
            finally:
                self._acted_on[guild_id, user_id] = time.monotonic()

        self._wait(act(), str(route))

    async def _guild(self, guild_id: int, kind: CallClass) -> LiveGuild:
        known = self._bot.cache.get_available_guild(guild_id) if self._is_current(guild_id) else None
        if known is not None:
            roles = tuple(
                LiveRole(int(role.id), role.position, int(role.permissions))
                for role in self._bot.cache.get_roles_view_for_guild(guild_id).values()
            )
            return LiveGuild(guild_id, known.name, int(known.owner_id), roles, self.own_id())
        raw = await self.call(guild_id, routes.GET_GUILD.compile(guild=guild_id), kind)
        roles = tuple(
            LiveRole(int(role["id"]), int(role["position"]), int(role["permissions"])) for role in raw["roles"]
        )
        return LiveGuild(guild_id, str(raw["name"]), int(raw["owner_id"]), roles, self.own_id())

    async def _member(self, guild_id: int, user_id: int, kind: CallClass) -> LiveMember | None:
        """Who is missing in the cache may only not have been listed yet: that somebody is not there, Discord says."""
        acted = self._acted_on.get((guild_id, user_id))
        is_known = acted is None or time.monotonic() - acted > OWN_ACT_SECONDS
        known = self._bot.cache.get_member(guild_id, user_id) if is_known and self._is_current(guild_id) else None
        return await self._fetch_member(guild_id, user_id, kind) if known is None else _cached_member(known)

    async def _fetch_member(self, guild_id: int, user_id: int, kind: CallClass) -> LiveMember | None:
        route = routes.GET_GUILD_MEMBER.compile(guild=guild_id, user=user_id)
        try:
            return live_member(await self.call(guild_id, route, kind))
        except Refused as error:
            if error.code in (f"discord_{UNKNOWN_MEMBER}", f"discord_{UNKNOWN_USER}"):
                return None
            raise

    async def snapshot_on_loop(self, guild_id: int, kind: CallClass) -> dict[str, Any]:
        """`snapshot`, for callers that are on the loop themselves."""
        guild = await self.call(guild_id, routes.GET_GUILD.compile(guild=guild_id), kind)
        channels = await self.call(guild_id, routes.GET_GUILD_CHANNELS.compile(guild=guild_id), kind)
        active = await self.call(guild_id, routes.GET_ACTIVE_THREADS.compile(guild=guild_id), kind)
        return {
            "guild": guild,
            "channels": channels,
            "roles": guild.get("roles", []),
            "threads": active.get("threads", []),
        }

    async def _members(self, guild_id: int, kind: CallClass) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        after = "0"
        while True:
            route = routes.GET_GUILD_MEMBERS.compile(guild=guild_id)
            page = await self.call(guild_id, route, kind, query={"limit": str(MEMBERS_A_PAGE), "after": after})
            found += page
            if len(page) < MEMBERS_A_PAGE:
                return found
            after = str(max(int(member["user"]["id"]) for member in page))

    def _wait(self, work: Coroutine[Any, Any, R], what: str, seconds: float = ONE_CALL_SECONDS) -> R:
        loop = self._loop
        if loop is None or not loop.is_running():
            work.close()
            raise Unavailable("bot_not_ready")
        try:
            leave_database(f"Discord: {what}")
        except TransactionError:
            work.close()
            raise
        future = asyncio.run_coroutine_threadsafe(work, loop)
        try:
            return future.result(seconds)
        except FutureTimeout as error:
            future.cancel()
            raise Unavailable("discord_timeout", what) from error


def live_member(raw: dict[str, Any]) -> LiveMember:
    """Discord's JSON of a member."""
    user = raw["user"]
    until = raw.get("communication_disabled_until")
    return LiveMember(
        user_id=int(user["id"]),
        username=str(user["username"]),
        display_name=str(raw.get("nick") or user.get("global_name") or user["username"]),
        role_ids=frozenset(map(int, raw.get("roles", ()))),
        is_bot=bool(user.get("bot")),
        timed_out_until=datetime.fromisoformat(until) if until else None,
    )


def _cached_member(known: hikari.Member) -> LiveMember:
    return LiveMember(
        user_id=int(known.id),
        username=known.user.username,
        display_name=known.nickname or known.user.global_name or known.user.username,
        role_ids=frozenset(int(role_id) for role_id in known.role_ids if role_id != known.guild_id),
        is_bot=known.user.is_bot,
        timed_out_until=known.raw_communication_disabled_until,
    )


def _webhook(raw: dict[str, Any]) -> CreatedWebhook:
    return CreatedWebhook(int(raw["id"]), str(raw["token"]), int(raw["channel_id"]), str(raw.get("name") or ""))


def _fitting(reason: str) -> str:
    """As much of `reason` as Discord's header takes once it is percent-encoded."""
    while len(quote(reason)) > LONGEST_REASON:
        reason = reason[:-1]
    return reason


def _mapped(error: Exception) -> BaseException:
    """hikari's error in the words of the port; what is no failure of Discord's is left as it is."""
    if isinstance(error, hikari.RateLimitTooLongError):
        return Unavailable("discord_429", retry_after=float(error.retry_after))
    if isinstance(error, hikari.HTTPResponseError):
        status, code = int(error.status), int(getattr(error, "code", 0) or 0)
        name = f"discord_{code or status}"
        if status == 429 or status >= 500:
            return Unavailable(name, error.message)
        return Refused(name, error.message)
    if isinstance(error, hikari.HTTPError | hikari.ComponentStateConflictError):
        return Unavailable("discord_unreachable", type(error).__name__)
    return error


__all__ = ["ClientError", "HikariDiscordGuild", "live_member"]
