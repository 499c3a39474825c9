"""What a member's row becomes when Discord says something new about them. Pure.

Payloads carry no sequence, so the time of joining is the clock: a payload of an earlier stay than the one known,
or of a stay that is known to have ended, is stale and changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.domain.members.names import earlier, search_names, sort_name
from app.domain.members.payload import IncomingMember


@dataclass(frozen=True)
class KnownMember:
    """The columns of a `GuildMember` row that Discord's events decide."""

    user_id: int
    username: str
    global_name: str | None = None
    nick: str | None = None
    avatar_hash: str | None = None
    is_bot: bool = False
    role_ids: Sequence[str] = ()
    joined_at: datetime | None = None
    left_at: datetime | None = None
    banned_at: datetime | None = None
    timed_out_until: datetime | None = None
    earlier_names: Sequence[str] = ()

    @property
    def names(self) -> tuple[str | None, ...]:
        """Every name borne now."""
        return (self.username, self.global_name, self.nick)

    def row(self) -> dict[str, Any]:
        """The row to be written, with the columns that follow from the names."""
        return {
            **vars(self),
            "role_ids": list(self.role_ids),
            "earlier_names": list(self.earlier_names),
            "sort_name": sort_name(self.nick or self.global_name or self.username),
            "search_names": search_names((*self.names, *self.earlier_names)),
        }


def seen(known: KnownMember | None, incoming: IncomingMember, *, is_snapshot: bool) -> KnownMember | None:
    """The member after a payload that shows them in the guild; None where it is stale.

    A snapshot (the guild's own list) is never stale.
    """
    if known is not None and not is_snapshot and _is_stale(known, incoming):
        return None
    now = KnownMember(
        user_id=incoming.user_id,
        username=incoming.username,
        global_name=incoming.global_name,
        nick=incoming.nick,
        avatar_hash=incoming.avatar_hash,
        is_bot=incoming.is_bot,
        role_ids=(known.role_ids if known else ()) if incoming.role_ids is None else incoming.role_ids,
        joined_at=incoming.joined_at,
        timed_out_until=incoming.timed_out_until,
    )
    if known is None:
        return now
    return replace(
        now,
        joined_at=incoming.joined_at or known.joined_at,
        earlier_names=earlier(known.earlier_names, known.names, now.names),
    )


def is_new_stay(known: KnownMember | None, after: KnownMember) -> bool:
    """True for somebody who came back, also where nobody told that they had gone."""
    if known is None or after.left_at is not None:
        return False
    return known.left_at is not None or known.joined_at != after.joined_at


def left(known: KnownMember | None, incoming: IncomingMember, now: datetime) -> KnownMember:
    """The member after they left, known before or not."""
    found = _renamed(known, incoming)
    return replace(found, left_at=found.left_at or now)


def banned(known: KnownMember | None, incoming: IncomingMember, now: datetime) -> KnownMember:
    """The member after a ban: whoever is banned is gone, too."""
    found = _renamed(known, incoming)
    return replace(found, left_at=found.left_at or now, banned_at=found.banned_at or now)


def unbanned(known: KnownMember | None, incoming: IncomingMember, now: datetime) -> KnownMember:
    """The member after their ban was lifted; that does not bring them back."""
    found = _renamed(known, incoming)
    return replace(found, banned_at=None, left_at=found.left_at if known else now)


def _renamed(known: KnownMember | None, incoming: IncomingMember) -> KnownMember:
    """Events about somebody who is gone carry the bare user: its names, nothing of the membership."""
    if known is None:
        return KnownMember(
            incoming.user_id,
            incoming.username,
            incoming.global_name,
            avatar_hash=incoming.avatar_hash,
            is_bot=incoming.is_bot,
        )
    after = replace(
        known, username=incoming.username, global_name=incoming.global_name, avatar_hash=incoming.avatar_hash
    )
    return replace(after, earlier_names=earlier(known.earlier_names, known.names, after.names))


def _is_stale(known: KnownMember, incoming: IncomingMember) -> bool:
    if incoming.joined_at is None:
        return known.left_at is not None
    if known.joined_at is not None:
        same_stay = incoming.joined_at == known.joined_at
        return incoming.joined_at < known.joined_at or (same_stay and known.left_at is not None)
    return known.left_at is not None and incoming.joined_at <= known.left_at
