"""A queue that remembers what it was asked to wake."""

from __future__ import annotations

from app.contracts.jobs import Job


class FakeJobQueue:
    def __init__(self) -> None:
        self.woken: list[tuple[Job, dict[str, int]]] = []

    def wake(self, job: Job, **ids: int) -> None:
        self.woken.append((job, ids))
