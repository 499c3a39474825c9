"""What the running archive could not take: gaps of single messages, or of the stretch in which the queue was full."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import select

from app.contracts.live import Signal, Topic
from app.db.claimable import JobState
from app.db.transaction import retriable, transaction
from app.domain.access import SystemActor, system_only
from app.domain.coverage.intervals import clusters
from app.domain.coverage.ledger import intervals_of, locked_watermark, open_gap
from app.domain.coverage.models import CoverageInterval, Gap, GapReason
from app.domain.live.service import LIVE, announce
from app.extensions import db

APART = 60_000 << 22
"""Losses less than a minute apart are one gap."""


@system_only
@retriable
def open_loss_gaps(
    _system: SystemActor, reason: GapReason, lost: Mapping[int, Collection[int]], *, since_ms: int
) -> int:
    """Messages by channel of which some news was lost: they are read again. Answers how many gaps were opened."""
    with transaction():
        if locked_watermark() is None:
            return 0
        opened = 0
        for channel_id, ids in lost.items():
            for stretch in clusters(ids, APART):
                waiting = select(Gap.id).where(
                    Gap.channel_id == channel_id,
                    Gap.state == JobState.PENDING,
                    Gap.after_id < stretch.first,
                    Gap.before_id >= stretch.until,
                    Gap.pages == 0,
                )
                if db.session.scalar(waiting.limit(1)) is not None:
                    continue
                _uncover(channel_id, stretch.first, stretch.until)
                open_gap(channel_id, reason, stretch, since_ms=since_ms)
                opened += 1
        if opened:
            announce(LIVE, Signal(Topic.JOBS, "coverage"))
    return opened


def _uncover(channel_id: int, first: int, until: int) -> None:
    """The stretch is complete no longer."""
    for row in intervals_of(channel_id).get(channel_id, []):
        ends = row.until_id
        if row.first_id >= until or (ends is not None and ends <= first):
            continue
        why = row.ended_by
        if row.first_id < first:
            row.until_id, row.ended_by = first, None
        else:
            db.session.delete(row)
            db.session.flush()
        if ends is None or ends > until:
            db.session.add(CoverageInterval(channel_id=channel_id, first_id=until, until_id=ends, ended_by=why))
        db.session.flush()
