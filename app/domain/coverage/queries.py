"""Reads of the ledger: what a reader's search covers, each channel's stretches, how far backfills are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select

from app.db.claimable import JobState
from app.domain.clock import first_snowflake, snowflake_time, utcnow
from app.domain.coverage.estimating import Piecework, seconds_left
from app.domain.coverage.intervals import Stretch, joined, missing
from app.domain.coverage.ledger import id_at, oldest_kept
from app.domain.coverage.models import Backfill, CoverageInterval, CoverageWatermark, EndedBy, Gap, GapReason
from app.domain.coverage.readable import (
    FORUMS,
    UnreadableChannel,
    barred_among,
    place_of,
    rules_of,
    unreadable_channels,
)
from app.domain.members.models import GuildChannel
from app.domain.members.visibility import THREAD_KINDS
from app.domain.messages.reader import Reader
from app.domain.tenants.models import BotSettings, GuildPresence, Tenant
from app.extensions import db

OPEN = (JobState.PENDING, JobState.IN_PROGRESS)
SURE_AFTER = timedelta(seconds=20)
"""So long a backfill runs before its end is guessed at."""
STALE = timedelta(minutes=2)
"""A watermark older than this says that the bot is away."""


@dataclass(frozen=True)
class Hole:
    """A stretch of time in which messages are missing."""

    channel_id: int
    first: datetime
    until: datetime
    is_being_filled: bool


@dataclass(frozen=True)
class Stated:
    """What an answer over these channels and this time rests on."""

    is_archiving: bool
    since: datetime | None
    """Every channel is complete from then on, but for the holes; None where nothing is."""
    from_beginning: bool = False
    """Complete from the first message of each channel."""
    until: datetime | None = None
    """Where the bot is away: nothing is known from then on."""
    holes: tuple[Hole, ...] = ()
    """The newest first."""
    is_fetching: bool = False
    """History is on its way."""
    unreadable: tuple[UnreadableChannel, ...] = ()
    """Channels that the reader sees and the bot does not."""

    @property
    def is_complete(self) -> bool:
        """True where nothing has to be said."""
        return self.is_archiving and not self.holes and self.until is None and not self.unreadable


def coverage_of(
    reader: Reader,
    channels: Collection[int] | None = None,
    oldest: datetime | None = None,
    newest: datetime | None = None,
) -> Stated:
    """What the archive is complete for, of these channels (None: all that the reader sees) between two moments."""
    ledger = _ledger(reader, channels)
    if ledger is None:
        return Stated(False, None)
    kept_from = oldest_kept(ledger.retention_days)
    asked = Stretch(first_snowflake(oldest) if oldest else 0, first_snowflake(newest) if newest else ledger.now_id)
    begins: list[int] = []
    holes: list[Hole] = []
    for channel_id, rows in ledger.by_channel.items():
        if ledger.channels[channel_id].kind in FORUMS:
            continue  # its threads speak for themselves
        begin = max(rows[0].first_id, kept_from)
        begins.append(0 if rows[0].first_id <= channel_id else begin)
        holes += [one for one in ledger.holes(channel_id) if _meets(one, asked, begin)]
    since_id = max(begins, default=None)
    is_away = ledger.seen_until < utcnow() - STALE
    whole = since_id == 0 or (since_id is not None and since_id <= asked.first)
    return Stated(
        is_archiving=ledger.is_archiving,
        since=None if since_id is None else max(snowflake_time(since_id), snowflake_time(asked.first)),
        from_beginning=whole and asked.first == 0,
        until=ledger.seen_until if is_away else None,
        holes=tuple(sorted(holes, key=lambda one: one.until, reverse=True)),
        is_fetching=ledger.is_fetching,
        unreadable=tuple(ledger.unreadable),
    )


@dataclass(frozen=True)
class Piece:
    """A part of a channel's bar: `state` is complete, gap (being filled), lost (cannot be filled) or off (by choice)."""

    first: datetime
    until: datetime
    state: str


