"""The website and Celery inside one process: each starts its threads and ends them without losing what runs."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

import waitress
from celery import Celery
from celery.beat import Scheduler, Service
from celery.worker import WorkController
from celery.worker import state as worker_state
from flask import Flask
from waitress import wasyncore

from app.contracts.jobs import Queue
from tasks import load_tasks

log = logging.getLogger(__name__)

WEB_THREADS = 8
WORKER_THREADS = 2
MOST_CONNECTIONS = 500
SECONDS_TO_SPEAK = 30
"""A connection on which nothing comes or goes for so long is closed."""
SECONDS_TO_DRAIN_WEB = 2.5
IDLE_LOOKS = 10
SECONDS_TO_DRAIN_WORKER = 2.5


class Website:
    """The Flask app behind waitress, in a thread of its own."""

    def __init__(self, app: Flask, host: str, port: int) -> None:
        # Bodies are taken in whole before the app is asked, so what no route accepts must be refused here.
        self._server: Any = waitress.create_server(
            app,
            host=host,
            port=port,
            threads=WEB_THREADS,
            ident=None,
            clear_untrusted_proxy_headers=False,
            max_request_body_size=app.config["MAX_CONTENT_LENGTH"] + 1,
            connection_limit=MOST_CONNECTIONS,
            channel_timeout=SECONDS_TO_SPEAK,
            asyncore_use_poll=True,
        )
        self.port: int = self._server.effective_port
        self._thread = threading.Thread(target=self._server.run, name="website", daemon=True)

    def start(self) -> None:
        """Answer requests from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Take no more connections, finish the requests that run and send their answers, end."""
        server = self._server
        server.trigger.pull_trigger(self._take_the_last_and_close)
        ends = time.monotonic() + SECONDS_TO_DRAIN_WEB
        idle_looks = 0
        # A connection that was just taken has not spoken yet: one idle look is not enough.
        while idle_looks < IDLE_LOOKS and time.monotonic() < ends:
            idle_looks = idle_looks + 1 if self._is_idle() else 0
            time.sleep(0.02)
        server.task_dispatcher.shutdown(timeout=0.5)
        server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map))
        self._thread.join(1)

    def _take_the_last_and_close(self) -> None:
        """On the server's thread. Whoever is connected already is served; closing alone would reset those who wait."""
        server = self._server
        for _waiting in range(MOST_CONNECTIONS):
            taken = len(server.active_channels)
            server.handle_accept()
            if len(server.active_channels) == taken:
                break
        wasyncore.dispatcher.close(server)

    def _is_idle(self) -> bool:
        dispatcher = self._server.task_dispatcher
        channels = list(self._server.active_channels.values())
        busy = any(channel.total_outbufs_len or channel.requests or channel.request for channel in channels)
        return not (dispatcher.active_count or dispatcher.queue or busy)


class Jobs:
    """Celery's worker and beat over the in-process broker, one thread each."""

    def __init__(self, celery: Celery, app: Flask) -> None:
        load_tasks(celery, app)
        self._worker = WorkController(
            app=celery,
            pool_cls="threads",
            concurrency=WORKER_THREADS,
            queues=",".join(Queue),
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )
        self._beat = Service(celery, scheduler_cls=Scheduler, max_interval=1)
        self._threads = [
            threading.Thread(target=self._worker.start, name="worker", daemon=True),
            threading.Thread(target=self._beat.start, kwargs={"embedded_process": False}, name="beat", daemon=True),
        ]

    def start(self) -> None:
        """Take jobs and follow the time table."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Plan nothing more, finish the jobs that run, end. A job that takes longer is a row: its lease brings it back."""
        self._beat.stop()
        worker_state.should_stop = 0
        ends = time.monotonic() + SECONDS_TO_DRAIN_WORKER
        while worker_state.active_requests and time.monotonic() < ends:
            time.sleep(0.02)
        if worker_state.active_requests:
            log.warning("worker.left_jobs_to_their_leases jobs=%s", len(worker_state.active_requests))
