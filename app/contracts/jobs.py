"""Names of queues and jobs. A job carries ids, as keyword arguments."""

from __future__ import annotations

from enum import StrEnum


class Queue(StrEnum):
    DEFAULT = "default"
    SETUP = "setup"


class Job(StrEnum):
    """Task name = `tasks.<file>.<function>`."""

    RUN_SETUP_STEPS = "tasks.tenants.run_setup_steps"
    SWEEP_SETUP_STEPS = "tasks.tenants.sweep_setup_steps"
    EXPIRE_SESSIONS = "tasks.accounts.expire_sessions"


QUEUE_OF: dict[Job, Queue] = {
    Job.RUN_SETUP_STEPS: Queue.SETUP,
    Job.SWEEP_SETUP_STEPS: Queue.SETUP,
    Job.EXPIRE_SESSIONS: Queue.DEFAULT,
}