@dataclass(frozen=True)
class ChannelCoverage:
    """One channel's line: what is complete from its beginning or from a moment, and the pieces of a stretch of time."""

    channel: GuildChannel
    pieces: tuple[Piece, ...]
    since: datetime | None
    from_beginning: bool
    open_gaps: int
    threads: int
    """How many threads of it are covered."""
    is_left_out: bool = False
    """The owner keeps it out of the archive."""
    unreadable: UnreadableChannel | None = None


@dataclass(frozen=True)
class CoverageOverview:
    """Every channel that the reader sees, over a stretch of time."""

    is_archiving: bool
    first: datetime
    until: datetime
    channels: tuple[ChannelCoverage, ...]
    away_since: datetime | None
    open_gaps: int
    failed_gaps: int

    @property
    def unreadable(self) -> list[UnreadableChannel]:
        return [one.unreadable for one in self.channels if one.unreadable is not None]


def overview_of(reader: Reader, days: int) -> CoverageOverview:
    """The ledger of the last days, channel by channel, threads folded into theirs."""
    until = utcnow()
    first = until - timedelta(days=days)
    ledger = _ledger(reader, None)
    if ledger is None:
        is_archiving = db.session.scalars(select(BotSettings.archive_enabled)).one()
        return CoverageOverview(is_archiving, first, until, (), None, 0, 0)
    barred = {one.id: one for one in ledger.unreadable}
    lines = [
        _line(ledger, channel, Stretch(first_snowflake(first), ledger.now_id), barred.get(channel.id))
        for channel in ledger.channels.values()
        if channel.kind not in THREAD_KINDS and (channel.id in ledger.by_channel or channel.id in barred)
    ]
    return CoverageOverview(
        is_archiving=ledger.is_archiving,
        first=first,
        until=until,
        channels=tuple(sorted(lines, key=lambda one: (one.channel.position, one.channel.id))),
        away_since=ledger.seen_until if ledger.seen_until < until - STALE else None,
        open_gaps=sum(gap.state in OPEN for gaps in ledger.gaps.values() for gap in gaps),
        failed_gaps=sum(gap.state == JobState.FAILED for gaps in ledger.gaps.values() for gap in gaps),
    )


@dataclass(frozen=True)
class BackfillProgress:
    """How far a backfill is, as far as its reader may know."""

    backfill: Backfill
    found: int
    expected: int | None
    """How many there are to come in all; None where nobody knows, or this reader may not."""
    channels: int
    channels_left: int
    reached: datetime | None
    """How far back the channel that is least far has come."""
    seconds_left: float | None
    """None while it is too early to say, and where it is not running."""

    @property
    def share(self) -> float:
        """From 0 to 1."""
        if self.backfill.finished_at is not None:
            return 1.0
        if self.expected:
            return min(0.99, self.found / self.expected)
        return (self.channels - self.channels_left) / self.channels if self.channels else 0.0


def backfills_in_progress(reader: Reader, limit: int = 10) -> list[BackfillProgress]:
    """The newest backfills, those that run first; of one channel only where the reader sees it."""
    statement = select(Backfill).order_by(Backfill.finished_at.is_not(None), Backfill.created_at.desc()).limit(limit)
    return [
        progress_of(one, reader)
        for one in db.session.scalars(statement)
        if one.channel_id is None or reader.sees(one.channel_id)
    ]


def first_week(reader: Reader) -> BackfillProgress | None:
    """The history that comes by itself after an install; None before the archive has begun."""
    statement = select(Backfill).where(Backfill.reason == GapReason.HISTORY).order_by(Backfill.created_at).limit(1)
    found = db.session.scalars(statement).one_or_none()
    return None if found is None else progress_of(found, reader)


def progress_of(backfill: Backfill, reader: Reader) -> BackfillProgress:
    """How far it is, and when it will be done: by the calls that are left and how fast they went so far.

    What is counted is counted in the channels that the reader sees.
    """
    every = list(db.session.scalars(select(Gap).where(Gap.backfill_id == backfill.id)))
    gaps = [gap for gap in every if reader.sees(gap.channel_id)]
    waiting = [gap for gap in gaps if gap.is_open]
    reached = max((gap.missing_until_id for gap in waiting), default=None)
    found = sum(gap.found_new for gap in gaps)
    return BackfillProgress(
        backfill=backfill,
        found=found,
        expected=backfill.expected if reader.sees_all else None,
        channels=len(gaps),
        channels_left=len(waiting),
        reached=None if reached is None else snowflake_time(reached),
        seconds_left=_seconds_left(backfill, every),
    )


