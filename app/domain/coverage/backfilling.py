"""Backfills: history that somebody asked for, cut into gaps. Callers hold the transaction and the watermark's lock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import func, select

from app.db.claimable import JobState
from app.domain.clock import first_snowflake, snowflake_time, utcnow
from app.domain.coverage.intervals import Stretch
from app.domain.coverage.ledger import id_at, oldest_kept, open_gap, uncovered
from app.domain.coverage.models import Backfill, Gap, GapReason
from app.domain.coverage.readable import ReadableChannel
from app.domain.members.visibility import THREAD_KINDS
from app.domain.tenants.models import BotSettings
from app.extensions import db

FIRST_DAYS = 7


def begin_first_week(settings: BotSettings, now_ms: int) -> Backfill:
    """The newest days from before the ledger began, less where messages are kept for less."""
    week_ago = first_snowflake(utcnow() - timedelta(days=FIRST_DAYS))
    backfill = Backfill(
        reason=GapReason.HISTORY,
        oldest_id=max(week_ago, oldest_kept(settings.retention_days)),
        before_id=id_at(now_ms),
        due_at=utcnow(),
    )
    db.session.add(backfill)
    return backfill


def cut_into_gaps(backfill: Backfill, channels: Iterable[ReadableChannel], retention_days: int | None) -> int:
    """Open a gap for each stretch of these channels that the backfill asks for and nobody has; threads come last."""
    oldest = max(backfill.oldest_id, oldest_kept(retention_days))
    opened = 0
    for channel in sorted(channels, key=lambda one: (one.kind in THREAD_KINDS, one.id)):
        # Nothing is older than its channel.
        within = Stretch(max(oldest, channel.id), backfill.before_id)
        if not channel.holds_messages or within.first >= within.until:
            continue
        for stretch in uncovered(channel.id, within):
            since_ms = round(snowflake_time(stretch.first).timestamp() * 1000)
            gap = open_gap(channel.id, GapReason(backfill.reason), stretch, since_ms=since_ms, backfill_id=backfill.id)
            gap.due_at += timedelta(milliseconds=opened)
            opened += 1
    return opened


def finish_where_done(backfill_id: int) -> bool:
    """Note that a backfill is over once none of its gaps is open. True where it was."""
    left = db.session.scalar(
        select(func.count())
        .select_from(Gap)
        .where(Gap.backfill_id == backfill_id, Gap.state.in_((JobState.PENDING, JobState.IN_PROGRESS)))
    )
    backfill = db.session.scalars(select(Backfill).where(Backfill.id == backfill_id)).one()
    if left or not backfill.is_prepared or not backfill.is_running:
        return False
    backfill.finished_at = utcnow()
    return True
