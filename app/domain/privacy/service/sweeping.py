"""Deleting what has been kept long enough: a round an hour through each community, a few hundred rows a transaction.

A batch, its counts and the place that it reached are one commit: whoever is killed leaves a round that goes on there.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

from flask import current_app
from sqlalchemy import ColumnElement, Select, select, update

from app.config import Timings
from app.db.bulk import delete_rows
from app.db.claimable import JobState, claim, database_now, settle
from app.db.scope import all_tenants, tenant_scope
from app.db.transaction import retriable, transaction
from app.db.upsert import bulk_upsert
from app.domain.access import SystemActor, system_only
from app.domain.audit.service import AUDIT, record
from app.domain.clock import first_snowflake, utcnow
from app.domain.holds.queries import Holds, holds_in_force
from app.domain.members.queries import parents_of_threads
from app.domain.messages import service as messages
from app.domain.messages.forgetting import Counts, forget_earlier_versions, forget_messages
from app.domain.messages.models import DeletionEntry, Message, MessageRevision, MessageTerm
from app.domain.messages.tokens import channel_token
from app.domain.messages.traits import TRAIT_TOKENS, Trait
from app.domain.privacy.expiry import KeptMessage, is_over, is_version_over, youngest_that_may_go
from app.domain.privacy.models import RetentionSweep
from app.domain.tenants.exclusions import ExclusionKind
from app.domain.tenants.models import ArchiveExclusion, RetentionChange, Tenant
from app.domain.tenants.retention import EVERYWHERE, Kept, Policy, policy_in_force, put_in_force
from app.extensions import db

RETENTION = SystemActor("retention")

LOOKED_AT_ONCE = 1_000
FORGOTTEN_AT_ONCE = 200
CLAIMED_AT_ONCE = 10
RUN_SECONDS = 45.0
"""After this long the rest waits for the next sweep, so that a worker can end."""
DONE = -1

log = logging.getLogger(__name__)

Batch = Callable[[int], tuple[int, Counts]]
"""From a place to (the next place or `DONE`, what was deleted)."""


@system_only
def sweep_retention(system: SystemActor) -> int:
    """Put shortenings in force that are due, then go through every community whose round is due.

    Answers how many messages and versions were deleted.
    """
    apply_due_changes(system)
    _begin_rounds()
    lease = _timings().lease
    deleted, ends = 0, time.monotonic() + RUN_SECONDS
    while time.monotonic() < ends:
        with all_tenants(reason="the due rounds of every community are claimed together"):
            # A claim is a write: where nothing is due, which is nearly always, the archive is not made to wait for it.
            if db.session.scalar(_due(RetentionSweep).limit(1)) is None:
                break
            claimed = [(one.row.tenant_id, one.token) for one in claim(RetentionSweep, CLAIMED_AT_ONCE, lease)]
        for tenant_id, token in claimed:
            with tenant_scope(tenant_id):
                deleted += _go_on(token, ends)
        if not claimed:
            break
    return deleted


@system_only
def apply_due_changes(system: SystemActor) -> int:
    """Put every shortening in force whose day of grace is over. Answers how many."""
    with all_tenants(reason="the due changes of every community are claimed together"):
        if db.session.scalar(_due(RetentionChange).limit(1)) is None:
            return 0
        claimed = [(one.row.tenant_id, one.row.id, one.token) for one in claim(RetentionChange, 50, _timings().lease)]
    for tenant_id, change_id, token in claimed:
        with tenant_scope(tenant_id):
            _apply(system, change_id, token)
    return len(claimed)


def _due(model: type[RetentionSweep] | type[RetentionChange]) -> Select[int]:
    waiting = (JobState.PENDING, JobState.IN_PROGRESS)
    return select(model.tenant_id).where(model.state.in_(waiting), model.due_at <= utcnow())


@retriable
def _apply(system: SystemActor, change_id: int, token: str) -> None:
    with transaction():
        change = db.session.scalars(select(RetentionChange).where(RetentionChange.id == change_id)).one()
        if not settle(RetentionChange, token, JobState.DONE):
            return
        put_in_force((change.channel_id, Kept(change.kept)), change.days, removes_rule=change.removes_rule)
        after = {"channel_id": str(change.channel_id), "kept": change.kept, "days": change.days}
        record(AUDIT, system, "retention.in_force", change.id, after=after)


@retriable
def _begin_rounds() -> None:
    """A community without a round gets one; a round that failed for whatever reason is tried again an hour later."""
    with all_tenants(reason="rounds of every community are opened together"):
        known = select(RetentionSweep.tenant_id)
        missing = list(db.session.scalars(select(Tenant.id).where(Tenant.id.not_in(known)).limit(500)))
        failed = select(RetentionSweep.tenant_id).where(RetentionSweep.state == JobState.FAILED).limit(500)
        revived = list(db.session.scalars(failed))
        if not missing and not revived:
            return
        with transaction():
            now = database_now()
            begun = [{"tenant_id": tenant_id, "due_at": now} for tenant_id in missing]
            bulk_upsert(RetentionSweep, begun, update=[])  # a rival may have begun the same ones
            later = now + timedelta(seconds=_timings().retention_round)
            db.session.execute(
                update(RetentionSweep)
                .where(RetentionSweep.tenant_id.in_(revived), RetentionSweep.state == JobState.FAILED)
                .values(state=JobState.PENDING, due_at=later, attempts=0)
                .execution_options(synchronize_session=False)
            )


def _go_on(token: str, ends: float) -> int:
    """Batches until the round is through or the time is up. Answers how much was deleted."""
    deleted = 0
    while True:
        done = _one_batch(token)
        if done is None:
            return deleted
        deleted += done
        if time.monotonic() >= ends:
            settle(RetentionSweep, token, JobState.PENDING, attempts=0)
            return deleted


@retriable
def _one_batch(token: str) -> int | None:
    """Do one batch of the first part that is not through. None: the round is over, or is somebody else's by now."""
    with transaction():
        row = db.session.scalar(select(RetentionSweep).where(RetentionSweep.lease_token == token).with_for_update())
        if row is None:
            return None
        for name, batch in _parts():
            place = row.places.get(name, 0)
            if place == DONE:
                continue
            place, counts = batch(place)
            row.places = {**row.places, name: place}
            row.counts = _added(row.counts, counts)
            row.lease_until = database_now() + timedelta(seconds=_timings().lease)
            row.attempts = 0  # it moved on: only a batch that kills its worker three times is poison
            return counts.get("messages", 0) + counts.get("message_revisions", 0)
        _finish(row, token)
        return None