def found_by_channel(backfill_id: int) -> dict[int, int]:
    """Messages that a backfill has brought, by channel."""
    statement = select(Gap.channel_id, func.sum(Gap.found_new)).where(Gap.backfill_id == backfill_id)
    return {channel_id: int(found or 0) for channel_id, found in db.session.execute(statement.group_by(Gap.channel_id))}


def channels_without_access(guild_id: int) -> list[UnreadableChannel]:
    """Channels whose messages the bot cannot read, with what it lacks; none before it has been here."""
    watermark = db.session.scalars(select(CoverageWatermark)).one_or_none()
    own = place_of(watermark.bot_id) if watermark is not None else None
    return unreadable_channels(guild_id, own) if own is not None else []


def _seconds_left(backfill: Backfill, gaps: list[Gap]) -> float | None:
    if not backfill.is_running or backfill.started_at is None:
        return None
    worked = utcnow() - backfill.started_at + timedelta(milliseconds=backfill.worked_ms)
    if worked < SURE_AFTER:
        return None
    pieces = [Piecework(gap.is_open, gap.pages, gap.found_new, gap.expected, gap.calls_ms / 1000) for gap in gaps]
    return seconds_left(pieces, backfill.expected, worked.total_seconds())


class _Row(NamedTuple):
    """An interval."""

    channel_id: int
    first_id: int
    until_id: int | None
    ended_by: str | None


@dataclass(frozen=True)
class _Ledger:
    by_channel: Mapping[int, list[_Row]]
    channels: Mapping[int, GuildChannel]
    gaps: Mapping[int, list[Gap]]
    seen_until: datetime
    now_id: int
    unreadable: list[UnreadableChannel]
    is_archiving: bool
    retention_days: int | None
    is_fetching: bool

    def stretches(self, channel_id: int) -> list[Stretch]:
        """Complete ones; a live one ends at the watermark."""
        return [
            Stretch(row.first_id, self.now_id if row.until_id is None else row.until_id)
            for row in self.by_channel.get(channel_id, ())
        ]

    def chosen_off(self, channel_id: int) -> list[Stretch]:
        """Between the end that the owner chose and the next beginning: no hole."""
        rows = self.by_channel.get(channel_id, [])
        found = []
        for row, following in zip(rows, [*rows[1:], None], strict=False):
            if row.ended_by == EndedBy.CHOICE and row.until_id is not None:
                found.append(Stretch(row.until_id, self.now_id if following is None else following.first_id))
        return found

    def holes(self, channel_id: int) -> list[Hole]:
        rows = self.by_channel[channel_id]
        known = [*self.stretches(channel_id), *self.chosen_off(channel_id)]
        channel = self.channels.get(channel_id)
        # A deleted channel says nothing any more.
        end = self.now_id if channel is None or channel.deleted_at is None else max(one.until for one in known)
        within = Stretch(rows[0].first_id, max(rows[0].first_id + 1, end))
        filling = joined(
            Stretch(gap.after_id + 1, gap.before_id) for gap in self.gaps.get(channel_id, ()) if gap.state in OPEN
        )
        return [
            Hole(
                channel_id,
                snowflake_time(one.first),
                snowflake_time(one.until),
                any(other.first < one.until and one.first < other.until for other in filling),
            )
            for one in missing(known, within)
        ]


