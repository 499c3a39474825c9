"""What is kept about people goes when its time is over, or when they ask."""

from __future__ import annotations

from app.contracts.jobs import Job
from app.domain.privacy.service import PRIVACY, RETENTION, run_due_work
from app.domain.privacy.service import sweep_retention as delete_what_is_over
from app.extensions import celery
from tasks.base import GlobalTask


@celery.task(base=GlobalTask, name=Job.SWEEP_RETENTION.value)
def sweep_retention() -> None:
    """A round through every community whose round is due."""
    delete_what_is_over(RETENTION)


@celery.task(base=GlobalTask, name=Job.RUN_PRIVACY_JOBS.value)
def run_privacy_jobs() -> None:
    """Woken by an order: erasures, copies of what is kept about somebody, notices to members."""
    run_due_work(PRIVACY)


@celery.task(base=GlobalTask, name=Job.SWEEP_PRIVACY_JOBS.value)
def sweep_privacy_jobs() -> None:
    """The same by the clock, for wake-ups that were lost and work that waits."""
    run_due_work(PRIVACY)
