"""History on request: asked for, counted, cancelled, resumed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import select, update

from app.contracts.live import Signal, Topic
from app.db.claimable import JobState, claim, settle
from app.db.scope import all_tenants, current_tenant_id
from app.db.transaction import retriable, transaction
from app.domain.access import Actor, Permission, SystemActor, requires, system_only
from app.domain.audit.service import AUDIT, record
from app.domain.clock import first_snowflake, utcnow
from app.domain.coverage.backfilling import cut_into_gaps, finish_where_done
from app.domain.coverage.ledger import locked_watermark, oldest_kept
from app.domain.coverage.models import Backfill, Gap, GapReason
from app.domain.coverage.readable import FORUMS, HOLDS_MESSAGES, BotPlace, ReadableChannel, readable_channels
from app.domain.errors import Conflict, Invalid, NotFound
from app.domain.live.service import LIVE, announce
from app.domain.members.models import GuildChannel
from app.domain.messages.models import Message
from app.domain.messages.reader import Reader, reader_for
from app.domain.tenants.models import BotSettings, Tenant
from app.extensions import db

DEPTHS: tuple[int | None, ...] = (30, 90, 365, None)
"""Days; None is all of it."""


@dataclass(frozen=True)
class RequestBackfill:
    """History of one channel, or of every channel that the bot reads; None days is all of it."""

    channel_id: int | None
    days: int | None


@dataclass(frozen=True)
class ClaimedBackfill:
    """A backfill that this process prepares now."""

    id: int
    tenant_id: int
    guild_id: int
    token: str
    channel_id: int | None
    oldest_id: int
    before_id: int


@requires(Permission.MANAGE_ARCHIVE)
def request_backfill(actor: Actor, wanted: RequestBackfill) -> Backfill:
    """Ask for history, newest first, no older than messages are kept for.

    Raises `Conflict` while the archive is off or the same is running already, `NotFound` for a channel that is none.
    """
    if wanted.days not in DEPTHS:
        raise Invalid(_("Say how far back."), fields={"days": _("Choose one of these.")})
    reader = reader_for(actor)
    with transaction():
        settings = db.session.scalars(select(BotSettings)).one()
        if not settings.archive_enabled or locked_watermark() is None:
            raise Conflict(_("The archive is off: nothing can be fetched into it."), code="not_archiving")
        channel = None if wanted.channel_id is None else _channel(reader, wanted.channel_id)
        running = select(Backfill).where(
            Backfill.finished_at.is_(None), Backfill.cancelled_at.is_(None), Backfill.reason == GapReason.REQUEST
        )
        for other in db.session.scalars(running):
            if other.channel_id in (None, wanted.channel_id):
                raise Conflict(_("This is being fetched already."), code="already_running")
        oldest = 0 if wanted.days is None else first_snowflake(utcnow() - timedelta(days=wanted.days))
        backfill = Backfill(
            reason=GapReason.REQUEST,
            requested_by=actor.user_id,
            channel_id=channel.id if channel else None,
            oldest_id=max(oldest, oldest_kept(settings.retention_days)),
            before_id=first_snowflake(utcnow()),
            due_at=utcnow(),
        )
        db.session.add(backfill)
        db.session.flush()
        after = {"channel": str(wanted.channel_id or "all"), "days": wanted.days}
        record(AUDIT, actor, "backfill.requested", backfill.id, after=after)
        announce(LIVE, Signal(Topic.JOBS, f"backfill:{backfill.id}"))
    return backfill


@requires(Permission.MANAGE_ARCHIVE)
def cancel_backfill(actor: Actor, backfill_id: int) -> Backfill:
    """Stop fetching; what has come stays. Raises `Conflict` where it is over."""
    reader = reader_for(actor)
    with transaction():
        locked_watermark()
        backfill = _backfill(reader, backfill_id)
        if not backfill.is_running:
            raise Conflict(_("This is not running any more."), code="not_running")
        backfill.cancelled_at = now = utcnow()
        if backfill.started_at is not None:
            backfill.worked_ms += round((now - backfill.started_at).total_seconds() * 1000)
        elif backfill.state in (JobState.PENDING, JobState.IN_PROGRESS):
            backfill.state, backfill.lease_token = JobState.CANCELLED, None
        _move_gaps(backfill_id, (JobState.PENDING, JobState.IN_PROGRESS), JobState.CANCELLED)
        record(AUDIT, actor, "backfill.cancelled", backfill_id)
        announce(LIVE, Signal(Topic.JOBS, f"backfill:{backfill_id}"))
    return backfill


@requires(Permission.MANAGE_ARCHIVE)
def resume_backfill(actor: Actor, backfill_id: int) -> Backfill:
    """Go on where it was stopped. Raises `Conflict` where it was not stopped."""
    reader = reader_for(actor)
    with transaction():
        locked_watermark()
        backfill = _backfill(reader, backfill_id)
        if backfill.cancelled_at is None:
            raise Conflict(_("This was not stopped."), code="not_cancelled")
        backfill.cancelled_at = None
        if backfill.started_at is not None:
            backfill.started_at = utcnow()
            _move_gaps(backfill_id, (JobState.CANCELLED,), JobState.PENDING)
        else:
            backfill.state, backfill.due_at, backfill.attempts = JobState.PENDING, utcnow(), 0
        record(AUDIT, actor, "backfill.resumed", backfill_id)
        announce(LIVE, Signal(Topic.JOBS, f"backfill:{backfill_id}"))
    return backfill


@system_only
def claim_backfills(_system: SystemActor, tenants: Collection[int], limit: int, lease: float) -> list[ClaimedBackfill]:
    """Up to `limit` backfills of these tenants that are to be prepared."""
    if not tenants or limit <= 0:
        return []
    with all_tenants(reason="a sweep claims backfills of every community that this process serves"):
        found = []
        for one in claim(Backfill, limit, lease, only=Backfill.tenant_id.in_(tenants)):
            row = one.row
            guild_id = db.session.get_one(Tenant, row.tenant_id).guild_id
            found.append(
                ClaimedBackfill(
                    row.id, row.tenant_id, guild_id, one.token, row.channel_id, row.oldest_id, row.before_id
                )
            )
        return found


@system_only
def channels_to_look_through(_system: SystemActor, own: BotPlace, channel_id: int | None) -> list[int]:
    """Channels whose archived threads belong to a backfill."""
    guild_id = db.session.get_one(Tenant, current_tenant_id()).guild_id
    readable = readable_channels(guild_id, own)
    return sorted(
        one.id for one in readable.values() if one.holds_threads and (channel_id is None or one.id == channel_id)
    )


@system_only
@retriable
def start_backfill(
    _system: SystemActor, backfill_id: int, token: str, own: BotPlace, thread_ids: Collection[int], total: int | None
) -> bool:
    """Cut a backfill into gaps, now that the archived threads are known. `total`: how many messages Discord counts there.

    False where it is somebody else's or was cancelled.
    """
    with transaction():
        locked_watermark()
        backfill = db.session.scalars(
            select(Backfill).where(Backfill.id == backfill_id, Backfill.lease_token == token).with_for_update()
        ).one_or_none()
        if backfill is None:
            return False
        settings = db.session.scalars(select(BotSettings)).one()
        guild_id = db.session.get_one(Tenant, current_tenant_id()).guild_id
        readable = readable_channels(guild_id, own)
        wanted = [one for one in readable.values() if _belongs(one, backfill.channel_id)]
        cut_into_gaps(backfill, wanted, settings.retention_days)
        if total is not None:
            backfill.expected = max(0, total - _held(backfill, [one.id for one in wanted]))
        backfill.started_at = utcnow()
        settle(Backfill, token, JobState.DONE)
        db.session.flush()
        finish_where_done(backfill_id)
        announce(LIVE, Signal(Topic.JOBS, f"backfill:{backfill_id}"))
    return True


@system_only
def set_backfill_back(_system: SystemActor, token: str, code: str, retry_in: float) -> None:
    """Discord did not answer: prepare it later."""
    settle(Backfill, token, JobState.PENDING, code=code, retry_in=retry_in, attempts=0)


def _belongs(channel: ReadableChannel, wanted: int | None) -> bool:
    return wanted is None or wanted in (channel.id, channel.parent_id)


def _held(backfill: Backfill, channel_ids: Collection[int]) -> int:
    """How many of the messages that Discord counts the archive has already."""
    statement = select(Message.id).where(
        Message.id >= backfill.oldest_id,
        Message.id < backfill.before_id,
        Message.deleted_at.is_(None),
        Message.channel_id.in_(channel_ids),
    )
    return len(db.session.scalars(statement.limit(1_000_000)).all())


def _channel(reader: Reader, channel_id: int) -> GuildChannel:
    channel = db.session.scalars(select(GuildChannel).where(GuildChannel.id == channel_id)).one_or_none()
    is_fit = channel is not None and channel.deleted_at is None and channel.kind in HOLDS_MESSAGES | FORUMS
    if channel is None or not is_fit or not reader.sees(channel_id):
        raise NotFound(_("There is no such channel."))
    return channel


def _backfill(reader: Reader, backfill_id: int) -> Backfill:
    found = db.session.scalars(select(Backfill).where(Backfill.id == backfill_id).with_for_update()).one_or_none()
    if found is None or (found.channel_id is not None and not reader.sees(found.channel_id)):
        raise NotFound(_("There is no such backfill."))
    return found


def _move_gaps(backfill_id: int, states: tuple[JobState, ...], to: JobState) -> None:
    """Gaps that a channel's own end has settled keep their word."""
    now = utcnow() if to is JobState.CANCELLED else None
    db.session.execute(
        update(Gap)
        .where(
            Gap.backfill_id == backfill_id,
            Gap.state.in_(states),
            Gap.last_code.is_(None) | (Gap.last_code == "stopped"),
        )
        .values(
            state=to,
            lease_token=None,
            lease_until=None,
            attempts=0,
            closed_at=now,
            last_code="stopped" if now else None,
        )
        .execution_options(synchronize_session=False)
    )
