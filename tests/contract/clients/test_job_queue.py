"""What the fake queue and Celery's both promise about wake-ups."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from celery import Celery
from redis import Redis as RedisClient

from app.bootstrap import configure_celery
from app.clients.job_queue.celery_queue import CeleryQueue
from app.clients.job_queue.fake import FakeJobQueue
from app.clients.job_queue.port import JobQueue
from app.config import Process
from app.contracts.jobs import QUEUE_OF, Job
from tests.environment import settings
from tests.servers.process import dead_port
from tests.servers.redis import Redis

Woken = Callable[[], list[tuple[Job, dict[str, int]]]]


def celery_at(url: str, folder: Path) -> Celery:
    """A Celery of this test's own, set up as the product's."""
    queue = Celery("contract")
    configure_celery(settings("sqlite://", folder, Process.BOT, REDIS_URL=url), queue)
    return queue


@pytest.fixture(params=["fake", "celery"])
def queue(request: pytest.FixtureRequest, folder: Path) -> tuple[JobQueue, Woken]:
    """A queue, and what lies in it."""
    if request.param == "fake":
        fake = FakeJobQueue()
        return fake, lambda: list(fake.woken)
    server: Redis = request.getfixturevalue("redis_server")
    store = RedisClient.from_url(server.url)
    store.flushall()

    def woken() -> list[tuple[Job, dict[str, int]]]:
        found = []
        for job in Job:
            for raw in store.lrange(QUEUE_OF[job].value, 0, -1):  # type: ignore[union-attr]
                message = json.loads(raw)
                if message["headers"]["task"] == job.value:
                    found.append((job, message["headers"]["kwargsrepr"]))
        return [(job, json.loads(kwargs.replace("'", '"'))) for job, kwargs in found]

    return CeleryQueue(celery_at(server.url, folder)), woken


def test_a_wake_up_lies_in_its_jobs_queue_with_its_ids(queue: tuple[JobQueue, Woken]) -> None:
    jobs, woken = queue

    jobs.wake(Job.RUN_SETUP_STEPS)
    jobs.wake(Job.RUN_SETUP_STEPS, tenant_id=7)

    assert sorted(woken(), key=str) == sorted(
        [(Job.RUN_SETUP_STEPS, {}), (Job.RUN_SETUP_STEPS, {"tenant_id": 7})], key=str
    )


def test_a_broker_that_is_away_costs_nobody_an_error(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with dead_port() as port, caplog.at_level(logging.WARNING):
        CeleryQueue(celery_at(f"redis://127.0.0.1:{port}/0", folder)).wake(Job.RUN_SETUP_STEPS)

    assert [record.getMessage() for record in caplog.records if "wake_up" in record.getMessage()] == ["wake_up.lost"]
