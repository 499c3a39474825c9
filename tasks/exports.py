"""Files that people take out of the panel."""

from __future__ import annotations

from app.contracts.jobs import Job
from app.domain.exports.service import EXPORTS
from app.domain.exports.service import run_exports as make_due_exports
from app.extensions import celery
from tasks.base import GlobalTask


@celery.task(base=GlobalTask, name=Job.RUN_EXPORTS.value)
def run_exports() -> None:
    """Woken by an order."""
    make_due_exports(EXPORTS)


@celery.task(base=GlobalTask, name=Job.SWEEP_EXPORTS.value)
def sweep_exports() -> None:
    """The same by the clock, for wake-ups that were lost, and to delete what has expired."""
    make_due_exports(EXPORTS)
