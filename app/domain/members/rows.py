"""Reading and writing the rows of the copy, many at a time. Callers hold the transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import select

from app.db.upsert import bulk_upsert
from app.domain.members.merging import KnownMember
from app.domain.members.models import GuildChannel, GuildMember, GuildRole
from app.domain.members.payload import IncomingChannel, IncomingRole
from app.extensions import db

PRIVATE_THREAD = 12
THREAD_KINDS = (10, 11, PRIVATE_THREAD)

_MEMBER_COLUMNS = [getattr(GuildMember, field.name) for field in fields(KnownMember)]


def known_members(user_ids: Iterable[int]) -> dict[int, KnownMember]:
    """Those of the users whom we know, by id."""
    rows = db.session.execute(select(*_MEMBER_COLUMNS).where(GuildMember.user_id.in_(list(user_ids))))
    return {row.user_id: _known(row) for row in rows}


def channel_row(channel_id: int, *, locked: bool = False) -> GuildChannel | None:
    """The channel or thread as it stands in the database, whatever the session remembers."""
    query = select(GuildChannel).where(GuildChannel.id == channel_id).execution_options(populate_existing=True)
    return db.session.scalar(query.with_for_update() if locked else query)


def write_members(members: Sequence[KnownMember]) -> None:
    """Insert or replace."""
    bulk_upsert(GuildMember, [member.row() for member in members])


def write_roles(roles: Sequence[IncomingRole]) -> None:
    """Insert or replace."""
    bulk_upsert(
        GuildRole,
        [
            {
                "id": role.id,
                "name": role.name,
                "color": role.color,
                "position": role.position,
                "permissions": role.permissions,
                "is_managed": role.is_managed,
            }
            for role in roles
        ],
    )


def write_channels(channels: Sequence[IncomingChannel], *, revive: bool) -> None:
    """Insert or replace all but who is in a private thread; `revive` takes the mark of deletion off."""
    columns = ["kind", "name", "parent_id", "position", "topic", "is_nsfw", "overwrites"]
    rows = [
        {
            "id": channel.id,
            "kind": channel.kind,
            "name": channel.name,
            "parent_id": channel.parent_id,
            "position": channel.position,
            "topic": channel.topic,
            "is_nsfw": channel.is_nsfw,
            "overwrites": list(channel.overwrites),
            "thread_member_ids": [],
            "deleted_at": None,
        }
        for channel in channels
    ]
    bulk_upsert(GuildChannel, rows, update=[*columns, "deleted_at"] if revive else columns)


def _known(row: Any) -> KnownMember:
    values = row._asdict()
    return KnownMember(
        **{**values, "role_ids": tuple(values["role_ids"]), "earlier_names": tuple(values["earlier_names"])}
    )
