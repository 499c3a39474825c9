"""What happens by itself after an install."""

from __future__ import annotations

from app.contracts.jobs import Job
from app.domain.tenants.service import SET_UP
from app.domain.tenants.service import run_setup_steps as run_due_steps
from app.extensions import celery
from tasks.base import GlobalTask


@celery.task(base=GlobalTask, name=Job.RUN_SETUP_STEPS.value)
def run_setup_steps() -> None:
    """Woken by an install, a choice, or the bot's report."""
    run_due_steps(SET_UP)


@celery.task(base=GlobalTask, name=Job.SWEEP_SETUP_STEPS.value)
def sweep_setup_steps() -> None:
    """The same by the clock, for wake-ups that were lost and steps that wait."""
    run_due_steps(SET_UP)
