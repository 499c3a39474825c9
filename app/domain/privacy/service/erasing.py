"""Erasing one person from one community: ordered once, done in small commits by whoever claims it, ended by a receipt."""

from __future__ import annotations

import logging
import time
from collections import Counter
from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import select

from app.clients import clients
from app.config import Timings
from app.contracts.jobs import Job
from app.contracts.live import Signal, Topic
from app.db.claimable import JobState, claim, database_now, settle
from app.db.scope import all_tenants, tenant_scope
from app.db.transaction import on_commit, retriable, transaction
from app.domain.access import Actor, Permission, SystemActor, requires, system_only
from app.domain.audit.service import AUDIT, record
from app.domain.clock import utcnow
from app.domain.holds.queries import holds_in_force
from app.domain.live.service import LIVE, announce
from app.domain.privacy import receipts
from app.domain.privacy.erasing import DONE, STEPS, Person, withheld_rows
from app.domain.privacy.models import Erasure
from app.domain.privacy.ordering import order
from app.domain.privacy.receipts import Withheld
from app.domain.seals import NoSigningKey
from app.domain.tenants.models import Tenant
from app.extensions import db

ERASING = SystemActor("erasing")
CLAIMED_AT_ONCE = 5
RUN_SECONDS = 45.0
EVERYTHING = "everything"
"""In place of a step: a hold on the person keeps all of it."""

log = logging.getLogger(__name__)


@requires(Permission.MANAGE_PRIVACY)
def order_erasure(actor: Actor, user_id: int) -> Erasure:
    """Have one person erased from this community. An erasure that is under way is answered as it is.

    Raises `Conflict` for the community's owner.
    """
    return order(actor, user_id)


@system_only
def order_erasure_as_operator(system: SystemActor, tenant_id: int, user_id: int) -> Erasure:
    """The same, by the operator of the platform."""
    with tenant_scope(tenant_id):
        return order(system, user_id)


@system_only
def run_erasures(_system: SystemActor) -> int:
    """Go on with every erasure that is due. Answers how many were claimed. May be killed anywhere and run beside itself."""
    ran, ends = 0, time.monotonic() + RUN_SECONDS
    while time.monotonic() < ends:
        with all_tenants(reason="the due erasures of every community are claimed together"):
            waiting = Erasure.state.in_((JobState.PENDING, JobState.IN_PROGRESS))
            if db.session.scalar(select(Erasure.id).where(waiting, Erasure.due_at <= utcnow()).limit(1)) is None:
                break
            claimed = [(one.row.tenant_id, one.token) for one in claim(Erasure, CLAIMED_AT_ONCE, _timings().lease)]
        for tenant_id, token in claimed:
            with tenant_scope(tenant_id):
                _go_on(token, ends)
        ran += len(claimed)
        if not claimed:
            break
    return ran


def _go_on(token: str, ends: float) -> None:
    try:
        while _one_batch(token):
            if time.monotonic() >= ends:
                settle(Erasure, token, JobState.PENDING, attempts=0)
                return
    except NoSigningKey:
        log.error("erasure.no_signing_key")
        settle(Erasure, token, JobState.PENDING, code="no_signing_key", retry_in=_timings().retry(9), attempts=0)


@retriable
def _one_batch(token: str) -> bool:
    """One batch of the first step left, with its counts, in one commit. False: it is settled, or somebody else's by now."""
    with transaction():
        row = db.session.scalar(select(Erasure).where(Erasure.lease_token == token).with_for_update())
        if row is None or row.user_id is None:
            return False
        holds = holds_in_force()
        if row.user_id in holds.members:
            row.withheld = {EVERYTHING: withheld_rows(Counter({Withheld.HOLD.value: 1}))}
            _settle(row, token)
            return False
        row.withheld = {step: rows for step, rows in row.withheld.items() if step != EVERYTHING}
        if not row.steps_left:
            _settle(row, token)
            return False
        _take_step(row, Person(row.user_id, row.before_id, holds))
        row.lease_until = database_now() + timedelta(seconds=_timings().lease)
        row.attempts = 0  # it moved on: only a batch that kills its worker three times is poison
    return True


def _take_step(row: Erasure, person: Person) -> None:
    step = row.steps_left[0]
    done = STEPS[step](person, row.cursor)
    known = {} if row.cursor == 0 else {why: rows for why, rows in row.withheld.get(step, ())}
    withheld = Counter(known) + Counter({str(why): rows for why, rows in done.withheld.items()})
    others = {name: rows for name, rows in row.withheld.items() if name != step}
    row.withheld = others | ({step: withheld_rows(withheld)} if withheld else {})
    row.counts = {name: row.counts.get(name, 0) + done.counts.get(name, 0) for name in {*row.counts, *done.counts}}
    row.cursor = 0 if done.cursor == DONE else done.cursor
    if done.cursor == DONE:
        row.steps_left = row.steps_left[1:]
        if withheld:
            row.steps_waiting = [*row.steps_waiting, step]


def _settle(row: Erasure, token: str) -> None:
    """The receipt; then the end, or another look tomorrow at what was withheld."""
    assert row.user_id is not None
    tenant = db.session.get_one(Tenant, row.tenant_id)
    receipt = receipts.write(
        erasure_id=row.id,
        user_id=row.user_id,
        community={"guild_id": str(tenant.guild_id), "name": tenant.name},
        ordered_at=row.created_at,
        made_at=utcnow(),
        by_operator=row.by_operator,
        counts=row.counts,
        withheld=row.withheld,
    )
    values: dict[str, Any] = {"receipt": receipt.text, "signature": receipt.signature, "attempts": 0, "cursor": 0}
    row.steps_left, row.steps_waiting = [*row.steps_left, *row.steps_waiting], []
    db.session.flush()
    if row.withheld:
        settle(Erasure, token, JobState.PENDING, code="withheld", retry_in=_timings().withheld_again, **values)
    else:
        settle(Erasure, token, JobState.DONE, user_id=None, finished_at=utcnow(), **values)
        record(AUDIT, ERASING, "erasure.finished", row.id, after=dict(row.counts))
    announce(LIVE, Signal(Topic.JOBS, f"erasure:{row.id}"))
    on_commit(lambda: clients().job_queue.wake(Job.EXPIRE_FILES))


def _timings() -> Timings:
    timings: Timings = current_app.config["SETTINGS"].timings
    return timings
