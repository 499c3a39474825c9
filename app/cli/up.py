"""`flask up`: website, worker, beat and bot in one process, without Redis.

hikari and the bot's aiohttp run on the main thread's loop and own the signals; the website is served by waitress in a
thread, Celery's worker and beat run in two more. SIGTERM or SIGINT drains web, worker, bot in that order and exits 0.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import threading
import time
from dataclasses import replace
from typing import Any

import click
import uvloop
import waitress
from celery import Celery
from celery.beat import Scheduler, Service
from celery.worker import WorkController
from celery.worker import state as worker_state
from flask import Flask

from app import create_app
from app.config import Process, Settings, SettingsError
from app.contracts.jobs import Queue
from app.extensions import celery
from bot.factory import build_bot
from bot.listening import listen_after
from bot.process import BotProcess, GatewayRefused
from tasks import load_tasks

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
WEB_THREADS = 8
WORKER_THREADS = 2
SECONDS_TO_DRAIN_WEB = 3.0
SECONDS_TO_DRAIN_WORKER = 3.0


@click.command("up")
def up() -> None:
    """Run everything in this one process (no Redis)."""
    try:
        settings = Settings.from_environment(Process.UP)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.exit(runner.run(_run(settings)))


async def _run(settings: Settings) -> int:
    stopping = _stop_on_signals()
    listener = listen_after(HOST, settings.port)
    bot_url = f"http://{HOST}:{listener.getsockname()[1]}"
    settings = replace(settings, bot_api_url=bot_url, live_url=bot_url, web_internal_url=f"http://{HOST}:{settings.port}")
    process = build_bot(settings, create_app=create_app)
    app = process.domain.app
    website = Website(app, settings.port)
    jobs = Jobs(celery, app)
    await process.start(listener)
    website.start()
    jobs.start()
    log.info("up.ready", extra={"website": settings.public_url, "bot": bot_url})
    code = await _until_told(process, stopping)
    await asyncio.to_thread(website.stop)
    await asyncio.to_thread(jobs.stop)
    await process.stop()
    return code


def _stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set, also where the parent left them ignored."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
        loop.add_signal_handler(number, stopping.set)
    return stopping


async def _until_told(process: BotProcess, stopping: asyncio.Event) -> int:
    """Wait for a signal (0). A bot that Discord refused for good is logged; the website goes on without it."""
    connected = asyncio.create_task(process.keep_connected(), name="gateway")
    connected.add_done_callback(_report)
    await stopping.wait()
    connected.cancel()
    return 0


def _report(task: asyncio.Task[None]) -> None:
    if task.cancelled():
        return
    error = task.exception()
    if isinstance(error, GatewayRefused):
        log.critical("bot.cannot_go_on: %s", error)
    elif error is not None:
        log.error("bot.failed", exc_info=error)


class Website:
    """The Flask app behind waitress, in a thread of its own."""

    def __init__(self, app: Flask, port: int) -> None:
        self._server: Any = waitress.create_server(
            app, host=HOST, port=port, threads=WEB_THREADS, ident=None, clear_untrusted_proxy_headers=False
        )
        self._thread = threading.Thread(target=self._server.run, name="website", daemon=True)

    def start(self) -> None:
        """Answer requests from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Take no more connections, finish the requests that run, end."""
        self._server.trigger.pull_trigger(self._server.del_channel)
        ends = time.monotonic() + SECONDS_TO_DRAIN_WEB
        while self._server.task_dispatcher.active_count and time.monotonic() < ends:
            time.sleep(0.02)
        self._server.task_dispatcher.shutdown(timeout=1)
        self._server.trigger.pull_trigger(lambda: self._server.asyncore.close_all(self._server._map))
        self._thread.join(2)


class Jobs:
    """Celery's worker and beat over the in-process broker, one thread each."""

    def __init__(self, celery_app: Celery, app: Flask) -> None:
        load_tasks(celery_app, app)
        self._worker = WorkController(
            app=celery_app,
            pool_cls="threads",
            concurrency=WORKER_THREADS,
            queues=",".join(Queue),
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )
        self._beat = Service(celery_app, scheduler_cls=Scheduler, max_interval=1)
        self._threads = [
            threading.Thread(target=self._worker.start, name="worker", daemon=True),
            threading.Thread(target=self._beat.start, kwargs={"embedded_process": False}, name="beat", daemon=True),
        ]

    def start(self) -> None:
        """Take jobs and follow the time table."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Plan nothing more, finish the jobs that run, end."""
        self._beat.stop()
        worker_state.should_stop = 0
        for thread in self._threads:
            thread.join(SECONDS_TO_DRAIN_WORKER)
