"""Which channels an install proposes for its two webhooks."""

from __future__ import annotations

from collections.abc import Iterable

from app.domain.members.models import GuildChannel, GuildRole

TEXT = 0
ANNOUNCEMENT = 5
ADMINISTRATOR = 1 << 3
VIEW_CHANNEL = 1 << 10
MANAGE_WEBHOOKS = 1 << 29
NEEDED_BY_BOT = VIEW_CHANNEL | MANAGE_WEBHOOKS
STAFF_WORDS = ("staff", "mod", "admin", "team", "alert", "log")
NEWS_WORDS = ("announce", "news")
PUBLIC_WORDS = (*NEWS_WORDS, "general")


def can_carry_webhook(channel: GuildChannel) -> bool:
    """True for the kinds of channel that a webhook can post into."""
    return channel.kind in (TEXT, ANNOUNCEMENT) and channel.deleted_at is None


def everyone_sees(channel: GuildChannel, everyone: GuildRole | None) -> bool:
    """True where @everyone has View Channel. Without the role's copy the safe answer is True."""
    if everyone is None or everyone.permissions & ADMINISTRATOR:
        return True
    sees = bool(everyone.permissions & VIEW_CHANNEL)
    for overwrite in channel.overwrites:
        if int(overwrite["id"]) == everyone.id:
            if int(overwrite["deny"]) & VIEW_CHANNEL:
                sees = False
            if int(overwrite["allow"]) & VIEW_CHANNEL:
                sees = True
    return sees


def fit_for_alerts(channels: Iterable[GuildChannel], everyone: GuildRole | None) -> list[GuildChannel]:
    """Channels that @everyone cannot see, one for staff by its name before others."""
    hidden = [c for c in channels if can_carry_webhook(c) and not everyone_sees(c, everyone)]
    return sorted(hidden, key=lambda c: (_rank(c.name, STAFF_WORDS), c.kind != TEXT, c.position, c.id))


def fit_for_publish(
    channels: Iterable[GuildChannel], everyone: GuildRole | None, system_channel_id: int | None
) -> list[GuildChannel]:
    """Channels that all can see: announcement channels, then the server's system channel, then those named for news."""
    open_ones = [c for c in channels if can_carry_webhook(c) and everyone_sees(c, everyone)]
    news = [c for c in open_ones if c.kind == ANNOUNCEMENT]
    news.sort(key=lambda c: (_rank(c.name, PUBLIC_WORDS), c.position, c.id))
    system = [c for c in open_ones if c.id == system_channel_id and c not in news]
    named = [c for c in open_ones if c not in news + system and any(word in c.name.lower() for word in NEWS_WORDS)]
    return news + system + named


def _rank(name: str, words: tuple[str, ...]) -> int:
    return next((place for place, word in enumerate(words) if word in name.lower()), len(words))
