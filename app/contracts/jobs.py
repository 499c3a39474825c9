"""Names of queues and jobs. A job carries ids, as keyword arguments."""

from __future__ import annotations

from enum import StrEnum


class Queue(StrEnum):
    DEFAULT = "default"
    SETUP = "setup"
    FILES = "files"


class Job(StrEnum):
    """Task name = `tasks.<file>.<function>`."""

    RUN_SETUP_STEPS = "tasks.tenants.run_setup_steps"
    SWEEP_SETUP_STEPS = "tasks.tenants.sweep_setup_steps"
    EXPIRE_SESSIONS = "tasks.accounts.expire_sessions"
    KEEP_FILES = "tasks.files.keep_files"
    SWEEP_FILES = "tasks.files.sweep_files"
    EXPIRE_FILES = "tasks.files.expire_files"
    SWEEP_RETENTION = "tasks.privacy.sweep_retention"
    RUN_PRIVACY_JOBS = "tasks.privacy.run_privacy_jobs"
    SWEEP_PRIVACY_JOBS = "tasks.privacy.sweep_privacy_jobs"
    TELL_ALERTS = "tasks.searches.tell_alerts"
    SWEEP_ALERTS = "tasks.searches.sweep_alerts"
    RUN_EXPORTS = "tasks.exports.run_exports"
    SWEEP_EXPORTS = "tasks.exports.sweep_exports"


QUEUE_OF: dict[Job, Queue] = {
    Job.RUN_SETUP_STEPS: Queue.SETUP,
    Job.SWEEP_SETUP_STEPS: Queue.SETUP,
    Job.EXPIRE_SESSIONS: Queue.DEFAULT,
    Job.KEEP_FILES: Queue.FILES,
    Job.SWEEP_FILES: Queue.FILES,
    Job.EXPIRE_FILES: Queue.FILES,
    Job.SWEEP_RETENTION: Queue.DEFAULT,
    Job.RUN_PRIVACY_JOBS: Queue.DEFAULT,
    Job.SWEEP_PRIVACY_JOBS: Queue.DEFAULT,
    Job.TELL_ALERTS: Queue.DEFAULT,
    Job.SWEEP_ALERTS: Queue.DEFAULT,
    Job.RUN_EXPORTS: Queue.DEFAULT,
    Job.SWEEP_EXPORTS: Queue.DEFAULT,
}
