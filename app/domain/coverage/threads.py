"""Threads that were opened or spoken in and archived again while the bot was away. Callers hold the transaction."""

from __future__ import annotations

from collections.abc import Collection

from app.domain.coverage.intervals import Stretch
from app.domain.coverage.ledger import LOOK_BACK_MS, SLACK_MS, end_live, id_at, intervals_of, open_gap
from app.domain.coverage.models import CoverageInterval, EndedBy, Gap, GapReason
from app.extensions import db


def open_thread_gaps(parent: Gap, thread_ids: Collection[int]) -> None:
    """A gap as their channel's for each thread that has none."""
    if not thread_ids:
        return
    known = intervals_of(*thread_ids)
    interrupted = id_at(parent.since_ms - SLACK_MS)
    for thread_id in thread_ids:
        rows = known.get(thread_id, [])
        live = rows[-1] if rows and rows[-1].until_id is None else None
        first = max(thread_id, interrupted)
        if first >= parent.before_id or (live is not None and live.first_id > first):
            continue  # opened since, or seen to already
        if live is not None:
            end_live(live, first, EndedBy.INTERRUPTION)
        db.session.add(CoverageInterval(channel_id=thread_id, first_id=parent.before_id))
        open_gap(
            thread_id,
            GapReason(parent.reason),
            Stretch(first, parent.before_id),
            since_ms=parent.since_ms,
            check_after=max(0, first - (LOOK_BACK_MS << 22)),
            from_newest=True,
        )
