"""Filling gaps: which stretch is to be read next, and what a page that was read means."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from app.contracts.live import Signal, Topic
from app.db.claimable import JobState, claim, database_now
from app.db.scope import all_tenants, current_tenant_id
from app.db.transaction import retriable, transaction
from app.domain.access import SystemActor, system_only
from app.domain.clock import snowflake_time, utcnow
from app.domain.coverage.backfilling import finish_where_done
from app.domain.coverage.intervals import ENDLESS
from app.domain.coverage.ledger import cover, locked_watermark, oldest_kept
from app.domain.coverage.models import LIVE_REASONS, Backfill, Gap
from app.domain.coverage.readable import HOLDS_MESSAGES
from app.domain.coverage.threads import open_thread_gaps
from app.domain.live.service import LIVE, announce
from app.domain.members.models import GuildChannel
from app.domain.messages import service as messages
from app.domain.messages.comparing import HeldMessages, held_before
from app.domain.messages.records import ArchiveRecord, BatchOutcome, RecordKind
from app.domain.messages.wire import snowflake
from app.domain.tenants.models import BotSettings, Tenant
from app.extensions import db

PAGE = 100
"""As many as Discord gives at once."""
HELD = 500
UNKNOWN_CHANNEL = "channel_gone"


@dataclass(frozen=True)
class ClaimedGap:
    """A gap that this process fills now."""

    id: int
    tenant_id: int
    guild_id: int
    channel_id: int
    token: str
    lists_threads: bool
    since_ms: int
    is_urgent: bool
    """Lost while the archive ran; False for the time before."""
    is_begun: bool


@dataclass(frozen=True)
class AskedPage:
    """What is to be asked of Discord next, and what the archive had of it before the question."""

    before: int | None
    held: HeldMessages

    @property
    def newest_held(self) -> int | None:
        """A message that should be there, unless it was deleted."""
        return next((one.id for one in self.held.messages if not one.is_deleted), None)


@system_only
def claim_gaps(
    _system: SystemActor, tenants: Collection[int], busy: Collection[int], limit: int, lease: float
) -> list[ClaimedGap]:
    """Up to `limit` due gaps of these tenants, those that are not `busy` first, for `lease` seconds."""
    if not tenants or limit <= 0:
        return []
    with all_tenants(reason="a sweep claims due gaps of every community that this process serves"):
        idle = set(tenants) - set(busy)
        claimed = claim(Gap, 1, lease, only=Gap.tenant_id.in_(idle)) if idle else []
        if not claimed:
            claimed = claim(Gap, limit, lease, only=Gap.tenant_id.in_(tenants))
        guilds = dict(
            db.session.execute(
                select(Tenant.id, Tenant.guild_id).where(Tenant.id.in_({one.row.tenant_id for one in claimed}))
            ).all()
        )
        return [
            ClaimedGap(
                id=one.row.id,
                tenant_id=one.row.tenant_id,
                guild_id=guilds[one.row.tenant_id],
                channel_id=one.row.channel_id,
                token=one.token,
                lists_threads=one.row.lists_threads,
                since_ms=one.row.since_ms,
                is_urgent=one.row.reason in LIVE_REASONS,
                is_begun=one.row.pages > 0,
            )
            for one in claimed
        ]


@system_only
def count_open(_system: SystemActor) -> dict[str, int]:
    """Of all communities: gaps by state, and how long the oldest that opened while the archive ran has been open."""
    with all_tenants(reason="the bot's health counts open gaps of every community"):
        counted = select(Gap.state, func.count()).where(Gap.state.in_(("pending", "in_progress", "failed")))
        found = {f"gaps_{state}": number for state, number in db.session.execute(counted.group_by(Gap.state))}
        oldest = db.session.scalar(
            select(func.min(Gap.opened_at)).where(
                Gap.state.in_(("pending", "in_progress")), Gap.reason.in_(sorted(LIVE_REASONS))
            )
        )
        running = select(func.count()).select_from(Backfill)
        running = running.where(Backfill.finished_at.is_(None), Backfill.cancelled_at.is_(None))
        found["backfills"] = db.session.scalar(running) or 0
        found["oldest_gap_seconds"] = 0 if oldest is None else max(0, int((utcnow() - oldest).total_seconds()))
    return {"gaps_pending": 0, "gaps_in_progress": 0, "gaps_failed": 0} | found


@system_only
@retriable
def next_page(_system: SystemActor, gap_id: int, token: str, lease: float) -> AskedPage | None:
    """What to ask for next; None where the gap is somebody else's, is cancelled, or needs no more.

    What the archive holds is read before Discord is asked: what it held then and Discord does not list is gone.
    """
    with transaction():
        locked_watermark()
        gap = _own(gap_id, token)
        if gap is None:
            return None
        kind = db.session.scalar(select(GuildChannel.kind).where(GuildChannel.id == gap.channel_id))
        retention = db.session.scalars(select(BotSettings)).one().retention_days
        is_too_old = gap.cursor_id is not None and gap.cursor_id <= oldest_kept(retention)
        holds_none = kind is not None and kind not in HOLDS_MESSAGES
        if holds_none or is_too_old:
            if holds_none:
                cover(gap.channel_id, gap.after_id + 1, gap.before_id)
            _close(gap)
            return None
        gap.lease_until = database_now() + timedelta(seconds=lease)
        channel_id, before = gap.channel_id, gap.cursor_id
    return _ask(channel_id, before)


@system_only
def take_page(
    system: SystemActor,
    gap_id: int,
    token: str,
    asked: AskedPage,
    page: Sequence[Mapping[str, Any]],
    seen_ms: int,
    *,
    call_ms: int = 0,
    lease: float = 60.0,
) -> AskedPage | None:
    """Take a page of Discord's list into the archive, compare, and move on to what `next_page` would say.

    `seen_ms`: when it was asked for (unix milliseconds); `call_ms`: how long the answer took. The claim is kept for
    another `lease` seconds.

    Killed in between, the page is read again: nothing is counted or written twice.
    """
    row = db.session.execute(
        select(Gap, BotSettings.retention_days)
        .join(BotSettings, BotSettings.tenant_id == Gap.tenant_id)
        .where(Gap.id == gap_id, Gap.lease_token == token)
    ).one_or_none()
    if row is None:
        return None
    gap, retention = row
    channel_id = gap.channel_id
    ids = [one for one in (snowflake(message.get("id")) for message in page) if one is not None]
    read = _read_of(gap, asked, ids, max(gap.check_after_id + 1, oldest_kept(retention)), is_end=len(page) < PAGE)
    edited = {one for one in map(_edited_since(gap.since_ms), page) if one is not None}
    outcome = _indexed(system, gap, page, read, seen_ms)
    if any(one.reason == "not_archiving" for one in outcome.set_aside):
        give_up(system, gap_id, token, "not_archiving")
        return None
    moved = _Moved(asked, outcome, read, edited, call_ms, lease)
    before = _advance(gap_id, token, moved)
    return None if before is None else _ask(channel_id, before)


@system_only
@retriable
def threads_found(system: SystemActor, gap_id: int, token: str, thread_ids: Collection[int]) -> None:
    """The channel's archived threads have been looked through; these changed since the interruption and get gaps."""
    with transaction():
        locked_watermark()
        gap = _own(gap_id, token)
        if gap is not None:
            open_thread_gaps(gap, thread_ids)
            gap.lists_threads = False


