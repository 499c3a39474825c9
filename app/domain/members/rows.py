"""Reading and writing the rows of the copy, many at a time. Callers hold the transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import String, cast, or_, select

from app.db.upsert import bulk_upsert
from app.domain.members.merging import KnownMember
from app.domain.members.models import GuildChannel, GuildMember, GuildRole
from app.domain.members.payload import IncomingChannel, IncomingRole
from app.extensions import db

PRIVATE_THREAD = 12
THREAD_KINDS = (10, 11, PRIVATE_THREAD)
ASKED_AT_ONCE = 50

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
    """Insert or replace; permissions that are not told stay, and are none for a new role."""
    untold = [role.id for role in roles if role.permissions is None]
    known = dict(db.session.execute(select(GuildRole.id, GuildRole.permissions).where(GuildRole.id.in_(untold))).all())
    bulk_upsert(
        GuildRole,
        [
            {
                "id": role.id,
                "name": role.name,
                "color": role.color,
                "position": role.position,
                "permissions": known.get(role.id, 0) if role.permissions is None else role.permissions,
                "is_managed": role.is_managed,
            }
            for role in roles
        ],
    )


def write_channels(channels: Sequence[IncomingChannel], *, revive: bool) -> None:
    """Insert or replace all but who is in a private thread; `revive` takes the mark of deletion off.

    What decides who sees a channel stays where it is not told; one of which it is not known is not written at all,
    because without its overwrites it would be open to everybody.
    """
    columns = ["kind", "name", "parent_id", "position", "topic", "is_nsfw", "overwrites"]
    rows = [
        {
            "id": channel.id,
            "kind": kind,
            "name": channel.name,
            "parent_id": channel.parent_id,
            "position": channel.position,
            "topic": channel.topic,
            "is_nsfw": channel.is_nsfw,
            "overwrites": overwrites,
            "thread_member_ids": [],
            "deleted_at": None,
        }
        for channel, kind, overwrites in _with_what_is_known(channels)
    ]
    bulk_upsert(GuildChannel, rows, update=[*columns, "deleted_at"] if revive else columns)


def leave_private_threads(user_ids: Collection[int]) -> bool:
    """Take these people out of every private thread; whoever comes back is in those alone that take them in again."""
    members = cast(GuildChannel.thread_member_ids, String)
    changed = False
    for chunk in _chunks(sorted(user_ids)):
        named = or_(*(members.contains(f'"{user_id}"') for user_id in chunk))
        threads = select(GuildChannel).where(GuildChannel.kind == PRIVATE_THREAD, named).with_for_update()
        gone = set(map(str, chunk))
        for thread in db.session.scalars(threads.execution_options(populate_existing=True)):
            thread.thread_member_ids = [one for one in thread.thread_member_ids if one not in gone]
            changed = True
    db.session.flush()
    return changed


def _with_what_is_known(
    channels: Sequence[IncomingChannel],
) -> Iterator[tuple[IncomingChannel, int, list[dict[str, Any]]]]:
    untold = [channel.id for channel in channels if channel.kind is None or channel.overwrites is None]
    columns = (GuildChannel.id, GuildChannel.kind, GuildChannel.overwrites)
    known = {row.id: row for row in db.session.execute(select(*columns).where(GuildChannel.id.in_(untold)))}
    for channel in channels:
        row = known.get(channel.id)
        kind = channel.kind if channel.kind is not None or row is None else row.kind
        told: Sequence[dict[str, Any]] | None = channel.overwrites
        if told is None:
            told = row.overwrites if row is not None else () if kind in THREAD_KINDS else None
        if kind is not None and told is not None:
            yield channel, kind, list(told)


def _chunks(user_ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(user_ids), ASKED_AT_ONCE):
        yield user_ids[start : start + ASKED_AT_ONCE]


def _known(row: Any) -> KnownMember:
    values = row._asdict()
    return KnownMember(
        **{**values, "role_ids": tuple(values["role_ids"]), "earlier_names": tuple(values["earlier_names"])}
    )
