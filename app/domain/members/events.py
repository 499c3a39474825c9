"""One gateway event each: what it changes in the copy, and who must hear of it. Callers hold the transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, update

from app.contracts.live import Signal, Topic
from app.domain.clock import utcnow
from app.domain.members.merging import KnownMember, banned, is_new_stay, left, seen, unbanned
from app.domain.members.models import GuildChannel, GuildRole
from app.domain.members.payload import IncomingChannel, IncomingMember, IncomingRole, snowflake
from app.domain.members.rows import (
    PRIVATE_THREAD,
    channel_row,
    known_members,
    leave_private_threads,
    write_channels,
    write_members,
    write_roles,
)
from app.extensions import db

Payload = Mapping[str, Any]


@dataclass(frozen=True)
class Told:
    """Who must hear of a change. `changes_readers` = what people may see of the channels may have changed."""

    signals: tuple[Signal, ...] = ()
    changes_readers: bool = False


NOTHING = Told()
CHANNELS_CHANGED = Told((Signal(Topic.MEMBERS, "channels"),), changes_readers=True)
ROLES_CHANGED = Told((Signal(Topic.MEMBERS, "roles"),), changes_readers=True)


def _channel_seen(payload: Payload) -> Told:
    channel = IncomingChannel.read(payload)
    if channel is None:
        return NOTHING
    known = channel_row(channel.id)
    write_channels([channel], revive=False)
    owner = snowflake(payload.get("owner_id"))
    if known is None and channel.kind == PRIVATE_THREAD and owner is not None:
        _change_thread_members(channel.id, {owner}, set())
    return CHANNELS_CHANGED


def _channel_deleted(payload: Payload) -> Told:
    channel = IncomingChannel.read(payload)
    if channel is None:
        return NOTHING
    if channel_row(channel.id) is None:
        write_channels([channel], revive=False)
    db.session.execute(
        update(GuildChannel)
        .where(GuildChannel.id == channel.id, GuildChannel.deleted_at.is_(None))
        .values(deleted_at=utcnow())
        .execution_options(synchronize_session=False)
    )
    return CHANNELS_CHANGED


def _threads_synced(payload: Payload) -> Told:
    """Sent when the bot gains sight of channels: their open threads."""
    threads = payload.get("threads")
    found = list(filter(None, map(IncomingChannel.read, threads if isinstance(threads, list) else [])))
    write_channels(found, revive=False)
    return CHANNELS_CHANGED if found else NOTHING


def _thread_members_changed(payload: Payload) -> Told:
    thread_id = snowflake(payload.get("id"))
    if thread_id is None:
        return NOTHING
    added = payload.get("added_members")
    removed = payload.get("removed_member_ids")
    added = [one.get("user_id") for one in added if isinstance(one, Mapping)] if isinstance(added, list) else []
    changed = _change_thread_members(thread_id, _ids(added), _ids(removed if isinstance(removed, list) else []))
    return CHANNELS_CHANGED if changed else NOTHING


def _role_seen(payload: Payload) -> Told:
    role = IncomingRole.read(payload.get("role"))
    if role is None:
        return NOTHING
    write_roles([role])
    return ROLES_CHANGED


def _role_deleted(payload: Payload) -> Told:
    role_id = snowflake(payload.get("role_id"))
    if role_id is None:
        return NOTHING
    db.session.execute(delete(GuildRole).where(GuildRole.id == role_id).execution_options(synchronize_session=False))
    return ROLES_CHANGED


def _member_seen(payload: Payload) -> Told:
    incoming = IncomingMember.read(payload)
    if incoming is None:
        return NOTHING
    known = known_members([incoming.user_id]).get(incoming.user_id)
    after = seen(known, incoming, is_snapshot=False)
    if after is None or after == known:
        return NOTHING
    write_members([after])
    if is_new_stay(known, after):
        leave_private_threads([incoming.user_id])
    has_new_rights = known is None or known.left_at is not None or set(known.role_ids) != set(after.role_ids)
    return Told((_about(incoming.user_id),), changes_readers=has_new_rights)


def _changing_state(
    change: Callable[[KnownMember | None, IncomingMember], KnownMember], *, changes_readers: bool
) -> Callable[[Payload], Told]:
    def handle(payload: Payload) -> Told:
        incoming = IncomingMember.read(payload)
        if incoming is None:
            return NOTHING
        known = known_members([incoming.user_id]).get(incoming.user_id)
        after = change(known, incoming)
        if after == known:
            return NOTHING
        write_members([after])
        if after.left_at is not None:
            leave_private_threads([incoming.user_id])
        return Told((_about(incoming.user_id),), changes_readers=changes_readers)

    return handle


def _change_thread_members(thread_id: int, joined: set[int], gone: set[int]) -> bool:
    thread = channel_row(thread_id, locked=True)
    if thread is None or thread.kind != PRIVATE_THREAD:
        return False
    members = [one for one in thread.thread_member_ids if int(one) not in gone]
    members += [str(one) for one in sorted(joined) if str(one) not in members]
    changed = members != thread.thread_member_ids
    thread.thread_member_ids = members
    db.session.flush()
    return changed


def _ids(values: list[Any]) -> set[int]:
    return {found for found in map(snowflake, values) if found is not None}


def _about(user_id: int) -> Signal:
    return Signal(Topic.MEMBERS, f"member:{user_id}")


HANDLERS: dict[str, Callable[[Payload], Told]] = {
    "CHANNEL_CREATE": _channel_seen,
    "CHANNEL_UPDATE": _channel_seen,
    "CHANNEL_DELETE": _channel_deleted,
    "THREAD_CREATE": _channel_seen,
    "THREAD_UPDATE": _channel_seen,
    "THREAD_DELETE": _channel_deleted,
    "THREAD_LIST_SYNC": _threads_synced,
    "THREAD_MEMBERS_UPDATE": _thread_members_changed,
    "GUILD_ROLE_CREATE": _role_seen,
    "GUILD_ROLE_UPDATE": _role_seen,
    "GUILD_ROLE_DELETE": _role_deleted,
    "GUILD_MEMBER_ADD": _member_seen,
    "GUILD_MEMBER_UPDATE": _member_seen,
    "GUILD_MEMBER_REMOVE": _changing_state(lambda known, who: left(known, who, utcnow()), changes_readers=True),
    "GUILD_BAN_ADD": _changing_state(lambda known, who: banned(known, who, utcnow()), changes_readers=True),
    "GUILD_BAN_REMOVE": _changing_state(lambda known, who: unbanned(known, who, utcnow()), changes_readers=False),
}
