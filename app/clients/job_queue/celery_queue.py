"""Wake-ups through Celery's broker."""

from __future__ import annotations

import logging

from celery import Celery
from celery.exceptions import OperationalError as CeleryOperationalError
from kombu.exceptions import OperationalError

from app.contracts.jobs import QUEUE_OF, Job

log = logging.getLogger(__name__)


class CeleryQueue:
    """Sends the job's name with its ids; a dead broker is logged, not raised."""

    def __init__(self, celery: Celery) -> None:
        self._celery = celery

    def wake(self, job: Job, **ids: int) -> None:
        try:
            self._celery.send_task(job.value, kwargs=ids, queue=QUEUE_OF[job].value, retry=False, ignore_result=True)
        except (OperationalError, CeleryOperationalError, OSError) as error:
            log.warning("wake_up.lost", extra={"job": job.value, "error": type(error).__name__})
