"""`python -m bot`: the bot as a process of its own."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys

import uvloop

from app.config import Process, Settings, SettingsError
from bot.connection import GatewayRefused
from bot.factory import build_bot, forget_what_stays
from bot.listening import listen

log = logging.getLogger("bot")


def main() -> int:
    """Runs until SIGTERM or SIGINT (exit 0), or until Discord refuses the bot for good (exit 1)."""
    try:
        settings = Settings.from_environment(Process.BOT)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_run(settings))
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2


async def _run(settings: Settings) -> int:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    process = build_bot(settings)
    forget_what_stays()
    listener = listen(settings)
    await process.start(listener)
    sys.stdout.write(f"bot ready http://127.0.0.1:{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    connected = asyncio.create_task(process.keep_connected(), name="gateway")
    told = asyncio.create_task(stopping.wait())
    await asyncio.wait({connected, told}, return_when=asyncio.FIRST_COMPLETED)
    code = 0
    if connected.done():
        error = connected.exception()
        log.critical("bot.cannot_go_on: %s", error)
        if error is not None and not isinstance(error, GatewayRefused):
            log.error("bot.failed", exc_info=error)
        code = 1
    connected.cancel()
    told.cancel()
    await asyncio.gather(connected, told, return_exceptions=True)
    await process.stop()
    return code


if __name__ == "__main__":
    sys.exit(main())
