"""Writing the ledger's rows. Callers hold the transaction and have locked the tenant's watermark."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from app.db.claimable import JobState
from app.domain.clock import DISCORD_EPOCH_MS, first_snowflake, utcnow
from app.domain.coverage.intervals import ENDLESS, Stretch, joined, missing
from app.domain.coverage.models import CoverageInterval, CoverageWatermark, EndedBy, Gap, GapReason
from app.extensions import db

LOOK_BACK_MS = 24 * 3_600_000
"""What was written this long before an interruption is compared again: it may have been edited or deleted meanwhile."""
SLACK_MS = 5_000
"""How far the bot's clock and Discord's may be apart."""


def id_at(milliseconds: int) -> int:
    """The smallest id that Discord could have made at a moment (unix milliseconds)."""
    return max(0, (milliseconds - DISCORD_EPOCH_MS) << 22)


def locked_watermark() -> CoverageWatermark | None:
    """This tenant's watermark, locked until commit; None before its ledger has begun."""
    statement = select(CoverageWatermark).with_for_update().execution_options(populate_existing=True)
    return db.session.scalars(statement).one_or_none()


def intervals_of(*channel_ids: int) -> dict[int, list[CoverageInterval]]:
    """Every interval, or those of the channels named, by channel, in order."""
    statement = select(CoverageInterval).order_by(CoverageInterval.channel_id, CoverageInterval.first_id)
    if channel_ids:
        statement = statement.where(CoverageInterval.channel_id.in_(channel_ids))
    found: dict[int, list[CoverageInterval]] = defaultdict(list)
    for row in db.session.scalars(statement.execution_options(populate_existing=True)):
        found[row.channel_id].append(row)
    return found


def stretch_of(row: CoverageInterval) -> Stretch:
    """The interval as numbers."""
    return Stretch(row.first_id, ENDLESS if row.until_id is None else row.until_id)


def cover(channel_id: int, first: int, until: int) -> None:
    """Note that a stretch is complete, joined with those that it touches."""
    rows = intervals_of(channel_id).get(channel_id, [])
    ends = {ENDLESS if row.until_id is None else row.until_id: row.ended_by for row in rows}
    before = {row.first_id: row for row in rows}
    wanted = joined([*(stretch_of(row) for row in rows), Stretch(first, until)])
    kept = {one.first for one in wanted}
    for row in rows:
        if row.first_id not in kept:
            db.session.delete(row)
    db.session.flush()
    for one in wanted:
        known = before.get(one.first)
        until_id = None if one.until == ENDLESS else one.until
        row = known or CoverageInterval(channel_id=channel_id, first_id=one.first)
        if known is None:
            db.session.add(row)
        row.until_id, row.ended_by = until_id, ends.get(one.until)
    db.session.flush()


def end_live(row: CoverageInterval, until: int, why: EndedBy) -> None:
    """A live interval ends before `until`."""
    if until <= row.first_id:
        until = row.first_id + 1
    row.until_id, row.ended_by = until, why


def open_gap(
    channel_id: int,
    reason: GapReason,
    stretch: Stretch,
    *,
    since_ms: int,
    check_after: int | None = None,
    from_newest: bool = False,
    lists_threads: bool = False,
    backfill_id: int | None = None,
) -> Gap:
    """Note that a stretch is missing. It is filled from its upper end, or from the newest message that Discord has.

    What was lost while the archive ran comes before what people asked for, and that before everything's history.
    """
    now = utcnow()
    earlier = timedelta(days=60) if backfill_id is None else timedelta(days=30)
    gap = Gap(
        channel_id=channel_id,
        reason=reason,
        after_id=stretch.first - 1,
        before_id=stretch.until,
        check_after_id=min(stretch.first - 1, stretch.first - 1 if check_after is None else check_after),
        cursor_id=None if from_newest else stretch.until,
        since_ms=since_ms,
        lists_threads=lists_threads,
        opened_at=now,
        due_at=now - earlier,
        backfill_id=backfill_id,
        state=JobState.PENDING,
    )
    db.session.add(gap)
    return gap


def uncover(channel_id: int, stretch: Stretch) -> None:
    """The stretch is complete no longer."""
    first, until = stretch
    for row in intervals_of(channel_id).get(channel_id, []):
        ends, why = row.until_id, row.ended_by
        if row.first_id >= until or (ends is not None and ends <= first):
            continue
        if row.first_id < first:
            row.until_id, row.ended_by = first, None
        else:
            db.session.delete(row)
        db.session.flush()
        if ends is None or ends > until:
            db.session.add(CoverageInterval(channel_id=channel_id, first_id=until, until_id=ends, ended_by=why))
            db.session.flush()


def uncovered(channel_id: int, within: Stretch) -> list[Stretch]:
    """What of a stretch is neither complete nor being filled."""
    rows = intervals_of(channel_id).get(channel_id, [])
    waiting = select(Gap).where(Gap.channel_id == channel_id, Gap.state.in_((JobState.PENDING, JobState.IN_PROGRESS)))
    taken = [Stretch(gap.after_id + 1, gap.before_id) for gap in db.session.scalars(waiting)]
    return missing([*map(stretch_of, rows), *taken], within)


def moment(milliseconds: int) -> datetime:
    """The moment of unix milliseconds."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def oldest_kept(retention_days: int | None) -> int:
    """Ids below this are older than the community keeps messages."""
    return 0 if retention_days is None else first_snowflake(utcnow() - timedelta(days=retention_days))
