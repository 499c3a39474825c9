"""`python -m bot.live`: the live stream alone, without a bot token, in as many processes as are needed."""

from __future__ import annotations

import asyncio
import signal
import sys

import uvloop
from aiohttp import web

from app.bootstrap import create_core_app
from app.config import Process, Settings, SettingsError
from bot.api.door import answer, errors_as_json
from bot.database import Domain
from bot.listening import listen
from bot.live.hub import Hub
from bot.live.socket import register


def main() -> int:
    """Runs until SIGTERM or SIGINT."""
    try:
        settings = Settings.from_environment(Process.LIVE)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_run(settings))


async def _run(settings: Settings) -> int:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    domain = Domain(create_core_app(settings))
    domain.forbid_this_thread()
    hub = Hub(domain)
    api = web.Application(middlewares=[errors_as_json])
    register(api, domain, hub)
    api.router.add_get("/health", health)
    runner = web.AppRunner(api, access_log=None, shutdown_timeout=2.0, handle_signals=False)
    await runner.setup()
    listener = listen(settings)
    await web.SockSite(runner, listener).start()
    await hub.start()
    sys.stdout.write(f"live ready http://127.0.0.1:{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    await stopping.wait()
    await hub.close()
    await runner.cleanup()
    await asyncio.to_thread(domain.close)
    return 0


async def health(_request: web.Request) -> web.StreamResponse:
    """Whether it serves, and nothing else: anybody may ask."""
    return answer({"status": "ok"})


if __name__ == "__main__":
    sys.exit(main())
