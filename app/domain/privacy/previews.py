"""What a change would delete, counted before it is saved. No further than `COUNTED_AT_MOST`, and holds are not looked at:
it is never less than what goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, select

from app.db.counting import count_each
from app.domain.clock import first_snowflake, utcnow
from app.domain.members.queries import parents_of_threads
from app.domain.messages import service as messages
from app.domain.messages.kept import Kept as KeptFile
from app.domain.messages.models import Attachment, Message, MessageRevision, MessageTerm
from app.domain.messages.tokens import channel_token
from app.domain.messages.traits import Trait
from app.domain.tenants import retention
from app.domain.tenants.exclusions import ExclusionKind
from app.domain.tenants.retention import EVERYWHERE, Kept, Policy

COUNTED_AT_MOST = 100_000


@dataclass(frozen=True)
class Preview:
    """What becomes of one change."""

    channel_id: int
    kept: Kept
    days: int | None
    removes_rule: bool
    days_before: int | None
    days_after: int | None
    is_shortening: bool
    takes_effect_at: datetime
    rows: int
    """What it deletes then, of what is there now."""


def preview(policy: Policy, channel_id: int, kept: Kept, days: int | None, *, removes_rule: bool = False) -> Preview:
    """Count what keeping something for other days deletes. In force and counted as of when it takes effect."""
    target = (channel_id, kept)
    before = policy.days_for(*target)
    after = policy.changed(target, days, removes_rule=removes_rule).days_for(*target)
    is_shortening = retention.is_shorter(after, before)
    effective = retention.takes_effect_at() if is_shortening else utcnow()
    rows = _count(channel_id, kept, effective - timedelta(days=after)) if is_shortening and after is not None else 0
    return Preview(channel_id, kept, days, removes_rule, before, after, is_shortening, effective, rows)


def count_excluded(kind: ExclusionKind, object_id: int) -> int:
    """How many kept messages deleting what is kept of an exclusion deletes."""
    of = {
        ExclusionKind.MEMBER: Message.author_id == object_id,
        ExclusionKind.BOTS: Message.traits.op("&")(Trait.BOT.value) != 0,
        ExclusionKind.CHANNEL: _in_channel(object_id),
    }[kind]
    return count_each([select(Message.id).where(of).limit(COUNTED_AT_MOST)])[0]


def _count(channel_id: int, kept: Kept, before: datetime) -> int:
    return count_each([_gone(channel_id, kept, before).limit(COUNTED_AT_MOST)])[0]


def _gone(channel_id: int, kept: Kept, before: datetime) -> Select[int]:
    oldest_kept = first_snowflake(before)
    here = [] if channel_id == EVERYWHERE else [_in_channel(channel_id)]
    if kept is Kept.DELETED:
        return select(Message.id).where(Message.deleted_at < before, *here)
    if kept is Kept.EARLIER:
        statement = select(MessageRevision.edited_ms).where(
            MessageRevision.message_id < oldest_kept, MessageRevision.edited_ms < int(before.timestamp() * 1000)
        )
        return (
            statement if not here else statement.where(MessageRevision.message_id.in_(select(Message.id).where(*here)))
        )
    if kept is Kept.FILES:
        files = select(Attachment.id).where(Attachment.id < oldest_kept, Attachment.kept == KeptFile.KEPT.value)
        return files if not here else files.where(Attachment.message_id.in_(select(Message.id).where(*here)))
    return select(Message.id).where(Message.id < oldest_kept, *here)


def _in_channel(channel_id: int) -> ColumnElement[bool]:
    """By the postings of the channel and its threads: there is no other index of channels."""
    places = [channel_id, *(thread for thread, parent in parents_of_threads().items() if parent == channel_id)]
    terms = [messages.TERMS.term(channel_token(place)) for place in places]
    posted = select(MessageTerm.message_id).where(MessageTerm.term.in_(terms))
    return Message.channel_id.in_(places) & Message.id.in_(posted)