def _ledger(reader: Reader, wanted: Collection[int] | None) -> _Ledger | None:
    """The part of the ledger that concerns what the reader sees, in few questions: every search asks for it."""
    running = select(Backfill.id).where(Backfill.finished_at.is_(None), Backfill.cancelled_at.is_(None)).limit(1)
    head = db.session.execute(
        select(
            CoverageWatermark.seen_until_ms,
            CoverageWatermark.bot_id,
            BotSettings.archive_enabled,
            BotSettings.retention_days,
            Tenant.guild_id,
            GuildPresence.owner_id,
            running.scalar_subquery().label("running"),
        )
        .join(BotSettings, BotSettings.tenant_id == CoverageWatermark.tenant_id)
        .join(Tenant, Tenant.id == CoverageWatermark.tenant_id)
        .outerjoin(GuildPresence, GuildPresence.guild_id == Tenant.guild_id)
    ).one_or_none()
    if head is None:
        return None
    every = list(db.session.scalars(select(GuildChannel)))
    channels = {
        one.id: one
        for one in every
        if reader.sees(one.id) and (wanted is None or one.id in wanted or one.parent_id in wanted)
    }
    by_channel: dict[int, list[_Row]] = defaultdict(list)
    interval = CoverageInterval
    columns = select(interval.channel_id, interval.first_id, interval.until_id, interval.ended_by)
    for row in db.session.execute(columns.order_by(interval.channel_id, interval.first_id)):
        if row.channel_id in channels:
            by_channel[row.channel_id].append(_Row(*row))
    gaps: dict[int, list[Gap]] = defaultdict(list)
    for gap in db.session.scalars(select(Gap).where(Gap.state.in_((*OPEN, JobState.FAILED)))):
        if gap.channel_id in channels:
            gaps[gap.channel_id].append(gap)
    own = place_of(head.bot_id)
    barred = barred_among(every, rules_of(head.guild_id, head.owner_id), own) if own is not None else []
    return _Ledger(
        by_channel=by_channel,
        channels=channels,
        gaps=gaps,
        seen_until=snowflake_time(id_at(head.seen_until_ms)),
        now_id=id_at(head.seen_until_ms),
        unreadable=[one for one in barred if one.id in channels],
        is_archiving=head.archive_enabled,
        retention_days=head.retention_days,
        is_fetching=head.running is not None,
    )


def _line(ledger: _Ledger, channel: GuildChannel, within: Stretch, barred: UnreadableChannel | None) -> ChannelCoverage:
    own = ledger.by_channel.get(channel.id, [])
    threads = [
        one.id for one in ledger.channels.values() if one.parent_id == channel.id and one.id in ledger.by_channel
    ]
    first = own[0].first_id if own else 0
    stretches = ledger.stretches(channel.id)
    if channel.kind in FORUMS and own:  # it holds nothing but its threads: it is as complete as the least of them
        firsts = [ledger.by_channel[one][0].first_id for one in threads]
        whole = [channel.id if begin <= one else begin for one, begin in zip(threads, firsts, strict=True)]
        first = max(whole, default=channel.id)
        stretches = [Stretch(first, stretches[-1].until)]
    pieces = [
        *(_piece(one, within, "complete") for one in stretches),
        *(_piece(one, within, "off") for one in ledger.chosen_off(channel.id)),
    ]
    for channel_id in [channel.id, *threads] if own else threads:
        for hole in ledger.holes(channel_id):
            stretch = Stretch(first_snowflake(hole.first), first_snowflake(hole.until))
            pieces.append(_piece(stretch, within, "gap" if hole.is_being_filled else "lost"))
    return ChannelCoverage(
        channel=channel,
        pieces=tuple(one for one in pieces if one is not None),
        since=snowflake_time(first) if own else None,
        from_beginning=bool(own) and first <= channel.id,
        open_gaps=sum(
            gap.state in OPEN and gap.backfill_id is None
            for one in (channel.id, *threads)
            for gap in ledger.gaps.get(one, ())
        ),
        threads=len(threads),
        is_left_out=bool(own) and own[-1].ended_by == EndedBy.CHOICE,
        unreadable=barred,
    )


def _piece(one: Stretch, within: Stretch, state: str) -> Piece | None:
    first, until = max(one.first, within.first), min(one.until, within.until)
    return Piece(snowflake_time(first), snowflake_time(until), state) if first < until else None


def _meets(hole: Hole, asked: Stretch, begin: int) -> bool:
    return first_snowflake(hole.until) > max(asked.first, begin) and first_snowflake(hole.first) < asked.until


__all__ = [
    "BackfillProgress",
    "ChannelCoverage",
    "CoverageOverview",
    "Hole",
    "Piece",
    "Stated",
    "backfills_in_progress",
    "channels_without_access",
    "coverage_of",
    "first_week",
    "found_by_channel",
    "overview_of",
    "progress_of",
]
