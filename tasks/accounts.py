"""Housekeeping of sessions."""

from __future__ import annotations

from app.contracts.jobs import Job
from app.domain.accounts.service import SIGN_IN
from app.domain.accounts.service import expire_sessions as delete_old_sessions
from app.extensions import celery
from tasks.base import GlobalTask


@celery.task(base=GlobalTask, name=Job.EXPIRE_SESSIONS.value)
def expire_sessions() -> None:
    """Forget sessions that ended over a week ago."""
    delete_old_sessions(SIGN_IN)
