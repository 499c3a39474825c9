"""`flask up`: website, worker, beat and bot in one process, without Redis.

hikari and the bot's aiohttp run on the main thread's loop and own the signals; the website is served by waitress in a
thread, Celery's worker and beat run in two more. SIGTERM or SIGINT drains web, worker, bot in that order and exits 0.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import os
import signal
import sys
import threading
from dataclasses import replace

import click
import uvloop

from app import create_app
from app.cli.embedded import Jobs, Website
from app.config import DEFAULT_BOT_URL, Process, Settings, SettingsError
from app.extensions import celery
from bot.connection import GatewayRefused
from bot.factory import build_bot
from bot.listening import LOOPBACK, listen_after
from bot.process import BotProcess

log = logging.getLogger(__name__)

SECONDS_TO_END = 9.5
"""Whatever still runs then is left to its lease: the process ends."""


@click.command("up")
def up() -> None:
    """Run everything in this one process (no Redis)."""
    try:
        settings = Settings.from_environment(Process.UP)
        # An empty context: the command line's own application context must not reach the loop or the threads.
        contextvars.Context().run(_serve, settings)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)


def _serve(settings: Settings) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(settings))


async def _run(settings: Settings) -> None:
    stopping = _stop_on_signals()
    listener = listen_after(LOOPBACK, settings.port)
    settings = _with_own_addresses(settings, f"http://{LOOPBACK}:{listener.getsockname()[1]}")
    process = build_bot(settings, create_app=create_app)
    app = process.domain.app
    website = Website(app, LOOPBACK, settings.port)
    jobs = Jobs(celery, app)
    await process.start(listener)
    website.start()
    jobs.start()
    log.info("up.ready website=%s bot=%s", settings.public_url, settings.bot_api_url)
    connected = asyncio.create_task(process.keep_connected(), name="gateway")
    connected.add_done_callback(_report)
    await stopping.wait()
    _end_in_any_case()
    connected.cancel()
    await asyncio.gather(connected, return_exceptions=True)
    await _drain(website, jobs, process)


def _with_own_addresses(settings: Settings, bot_url: str) -> Settings:
    """The bot's listener is where nobody else was named."""

    def named(url: str) -> str:
        return bot_url if url == DEFAULT_BOT_URL else url

    return replace(settings, bot_api_url=named(settings.bot_api_url), live_url=named(settings.live_url))


async def _drain(website: Website, jobs: Jobs, process: BotProcess) -> None:
    await asyncio.to_thread(website.stop)
    await asyncio.to_thread(jobs.stop)
    await process.stop()


def _stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set, also where the parent left them ignored."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
        loop.add_signal_handler(number, stopping.set)
    return stopping


def _end_in_any_case() -> None:
    def end() -> None:
        log.error("up.ended_without_draining")
        os._exit(0)

    timer = threading.Timer(SECONDS_TO_END, end)
    timer.daemon = True
    timer.start()


def _report(task: asyncio.Task[None]) -> None:
    """A bot that Discord refused for good is logged; the website goes on without it and says so."""
    if task.cancelled():
        return
    error = task.exception()
    if isinstance(error, GatewayRefused):
        log.critical("bot.cannot_go_on: %s", error)
    elif error is not None:
        log.error("bot.failed", exc_info=error)
