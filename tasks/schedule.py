"""The whole beat table: what runs by the clock. What is due at a certain moment is a row, never an entry here."""

from __future__ import annotations

from typing import Any

from app.config import Timings
from app.contracts.jobs import QUEUE_OF, Job

HOUR = 3600.0


def beat_schedule(timings: Timings) -> dict[str, dict[str, Any]]:
    """Job → how often, for Celery's beat. A run that no worker took before the next is dropped."""
    every = {
        Job.SWEEP_SETUP_STEPS: timings.sweep,
        Job.EXPIRE_SESSIONS: HOUR / timings.scale,
        Job.SWEEP_FILES: timings.sweep,
        Job.EXPIRE_FILES: HOUR / 6 / timings.scale,
        Job.SWEEP_RETENTION: HOUR / 60 / timings.scale,
        Job.SWEEP_PRIVACY_JOBS: timings.sweep,
        Job.SWEEP_ALERTS: timings.sweep,
        Job.SWEEP_EXPORTS: timings.sweep,
    }
    return {
        job.value: {
            "task": job.value,
            "schedule": seconds,
            "options": {"queue": QUEUE_OF[job].value, "expires": seconds, "ignore_result": True},
        }
        for job, seconds in every.items()
    }
