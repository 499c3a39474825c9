"""Keeping the copy of a guild's channels, roles and members. The bot writes it, in a tenant scope; pages read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select, update

from app.clients import clients
from app.clients.errors import Unavailable
from app.contracts.live import Signal, Topic
from app.db.scope import current_tenant_id
from app.db.transaction import on_commit, retriable, transaction
from app.domain.access import SystemActor, system_only
from app.domain.clock import utcnow
from app.domain.live.service import LIVE, announce
from app.domain.members.events import HANDLERS, Told
from app.domain.members.merging import is_new_stay, seen
from app.domain.members.models import GuildChannel, GuildMember, GuildRole
from app.domain.members.payload import IncomingChannel, IncomingMember, IncomingRole
from app.domain.members.rows import (
    THREAD_KINDS,
    known_members,
    leave_private_threads,
    write_channels,
    write_members,
    write_roles,
)
from app.extensions import db

CHUNK = 1000
"""Members merged and written in one transaction, so that a large guild never holds the database for long."""


@system_only
@retriable
def copy_guild(
    _system: SystemActor,
    _guild: Mapping[str, Any],
    channels: Sequence[Mapping[str, Any]],
    roles: Sequence[Mapping[str, Any]],
    threads: Sequence[Mapping[str, Any]],
) -> None:
    """Make channels and roles what Discord says they are now.

    A channel that is missing is marked deleted and kept, because its messages are; a thread that is missing may only
    be archived and stays as it was. A role that is missing is forgotten.
    """
    present = list(filter(None, map(IncomingChannel.read, channels)))
    open_threads = list(filter(None, map(IncomingChannel.read, threads)))
    present_roles = list(filter(None, map(IncomingRole.read, roles)))
    with transaction():
        write_channels([*present, *open_threads], revive=True)
        gone = GuildChannel.id.not_in([channel.id for channel in present])
        db.session.execute(
            update(GuildChannel)
            .where(gone, GuildChannel.kind.not_in(THREAD_KINDS), GuildChannel.deleted_at.is_(None))
            .values(deleted_at=utcnow())
            .execution_options(synchronize_session=False)
        )
        write_roles(present_roles)
        db.session.execute(
            delete(GuildRole)
            .where(GuildRole.id.not_in([role.id for role in present_roles]))
            .execution_options(synchronize_session=False)
        )
        _tell(Told(signals=(Signal(Topic.MEMBERS, "guild"),), changes_readers=True))


@system_only
def copy_members(_system: SystemActor, members: Sequence[Mapping[str, Any]], *, complete: bool) -> None:
    """Make the members in the list what Discord says they are now; the list counts as newer than every event so far.

    `complete` means that it is the whole guild: whoever is known as here and not in it has left.
    """
    incoming = list(filter(None, map(IncomingMember.read, members)))
    for chunk in _chunks(incoming):
        _copy_chunk(chunk)
    if complete:
        _mark_missing({member.user_id for member in incoming})
    with transaction():
        _tell(Told(signals=(Signal(Topic.MEMBERS, "members"),), changes_readers=True))


@system_only
@retriable
def apply_event(_system: SystemActor, name: str, payload: Mapping[str, Any]) -> None:
    """Apply one raw gateway payload (CHANNEL_*, THREAD_*, GUILD_ROLE_*, GUILD_MEMBER_*, GUILD_BAN_*).

    Repetition changes nothing, what comes late does not undo what came after it, other names are ignored.
    """
    handler = HANDLERS.get(name)
    if handler is None:
        return
    with transaction():
        _tell(handler(payload))


@retriable
def _copy_chunk(chunk: Sequence[IncomingMember]) -> None:
    with transaction():
        known = known_members([member.user_id for member in chunk])
        after = [
            (known.get(member.user_id), seen(known.get(member.user_id), member, is_snapshot=True)) for member in chunk
        ]
        write_members(list({new.user_id: new for old, new in after if new is not None and new != old}.values()))
        leave_private_threads({new.user_id for old, new in after if new is not None and is_new_stay(old, new)})


@retriable
def _mark_missing(present: set[int]) -> None:
    with transaction():
        here = db.session.scalars(select(GuildMember.user_id).where(GuildMember.left_at.is_(None)))
        missing = [user_id for user_id in here if user_id not in present]
        for start in range(0, len(missing), CHUNK):
            db.session.execute(
                update(GuildMember)
                .where(GuildMember.user_id.in_(missing[start : start + CHUNK]))
                .values(left_at=utcnow())
                .execution_options(synchronize_session=False)
            )
        leave_private_threads(missing)


def _tell(told: Told) -> None:
    if told.signals:
        announce(LIVE, *told.signals)
    if told.changes_readers:
        tenant_id = current_tenant_id()
        on_commit(lambda: _forget_readers(tenant_id))


def _forget_readers(tenant_id: int) -> None:
    try:
        clients().live_bus.forget_readers(tenant_id)
    except Unavailable:
        # Sets of channels are remembered for seconds: without the bus they run out by themselves.
        return


def _chunks(members: Sequence[IncomingMember]) -> Iterator[Sequence[IncomingMember]]:
    for start in range(0, len(members), CHUNK):
        yield members[start : start + CHUNK]
