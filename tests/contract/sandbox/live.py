"""A sandbox in this process, and a plain gateway client to ask it with."""

from __future__ import annotations

import asyncio
import functools
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson
import zstandard
from aiohttp import web

from sandbox.discord.gateway import Gateway, gateway_of
from sandbox.discord.gateway.intents import ALL_INTENTS
from sandbox.discord.models import Channel, Guild
from sandbox.discord.world import World
from sandbox.scenario import cast
from sandbox.server import build_application, build_sandbox

PATIENCE = 20.0


def in_a_loop(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Runs a coroutine test on a loop of its own."""

    @functools.wraps(test)
    def run(*arguments: Any, **named: Any) -> None:
        async def bounded() -> None:
            await asyncio.wait_for(test(*arguments, **named), 90)

        asyncio.run(bounded())

    return run


async def until(condition: Callable[[], bool]) -> None:
    """Waits for something to become true, and fails after a while."""
    for _ in range(2000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come true")


@dataclass
class Live:
    """A sandbox that listens on `url`, with its world at hand."""

    world: World
    url: str
    http: aiohttp.ClientSession
    sockets: list[RawShard] = field(default_factory=list)

    @property
    def gateway(self) -> Gateway:
        return gateway_of(self.world)

    @property
    def guild(self) -> Guild:
        """Server A of the cast."""
        return self.world.guilds[cast.GUILD_A]

    @property
    def token(self) -> str:
        return self.world.application.bot_token

    def channel(self, name: str) -> Channel:
        """A channel of server A."""
        return next(one for one in self.guild.channels.values() if one.name == name)

    def bot_headers(self) -> dict[str, str]:
        return {"Authorization": f"Bot {self.token}"}

    async def connect(self, query: str = "?v=10&encoding=json") -> RawShard:
        """A raw socket to the gateway, before its HELLO."""
        shard = RawShard(await self.http.ws_connect(f"{self.url}/gateway{query}", autoclose=True), query, self.token)
        self.sockets.append(shard)
        return shard

    async def identified(self, query: str = "?v=10&encoding=json", **fields: Any) -> RawShard:
        """A raw socket after READY and all its GUILD_CREATEs."""
        shard = await self.connect(query)
        await shard.receive()
        await shard.identify(**fields)
        shard.ready = await shard.event("READY")
        for _ in shard.ready["guilds"]:
            if shard.intents & 1:
                await shard.event("GUILD_CREATE")
        return shard

    async def act(self, **request: Any) -> tuple[int, Any]:
        """`POST /sandbox/act`."""
        async with self.http.post(f"{self.url}/sandbox/act", json=request) as answer:
            return answer.status, await answer.json() if answer.status != 204 else None


class RawShard:
    """A gateway client that shows every payload as it comes."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, query: str, token: str) -> None:
        self.socket = socket
        self.token = token
        self.intents = ALL_INTENTS
        self.sequence = 0
        self.ready: dict[str, Any] = {}
        self.seen: list[dict[str, Any]] = []
        self._inflate: Any = None
        if "zlib-stream" in query:
            self._inflate = zlib.decompressobj().decompress
        elif "zstd-stream" in query:
            self._inflate = zstandard.ZstdDecompressor().decompressobj().decompress

    async def send(self, op: int, data: Any) -> None:
        await self.socket.send_str(orjson.dumps({"op": op, "d": data}).decode())

    async def identify(self, **fields: Any) -> None:
        self.intents = fields.get("intents", ALL_INTENTS)
        properties = {"os": "linux", "browser": "raw", "device": "raw"}
        await self.send(2, {"token": self.token, "properties": properties, "intents": ALL_INTENTS} | fields)

    async def resume(self, other: RawShard, **fields: Any) -> None:
        """Continue the session of a socket that is gone."""
        session = {"token": self.token, "session_id": other.ready["session_id"], "seq": other.sequence}
        await self.send(6, session | fields)

    async def receive(self) -> dict[str, Any]:
        """The next payload; fails if the socket closes instead."""
        message = await asyncio.wait_for(self.socket.receive(), PATIENCE)
        assert message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY), (message, self.socket.close_code)
        raw = self._inflate(message.data) if self._inflate else message.data
        payload: dict[str, Any] = orjson.loads(raw)
        self.sequence = payload.get("s") or self.sequence
        self.seen.append(payload)
        return payload

    async def event(self, name: str) -> dict[str, Any]:
        """The data of the next event with that name; what comes before it is passed over."""
        while True:
            payload = await self.receive()
            if payload["t"] == name:
                data: dict[str, Any] = payload["d"]
                return data

    async def events_until(self, name: str) -> list[tuple[str, dict[str, Any]]]:
        """All events up to and with the next of that name."""
        found: list[tuple[str, dict[str, Any]]] = []
        while not found or found[-1][0] != name:
            payload = await self.receive()
            if payload["op"] == 0:
                found.append((payload["t"], payload["d"]))
        return found

    async def close_code(self) -> int | None:
        """The code that the gateway closes with; payloads before that are passed over."""
        while True:
            message = await asyncio.wait_for(self.socket.receive(), PATIENCE)
            if message.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                return message.data if message.type is aiohttp.WSMsgType.CLOSE else self.socket.close_code


@asynccontextmanager
async def running(scenario: str = "small", installed: tuple[str, ...] = ("A",)) -> AsyncIterator[Live]:
    """A sandbox on a free port of this process; IDENTIFYs may follow each other at once."""
    sandbox = build_sandbox(7, scenario, installed)
    gateway_of(sandbox.world).spacing.seconds = 0
    runner = web.AppRunner(build_application(sandbox), access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert site._server is not None
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
    sandbox.world.public_url = f"http://127.0.0.1:{port}"
    async with aiohttp.ClientSession() as http:
        live = Live(sandbox.world, sandbox.world.public_url, http)
        try:
            yield live
        finally:
            for shard in live.sockets:
                await shard.socket.close()
            await runner.cleanup()
