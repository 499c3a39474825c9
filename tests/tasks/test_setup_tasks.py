"""Workers: what is enqueued is run, inside the app, by a real Celery worker on the in-process broker."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator

import pytest
from celery.contrib.testing.worker import start_worker
from flask import Flask

from app.clients.job_queue.celery_queue import CeleryQueue
from app.contracts.jobs import QUEUE_OF, Job, Queue
from app.contracts.membership import MembershipReport, ReportedGuild, ReportKind
from app.db.claimable import JobState
from app.db.scope import current_tenant_id, tenant_scope
from app.domain.tenants.models import SetupStepKind
from app.domain.tenants.queries import setup_progress, tenant_of_guild
from app.domain.tenants.service import MEMBERSHIP, report_membership
from app.extensions import celery, db
from tasks import load_tasks
from tasks.base import TenantTask
from tests.app.browsing import Town
from tests.servers.sandbox import ALICE, SERVER_A


@pytest.fixture
def worker(app: Flask) -> Iterator[None]:
    """A worker on every queue, in a thread."""
    load_tasks(celery, app)
    queues = [queue.value for queue in Queue]
    level = logging.getLogger().level
    try:
        with start_worker(celery, pool="solo", perform_ping_check=False, queues=queues, shutdown_timeout=20):
            yield
    finally:
        # Celery's test worker silences all that is no error, in the whole process.
        logging.getLogger().setLevel(level)


def _until(holds: Callable[[], bool]) -> bool:
    for _look in range(200):
        db.session.rollback()
        if holds():
            return True
        time.sleep(0.05)
    return False


def test_a_wake_up_has_the_worker_finish_an_install(app: Flask, worker: None) -> None:
    town = Town.of(app)
    town.install(ALICE, SERVER_A)
    report_membership(
        MEMBERSHIP, MembershipReport(ReportKind.JOINED, (ReportedGuild(SERVER_A, "Snowfall Village", None, ALICE),))
    )

    CeleryQueue(celery).wake(Job.RUN_SETUP_STEPS)

    def copied() -> bool:
        with tenant_scope(tenant_of_guild(SERVER_A).id):
            step = setup_progress().step(SetupStepKind.COPY_GUILD)
            return step is not None and step.state == JobState.DONE

    assert _until(copied)


def test_a_tenants_task_runs_in_the_scope_of_that_tenant(app: Flask) -> None:
    load_tasks(celery, app)

    @celery.task(base=TenantTask, name="tests.whose_scope")
    def whose_scope() -> int:
        return current_tenant_id()

    assert whose_scope.apply(kwargs={"tenant_id": 7}).get() == 7


def test_every_job_is_a_task_on_a_queue_and_everything_scheduled_is_a_job(app: Flask) -> None:
    load_tasks(celery, app)

    assert {job.value for job in Job} <= set(celery.tasks), (
        "Cure: write the task, or take the job out of contracts/jobs.py"
    )
    assert set(QUEUE_OF) == set(Job)
    assert {entry["task"] for entry in celery.conf.beat_schedule.values()} <= {job.value for job in Job}
