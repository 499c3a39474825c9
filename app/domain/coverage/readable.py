"""Which channels the bot can read, and what keeps it out of the others, by our copy of the guild."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from app.domain.members.models import GuildChannel, GuildMember, GuildRole
from app.domain.members.visibility import (
    CONNECT,
    READ_MESSAGE_HISTORY,
    THREAD_KINDS,
    VIEW_CHANNEL,
    VOICE_KINDS,
    ChannelRules,
    GuildRules,
    permissions_by_channel,
    visible_channels,
)
from app.domain.tenants.models import GuildPresence
from app.extensions import db

HOLDS_MESSAGES = frozenset({0, 2, 5, 13}) | THREAD_KINDS
HOLDS_THREADS = frozenset({0, 5, 15, 16})
FORUMS = frozenset({15, 16})


@dataclass(frozen=True)
class BotPlace:
    """The bot in a guild: who it is there and which roles it has."""

    bot_id: int
    role_ids: tuple[int, ...]


@dataclass(frozen=True)
class ReadableChannel:
    """A channel or thread whose messages, or whose threads, the bot can read."""

    id: int
    kind: int
    parent_id: int | None

    @property
    def holds_messages(self) -> bool:
        return self.kind in HOLDS_MESSAGES

    @property
    def holds_threads(self) -> bool:
        return self.kind in HOLDS_THREADS


@dataclass(frozen=True)
class UnreadableChannel:
    """A channel that the bot is kept out of, and the permissions that it lacks there (bits)."""

    id: int
    name: str
    missing: int

    @property
    def lacks_view(self) -> bool:
        return bool(self.missing & VIEW_CHANNEL)

    @property
    def lacks_history(self) -> bool:
        return bool(self.missing & READ_MESSAGE_HISTORY)

    @property
    def lacks_connect(self) -> bool:
        return bool(self.missing & CONNECT)


def place_of(bot_id: int) -> BotPlace | None:
    """The bot as our copy of the members has it; None where it is not there."""
    statement = select(GuildMember.role_ids).where(GuildMember.user_id == bot_id, GuildMember.left_at.is_(None))
    row = db.session.execute(statement).one_or_none()
    return None if row is None else BotPlace(bot_id, tuple(map(int, row.role_ids)))


def readable_channels(guild_id: int, own: BotPlace) -> dict[int, ReadableChannel]:
    """Every channel and thread that the bot may read now, by id; deleted ones are none."""
    rows = _rows()
    shown = visible_channels(_rules(guild_id), own.bot_id, own.role_ids, [_channel_rules(row) for row in rows])
    return {
        row.id: ReadableChannel(row.id, row.kind, row.parent_id)
        for row in rows
        if row.id in shown and row.deleted_at is None and (row.kind in HOLDS_MESSAGES or row.kind in HOLDS_THREADS)
    }


def unreadable_channels(guild_id: int, own: BotPlace) -> list[UnreadableChannel]:
    """Channels (no threads) with messages that the bot cannot read, by position."""
    return barred_among(_rows(), _rules(guild_id), own)


def barred_among(channels: Iterable[GuildChannel], rules: GuildRules, own: BotPlace) -> list[UnreadableChannel]:
    """`unreadable_channels` of these."""
    rows = [row for row in channels if row.kind not in THREAD_KINDS and row.deleted_at is None]
    bits = permissions_by_channel(rules, own.bot_id, own.role_ids, [_channel_rules(row) for row in rows])
    if bits is None:
        return []
    found = []
    for row in sorted(rows, key=lambda row: (row.position, row.id)):
        if not (row.kind in HOLDS_MESSAGES or row.kind in FORUMS):
            continue
        needed = VIEW_CHANNEL | READ_MESSAGE_HISTORY | (CONNECT if row.kind in VOICE_KINDS else 0)
        lacking = needed & ~bits.get(row.id, 0)
        if lacking:
            found.append(UnreadableChannel(row.id, row.name, lacking))
    return found


def _rows() -> list[GuildChannel]:
    return list(db.session.scalars(select(GuildChannel)))


def _rules(guild_id: int) -> GuildRules:
    owner_id = db.session.scalar(select(GuildPresence.owner_id).where(GuildPresence.guild_id == guild_id))
    return rules_of(guild_id, owner_id)


def rules_of(guild_id: int, owner_id: int | None) -> GuildRules:
    """What decides what anybody may do, with the roles of our copy."""
    roles = {role_id: bits for role_id, bits in db.session.execute(select(GuildRole.id, GuildRole.permissions))}
    return GuildRules(guild_id, owner_id, roles)


def _channel_rules(row: GuildChannel) -> ChannelRules:
    members = frozenset(map(str, row.thread_member_ids or ()))
    return ChannelRules(row.id, row.kind, row.parent_id, tuple(row.overwrites or ()), members)
