"""What the archive takes in no more, read once for each batch that is indexed."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import and_, select

from app.domain.members.models import GuildChannel
from app.domain.tenants.models import ArchiveExclusion, BotSettings
from app.extensions import db

ALL_BOTS = 1
"""In place of an id: bots and webhooks are many."""


class ExclusionKind(StrEnum):
    """What `archive_exclusions.object_id` is."""

    CHANNEL = "channel"
    BOTS = "bots"
    MEMBER = "member"
    ERASED = "erased"


@dataclass
class Archiving:
    """What one community's archive takes in."""

    salt: str
    channels: set[int] = field(default_factory=set)
    """Channels, and of the threads asked about those in such channels, that are passed over."""
    members: set[int] = field(default_factory=set)
    without_bots: bool = False
    erased: dict[int, int] = field(default_factory=dict)
    """Mark of an erased person → messages with smaller ids stay away."""

    @property
    def takes_all(self) -> bool:
        """True where nothing is excluded: nobody has to be looked at."""
        return not (self.channels or self.members or self.without_bots or self.erased)

    def refuses_author(self, author_id: int, message_id: int, *, is_bot: bool) -> bool:
        """True for a message that nobody wants kept, because of who wrote it."""
        if author_id in self.members or (is_bot and self.without_bots):
            return True
        if not self.erased:
            return False
        before = self.erased.get(mark_of(self.salt, author_id))
        return before is not None and message_id < before

    def refuses_channel(self, channel_id: int) -> bool:
        """True for a channel that is passed over, and for threads in one."""
        return channel_id in self.channels


def archiving(tenant_ids: Collection[int], channel_ids: Collection[int]) -> dict[int, Archiving]:
    """Those of these communities that keep an archive, with what theirs passes over, in one query.

    `channel_ids` are the channels and threads that there is news of. Call it under `all_tenants`, or in one's own scope.
    """
    if not tenant_ids:
        return {}
    thread = and_(
        ArchiveExclusion.kind == ExclusionKind.CHANNEL.value,
        GuildChannel.tenant_id == ArchiveExclusion.tenant_id,
        GuildChannel.parent_id == ArchiveExclusion.object_id,
        GuildChannel.id.in_(channel_ids),
    )
    statement = (
        select(
            BotSettings.tenant_id,
            BotSettings.erasure_salt,
            ArchiveExclusion.kind,
            ArchiveExclusion.object_id,
            ArchiveExclusion.before_id,
            GuildChannel.id,
        )
        .outerjoin(ArchiveExclusion, ArchiveExclusion.tenant_id == BotSettings.tenant_id)
        .outerjoin(GuildChannel, thread)
        .where(BotSettings.tenant_id.in_(tenant_ids), BotSettings.archive_enabled)
    )
    found: dict[int, Archiving] = {}
    for tenant_id, salt, kind, object_id, before_id, thread_id in db.session.execute(statement):
        one = found.setdefault(tenant_id, Archiving(salt))
        if kind == ExclusionKind.CHANNEL:
            one.channels.add(object_id)
            if thread_id is not None:
                one.channels.add(thread_id)
        elif kind == ExclusionKind.MEMBER:
            one.members.add(object_id)
        elif kind == ExclusionKind.BOTS:
            one.without_bots = True
        elif kind == ExclusionKind.ERASED:
            one.erased[object_id] = before_id or 0
    return found


def mark_of(salt: str, user_id: int) -> int:
    """The number under which a community knows an erased person again: it says whether a given id is theirs, no more."""
    digest = hashlib.blake2b(str(user_id).encode(), key=bytes.fromhex(salt), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1
