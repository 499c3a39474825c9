"""Reads of legal holds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.domain.holds.models import HeldKind, Hold
from app.domain.members.models import GuildChannel
from app.domain.messages.models import Message
from app.extensions import db


@dataclass(frozen=True)
class Holds:
    """What is held in one community, channels with their threads."""

    members: frozenset[int]
    messages: frozenset[int]
    channels: frozenset[int]

    @property
    def is_empty(self) -> bool:
        return not (self.members or self.messages or self.channels)

    def keeps(self, message_id: int, channel_id: int, author_id: int | None) -> bool:
        """True where this message must not be deleted."""
        return message_id in self.messages or channel_id in self.channels or author_id in self.members


def holds_in_force() -> Holds:
    """The community's holds now."""
    found: dict[str, set[int]] = {kind.value: set() for kind in HeldKind}
    for kind, object_id in db.session.execute(select(Hold.kind, Hold.object_id).where(Hold.lifted_at.is_(None))):
        found[kind].add(object_id)
    channels = found[HeldKind.CHANNEL]
    if channels:
        channels |= set(db.session.scalars(select(GuildChannel.id).where(GuildChannel.parent_id.in_(channels))))
    return Holds(frozenset(found[HeldKind.MEMBER]), frozenset(found[HeldKind.MESSAGE]), frozenset(channels))


def held_message_ids(message_ids: Collection[int]) -> frozenset[int]:
    """Those of these messages that a hold keeps: by itself, its channel or its author."""
    holds = holds_in_force()
    if holds.is_empty or not message_ids:
        return frozenset()
    rows = db.session.execute(
        select(Message.id, Message.channel_id, Message.author_id).where(Message.id.in_(message_ids))
    )
    return frozenset(row.id for row in rows if holds.keeps(*row)) | (holds.messages & frozenset(message_ids))


def all_holds() -> Sequence[Hold]:
    """Every hold, those in force first, newest first."""
    return db.session.scalars(select(Hold).order_by(Hold.lifted_at.is_not(None), Hold.set_at.desc()).limit(200)).all()