def _finish(row: RetentionSweep, token: str) -> None:
    if row.counts:
        record(AUDIT, RETENTION, "retention.deleted", row.tenant_id, after=dict(row.counts))
        log.info("retention.deleted", extra={"tenant": row.tenant_id, **row.counts})
    settle(
        RetentionSweep, token, JobState.PENDING, retry_in=_timings().retention_round,
        attempts=0, places={}, counts={}, finished_at=utcnow(),
    )  # fmt: skip


def _parts() -> Iterator[tuple[str, Batch]]:
    """The parts of a round in their order, each with what one batch of it does."""
    policy, holds = policy_in_force(parents_of_threads()), holds_in_force()
    yield "messages", lambda place: _old_messages(place, policy, holds)
    yield "earlier", lambda place: _earlier_versions(place, policy, holds)
    yield "deletion_entries", lambda place: _old_deletion_entries(place, policy)
    going = select(ArchiveExclusion.kind, ArchiveExclusion.object_id).where(
        ArchiveExclusion.deletes_kept_at <= utcnow()
    )
    for kind, object_id in sorted((row.kind, row.object_id) for row in db.session.execute(going)):
        yield f"{kind}:{object_id}", _batch_of_excluded(ExclusionKind(kind), object_id, holds)


def _old_messages(place: int, policy: Policy, holds: Holds) -> tuple[int, Counts]:
    now = utcnow()
    before = youngest_that_may_go(policy, now)
    if before is None:
        return DONE, {}
    statement = select(Message.id, Message.channel_id, Message.author_id, Message.deleted_at)
    rows = db.session.execute(
        statement.where(Message.id > place, Message.id < before).order_by(Message.id).limit(LOOKED_AT_ONCE)
    ).all()
    found = [KeptMessage(*row) for row in rows]
    over = [one.id for one in found if is_over(one, policy, holds, now)]
    counts = forget_messages(over[:FORGOTTEN_AT_ONCE])
    if len(over) > FORGOTTEN_AT_ONCE:
        return over[FORGOTTEN_AT_ONCE - 1], counts
    return (found[-1].id if len(found) == LOOKED_AT_ONCE else DONE), counts


