"""Jobs are rows: claimed once, settled by the token alone, poison set aside."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.db.claimable import JobState, claim, database_now, renew, settle
from app.db.scope import all_tenants
from app.db.transaction import retriable, transaction
from app.domain.accounts.models import User
from app.domain.tenants.models import SetupStep, Tenant
from app.extensions import db

REASON = "the test claims steps of every tenant"


@pytest.fixture
def thirty_steps(app: Flask) -> Iterator[None]:
    with transaction():
        db.session.add(User(id=1, username="o", display_name="O"))
        db.session.flush()
        db.session.add_all(Tenant(id=i, guild_id=i, slug=str(i), name=str(i), owner_id=1) for i in (1, 2))
    with all_tenants(reason=REASON):
        now = database_now()
        with transaction():
            for number in range(30):
                due = now - timedelta(seconds=60 - number)
                db.session.add(SetupStep(tenant_id=1 + number % 2, id=number + 1, kind=f"kind {number}", due_at=due))
            db.session.add(SetupStep(tenant_id=1, id=99, kind="later", due_at=now + timedelta(hours=1)))
        yield


def test_rows_are_claimed_in_order_of_their_due_time_and_a_later_one_waits(thirty_steps: None) -> None:
    claims = claim(SetupStep, 100, lease=30)
    assert [claimed.row.id for claimed in claims] == list(range(1, 31))
    assert claim(SetupStep, 100, lease=30) == []


def test_the_outcome_is_recorded_under_the_token_and_an_old_token_changes_nothing(thirty_steps: None) -> None:
    [first] = claim(SetupStep, 1, lease=30)
    assert settle(SetupStep, first.token, JobState.DONE)
    assert not settle(SetupStep, first.token, JobState.FAILED, code="late")
    row = db.session.get(SetupStep, (first.row.tenant_id, first.row.id), populate_existing=True)
    assert row is not None and (row.state, row.last_code) == (JobState.DONE, None)


def test_a_lease_that_ran_out_is_taken_over_and_the_zombie_is_refused(thirty_steps: None) -> None:
    [zombie] = claim(SetupStep, 1, lease=30)
    token = zombie.token
    _expire_leases()
    [heir] = claim(SetupStep, 1, lease=30)
    assert heir.row.id == 1 and heir.token != token and heir.row.attempts == 2
    assert not renew(SetupStep, token, 30)
    assert not settle(SetupStep, token, JobState.DONE)
    assert settle(SetupStep, heir.token, JobState.DONE)


def test_a_row_that_ran_three_times_without_settling_is_poison(thirty_steps: None) -> None:
    for _ in range(3):
        assert claim(SetupStep, 1, lease=30)[0].row.id == 1
        _expire_leases()
    claim(SetupStep, 1, lease=30)
    row = db.session.get(SetupStep, (1, 1), populate_existing=True)
    assert row is not None and (row.state, row.last_code) == (JobState.FAILED, "poison")


def test_a_retry_goes_back_into_the_queue_for_later(thirty_steps: None) -> None:
    [first] = claim(SetupStep, 1, lease=30)
    assert settle(SetupStep, first.token, JobState.PENDING, code="bot_unreachable", retry_in=600)
    assert all(claimed.row.id != 1 for claimed in claim(SetupStep, 100, lease=30))


def test_four_claimers_at_once_never_share_a_row(app: Flask, thirty_steps: None) -> None:
    taken: list[int] = []

    def work() -> None:
        with app.app_context(), all_tenants(reason=REASON):
            while claims := retriable(claim)(SetupStep, 3, 30):
                taken.extend(claimed.row.id for claimed in claims)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(1, 31))


def _expire_leases() -> None:
    with transaction():
        past = database_now() - timedelta(seconds=1)
        db.session.execute(update(SetupStep).where(SetupStep.lease_token.is_not(None)).values(lease_until=past))
    assert db.session.scalars(select(SetupStep.id).where(SetupStep.lease_until <= past)).all()
