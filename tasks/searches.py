"""Telling of what saved searches find."""

from __future__ import annotations

from app.contracts.jobs import Job
from app.domain.searches.service import ALERTS
from app.domain.searches.service import tell_alerts as tell_due_alerts
from app.extensions import celery
from tasks.base import GlobalTask


@celery.task(base=GlobalTask, name=Job.TELL_ALERTS.value)
def tell_alerts() -> None:
    """Woken by a batch of messages that alerts may match."""
    tell_due_alerts(ALERTS)


@celery.task(base=GlobalTask, name=Job.SWEEP_ALERTS.value)
def sweep_alerts() -> None:
    """The same by the clock, for wake-ups that were lost and matches that wait."""
    tell_due_alerts(ALERTS)
