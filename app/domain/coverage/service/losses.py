"""What the running archive could not take: gaps of single messages, or of the stretch in which the queue was full."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import select

from app.contracts.live import Signal, Topic
from app.db.claimable import JobState
from app.db.transaction import retriable, transaction
from app.domain.access import SystemActor, system_only
from app.domain.coverage.intervals import clusters
from app.domain.coverage.ledger import locked_watermark, open_gap, uncover
from app.domain.coverage.models import Gap, GapReason
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
                uncover(channel_id, stretch)
                open_gap(channel_id, reason, stretch, since_ms=since_ms)
                opened += 1
        if opened:
            announce(LIVE, Signal(Topic.JOBS, "coverage"))
    return opened
