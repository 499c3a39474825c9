"""Writing cases: opened before Discord is asked, settled when its answer is known, lifted by what undoes them.

Only this noun's service writes through it; doors call the service.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select

from app.contracts.bot_api import Act
from app.contracts.live import Signal, Topic
from app.db.claimable import JobState, database_now
from app.db.transaction import retriable, transaction
from app.db.upsert import bulk_upsert
from app.domain.access import Actor
from app.domain.audit.service import AUDIT, record
from app.domain.clock import utcnow
from app.domain.errors import Conflict
from app.domain.live.service import LIVE, announce
from app.domain.moderation.commands import BanMember, Command
from app.domain.moderation.models import Case, CaseEvent, CaseEventKind, CaseStatus, Counter
from app.extensions import db

COUNTER = "cases"
LIFTS: dict[Act, Act] = {Act.UNBAN: Act.BAN, Act.UNTIMEOUT: Act.TIMEOUT, Act.TIMEOUT: Act.TIMEOUT}
"""An applied act of the first kind ends every standing case of the second: a new timeout replaces the old."""


class Outcome(StrEnum):
    """What is known of an act after Discord was asked."""

    APPLIED = "applied"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Intent:
    """An act that is allowed and about to happen."""

    actor: Actor
    act: Act
    command: Command
    actor_name: str
    target_name: str
    expires_at: datetime | None
    decided_at: datetime
    """When the look at Discord began that the decision rests on."""


@dataclass(frozen=True)
class Opened:
    """A case and the lease that lets its opener act; no lease where an earlier try with the same key opened it."""

    case: Case
    lease_token: str | None


@retriable
def open_case(intent: Intent) -> Opened:
    """Record the intent under the next number.

    Raises `Conflict` while the same act on the same person is pending, and where it was done since this one was decided.
    """
    command = intent.command
    with transaction():
        counter = locked_counter()
        earlier = _with_key(command.idempotency_key)
        if earlier is not None:
            refuse_foreign_key(earlier, intent.actor, intent.act, command)
            return Opened(earlier, None)
        _refuse_what_another_does(intent)
        now = database_now()
        token = secrets.token_hex(16)
        case = Case(
            number=counter.take(),
            kind=intent.act,
            source=command.source,
            status=CaseStatus.PENDING,
            target_id=command.target_id,
            target_name=intent.target_name,
            actor_id=intent.actor.user_id,
            actor_name=intent.actor_name,
            reason=command.reason,
            expires_at=intent.expires_at,
            delete_message_seconds=command.delete_message_seconds if isinstance(command, BanMember) else None,
            idempotency_key=command.idempotency_key,
            state=JobState.IN_PROGRESS,
            lease_token=token,
            lease_until=now + timedelta(seconds=current_app.config["SETTINGS"].timings.lease),
            due_at=now,
            created_at=utcnow(),
        )
        db.session.add(case)
        db.session.flush()
        note(case, CaseEventKind.OPENED, intent.actor.user_id)
        record(AUDIT, intent.actor, f"moderation.{intent.act}", case.id, after=_as_audited(case))
        tell(case)
    return Opened(case, token)


@retriable
def record_outcome(case_id: int, outcome: Outcome, code: str | None = None, *, lease_token: str | None) -> Case:
    """Write down what became of an act; changes nothing when it is settled already or the lease is another's."""
    with transaction():
        case = locked_case(case_id)
        if case.status != CaseStatus.PENDING or case.lease_token != lease_token:
            return case
        case.lease_token = case.lease_until = None
        case.last_code = code
        if outcome is Outcome.UNKNOWN:
            case.state = JobState.PENDING
            wait = current_app.config["SETTINGS"].timings.retry(max(1, case.attempts))
            case.due_at = database_now() + timedelta(seconds=wait)
            note(case, CaseEventKind.OUTCOME_UNKNOWN, detail={"code": code or ""})
        elif outcome is Outcome.FAILED:
            settle(case, CaseStatus.FAILED)
            case.failure_code = code
            note(case, CaseEventKind.FAILED, detail={"code": code or ""})
        else:
            settle(case, CaseStatus.APPLIED)
            note(case, CaseEventKind.APPLIED)
            lift_what_it_ends(case)
        tell(case)
    return case


