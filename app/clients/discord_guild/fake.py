"""A guild in memory that behaves as Discord does, and remembers what was asked of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.clients.discord_guild.port import CreatedWebhook, LiveGuild, LiveMember, LiveRole
from app.clients.errors import ClientError, Refused
from app.db.transaction import leave_database

LONGEST_TIMEOUT = timedelta(days=28)
LONGEST_DELETION = 604_800


@dataclass
class FakeGuild:
    """One guild's whole state; tests change it freely."""

    live: LiveGuild
    members: dict[int, LiveMember] = field(default_factory=dict)
    bans: dict[int, str] = field(default_factory=dict)
    webhooks: list[CreatedWebhook] = field(default_factory=list)
    snapshot: dict[str, Any] = field(default_factory=dict)
    member_payloads: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class FakeDiscordGuild:
    """`guilds` by id; `failures[method]` is raised by the next call of that method, after which it works again.

    `calls` is the ledger: (method, guild id, target id, reason), only those that reached Discord.
    """

    guilds: dict[int, FakeGuild] = field(default_factory=dict)
    failures: dict[str, ClientError] = field(default_factory=dict)
    calls: list[tuple[str, int, int | None, str]] = field(default_factory=list)
    last_id: int = 900_000_000_000_000_000
    bot_user_id: int = 100_000_000_000_000_001

    def add_guild(
        self, guild_id: int, *, owner_id: int, bot_user_id: int = 100_000_000_000_000_001, name: str = "Server"
    ) -> FakeGuild:
        """A guild with @everyone, its owner and the bot as an administrator below the owner."""
        roles = (LiveRole(guild_id, 0, 0), LiveRole(guild_id + 1, 50, 1 << 3))
        guild = FakeGuild(LiveGuild(guild_id, name, owner_id, roles, bot_user_id))
        self.guilds[guild_id] = guild
        self.add_member(guild_id, owner_id, "owner")
        self.add_member(guild_id, bot_user_id, "bot", role_ids=frozenset({guild_id + 1}), is_bot=True)
        return guild

    def add_role(self, guild_id: int, role_id: int, *, position: int, permissions: int) -> None:
        guild = self.guilds[guild_id]
        guild.live = replace(guild.live, roles=(*guild.live.roles, LiveRole(role_id, position, permissions)))

    def add_member(
        self,
        guild_id: int,
        user_id: int,
        username: str,
        *,
        role_ids: frozenset[int] = frozenset(),
        is_bot: bool = False,
    ) -> LiveMember:
        member = LiveMember(user_id, username, username.title(), role_ids, is_bot, None)
        self.guilds[guild_id].members[user_id] = member
        return member

    def own_id(self) -> int:
        return self.bot_user_id

    def guild(self, guild_id: int) -> LiveGuild:
        return self._guild("guild", guild_id).live

    def member(self, guild_id: int, user_id: int) -> LiveMember | None:
        return self._guild("member", guild_id).members.get(user_id)

    def fetch_member(self, guild_id: int, user_id: int) -> LiveMember | None:
        return self._guild("fetch_member", guild_id).members.get(user_id)

    def ban(self, guild_id: int, user_id: int, *, reason: str, delete_message_seconds: int) -> None:
        guild = self._guild("ban", guild_id, user_id, reason)
        if not 0 <= delete_message_seconds <= LONGEST_DELETION:
            raise Refused("discord_50035", "delete_message_seconds")
        guild.bans[user_id] = reason
        guild.members.pop(user_id, None)

    def unban(self, guild_id: int, user_id: int, *, reason: str) -> None:
        guild = self._guild("unban", guild_id, user_id, reason)
        if guild.bans.pop(user_id, None) is None:
            raise Refused("discord_10026", "Unknown Ban")

    def is_banned(self, guild_id: int, user_id: int) -> bool:
        return user_id in self._guild("is_banned", guild_id).bans

    def kick(self, guild_id: int, user_id: int, *, reason: str) -> None:
        guild = self._guild("kick", guild_id, user_id, reason)
        self._present(guild, user_id)
        del guild.members[user_id]

    def timeout(self, guild_id: int, user_id: int, *, until: datetime | None, reason: str) -> None:
        guild = self._guild("timeout", guild_id, user_id, reason)
        member = self._present(guild, user_id)
        if until is not None and until - datetime.now(UTC) > LONGEST_TIMEOUT + timedelta(minutes=1):
            raise Refused("discord_50035", "communication_disabled_until")
        guild.members[user_id] = replace(member, timed_out_until=until)

    def create_webhook(self, guild_id: int, channel_id: int, *, name: str, reason: str) -> CreatedWebhook:
        guild = self._guild("create_webhook", guild_id, channel_id, reason)
        self.last_id += 1
        webhook = CreatedWebhook(self.last_id, f"token-of-{self.last_id}", channel_id, name)
        guild.webhooks.append(webhook)
        return webhook

    def move_webhook(self, guild_id: int, webhook_id: int, channel_id: int, *, reason: str) -> CreatedWebhook:
        guild = self._guild("move_webhook", guild_id, webhook_id, reason)
        known = next((each for each in guild.webhooks if each.id == webhook_id), None)
        if known is None:
            raise Refused("discord_10015", "Unknown Webhook")
        moved = replace(known, channel_id=channel_id)
        guild.webhooks[guild.webhooks.index(known)] = moved
        return moved

    def webhooks(self, guild_id: int) -> list[CreatedWebhook]:
        return list(self._guild("webhooks", guild_id).webhooks)

    def execute_webhook(self, guild_id: int, webhook_id: int, token: str, content: str) -> int:
        guild = self._guild("execute_webhook", guild_id, webhook_id, content)
        if (webhook_id, token) not in {(each.id, each.token) for each in guild.webhooks}:
            raise Refused("discord_10015", "Unknown Webhook")
        self.last_id += 1
        return self.last_id

    def snapshot(self, guild_id: int) -> dict[str, Any]:
        return self._guild("snapshot", guild_id).snapshot

    def members(self, guild_id: int) -> list[dict[str, Any]]:
        return self._guild("members", guild_id).member_payloads

    def _guild(self, method: str, guild_id: int, target_id: int | None = None, reason: str = "") -> FakeGuild:
        leave_database(f"Discord: {method}")
        failure = self.failures.pop(method, None)
        if failure is not None:
            raise failure
        if guild_id not in self.guilds:
            raise Refused("discord_10004", "Unknown Guild")
        self.calls.append((method, guild_id, target_id, reason))
        return self.guilds[guild_id]

    @staticmethod
    def _present(guild: FakeGuild, user_id: int) -> LiveMember:
        if user_id not in guild.members:
            raise Refused("discord_10007", "Unknown Member")
        return guild.members[user_id]
