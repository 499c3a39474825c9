"""The nightly cross-check: what Discord's own search counts against what the archive has, day by day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import delete, func, select

from app.contracts.live import Signal, Topic
from app.db.scope import all_tenants, current_tenant_id
from app.db.transaction import retriable, transaction
from app.domain.access import SystemActor, system_only
from app.domain.clock import first_snowflake, utcnow
from app.domain.coverage.intervals import Stretch
from app.domain.coverage.ledger import intervals_of, locked_watermark, open_gap, stretch_of, uncover
from app.domain.coverage.models import CoverageCheck, CoverageInterval, CoverageWatermark, GapReason
from app.domain.coverage.readable import BotPlace, readable_channels
from app.domain.live.service import LIVE, announce
from app.domain.messages.models import Message
from app.domain.messages.traits import Trait
from app.domain.tenants.exclusions import archiving
from app.domain.tenants.models import Tenant
from app.extensions import db

DAYS = 7
KEPT = timedelta(days=30)


@dataclass(frozen=True)
class DueCheck:
    """A community that is to be checked now."""

    tenant_id: int
    guild_id: int


@dataclass(frozen=True)
class CountedDay:
    """A channel's day that the archive holds to be complete, and how many messages it has of it.

    Whether Discord counts a channel's threads with it is not written down: both numbers are right.
    """

    channel_id: int
    stretch: Stretch
    ours: int
    with_threads: int

    def agrees(self, theirs: int) -> bool:
        return theirs in (self.ours, self.with_threads)


@system_only
@retriable
def claim_checks(_system: SystemActor, tenants: Collection[int], every: float, limit: int) -> list[DueCheck]:
    """Up to `limit` of these communities that were not checked for `every` seconds; they count as checked from now on."""
    if not tenants:
        return []
    now = utcnow()
    with all_tenants(reason="the nightly check claims whoever of this process' communities is due"), transaction():
        due = (
            select(CoverageWatermark)
            .where(
                CoverageWatermark.tenant_id.in_(tenants),
                func.coalesce(CoverageWatermark.checked_at, _moment(0)) <= now - timedelta(seconds=every),
                CoverageWatermark.began_ms <= round((now.timestamp() - every) * 1000),
            )
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        found = list(db.session.scalars(due))
        for one in found:
            one.checked_at = now
        ids = [one.tenant_id for one in found]
        guilds = db.session.execute(select(Tenant.id, Tenant.guild_id).where(Tenant.id.in_(ids))).all()
    return [DueCheck(tenant_id, guild_id) for tenant_id, guild_id in guilds]


@system_only
def count_days(_system: SystemActor, own: BotPlace) -> dict[int, list[CountedDay]]:
    """Of the last whole days: each channel's days that are known to be complete, with what the archive has, by channel.

    Nothing where the owner leaves people or bots out: then the numbers differ by choice.
    """
    tenant_id = current_tenant_id()
    here = archiving([tenant_id], []).get(tenant_id)
    if here is None or here.members or here.without_bots or here.erased:
        return {}
    guild_id = db.session.get_one(Tenant, tenant_id).guild_id
    readable = {one.id: one for one in readable_channels(guild_id, own).values() if not here.refuses_channel(one.id)}
    intervals = intervals_of()
    found: dict[int, list[CountedDay]] = defaultdict(list)
    for day in _last_days():
        counts = _counted(day)
        whole = {one for one in readable if _covers(intervals.get(one, ()), day, one)}
        for channel_id in whole:
            threads = [one.id for one in readable.values() if one.parent_id == channel_id]
            with_threads = counts.get(channel_id, 0) + sum(counts.get(one, 0) for one in threads)
            found[channel_id].append(CountedDay(channel_id, day, counts.get(channel_id, 0), with_threads))
    return found


@system_only
@retriable
def note_counts(_system: SystemActor, counted: Mapping[CountedDay, int]) -> int:
    """What Discord counts of these days. A difference that is not known already opens a gap. Answers how many it opened."""
    opened = 0
    with transaction():
        watermark = locked_watermark()
        if watermark is None:
            return 0
        for day, theirs in counted.items():
            key = {"channel_id": day.channel_id, "first_id": day.stretch.first}
            known = db.session.scalars(select(CoverageCheck).filter_by(**key)).one_or_none()
            is_told = known is not None and (known.theirs, known.ours) == (theirs, day.ours)
            if known is None:
                known = CoverageCheck(**key, theirs=theirs, ours=day.ours)
                db.session.add(known)
            known.theirs, known.ours, known.checked_at = theirs, day.ours, utcnow()
            if not day.agrees(theirs) and not is_told:
                uncover(day.channel_id, day.stretch)
                open_gap(day.channel_id, GapReason.CROSS_CHECK, day.stretch, since_ms=watermark.began_ms)
                opened += 1
        db.session.execute(delete(CoverageCheck).where(CoverageCheck.checked_at < utcnow() - KEPT))
        if opened:
            announce(LIVE, Signal(Topic.JOBS, "coverage"))
    return opened


def _last_days() -> list[Stretch]:
    """Whole days by UTC, none that is still running."""
    midnight = datetime.combine(utcnow().date(), time.min, utcnow().tzinfo)
    return [
        Stretch(first_snowflake(midnight - timedelta(days=ago)), first_snowflake(midnight - timedelta(days=ago - 1)))
        for ago in range(1, DAYS + 1)
    ]


def _counted(day: Stretch) -> dict[int, int]:
    statement = select(Message.channel_id, func.count()).where(
        Message.id >= day.first,
        Message.id < day.until,
        Message.deleted_at.is_(None),
        Message.author_id.is_not(None),
        Message.traits.bitwise_and(Trait.BLOCKED.value) == 0,
    )
    return {channel_id: count for channel_id, count in db.session.execute(statement.group_by(Message.channel_id))}


def _covers(rows: Collection[CoverageInterval], day: Stretch, channel_id: int) -> bool:
    wanted = Stretch(max(day.first, min(channel_id, day.until)), day.until)
    return any(
        stretch.first <= wanted.first and wanted.until <= stretch.until for stretch in (stretch_of(row) for row in rows)
    )


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, utcnow().tzinfo)
