"""Ordering an erasure: by the community itself, by granting a request, or by the operator."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select

from app.clients import clients
from app.contracts.jobs import Job
from app.db.claimable import JobState, database_now
from app.db.scope import current_tenant_id
from app.db.transaction import on_commit, retriable, transaction
from app.domain.access import Actor, SystemActor
from app.domain.audit.service import AUDIT, record
from app.domain.clock import first_snowflake, utcnow
from app.domain.errors import Conflict
from app.domain.privacy.erasing import STEPS, mark_erased
from app.domain.privacy.models import AccountErasure, Erasure
from app.domain.tenants.models import Tenant
from app.extensions import db


@retriable
def order(actor: Actor | SystemActor, user_id: int) -> Erasure:
    """Write the order and see to it that nothing older comes back, in the scope of the community."""
    with transaction():
        tenant = db.session.get_one(Tenant, current_tenant_id())
        if tenant.owner_id == user_id:
            raise Conflict(
                _("They own this community. Hand it over or delete it first."), code="owner_cannot_be_erased"
            )
        under_way = db.session.scalar(
            select(Erasure).where(Erasure.user_id == user_id, Erasure.state != JobState.DONE).with_for_update()
        )
        if under_way is not None:
            begin_again(under_way)
            return under_way
        before_id = first_snowflake(utcnow())
        erasure = Erasure(
            user_id=user_id,
            person_mark=mark_erased(user_id, before_id),
            before_id=before_id,
            ordered_by=actor.user_id if isinstance(actor, Actor) else None,
            by_operator=not isinstance(actor, Actor),
            steps_left=list(STEPS),
            due_at=database_now(),
            created_at=utcnow(),
        )
        db.session.add(erasure)
        db.session.flush()
        record(AUDIT, actor, "erasure.ordered", erasure.id)
        on_commit(lambda: clients().job_queue.wake(Job.RUN_PRIVACY_JOBS))
    return erasure


def begin_again(row: Erasure | AccountErasure) -> None:
    """An order that was given up as poison is tried once more; any other goes on as it is."""
    if row.state == JobState.FAILED:
        row.state, row.attempts, row.due_at = JobState.PENDING, 0, database_now()
