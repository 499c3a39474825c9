"""Waking the workers. The job itself is a row; a lost wake-up costs seconds, never a job."""

from __future__ import annotations

from typing import Protocol

from app.contracts.jobs import Job


class JobQueue(Protocol):
    def wake(self, job: Job, **ids: int) -> None:
        """Never raises and never waits for longer than half a second: the sweep finds the row anyway."""
