"""The real bot on its own loop in a thread of the test process, so that a test sees its database and its insides."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import requests
import uvloop
from flask import Flask

from app.config import Settings
from app.contracts.bot_api import Call, Direction, signed_headers
from bot.factory import build_bot
from bot.listening import listen_on
from bot.process import BotProcess
from tests.environment import BOT_SECRET


class RunningBot:
    """Started by the constructor; `stop()` drains it. `port` is where its API listens."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self.settings = settings
        self.a = self.b = 0
        """Tenants of servers A and B, where a test's fixture made them."""
        self._app = app
        self._ready = threading.Event()
        self._loop = uvloop.new_event_loop()
        self._stopping: asyncio.Event | None = None
        self.process: BotProcess | None = None
        self.failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="bot under test")
        self._thread.start()
        assert self._ready.wait(40), "the bot did not start"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wait_until_connected(self, seconds: float = 40) -> RunningBot:
        """Return once the gateway is up and every guild's copy is made."""
        ends = time.monotonic() + seconds
        while (health := self.health())["status"] != "ok":
            assert time.monotonic() < ends, f"after {seconds} s still {health}"
            time.sleep(0.02)
        return self

    def health(self) -> dict[str, Any]:
        assert self.process is not None
        return self.process.health()

    def call(
        self,
        method: str,
        target: str,
        *,
        tenant: int,
        guild: int,
        actor: str,
        body: bytes = b"",
        secret: str = BOT_SECRET,
        at: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """One signed call. `headers` replace what was signed."""
        call = Call(
            Direction.TO_BOT, method, target, tenant, guild, actor, int(at if at is not None else time.time()), body
        )
        sent = signed_headers(call, secret, "test") | {"content-type": "application/json"} | dict(headers or {})
        return requests.request(method, self.url + target, data=body, headers=sent, timeout=10)

    def on_loop(self, work: Callable[[], Any]) -> Any:
        """Call `work` on the bot's own thread and return what it returns or awaits."""

        async def inside() -> Any:
            found = work()
            return await found if asyncio.iscoroutine(found) else found

        return asyncio.run_coroutine_threadsafe(inside(), self._loop).result(15)

    def stop(self) -> None:
        if self._stopping is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(20)
        assert not self._thread.is_alive(), "the bot did not stop"

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        self._stopping = asyncio.Event()

        def same_app(_settings: Settings, *, discord_guild: Any) -> Flask:
            self._app.extensions["clients"].discord_guild = discord_guild
            return self._app

        self.process = build_bot(self.settings, same_app)
        listener = listen_on("127.0.0.1", 0)
        self.port = listener.getsockname()[1]
        await self.process.start(listener)
        self._ready.set()
        connected = asyncio.create_task(self.process.keep_connected())
        told = asyncio.create_task(self._stopping.wait())
        await asyncio.wait({connected, told}, return_when=asyncio.FIRST_COMPLETED)
        if connected.done():
            self.failure = connected.exception()
            await told
        connected.cancel()
        await self.process.stop()


def eventually(claim: Callable[[], bool], seconds: float = 30, pause: float = 0.02) -> None:
    """Return once `claim()` is true; it is asked again and again."""
    ends = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < ends, f"not true within {seconds} s"
        time.sleep(pause)


def eventually_is(read: Callable[[], Any], wanted: Any, seconds: float = 30) -> None:
    """Return once `read()` gives `wanted`; the last other answer is in the failure."""
    ends = time.monotonic() + seconds
    while (found := read()) != wanted:
        assert time.monotonic() < ends, f"after {seconds} s still {found!r}, not {wanted!r}"
        time.sleep(0.02)