@system_only
@retriable
def set_back(_system: SystemActor, gap_id: int, token: str, code: str | None, retry_in: float) -> None:
    """Let others have their turn, or try again later."""
    with transaction():
        gap = _own(gap_id, token)
        if gap is None:
            return
        gap.state, gap.lease_token, gap.lease_until, gap.last_code, gap.attempts = JobState.PENDING, None, None, code, 0
        if retry_in:
            gap.due_at = database_now() + timedelta(seconds=retry_in)


@system_only
@retriable
def give_up(_system: SystemActor, gap_id: int, token: str, code: str) -> None:
    """The gap cannot be filled: the bot may not read the channel (until it may), or the channel is gone for good."""
    with transaction():
        locked_watermark()
        gap = _own(gap_id, token)
        if gap is None:
            return
        is_final = code in (UNKNOWN_CHANNEL, "not_archiving")
        gap.state = JobState.CANCELLED if is_final else JobState.FAILED
        gap.lease_token, gap.lease_until, gap.last_code, gap.closed_at = None, None, code, utcnow()
        db.session.flush()
        if gap.backfill_id is not None:
            finish_where_done(gap.backfill_id)
        announce(LIVE, Signal(Topic.JOBS, f"gap:{gap.id}", gap.channel_id))


def _ask(channel_id: int, before: int | None) -> AskedPage:
    return AskedPage(before, held_before(channel_id, ENDLESS if before is None else before, HELD))


def _own(gap_id: int, token: str) -> Gap | None:
    statement = select(Gap).where(Gap.id == gap_id, Gap.lease_token == token).with_for_update()
    return db.session.scalars(statement.execution_options(populate_existing=True)).one_or_none()


@dataclass(frozen=True)
class _Read:
    """What is known after a page."""

    ids: tuple[int, ...]
    gone: tuple[int, ...]
    """Messages that the archive had and Discord does not list."""
    floor: int
    """What is older is not wanted."""
    down_to: int
    """Page and archive are both known down to here."""
    is_done: bool


