"""What an owner may choose to keep, what for, and for how long; and how a shortening waits until it cannot surprise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from flask import current_app
from sqlalchemy import delete, select

from app.config import Timings
from app.db.claimable import JobState
from app.db.transaction import TransactionError, in_transaction
from app.db.upsert import bulk_upsert
from app.domain.clock import utcnow
from app.domain.tenants.models import BotSettings, RetentionChange, RetentionRule
from app.extensions import db

CHOICES: tuple[int | None, ...] = (30, 90, 365, None)
"""Days; None keeps messages until the owner says otherwise."""
RULE_CHOICES: tuple[int | None, ...] = (1, 7, 30, 90, 365, None)
"""Days that deleted messages, earlier versions, files and single channels may be kept."""
FILE_CHOICES: tuple[int | None, ...] = (0, *RULE_CHOICES)
"""Days that the bytes of files may be kept; 0 keeps none."""
FILE_DAYS = 30
"""How long files are kept where no rule says otherwise; never longer than the messages that carry them."""
EVERYWHERE = 0
"""In place of a channel: the whole community."""


class ArchivePurpose(StrEnum):
    """Why messages are kept: Discord asks for a stated purpose."""

    MODERATION = "moderation"
    HISTORY = "history"


class Kept(StrEnum):
    """What a rule is about."""

    MESSAGES = "messages"
    """All of them, counted from when they were written."""
    DELETED = "deleted"
    """Messages that were deleted on Discord, counted from then."""
    EARLIER = "earlier"
    """The versions before an edit, counted from when each was written."""
    FILES = "files"
    """The bytes of attached files, counted from when they were sent."""


Target = tuple[int, Kept]
"""(channel or `EVERYWHERE`, what)."""


def is_choice(days: int | None) -> bool:
    return days in CHOICES


@dataclass(frozen=True)
class Policy:
    """All rules of a community in force. A channel's own rule comes before the community's, each kind before all messages."""

    rules: Mapping[Target, int | None]
    parents: Mapping[int, int]
    """Thread → channel: a thread is kept as its channel is."""

    def days_for(self, channel_id: int, kept: Kept) -> int | None:
        """How many days this is kept there; None for good."""
        return self.rule_for(channel_id, kept)[1]

    def rule_for(self, channel_id: int, kept: Kept) -> tuple[Kept, int | None]:
        """(what the rule that applies is about, its days): a rule for all messages counts from when they were written."""
        for place in self._places(channel_id):
            for what in dict.fromkeys((kept, Kept.MESSAGES)):
                if (place, what) in self.rules:
                    return what, self.rules[(place, what)]
        return Kept.MESSAGES, None

    def days_without(self, target: Target) -> int | None:
        """How many days it would be kept if there were no rule of its own."""
        others = {one: days for one, days in self.rules.items() if one != target}
        return Policy(others, self.parents).days_for(*target)

    @property
    def shortest(self) -> int | None:
        """Nothing younger than so many days is deleted by any rule; None where everything is kept for good."""
        return min((days for days in self.rules.values() if days is not None), default=None)

    def _places(self, channel_id: int) -> tuple[int, ...]:
        parent = self.parents.get(channel_id)
        return (channel_id, EVERYWHERE) if parent is None else (channel_id, parent, EVERYWHERE)

    def changed(self, target: Target, days: int | None, *, removes_rule: bool = False) -> Policy:
        """The policy as it would be with another rule, or without it."""
        others = {one: kept for one, kept in self.rules.items() if one != target}
        return Policy(others if removes_rule else others | {target: days}, self.parents)


def is_shorter(days: int | None, before: int | None) -> bool:
    """True where keeping for `days` deletes what keeping for `before` did not. None is for good."""
    return days is not None and (before is None or days < before)


def policy_in_force(parents: Mapping[int, int]) -> Policy:
    """The community's rules now, in its scope."""
    settings = db.session.scalars(select(BotSettings)).one_or_none()
    rules: dict[Target, int | None] = {
        (row.channel_id, Kept(row.kept)): row.days for row in db.session.scalars(select(RetentionRule))
    }
    days = rules[(EVERYWHERE, Kept.MESSAGES)] = settings.retention_days if settings is not None else None
    rules.setdefault((EVERYWHERE, Kept.FILES), FILE_DAYS if days is None else min(days, FILE_DAYS))
    return Policy(rules, parents)


def change(
    policy: Policy, target: Target, days: int | None, *, asked_by: int | None, removes_rule: bool = False
) -> RetentionChange | None:
    """Keep something for other days, inside a transaction. What deletes nothing is in force at once (None is answered);
    a shortening waits a day, as the row that is answered, and replaces one that waited for the same."""
    if not in_transaction():
        raise TransactionError("retention.change writes; call it inside transaction()")
    waiting = select(RetentionChange).where(
        RetentionChange.channel_id == target[0],
        RetentionChange.kept == target[1].value,
        RetentionChange.state == JobState.PENDING,
    )
    for row in db.session.scalars(waiting):
        row.state = JobState.CANCELLED
    after = policy.changed(target, days, removes_rule=removes_rule)
    if not is_shorter(after.days_for(*target), policy.days_for(*target)):
        put_in_force(target, days, removes_rule=removes_rule)
        return None
    row = RetentionChange(
        channel_id=target[0],
        kept=target[1].value,
        days=days,
        removes_rule=removes_rule,
        asked_by=asked_by,
        asked_at=utcnow(),
        due_at=takes_effect_at(),
    )
    db.session.add(row)
    return row


def takes_effect_at() -> datetime:
    """When a shortening asked for now is in force."""
    timings: Timings = current_app.config["SETTINGS"].timings
    return utcnow() + timedelta(seconds=timings.shortening_delay)


def put_in_force(target: Target, days: int | None, *, removes_rule: bool = False) -> None:
    """Write the rule, inside a transaction."""
    channel_id, kept = target
    if target == (EVERYWHERE, Kept.MESSAGES):
        db.session.scalars(select(BotSettings)).one().retention_days = days
    elif removes_rule:
        db.session.execute(
            delete(RetentionRule)
            .where(RetentionRule.channel_id == channel_id, RetentionRule.kept == kept.value)
            .execution_options(synchronize_session=False)
        )
    else:
        bulk_upsert(RetentionRule, [{"channel_id": channel_id, "kept": kept.value, "days": days}])
