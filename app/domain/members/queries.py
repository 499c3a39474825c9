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
from app.domain.members.visibility import THREAD_KINDS
from app.extensions import db

KINDS_WITH_MESSAGES = frozenset({0, 2, 5, 13, 15, 16})
"""Discord's types: text, voice, announcement, stage, forum, media."""


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
    """A row of the list, beside which a page begins."""

    user_id: int
    sort_name: str = ""
    joined_at: datetime | None = None


@dataclass(frozen=True)
class MemberPage:
    """Members in order; `following` is the row after which the next page begins, None on the last.

    `preceding` is the row before which the page before this one ends, None on the first.
    """

    members: Sequence[GuildMember]
    following: Place | None
    preceding: Place | None


def list_members(
    wanted: MemberFilter, after: Place | None = None, *, before: Place | None = None, limit: int = 50
) -> MemberPage:
    """One keyset page: the first, the one that begins after a row, or the one that ends before a row."""
    query = select(GuildMember).where(*_conditions(wanted))
    paged = _by_name if wanted.order is Order.NAME else _by_joined
    if before is not None:
        rows = list(db.session.scalars(paged(query, before, backwards=True).limit(limit + 1)))
        members = rows[:limit][::-1]
        return _page(members, has_following=bool(members), has_preceding=len(rows) > limit)
    rows = list(db.session.scalars(paged(query, after).limit(limit + 1)))
    return _page(rows[:limit], has_following=len(rows) > limit, has_preceding=after is not None)


def _page(members: Sequence[GuildMember], *, has_following: bool, has_preceding: bool) -> MemberPage:
    places = [Place(one.user_id, one.sort_name, one.joined_at) for one in members]
    return MemberPage(
        members, places[-1] if places and has_following else None, places[0] if places and has_preceding else None
    )


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


def joined_since(moment: datetime) -> frozenset[int]:
    """Who joined since then, also those who left again."""
    return frozenset(db.session.scalars(select(GuildMember.user_id).where(GuildMember.joined_at >= moment)))


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


def _by_name(query: Select[GuildMember], place: Place | None, *, backwards: bool = False) -> Select[GuildMember]:
    name, user_id = GuildMember.sort_name, GuildMember.user_id
    if backwards and place is not None:
        query = query.where(or_(name < place.sort_name, and_(name == place.sort_name, user_id < place.user_id)))
        return query.order_by(name.desc(), user_id.desc())
    if place is not None:
        query = query.where(or_(name > place.sort_name, and_(name == place.sort_name, user_id > place.user_id)))
    return query.order_by(name, user_id)


def _by_joined(query: Select[GuildMember], place: Place | None, *, backwards: bool = False) -> Select[GuildMember]:
    """Newest first; those whose joining we never learned come last."""
    joined, user_id = GuildMember.joined_at, GuildMember.user_id
    if backwards and place is not None:
        if place.joined_at is None:
            beyond = or_(joined.is_not(None), and_(joined.is_(None), user_id > place.user_id))
        else:
            beyond = or_(joined > place.joined_at, and_(joined == place.joined_at, user_id > place.user_id))
        return query.where(beyond).order_by(joined, user_id)  # nothing sorts before everything, on all databases
    if place is not None and place.joined_at is None:
        query = query.where(joined.is_(None), user_id < place.user_id)
    elif place is not None:
        same = and_(joined == place.joined_at, user_id < place.user_id)
        query = query.where(or_(joined < place.joined_at, joined.is_(None), same))
    return query.order_by(joined.desc(), user_id.desc())


def channels_with_messages() -> list[GuildChannel]:
    """The channels that messages stand in, without threads and what is deleted, in Discord's order."""
    statement = select(GuildChannel).where(
        GuildChannel.kind.in_(KINDS_WITH_MESSAGES), GuildChannel.deleted_at.is_(None)
    )
    return list(db.session.scalars(statement.order_by(GuildChannel.position, GuildChannel.id)))


def parents_of_threads() -> dict[int, int]:
    """Thread → the channel that it hangs on, also of what is deleted."""
    threads = select(GuildChannel.id, GuildChannel.parent_id).where(
        GuildChannel.parent_id.is_not(None), GuildChannel.kind.in_(THREAD_KINDS)
    )
    return {thread_id: parent_id for thread_id, parent_id in db.session.execute(threads) if parent_id is not None}
