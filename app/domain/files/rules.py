"""What of a community's files is kept, decided before a byte is fetched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from app.domain.billing.plans import plan_of
from app.domain.clock import snowflake_time, utcnow
from app.domain.files import kinds
from app.domain.files.models import FileUsage
from app.domain.holds.queries import held_message_ids
from app.domain.members.models import GuildChannel
from app.domain.messages.kept import Kept
from app.domain.messages.models import Attachment, Message
from app.domain.tenants import retention
from app.domain.tenants.models import Tenant
from app.extensions import db


@dataclass(frozen=True)
class Limits:
    """What the community's plan and its owner allow for one file."""

    all_bytes: int | None
    largest_file_bytes: int
    kinds: tuple[str, ...] | None
    days: int | None


def limits_here(row: Attachment) -> Limits:
    """Those that apply to this attachment, in its community's scope."""
    plan = plan_of(db.session.get_one(Tenant, row.tenant_id).plan)
    days = file_policy().days_for(channel_of(row), retention.Kept.FILES)
    return Limits(plan.files_bytes, plan.largest_file_bytes, plan.file_kinds, days)


def refusal_before(row: Attachment, limits: Limits) -> Kept | None:
    """Why the file is not even fetched; None where it is. What Discord says of its size and kind is its sender's word:
    believed where it speaks against keeping, checked on the bytes where it speaks for it."""
    if limits.days == 0:
        return Kept.NOT_WANTED
    if limits.days is not None and _is_over(row, limits.days) and not held_message_ids([row.message_id]):
        return Kept.EXPIRED
    if row.size > limits.largest_file_bytes:
        return Kept.TOO_LARGE
    if kinds.is_program(row.filename):
        return Kept.WRONG_KIND
    used = db.session.scalar(select(FileUsage.kept_bytes)) or 0
    if limits.all_bytes is not None and used >= limits.all_bytes:
        return Kept.OVER_LIMIT
    return None


def channel_of(row: Attachment) -> int:
    """The channel of the message that carries it; 0 where the message is gone."""
    return db.session.scalar(select(Message.channel_id).where(Message.id == row.message_id)) or 0


def file_policy() -> retention.Policy:
    """The community's retention rules, with the channels that threads are kept as."""
    threads = select(GuildChannel.id, GuildChannel.parent_id).where(GuildChannel.parent_id.is_not(None))
    return retention.policy_in_force({row.id: row.parent_id or 0 for row in db.session.execute(threads)})


def _is_over(row: Attachment, days: int) -> bool:
    return snowflake_time(row.message_id) < utcnow() - timedelta(days=days)
