"""What the domain wants from Discord inside a guild. The real class lives in `bot/discord_guild.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True)
class LiveRole:
    id: int
    position: int
    permissions: int


@dataclass(frozen=True)
class LiveMember:
    """A member as Discord has them now."""

    user_id: int
    username: str
    display_name: str
    role_ids: frozenset[int]
    is_bot: bool
    timed_out_until: datetime | None


@dataclass(frozen=True)
class LiveGuild:
    """Who owns the guild and what its roles allow, as Discord has it now."""

    id: int
    name: str
    owner_id: int
    roles: tuple[LiveRole, ...]
    bot_user_id: int


@dataclass(frozen=True)
class CreatedWebhook:
    id: int
    token: str
    channel_id: int
    name: str


class DiscordGuild(Protocol):
    """Every method may raise `clients.errors.Refused` (Discord's code as `discord_50013`) or `Unavailable`.

    `reason` is what Discord's audit log shows, at most 512 characters when percent-encoded.
    """

    def own_id(self) -> int:
        """The bot's own user id, known since it signed in: nothing is asked of Discord."""

    def guild(self, guild_id: int) -> LiveGuild:
        """As the gateway keeps it up to date; asked of Discord where the gateway is behind or cut."""

    def member(self, guild_id: int, user_id: int) -> LiveMember | None:
        """As `guild`. None, which only Discord itself can say, where the person is not in the guild."""

    def fetch_member(self, guild_id: int, user_id: int) -> LiveMember | None:
        """Asked of Discord in any case; None where the person is not in the guild."""

    def ban(self, guild_id: int, user_id: int, *, reason: str, delete_message_seconds: int) -> None: ...

    def unban(self, guild_id: int, user_id: int, *, reason: str) -> None: ...

    def is_banned(self, guild_id: int, user_id: int) -> bool: ...

    def kick(self, guild_id: int, user_id: int, *, reason: str) -> None: ...

    def timeout(self, guild_id: int, user_id: int, *, until: datetime | None, reason: str) -> None:
        """`until` None ends the timeout."""

    def create_webhook(self, guild_id: int, channel_id: int, *, name: str, reason: str) -> CreatedWebhook: ...

    def move_webhook(self, guild_id: int, webhook_id: int, channel_id: int, *, reason: str) -> CreatedWebhook:
        """Into another channel; id and token stay."""

    def webhooks(self, guild_id: int) -> list[CreatedWebhook]:
        """Those the bot itself owns, tokens included."""

    def execute_webhook(self, guild_id: int, webhook_id: int, token: str, content: str) -> int:
        """Post a message that pings nobody; answers its id. There is no nonce: after `Unavailable` it may be posted or not."""

    def snapshot(self, guild_id: int) -> dict[str, Any]:
        """The whole guild in Discord's JSON: `guild`, `channels`, `roles`, `threads`; for the copy in the database."""

    def members(self, guild_id: int) -> list[dict[str, Any]]:
        """Every member in Discord's JSON."""
