"""Which channels are live, and what is missing where a stretch that was live ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select, update

from app.contracts.live import Signal, Topic
from app.db.claimable import JobState
from app.db.scope import all_tenants, current_tenant_id
from app.db.transaction import retriable, transaction
from app.domain.access import SystemActor, system_only
from app.domain.clock import utcnow
from app.domain.coverage.backfilling import begin_first_week, finish_where_done
from app.domain.coverage.intervals import Stretch
from app.domain.coverage.ledger import LOOK_BACK_MS, SLACK_MS, end_live, id_at, intervals_of, locked_watermark, open_gap
from app.domain.coverage.models import Backfill, CoverageInterval, CoverageWatermark, EndedBy, Gap, GapReason
from app.domain.coverage.readable import BotPlace, ReadableChannel, readable_channels
from app.domain.live.service import LIVE, announce
from app.domain.members.models import GuildChannel
from app.domain.members.visibility import THREAD_KINDS
from app.domain.messages.models import Message
from app.domain.tenants.exclusions import ExclusionKind
from app.domain.tenants.models import ArchiveExclusion, BotSettings, Tenant
from app.extensions import db

LONG_ENOUGH_TO_ARCHIVE_MS = 3_600_000
"""Discord archives a thread by itself after an hour at the soonest."""
NO_ACCESS = "no_access"
JUST_MADE_MS = 60_000


@dataclass(frozen=True)
class Missed:
    """The bot's session is new: whatever happened since the watermark was not told.

    `newest_ids`: each channel's newest message, as Discord has just told, where it has.
    """

    reason: GapReason
    newest_ids: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Account:
    """What an accounting found."""

    is_archiving: bool
    gaps_opened: int = 0


@dataclass(frozen=True)
class ArchivingGuild:
    """A community that keeps an archive, and the channels that it leaves out."""

    tenant_id: int
    left_out: frozenset[int]


@system_only
@retriable
def account_for_channels(_system: SystemActor, own: BotPlace, *, now_ms: int, missed: Missed | None = None) -> Account:
    """Bring the ledger up to what the bot can read now. Repetition changes nothing.

    `now_ms`: from then on everything in the channels that are readable is received (unix milliseconds). With `missed`
    every channel in which something may have happened since the watermark gets a gap. The first time, the newest week
    is asked for.
    """
    with transaction():
        tenant = db.session.get_one(Tenant, current_tenant_id())
        settings = db.session.scalars(select(BotSettings)).one()
        watermark = locked_watermark()
        if not settings.archive_enabled:
            _close_all(watermark)
            return Account(False)
        left_out = _left_out()
        readable = {
            one.id: one
            for one in readable_channels(tenant.guild_id, own).values()
            if one.id not in left_out and one.parent_id not in left_out
        }
        is_first = watermark is None
        if watermark is None:
            watermark = CoverageWatermark(seen_until_ms=now_ms, began_ms=now_ms, bot_id=own.bot_id)
            db.session.add(watermark)
        watermark.bot_id = own.bot_id
        _drop_gaps_of(left_out)
        counted = _Accounting(watermark, readable, left_out, now_ms, None if is_first else missed)
        opened = counted.bring_up_to_date()
        if missed is not None:
            watermark.seen_until_ms = max(watermark.seen_until_ms, now_ms)
        if is_first:
            begin_first_week(settings, now_ms)
        if opened or is_first:
            announce(LIVE, Signal(Topic.JOBS, "coverage"))
    return Account(True, opened)


@system_only
def archiving_guilds(_system: SystemActor, guild_ids: Collection[int]) -> dict[int, ArchivingGuild]:
    """Those of these guilds that are communities which keep an archive."""
    if not guild_ids:
        return {}
    with all_tenants(reason="one process asks which of the communities that it serves keep an archive"):
        statement = (
            select(Tenant.guild_id, Tenant.id)
            .join(BotSettings, BotSettings.tenant_id == Tenant.id)
            .where(Tenant.guild_id.in_(guild_ids), BotSettings.archive_enabled)
        )
        tenants = {guild_id: tenant_id for guild_id, tenant_id in db.session.execute(statement)}
        excluded = select(ArchiveExclusion.tenant_id, ArchiveExclusion.object_id).where(
            ArchiveExclusion.tenant_id.in_(tenants.values()), ArchiveExclusion.kind == ExclusionKind.CHANNEL
        )
        left_out: dict[int, set[int]] = defaultdict(set)
        for tenant_id, channel_id in db.session.execute(excluded):
            left_out[tenant_id].add(channel_id)
    return {guild_id: ArchivingGuild(one, frozenset(left_out[one])) for guild_id, one in tenants.items()}


def _left_out() -> set[int]:
    """Channels that the owner keeps out of the archive, with their threads."""
    excluded = select(ArchiveExclusion.object_id).where(ArchiveExclusion.kind == ExclusionKind.CHANNEL)
    channels = set(db.session.scalars(excluded))
    if not channels:
        return channels
    return channels | set(db.session.scalars(select(GuildChannel.id).where(GuildChannel.parent_id.in_(channels))))


def _drop_gaps_of(channels: Collection[int]) -> None:
    """What is left out is not fetched."""
    if not channels:
        return
    db.session.execute(
        update(Gap)
        .where(Gap.state.in_((JobState.PENDING, JobState.IN_PROGRESS)), Gap.channel_id.in_(channels))
        .values(state=JobState.CANCELLED, last_code="excluded", lease_token=None, closed_at=utcnow())
        .execution_options(synchronize_session=False)
    )
    for backfill_id in list(db.session.scalars(select(Backfill.id).where(Backfill.finished_at.is_(None)))):
        finish_where_done(backfill_id)


def _close_all(watermark: CoverageWatermark | None) -> None:
    """The owner keeps no archive any more: what was live ends, what waits is dropped. That is no gap."""
    if watermark is None:
        return
    for row in db.session.scalars(select(CoverageInterval).where(CoverageInterval.until_id.is_(None))):
        end_live(row, id_at(watermark.seen_until_ms), EndedBy.CHOICE)
    db.session.execute(
        update(Gap)
        .where(Gap.state.in_((JobState.PENDING, JobState.IN_PROGRESS)))
        .values(state=JobState.CANCELLED, last_code="not_archiving", lease_token=None, closed_at=utcnow())
        .execution_options(synchronize_session=False)
    )


@dataclass
class _Accounting:
    watermark: CoverageWatermark
    readable: Mapping[int, ReadableChannel]
    left_out: Collection[int]
    now_ms: int
    missed: Missed | None
    opened: int = 0

    def bring_up_to_date(self) -> int:
        self.since_ms = self.watermark.seen_until_ms
        self.now_id = id_at(self.now_ms)
        known = intervals_of()
        stirred = self._stirred()
        for channel_id, rows in known.items():
            live = rows[-1] if rows[-1].until_id is None else None
            channel = self.readable.get(channel_id)
            if live is not None and channel is None:
                why = EndedBy.CHOICE if channel_id in self.left_out else EndedBy.PERMISSION
                end_live(live, id_at(self.since_ms), why)
            elif live is not None and channel is not None and channel_id in stirred:
                end_live(live, id_at(self.since_ms - SLACK_MS), EndedBy.INTERRUPTION)
                self._go_live_again(channel, live)
            elif live is None and channel is not None:
                self._go_live_again(channel, rows[-1])
        live_since = {channel_id: rows[-1].first_id for channel_id, rows in known.items() if rows[-1].until_id is None}
        for channel_id, channel in sorted(self.readable.items()):
            if channel_id not in known:
                self._go_live(channel, live_since)
        self._look_for_threads(known)
        db.session.flush()
        return self.opened

    def _stirred(self) -> Collection[int]:
        """Channels in which something may have happened that the bot was not told of.

        Discord tells each channel's newest message. Where that is older than the interruption nothing was written, and
        edits and deletions are looked for in channels that had a message lately; older ones are left to the nightly check.
        """
        if self.missed is None:
            return ()
        floor = id_at(self.since_ms - LOOK_BACK_MS)
        lately = set(db.session.scalars(select(Message.channel_id).where(Message.id >= floor).distinct()))
        told = self.missed.newest_ids
        spoken = {one for one, newest in told.items() if newest >= id_at(self.since_ms - SLACK_MS)}
        untold = {one.id for one in self.readable.values() if one.kind not in THREAD_KINDS and one.id not in told}
        return lately | spoken | untold

    def _go_live_again(self, channel: ReadableChannel, last: CoverageInterval) -> None:
        until = last.until_id
        assert until is not None
        db.session.add(CoverageInterval(channel_id=channel.id, first_id=max(self.now_id, until)))
        if last.ended_by == EndedBy.CHOICE:
            return
        self._reopen(channel.id)
        if until >= self.now_id:
            return
        reason = self.missed.reason if self.missed is not None else GapReason.PERMISSION
        since_ms = min(self.since_ms, self.now_ms)
        self._open(channel, reason, Stretch(until, self.now_id), since_ms, max(0, until - (LOOK_BACK_MS << 22)))

    def _go_live(self, channel: ReadableChannel, live_since: Mapping[int, int]) -> None:
        """A channel that was never covered: from its beginning where it is new, else from now.

        What is said in a thread is received also before anybody knows the thread: it is live for as long as its channel.
        """
        is_new = channel.id >= id_at(self.watermark.began_ms)
        is_just_made = self.missed is None and channel.id >= id_at(self.now_ms - JUST_MADE_MS)
        first = channel.id if is_new and is_just_made else self.now_id
        if channel.kind in THREAD_KINDS and not is_new and self.missed is None:
            first = min(first, live_since.get(channel.parent_id or 0, first))
        db.session.add(CoverageInterval(channel_id=channel.id, first_id=first))
        if is_new and not is_just_made and channel.id < self.now_id:
            reason = self.missed.reason if self.missed is not None else GapReason.PERMISSION
            self._open(channel, reason, Stretch(channel.id, self.now_id), self.since_ms, None)

    def _open(
        self, channel: ReadableChannel, reason: GapReason, stretch: Stretch, since_ms: int, check_after: int | None
    ) -> None:
        open_gap(
            channel.id,
            reason,
            stretch,
            since_ms=since_ms,
            check_after=check_after,
            from_newest=True,
            lists_threads=channel.holds_threads,
        )
        self.opened += 1

    def _reopen(self, channel_id: int) -> None:
        """What could not be read before may be readable now."""
        db.session.execute(
            update(Gap)
            .where(Gap.channel_id == channel_id, Gap.state == JobState.FAILED, Gap.last_code == NO_ACCESS)
            .values(state=JobState.PENDING, last_code=None, attempts=0, closed_at=None)
            .execution_options(synchronize_session=False)
        )

    def _look_for_threads(self, known: Mapping[int, list[CoverageInterval]]) -> None:
        """Threads that were opened and archived while the bot was away: in forums, and anywhere after long enough."""
        if self.missed is None or self.now_ms - self.since_ms < LONG_ENOUGH_TO_ARCHIVE_MS:
            return
        with_gap = {one.channel_id for one in db.session.new if isinstance(one, Gap) and one.lists_threads} | set(
            db.session.scalars(select(Gap.channel_id).where(Gap.lists_threads, Gap.state == JobState.PENDING))
        )
        for channel in self.readable.values():
            if channel.holds_threads and channel.id not in with_gap:
                stretch = Stretch(id_at(self.since_ms), self.now_id)
                self._open(channel, self.missed.reason, stretch, self.since_ms, None)
