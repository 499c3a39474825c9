"""Reads of the copy: names, roles and members, also of those who left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from app.db.counting import count_each
from app.domain.members.models import GuildChannel, GuildMember, GuildRole
from app.domain.members.names import folded, id_in
from app.extensions import db


class Presence(StrEnum):
    """Which members a list shows."""

    HERE = "here"
    GONE = "gone"
    BANNED = "banned"
    ALL = "all"


class Order(StrEnum):
    """How a list is sorted."""

    NAME = "name"
    JOINED = "joined"


@dataclass(frozen=True)
class MemberFilter:
    """What a member list shows. `name` may stand anywhere in a name, present or earlier; digits also match the id."""

    name: str = ""
    presence: Presence = Presence.HERE
    order: Order = Order.NAME


@dataclass(frozen=True)
class Place:
    """Where a page of the list begins: after this row."""

    user_id: int
    sort_name: str = ""
    joined_at: datetime | None = None


@dataclass(frozen=True)
class MemberPage:
    """Members in order; `following` is where the next page begins, None on the last."""

    members: Sequence[GuildMember]
    following: Place | None


def list_members(wanted: MemberFilter, after: Place | None = None, limit: int = 50) -> MemberPage:
    """One keyset page."""
    query = select(GuildMember).where(*_conditions(wanted))
    query = _by_name(query, after) if wanted.order is Order.NAME else _by_joined(query, after)
    rows = list(db.session.scalars(query.limit(limit + 1)))
    members = rows[:limit]
    last = members[-1] if len(rows) > limit else None
    return MemberPage(members, Place(last.user_id, last.sort_name, last.joined_at) if last else None)


def count_members(wanted: MemberFilter) -> int:
    """How many the list has in all."""
    return db.session.scalar(select(func.count()).select_from(GuildMember).where(*_conditions(wanted))) or 0


def count_joined_by_day(starts: Sequence[datetime], *, up_to: int = 10_000) -> list[int]:
    """How many people joined from each moment to the next, those who left again too; the last moment only ends a day."""
    return count_each(
        [
            select(GuildMember.user_id).where(GuildMember.joined_at >= start, GuildMember.joined_at < end).limit(up_to)
            for start, end in pairwise(starts)
        ]
    )


def newest_members(limit: int) -> list[GuildMember]:
    """Who joined last and is here, the newest first; no bots."""
    here = (GuildMember.left_at.is_(None), GuildMember.joined_at.is_not(None), GuildMember.is_bot.is_(False))
    order = (GuildMember.joined_at.desc(), GuildMember.user_id.desc())
    return list(db.session.scalars(select(GuildMember).where(*here).order_by(*order).limit(limit)))


def member_of(user_id: int) -> GuildMember | None:
    """Somebody who is or was here."""
    return db.session.scalar(select(GuildMember).where(GuildMember.user_id == user_id))


def names_of(user_ids: Iterable[int]) -> dict[int, str]:
    """Display names by id, of those whom we know."""
    wanted = list(set(user_ids))
    if not wanted:
        return {}
    rows = db.session.execute(
        select(GuildMember.user_id, GuildMember.nick, GuildMember.global_name, GuildMember.username).where(
            GuildMember.user_id.in_(wanted)
        )
    )
    return {user_id: nick or global_name or username for user_id, nick, global_name, username in rows}


def known_as(user_ids: Iterable[int]) -> dict[int, GuildMember]:
    """Members by id, of those whom we know."""
    wanted = list(set(user_ids))
    found = db.session.scalars(select(GuildMember).where(GuildMember.user_id.in_(wanted))) if wanted else ()
    return {member.user_id: member for member in found}


def channels_by_id(channel_ids: Iterable[int]) -> dict[int, GuildChannel]:
    """Channels and threads by id, deleted ones too, of those that we know."""
    wanted = list(set(channel_ids))
    found = db.session.scalars(select(GuildChannel).where(GuildChannel.id.in_(wanted))) if wanted else ()
    return {channel.id: channel for channel in found}


def all_roles() -> list[GuildRole]:
    """The guild's roles, highest first; @everyone last."""
    return sorted(db.session.scalars(select(GuildRole)), key=lambda role: (-role.position, role.id))


def roles_of(member: GuildMember) -> list[GuildRole]:
    """The roles a member holds (or held when they left), highest first."""
    held = set(map(int, member.role_ids))
    return [role for role in all_roles() if role.id in held]


def _conditions(wanted: MemberFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.presence is Presence.HERE:
        found.append(GuildMember.left_at.is_(None))
    elif wanted.presence is Presence.GONE:
        found.append(GuildMember.left_at.is_not(None))
    elif wanted.presence is Presence.BANNED:
        found.append(GuildMember.banned_at.is_not(None))
    name = folded(wanted.name)
    if name:
        by_name = GuildMember.search_names.contains(name, autoescape=True)
        user_id = id_in(name)
        found.append(by_name if user_id is None else or_(by_name, GuildMember.user_id == user_id))
    return found


def _by_name(query: Select[GuildMember], after: Place | None) -> Select[GuildMember]:
    if after is not None:
        same = and_(GuildMember.sort_name == after.sort_name, GuildMember.user_id > after.user_id)
        query = query.where(or_(GuildMember.sort_name > after.sort_name, same))
    return query.order_by(GuildMember.sort_name, GuildMember.user_id)


def _by_joined(query: Select[GuildMember], after: Place | None) -> Select[GuildMember]:
    """Newest first; those whose joining we never learned come last."""
    joined = GuildMember.joined_at
    if after is not None and after.joined_at is None:
        query = query.where(joined.is_(None), GuildMember.user_id < after.user_id)
    elif after is not None:
        same = and_(joined == after.joined_at, GuildMember.user_id < after.user_id)
        query = query.where(or_(joined < after.joined_at, joined.is_(None), same))
    return query.order_by(joined.desc(), GuildMember.user_id.desc())
