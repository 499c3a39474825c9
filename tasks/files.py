"""The bytes of attached files."""

from __future__ import annotations

from app.contracts.jobs import Job
from app.domain.files.service import FILES, keep_due_files, let_files_go
from app.extensions import celery
from tasks.base import GlobalTask


@celery.task(base=GlobalTask, name=Job.KEEP_FILES.value)
def keep_files() -> None:
    """Woken when messages with files were written."""
    keep_due_files(FILES)


@celery.task(base=GlobalTask, name=Job.SWEEP_FILES.value)
def sweep_files() -> None:
    """The same by the clock, for wake-ups that were lost and files that wait."""
    keep_due_files(FILES)


@celery.task(base=GlobalTask, name=Job.EXPIRE_FILES.value)
def expire_files() -> None:
    """Let go what was kept for long enough, and bytes that nobody names."""
    let_files_go(FILES)
