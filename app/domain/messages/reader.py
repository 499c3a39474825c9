"""Who reads, and what Discord shows them: every query of the archive takes a `Reader`."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.clients import clients
from app.clients.errors import Unavailable
from app.db.transaction import leave_database
from app.domain.access import Actor, Permission, Role, check
from app.domain.members.models import GuildChannel, GuildMember, GuildRole
from app.domain.members.visibility import ChannelRules, GuildRules, visible_channels
from app.domain.tenants.models import GuildPresence
from app.extensions import db

REMEMBERED_SECONDS = 5.0
"""How long a set worked out here serves: a change that no event told of is in force after this long."""


@dataclass(frozen=True)
class Reader:
    """Somebody who reads the archive of one community, and the channels whose messages they may see."""

    user_id: int
    channels: frozenset[int]
    sees_all: bool = False

    def sees(self, channel_id: int) -> bool:
        """True where this person may read the messages of the channel or thread."""
        return self.sees_all or channel_id in self.channels


def reader_for(actor: Actor) -> Reader:
    """The reader that `actor` is now. Raises `Forbidden` where their panel role does not open the archive at all."""
    check(actor, Permission.SEARCH_MESSAGES)
    if actor.role is Role.OWNER:
        return Reader(actor.user_id, frozenset(), sees_all=True)
    channels = _remembered(actor)
    if channels is None:
        channels = channels_shown_to(actor)
        _remember(actor, channels)
    return Reader(actor.user_id, channels)


def channels_shown_to(actor: Actor) -> frozenset[int]:
    """The channels and threads that Discord shows this person, by our copy of the guild; none when they are not there."""
    member = db.session.execute(
        select(GuildMember.role_ids).where(GuildMember.user_id == actor.user_id, GuildMember.left_at.is_(None))
    ).one_or_none()
    if member is None:
        return frozenset()
    owner_id = db.session.scalar(select(GuildPresence.owner_id).where(GuildPresence.guild_id == actor.guild_id))
    roles = {role_id: bits for role_id, bits in db.session.execute(select(GuildRole.id, GuildRole.permissions))}
    columns = (
        GuildChannel.id,
        GuildChannel.kind,
        GuildChannel.parent_id,
        GuildChannel.overwrites,
        GuildChannel.thread_member_ids,
    )
    channels = [
        ChannelRules(channel_id, kind, parent_id, tuple(overwrites or ()), frozenset(map(str, members or ())))
        for channel_id, kind, parent_id, overwrites, members in db.session.execute(select(*columns))
    ]
    guild = GuildRules(actor.guild_id, owner_id, roles)
    return visible_channels(guild, actor.user_id, map(int, member.role_ids), channels)


def _remembered(actor: Actor) -> frozenset[int] | None:
    leave_database("reading the remembered channels")
    try:
        return clients().live_bus.readable_channels(actor.tenant_id, actor.user_id)
    except Unavailable:
        return None


def _remember(actor: Actor, channels: frozenset[int]) -> None:
    leave_database("remembering the channels")
    try:
        clients().live_bus.put_readable_channels(actor.tenant_id, actor.user_id, channels, REMEMBERED_SECONDS)
    except Unavailable:
        return  # the next request works them out again