def _earlier_versions(place: int, policy: Policy, holds: Holds) -> tuple[int, Counts]:
    now = utcnow()
    before = youngest_that_may_go(policy, now)
    if before is None or not any(kept is Kept.EARLIER for _channel, kept in policy.rules):
        return DONE, {}
    edited = select(MessageRevision.message_id).where(
        MessageRevision.message_id > place, MessageRevision.message_id < before
    )
    ids = list(db.session.scalars(edited.distinct().order_by(MessageRevision.message_id).limit(FORGOTTEN_AT_ONCE)))
    columns = (Message.id, Message.channel_id, Message.author_id, Message.deleted_at)
    known = {row.id: KeptMessage(*row) for row in db.session.execute(select(*columns).where(Message.id.in_(ids)))}
    versions = db.session.scalars(select(MessageRevision).where(MessageRevision.message_id.in_(ids))) if ids else ()
    over = [
        (version.message_id, version.edited_ms)
        for version in versions
        if version.message_id in known
        and is_version_over(version.written_at, known[version.message_id], policy, holds, now)
    ]
    counts = forget_earlier_versions(over)
    return (ids[-1] if len(ids) == FORGOTTEN_AT_ONCE else DONE), counts


def _old_deletion_entries(place: int, policy: Policy) -> tuple[int, Counts]:
    """Lines of Discord's audit log on deletions: kept as long as messages, their ids say since when."""
    days = policy.days_for(EVERYWHERE, Kept.MESSAGES)
    if days is None:
        return DONE, {}
    old = select(DeletionEntry.tenant_id, DeletionEntry.id).where(
        DeletionEntry.id > place, DeletionEntry.id < first_snowflake(utcnow() - timedelta(days=days))
    )
    keys = [tuple(row) for row in db.session.execute(old.order_by(DeletionEntry.id).limit(LOOKED_AT_ONCE))]
    delete_rows(DeletionEntry, keys)
    counts = {"deletion_entries": len(keys)} if keys else {}
    return (keys[-1][1] if len(keys) == LOOKED_AT_ONCE else DONE), counts


def _batch_of_excluded(kind: ExclusionKind, object_id: int, holds: Holds) -> Batch:
    def batch(place: int) -> tuple[int, Counts]:
        columns = (Message.id, Message.channel_id, Message.author_id, Message.deleted_at)
        statement = select(*columns).where(Message.id > place, _is_of(kind, object_id))
        rows = db.session.execute(statement.order_by(Message.id).limit(FORGOTTEN_AT_ONCE)).all()
        found = [KeptMessage(*row) for row in rows]
        counts = forget_messages([one.id for one in found if not holds.keeps(one.id, one.channel_id, one.author_id)])
        return (found[-1].id if len(found) == FORGOTTEN_AT_ONCE else DONE), counts

    return batch


def _is_of(kind: ExclusionKind, object_id: int) -> ColumnElement[bool]:
    """What an exclusion is about, by an index: the author's own, or the postings of the channel or of all bots."""
    if kind is ExclusionKind.MEMBER:
        return Message.author_id == object_id
    if kind is ExclusionKind.BOTS:
        terms = [messages.TERMS.term(TRAIT_TOKENS[Trait.BOT])]
        return Message.id.in_(select(MessageTerm.message_id).where(MessageTerm.term.in_(terms))) & (
            Message.traits.op("&")(Trait.BOT.value) != 0
        )
    places = [object_id, *(thread for thread, parent in parents_of_threads().items() if parent == object_id)]
    terms = [messages.TERMS.term(channel_token(place)) for place in places]
    return Message.id.in_(select(MessageTerm.message_id).where(MessageTerm.term.in_(terms))) & Message.channel_id.in_(
        places
    )


def _added(counts: dict[str, int], more: Counts) -> dict[str, int]:
    return {name: counts.get(name, 0) + more.get(name, 0) for name in sorted({*counts, *more})}


def _timings() -> Timings:
    timings: Timings = current_app.config["SETTINGS"].timings
    return timings
