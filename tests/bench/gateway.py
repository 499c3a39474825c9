"""Events off the wire into the archive's queue, beside the same hikari that only counts them.

Four processes: one serves a gateway whose compressed stream was made before, the others receive it in turn. A bare
aiohttp + orjson loop is printed beside, without a goal.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import hikari
import orjson
import uvloop
from aiohttp import web

from app.bootstrap import create_core_app
from app.config import Process, Settings
from bot.batching import Received
from bot.factory import build_bot, build_hikari, forget_what_stays
from sandbox.discord.gateway.compression import compression_for
from tests.bench.corpus import Shape, Talk
from tests.bench.report import Figure, rate
from tests.environment import settings as make_settings

EVENTS = 20_000
REPEATS = 5
GOAL = 0.6
QUIET_SECONDS = 600
"""Heartbeats would disturb a stream that was compressed before; none falls due in this time."""
SIDES = ("ours", "counting", "bare")


def run(_scale: int) -> list[Figure]:
    """The figures `gateway` and `gateway.bare`: medians of five interleaved runs after a warm-up."""
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.gateway", "serve"],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        found: dict[str, list[Seen]] = {side: [] for side in SIDES}
        for _repeat in range(REPEATS + 1):
            for side in SIDES:
                found[side].append(_receive(side, url))
    finally:
        server.terminate()
        server.wait(10)
    assert len({(one.count, one.fingerprint) for seen in found.values() for one in seen}) == 1, (
        "the sides saw other events"
    )
    rates = {side: [one.events_a_second for one in seen[1:]] for side, seen in found.items()}
    return [
        rate("gateway", rates["ours"], rates["counting"], GOAL, "events/s", "hikari that counts payloads"),
        rate("gateway.bare", rates["ours"], rates["bare"], None, "events/s", "bare aiohttp + orjson"),
    ]


@dataclass
class Seen:
    """What one run saw, and how fast."""

    count: int = 0
    fingerprint: int = 0
    events_a_second: float = 0.0
    began: float = 0.0
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, payload: dict[str, Any]) -> None:
        if not self.count:
            self.began = time.perf_counter()
        self.count += 1
        self.fingerprint ^= int(payload["id"])
        if self.count == EVENTS:
            self.events_a_second = (self.count - 1) / (time.perf_counter() - self.began)
            self.done.set()


def _receive(side: str, url: str) -> Seen:
    output = subprocess.run(
        [sys.executable, "-m", "tests.bench.gateway", side, url],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert output.returncode == 0, output.stderr[-2000:]
    count, fingerprint, events_a_second = output.stdout.split()[-3:]
    return Seen(int(count), int(fingerprint), float(events_a_second))


async def _ours(url: str, folder: Path) -> Seen:
    """The bot as it runs, its queue emptied as fast as it fills."""
    seen = Seen()
    process = build_bot(_settings(url, folder), create_core_app)

    async def discard(_batch: list[Received]) -> None:
        return None

    forget_what_stays()
    process.batcher._write = discard
    put = process.batcher.put

    def counted(name: str, payload: dict[str, Any]) -> None:
        put(name, payload)
        seen.take(payload)

    process.batcher.put = counted  # type: ignore[method-assign]
    process.batcher.start()
    await process.hikari.start(check_for_updates=False)
    await seen.done.wait()
    await process.hikari.close()
    assert process.batcher.dropped == 0, "the queue overflowed"
    return seen


async def _counting(url: str, folder: Path) -> Seen:
    seen = Seen()
    bot = build_hikari(_settings(url, folder))

    async def count(event: hikari.ShardPayloadEvent) -> None:
        if event.name == "MESSAGE_CREATE":
            seen.take(event.payload)  # type: ignore[arg-type]

    bot.event_manager.subscribe(hikari.ShardPayloadEvent, count)
    await bot.start(check_for_updates=False)
    await seen.done.wait()
    await bot.close()
    return seen


async def _bare(url: str, _folder: Path) -> Seen:
    seen = Seen()
    address = url.replace("http", "ws", 1) + "/gateway?v=10&encoding=json&compress=zlib-stream"
    inflate = zlib.decompressobj()
    async with aiohttp.ClientSession() as session, session.ws_connect(address, max_msg_size=0) as socket:
        await socket.send_json({"op": 2, "d": {}})
        async for message in socket:
            event = orjson.loads(inflate.decompress(message.data))
            if event["t"] == "MESSAGE_CREATE":
                seen.take(event["d"])
                if seen.done.is_set():
                    return seen
    raise AssertionError("the stream ended early")


def _settings(url: str, folder: Path) -> Settings:
    return make_settings(
        f"sqlite:///{folder / 'bench.sqlite3'}",
        folder,
        Process.BOT,
        DISCORD_TOKEN="MTAwMDAwMDAwMDAwMDAwMDAx.bench.only",
        DISCORD_API_URL=f"{url}/api/v10",
        WEB_INTERNAL_URL="http://127.0.0.1:9",
    )


class Gateway:
    """Serves the same events to each client, compressed before as one stream."""

    def __init__(self) -> None:
        self._streams: dict[str, list[bytes]] = {}
        self.url = ""

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/api/v10/gateway/bot", self._where)
        app.router.add_get("/gateway", self._serve)
        return app

    async def _where(self, _request: web.Request) -> web.Response:
        limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
        body = {"url": self.url.replace("http", "ws", 1) + "/gateway", "shards": 1, "session_start_limit": limit}
        return web.json_response(body)

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False, max_msg_size=0)
        await socket.prepare(request)
        asked = parse_qs(urlsplit(str(request.rel_url)).query).get("compress", [""])[0]
        hello, *rest = self._stream(asked)
        await socket.send_bytes(hello)
        await socket.receive()
        try:
            for frame in rest:
                await socket.send_bytes(frame)
            async for _message in socket:
                pass
        except (ConnectionError, aiohttp.ClientError):
            pass
        return socket

    def _stream(self, asked: str) -> list[bytes]:
        if asked not in self._streams:
            compression = compression_for(asked)
            assert compression is not None
            self._streams[asked] = [compression.frame(orjson.dumps(event)) for event in self._events()]
        return self._streams[asked]

    def _events(self) -> list[dict[str, Any]]:
        user = {"id": "100000000000000001", "username": "bot", "discriminator": "0", "avatar": None, "bot": True}
        ready = {
            "v": 10,
            "user": {**user, "global_name": None, "mfa_enabled": False, "flags": 0, "public_flags": 0},
            "guilds": [],
            "session_id": "bench",
            "resume_gateway_url": self.url.replace("http", "ws", 1) + "/gateway",
            "shard": [0, 1],
            "application": {"id": user["id"], "flags": 0},
        }
        events: list[dict[str, Any]] = [
            {"op": 10, "t": None, "s": None, "d": {"heartbeat_interval": QUIET_SECONDS * 1000}},
            {"op": 0, "t": "READY", "s": 1, "d": ready},
        ]
        for number, record in enumerate(Talk(Shape(EVENTS)).records(EVENTS)):
            payload = {**record.payload, "guild_id": "300000000000000001"}
            events.append({"op": 0, "t": "MESSAGE_CREATE", "s": number + 2, "d": payload})
        return events


async def _serve_forever() -> None:
    gateway = Gateway()
    runner = web.AppRunner(gateway.application(), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    gateway.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    print(gateway.url, flush=True)
    await asyncio.Event().wait()


def _main(side: str, url: str = "") -> None:
    if side == "serve":
        uvloop.run(_serve_forever())
        return
    receivers: dict[str, Callable[[str, Path], Any]] = {"ours": _ours, "counting": _counting, "bare": _bare}
    with tempfile.TemporaryDirectory(prefix="panel-bench-") as folder:
        seen: Seen = uvloop.run(receivers[side](url, Path(folder)))
    print(seen.count, seen.fingerprint, seen.events_a_second)


if __name__ == "__main__":
    _main(*sys.argv[1:])
