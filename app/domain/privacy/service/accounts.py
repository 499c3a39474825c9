"""Erasing somebody's account from the whole platform, by its operator. Each community is an erasure of its own."""

from __future__ import annotations

from flask import current_app
from sqlalchemy import select

from app.clients import clients
from app.config import Timings
from app.contracts.jobs import Job
from app.db.claimable import JobState, claim, database_now, settle
from app.db.scope import all_tenants
from app.db.transaction import on_commit, retriable, transaction
from app.domain.access import SystemActor, system_only
from app.domain.accounts.models import User
from app.domain.clock import utcnow
from app.domain.privacy import receipts
from app.domain.privacy.models import AccountErasure, Erasure
from app.domain.privacy.ordering import begin_again
from app.domain.privacy.receipts import Withheld
from app.domain.privacy.service.erasing import order_erasure_as_operator
from app.domain.privacy.traces import erase_traces
from app.domain.tenants.models import Tenant
from app.extensions import db

CLAIMED_AT_ONCE = 5


@system_only
def order_everywhere(system: SystemActor, user_id: int) -> tuple[AccountErasure, list[Erasure]]:
    """Have one person erased from every community that they do not own, and their account with it.

    An order that is under way is answered as it is.
    """
    erasures = [
        order_erasure_as_operator(system, tenant_id, user_id)
        for tenant_id in db.session.scalars(select(Tenant.id).where(Tenant.owner_id != user_id)).all()
    ]
    return _order_account(user_id), erasures


@retriable
def _order_account(user_id: int) -> AccountErasure:
    with transaction():
        under_way = db.session.scalar(
            select(AccountErasure)
            .where(AccountErasure.user_id == user_id, AccountErasure.state != JobState.DONE)
            .with_for_update()
        )
        if under_way is not None:
            begin_again(under_way)
            return under_way
        row = AccountErasure(user_id=user_id, due_at=database_now(), created_at=utcnow())
        db.session.add(row)
        db.session.flush()
        on_commit(lambda: clients().job_queue.wake(Job.RUN_PRIVACY_JOBS))
    return row


@system_only
def run_account_erasures(_system: SystemActor) -> int:
    """Finish every account whose communities are done. Answers how many were claimed."""
    waiting = AccountErasure.state.in_((JobState.PENDING, JobState.IN_PROGRESS))
    if db.session.scalar(select(AccountErasure.id).where(waiting, AccountErasure.due_at <= utcnow()).limit(1)) is None:
        return 0
    claimed = [one.token for one in claim(AccountErasure, CLAIMED_AT_ONCE, _timings().lease)]
    for token in claimed:
        while _one_batch(token):
            pass
    return len(claimed)


@retriable
def _one_batch(token: str) -> bool:
    with transaction():
        # Asked first: whoever looks into all communities leaves no object of the session behind.
        if _communities_are_busy(token):
            settle(AccountErasure, token, JobState.PENDING, retry_in=_timings().sweep, attempts=0)
            return False
        row = db.session.scalar(select(AccountErasure).where(AccountErasure.lease_token == token).with_for_update())
        if row is None or row.user_id is None:
            return False
        owned = list(db.session.scalars(select(Tenant.id).where(Tenant.owner_id == row.user_id)))
        if owned:
            row.withheld = {"users": [[Withheld.OWNER.value, len(owned)]]}
            _settle(row, token)
            return False
        counts = erase_traces(row.user_id, globally=True)
        if not counts and (user := db.session.get(User, row.user_id)) is not None:
            db.session.delete(user)
            counts = {"users": 1}
        if counts:
            row.attempts = 0
            row.counts = {name: row.counts.get(name, 0) + counts.get(name, 0) for name in {*row.counts, *counts}}
            return True
        row.withheld = {}
        _settle(row, token)
        return False


def _communities_are_busy(token: str) -> bool:
    """True while a community has steps to do that nothing withholds."""
    user_id = db.session.scalar(select(AccountErasure.user_id).where(AccountErasure.lease_token == token))
    with all_tenants(reason="an account is erased after its communities"):
        states = (Erasure.user_id == user_id, Erasure.state != JobState.DONE, Erasure.receipt.is_(None))
        return db.session.scalar(select(Erasure.id).where(*states).limit(1)) is not None


def _settle(row: AccountErasure, token: str) -> None:
    assert row.user_id is not None
    receipt = receipts.write(
        erasure_id=row.id,
        user_id=row.user_id,
        community=None,
        ordered_at=row.created_at,
        made_at=utcnow(),
        by_operator=True,
        counts=row.counts,
        withheld=row.withheld,
    )
    db.session.flush()
    if row.withheld:
        settle(
            AccountErasure, token, JobState.PENDING, code="withheld", retry_in=_timings().withheld_again,
            receipt=receipt.text, signature=receipt.signature, attempts=0,
        )  # fmt: skip
        return
    settle(
        AccountErasure, token, JobState.DONE, user_id=None, finished_at=utcnow(),
        receipt=receipt.text, signature=receipt.signature,
    )  # fmt: skip


def _timings() -> Timings:
    timings: Timings = current_app.config["SETTINGS"].timings
    return timings
