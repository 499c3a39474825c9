"""`python -m bot` and `python -m bot.live`: processes of their own beside a website, over Redis."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest
import requests
from flask import Flask
from sqlalchemy import select
from werkzeug.serving import make_server

from app.clients.live_bus.port import Ticket
from app.clients.live_bus.redis_streams import RedisLiveBus
from app.contracts.live import SUBPROTOCOL, Signal, Topic
from app.db.ids import new_token, token_hash
from app.db.transaction import transaction
from app.domain.accounts.models import LoginSession
from app.domain.clock import utcnow
from app.domain.tenants.models import GuildPresence
from app.extensions import db
from tests.bot.conftest import make_tenant
from tests.bot.running import RunningBot, eventually, eventually_is
from tests.environment import environment
from tests.servers.panel import panel_environment
from tests.servers.process import Process, free_port, python
from tests.servers.redis import Redis
from tests.servers.sandbox import ALICE, SERVER_A, SERVER_B, SERVER_C, Sandbox

pytestmark = pytest.mark.processes

ORIGIN = "http://127.0.0.1:5999"


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The website over real HTTP, in a thread."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def presences() -> dict[int, bool]:
    db.session.rollback()
    return {row.guild_id: row.is_present for row in db.session.scalars(select(GuildPresence))}


def test_the_website_learns_which_servers_the_bot_is_in_joins_and_leaves(
    app: Flask, sandbox: Sandbox, bot_of: Callable[..., RunningBot]
) -> None:
    with transaction():
        db.session.add(GuildPresence(guild_id=SERVER_C, name="Left long ago", owner_id=ALICE))
    with served(app) as website:
        bot = bot_of(sandbox, WEB_INTERNAL_URL=website)
        eventually_is(presences, {SERVER_A: True, SERVER_B: True, SERVER_C: False}, 20)

        sandbox.act(ALICE, "bot.install", guild_id=SERVER_C)
        eventually(lambda: presences()[SERVER_C], 20)
        sandbox.post("/sandbox/bot/remove", guild_id=str(SERVER_C))
        eventually(lambda: not presences()[SERVER_C], 20)
        eventually_is(lambda: bot.health()["membership"], {"depth": 0, "code": ""})


def test_a_report_waits_for_a_website_that_is_away(
    app: Flask, sandbox: Sandbox, bot_of: Callable[..., RunningBot]
) -> None:
    port = free_port()
    bot = bot_of(sandbox, WEB_INTERNAL_URL=f"http://127.0.0.1:{port}", TIME_SCALE="30").wait_until_connected()
    eventually(lambda: bot.health()["membership"]["code"] != "")

    server = make_server("127.0.0.1", port, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        eventually_is(presences, {SERVER_A: True, SERVER_B: True}, 20)
    finally:
        server.shutdown()


def test_the_bot_as_a_process_starts_answers_and_ends_with_0(
    app: Flask, database_url: str, sandbox: Sandbox, folder: Path
) -> None:
    sandbox.post("/sandbox/gateway/settings", identify_spacing=0)
    settings = panel_environment(sandbox, database_url, folder, 0) | {"PORT": "0"}
    process = Process(python("-m", "bot"), environment=settings)
    url = process.wait_for_line("bot ready").split()[-1]

    eventually(lambda: requests.get(f"{url}/health", timeout=5).json() == {"status": "ok"}, 20)

    assert process.stop() == 0, process.output


@pytest.mark.parametrize(("token", "code"), [("not-a-token", 2), ("MTAwMDAwMDAwMDAwMDAwMDAx.wrong.token", 1)])
def test_a_wrong_token_ends_the_process_with_a_word_on_it(
    app: Flask, database_url: str, sandbox: Sandbox, folder: Path, token: str, code: int
) -> None:
    settings = panel_environment(sandbox, database_url, folder, 0) | {"PORT": "0", "DISCORD_TOKEN": token}

    process = Process(python("-m", "bot"), environment=settings)

    assert process.child.wait(30) == code, process.output
    assert "DISCORD_TOKEN" in process.output or "closed the gateway for good" in process.output


def test_the_live_stream_alone_needs_no_token_and_hears_other_processes(
    app: Flask, database_url: str, redis_server: Redis, folder: Path
) -> None:
    tenant_id = make_tenant()
    with transaction():
        session = LoginSession(user_id=ALICE, expires_at=utcnow().replace(year=utcnow().year + 1))
        db.session.add(session)
    settings = environment(database_url, folder, REDIS_URL=redis_server.url, PORT="0")
    del settings["DISCORD_TOKEN"]
    process = Process(python("-m", "bot.live"), environment=settings)
    url = process.wait_for_line("live ready").split()[-1]
    bus = RedisLiveBus(redis_server.url)
    token = new_token()
    bus.put_ticket(token_hash(token), Ticket(tenant_id, SERVER_A, ALICE, session.id, ORIGIN), 60)

    async def listen() -> list[str]:
        async with (
            aiohttp.ClientSession() as client,
            client.ws_connect(f"{url}/ws", protocols=(SUBPROTOCOL, token), origin=ORIGIN) as socket,
        ):
            assert (await socket.receive_json(timeout=10))["type"] == "hello"
            await asyncio.to_thread(bus.publish, tenant_id, [Signal(Topic.MODERATION, f"case:{n}") for n in range(300)])
            return [json.loads((await socket.receive(10)).data)["ref"] for _ in range(300)]

    assert asyncio.run(listen()) == [f"case:{number}" for number in range(300)]
    assert requests.get(f"{url}/health", timeout=5).json()["status"] == "ok"
    assert process.stop() == 0, process.output