def _read_of(gap: Gap, asked: AskedPage, ids: Sequence[int], floor: int, *, is_end: bool) -> _Read:
    lowest = 0 if is_end else min(ids, default=0)
    if asked.held.complete_from > lowest:  # the archive holds more than was read of it: the rest is compared next time
        lowest = asked.held.complete_from
    present = set(ids)
    gone = (
        one.id
        for one in asked.held.messages
        if not one.is_deleted and one.id >= max(lowest, floor) and one.id not in present
    )
    is_whole = lowest == 0 and all(one >= floor for one in ids)  # nothing older than this page was ever written
    down_to = min(gap.channel_id, floor) if is_whole else max(lowest, floor)
    return _Read(tuple(ids), tuple(gone), floor, down_to, lowest <= floor)


def _indexed(
    system: SystemActor, gap: Gap, page: Sequence[Mapping[str, Any]], read: _Read, seen_ms: int
) -> BatchOutcome:
    tenant_id = current_tenant_id()
    records = [
        ArchiveRecord(tenant_id, RecordKind.FETCHED, message, seen_ms)
        for message in page
        if (snowflake(message.get("id")) or read.floor) >= read.floor
    ]
    if read.gone:
        told = {"channel_id": str(gap.channel_id), "ids": [str(one) for one in read.gone], "since_ms": gap.since_ms}
        records.append(ArchiveRecord(tenant_id, RecordKind.MISSING, told, seen_ms))
    return messages.index_batch(system, records)


@dataclass(frozen=True)
class _Moved:
    """A page that has been indexed."""

    asked: AskedPage
    outcome: BatchOutcome
    read: _Read
    edited: Collection[int]
    call_ms: int
    lease: float


@retriable
def _advance(gap_id: int, token: str, moved: _Moved) -> int | None:
    """Note a page. Below which id more is to be asked for; None where nothing is."""
    read = moved.read
    with transaction():
        locked_watermark()
        gap = _own(gap_id, token)
        if gap is None:
            return None
        held = {one.id for one in moved.asked.held.messages}
        changed = {one.message_id for one in moved.outcome.changed}.difference(read.gone)
        gap.found_new += len(changed - held)
        gap.found_changed += len(changed.intersection(held, moved.edited))
        gap.found_deleted += len(read.gone)
        gap.left_out += sum(one.reason != "excluded" for one in moved.outcome.set_aside)
        gap.pages += 1
        gap.calls_ms += moved.call_ms
        gap.attempts = 0
        gap.lease_until = database_now() + timedelta(seconds=moved.lease)
        upper = gap.before_id if gap.cursor_id is None else gap.cursor_id
        if read.down_to < upper:
            cover(gap.channel_id, read.down_to, upper)
        gap.cursor_id = below = min(upper, read.down_to)
        gap.expected = 0 if read.is_done else _expected(gap, read.ids)
        if gap.backfill_id is not None:  # the busiest channel next
            gap.due_at = gap.opened_at - timedelta(seconds=1, milliseconds=min(gap.expected, 10**8))
        if read.is_done:
            _close(gap)
        announce(LIVE, Signal(Topic.JOBS, f"gap:{gap.id}", gap.channel_id))
    return None if read.is_done else below


def _edited_since(moment_ms: int) -> Callable[[Mapping[str, Any]], int | None]:
    """Which message a payload is, where it was edited after a moment: what else is told of it anew is no edit."""

    def edited(message: Mapping[str, Any]) -> int | None:
        stamp = message.get("edited_timestamp")
        try:
            is_newer = isinstance(stamp, str) and datetime.fromisoformat(stamp).timestamp() * 1000 >= moment_ms
        except (ValueError, OverflowError):
            return None
        return snowflake(message.get("id")) if is_newer else None

    return edited


def _close(gap: Gap) -> None:
    gap.state, gap.closed_at = JobState.DONE, utcnow()
    gap.lease_token, gap.lease_until, gap.last_code, gap.expected = None, None, None, 0
    db.session.flush()
    if gap.backfill_id is not None and finish_where_done(gap.backfill_id):
        announce(LIVE, Signal(Topic.JOBS, f"backfill:{gap.backfill_id}"))


def _expected(gap: Gap, ids: Sequence[int]) -> int:
    """How many more there may be, if they go on as close together as on this page."""
    if len(ids) < 2 or gap.cursor_id is None:
        return 0
    spanned = (snowflake_time(max(ids)) - snowflake_time(min(ids))).total_seconds() or 0.001
    left = (snowflake_time(gap.cursor_id) - snowflake_time(gap.after_id)).total_seconds()
    return min(10**8, round(max(0.0, left) * len(ids) / spanned))
