"""Which messages have been kept long enough. Pure: rows in, a decision out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.clock import first_snowflake, snowflake_time
from app.domain.holds.queries import Holds
from app.domain.tenants.retention import Kept, Policy


@dataclass(frozen=True)
class KeptMessage:
    """What a decision rests on."""

    id: int
    channel_id: int
    author_id: int | None
    deleted_at: datetime | None


def is_over(message: KeptMessage, policy: Policy, holds: Holds, now: datetime) -> bool:
    """True where the community's rules say that it goes now, and no hold keeps it."""
    kept = Kept.DELETED if message.deleted_at is not None else Kept.MESSAGES
    rule, days = policy.rule_for(message.channel_id, kept)
    if days is None or holds.keeps(message.id, message.channel_id, message.author_id):
        return False
    counted_from = message.deleted_at if rule is Kept.DELETED else None
    return (counted_from or snowflake_time(message.id)) < now - timedelta(days=days)


def is_version_over(written_at: datetime, message: KeptMessage, policy: Policy, holds: Holds, now: datetime) -> bool:
    """The same of a version before an edit."""
    rule, days = policy.rule_for(message.channel_id, Kept.EARLIER)
    if rule is not Kept.EARLIER or days is None or holds.keeps(message.id, message.channel_id, message.author_id):
        return False
    return written_at < now - timedelta(days=days)


def youngest_that_may_go(policy: Policy, now: datetime) -> int | None:
    """Messages with ids from here on are too young for any rule; None where no rule deletes anything."""
    shortest = policy.shortest
    return None if shortest is None else first_snowflake(now - timedelta(days=shortest))
