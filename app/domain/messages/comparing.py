"""What the archive holds of a channel, for whoever compares it with Discord's own list."""

from __future__ import annotations

from typing import NamedTuple

from app.db.posting_lists import Bounds, Wanted, propose
from app.domain.messages import service
from app.domain.messages.matching import term_list
from app.domain.messages.tokens import channel_token
from app.domain.messages.traits import Trait

_HELD = Wanted("messages", ("id", "channel_id", "deleted_at", "traits"))


class Held(NamedTuple):
    """A message that the archive has."""

    id: int
    is_deleted: bool


class HeldMessages(NamedTuple):
    """The archive's newest messages of a channel below a place, newest first.

    All of them down to `complete_from` are listed: 0 = the whole rest of the channel.
    """

    messages: tuple[Held, ...]
    complete_from: int


def held_before(channel_id: int, before: int, limit: int) -> HeldMessages:
    """Which messages of a channel with ids below `before` the archive has; needs the scope of one tenant."""
    postings = term_list(service.TERMS.term(channel_token(channel_id)))
    rows = propose([(postings,)], Bounds(0, before), limit, _HELD)
    # What AutoMod kept from being posted is in no list of Discord's.
    found = tuple(
        Held(row[0], row[2] is not None) for row in rows if row[1] == channel_id and not row[3] & Trait.BLOCKED
    )
    return HeldMessages(found, rows[-1][0] if len(rows) == limit else 0)