def locked_counter() -> Counter:
    """The counter of this tenant's cases, locked until the transaction ends: cases are numbered one after another."""
    query = select(Counter).where(Counter.name == COUNTER).with_for_update().execution_options(populate_existing=True)
    counter = db.session.scalar(query)
    if counter is None:
        bulk_upsert(Counter, [{"name": COUNTER, "value": 0}], update=())
        counter = db.session.scalars(query).one()
    return counter


def locked_case(case_id: int) -> Case:
    """The case as it stands, locked until the transaction ends."""
    query = select(Case).where(Case.id == case_id).with_for_update().execution_options(populate_existing=True)
    return db.session.scalars(query).one()


def settle(case: Case, status: CaseStatus) -> None:
    """The outcome is known: nobody needs to look into this case any more."""
    case.status = status
    case.state = JobState.DONE
    case.lease_token = case.lease_until = None
    case.failure_code = None
    case.settled_at = utcnow()


def lift_what_it_ends(case: Case) -> None:
    """An unban lifts the ban's case, an end of timeout the timeout's, a new timeout the one before."""
    ended = LIFTS.get(case.act) if case.act is not None else None
    if ended is None:
        return
    standing = select(Case).where(
        Case.target_id == case.target_id,
        Case.kind == ended,
        Case.status == CaseStatus.APPLIED,
        Case.number < case.number,
    )
    for one in db.session.scalars(standing.with_for_update()):
        one.status = CaseStatus.LIFTED
        note(one, CaseEventKind.LIFTED, case.actor_id, detail={"by_case": case.number})
        tell(one)


def note(case: Case, kind: CaseEventKind, actor_id: int | None = None, detail: Mapping[str, Any] | None = None) -> None:
    """Add to what happened to a case."""
    event = CaseEvent(case_id=case.id, kind=kind, actor_id=actor_id, detail=dict(detail or {}), created_at=utcnow())
    event.tenant_id = case.tenant_id
    db.session.add(event)


def tell(case: Case) -> None:
    """Tell everybody who watches the case or the person it is about."""
    signals = (Signal(Topic.MODERATION, f"case:{case.number}"), Signal(Topic.MEMBERS, f"member:{case.target_id}"))
    announce(LIVE, *signals, tenant_id=case.tenant_id)


def refuse_foreign_key(case: Case, actor: Actor, act: Act, command: Command) -> None:
    """Raise `Conflict` unless the case is of the same person asking for the same act on the same member."""
    if (case.actor_id, case.kind, case.target_id) != (actor.user_id, act, command.target_id):
        raise Conflict(_("This form was used for something else already. Load the page again."), code="key_used")


def _with_key(idempotency_key: str | None) -> Case | None:
    if idempotency_key is None:
        return None
    query = select(Case).where(Case.idempotency_key == idempotency_key)
    return db.session.scalar(query.execution_options(populate_existing=True))


def _refuse_what_another_does(intent: Intent) -> None:
    same = select(Case.number).where(Case.target_id == intent.command.target_id, Case.kind == intent.act)
    number = db.session.scalar(same.where(Case.status == CaseStatus.PENDING).limit(1))
    if number is not None:
        raise Conflict(_("Case %(number)s is doing just that at this moment.", number=number), code="already_pending")
    number = db.session.scalar(
        same.where(Case.status == CaseStatus.APPLIED, Case.settled_at > intent.decided_at).limit(1)
    )
    if number is not None:
        raise Conflict(_("Case %(number)s did just that a moment ago.", number=number), code="just_done")


def _as_audited(case: Case) -> dict[str, Any]:
    return {"case": case.number, "target_id": str(case.target_id), "reason": case.reason}
