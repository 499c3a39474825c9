"""A real hikari bot at the sandbox: it signs in, hears, comes back, and says only what Discord describes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import hikari
import orjson
import pytest
from hikari.api.shard import GatewayCompression
from hikari.impl.shard import GatewayShardImpl

from sandbox.discord.models import User
from sandbox.scenario import cast
from tests.contract.sandbox.gateway_schema import dispatch_problems, send_problems
from tests.contract.sandbox.live import Live, in_a_loop, running, until

COMPRESSIONS = [GatewayCompression.TRANSPORT_ZLIB_STREAM, GatewayCompression.TRANSPORT_ZSTD_STREAM]


@asynccontextmanager
async def hikari_bot(live: Live, **options: Any) -> AsyncIterator[hikari.GatewayBot]:
    """A started bot of the application."""
    bot = hikari.GatewayBot(
        live.token,
        rest_url=f"{live.url}/api/v10",
        intents=hikari.Intents.ALL,
        banner=None,
        suppress_optimization_warning=True,
        logs=None,
        **options,
    )
    try:
        await bot.start(check_for_updates=False)
        yield bot
    finally:
        if bot.is_alive:
            await bot.close()


def collect(bot: hikari.GatewayBot) -> list[str]:
    """The contents of all messages that the bot gets as typed events, as they come."""
    contents: list[str] = []

    async def listen(event: hikari.MessageCreateEvent) -> None:
        contents.append(event.content or "")

    bot.subscribe(hikari.MessageCreateEvent, listen)
    return contents


def say(live: Live, text: str) -> None:
    live.world.create_message(live.channel("general").id, cast.VERA.id, text)


@pytest.mark.parametrize("compression", COMPRESSIONS)
@in_a_loop
async def test_hikari_receives_messages(compression: GatewayCompression) -> None:
    defaults = GatewayShardImpl.__init__.__kwdefaults__
    before = defaults["compression"]
    defaults["compression"] = compression
    try:
        async with running() as live, hikari_bot(live) as bot:
            heard = collect(bot)
            for number in range(50):
                say(live, f"flake {number}")
            await until(lambda: len(heard) == 50)

            assert sorted(heard) == sorted(f"flake {number}" for number in range(50))
            assert bot.get_me() is not None
    finally:
        defaults["compression"] = before


@in_a_loop
async def test_hikari_resumes_after_a_cut_and_misses_nothing() -> None:
    async with running() as live, hikari_bot(live) as bot:
        heard = collect(bot)
        say(live, "before")
        await until(lambda: heard == ["before"])
        live.gateway.cut("tcp")
        for number in range(100):
            say(live, f"missed {number}")
        await until(lambda: live.gateway.counters.resumes == 1)
        say(live, "after")
        await until(lambda: len(heard) == 102)

        assert sorted(heard) == sorted(["before", "after", *(f"missed {number}" for number in range(100))])
        assert live.gateway.counters.identifies == 1


@pytest.mark.parametrize(("how", "identifies"), [("op7", 1), ("4009", 1), ("op9_resumable", 1), ("op9", 2)])
@in_a_loop
async def test_hikari_comes_back_after_every_kind_of_cut(how: str, identifies: int) -> None:
    async with running() as live, hikari_bot(live) as bot:
        heard = collect(bot)
        live.gateway.cut(how)
        await until(lambda: live.gateway.counters.identifies + live.gateway.counters.resumes == 2)
        await until(lambda: live.gateway.state()["connected"] == 1)
        say(live, "back")
        await until(lambda: "back" in heard)

        assert live.gateway.counters.identifies == identifies


@pytest.mark.parametrize("code", [4004, 4010, 4011, 4012, 4013, 4014])
@in_a_loop
async def test_hikari_gives_up_on_close_codes_that_are_final(code: int) -> None:
    async with running() as live:
        live.gateway.refusals.order(str(code), None)
        with pytest.raises(hikari.GatewayServerClosedConnectionError) as closed:
            async with hikari_bot(live):
                raise AssertionError("it started")

        assert closed.value.code == code
        assert live.gateway.counters.identifies == 1


@in_a_loop
async def test_hikari_gets_all_members_in_chunks_and_everything_both_sides_say_is_as_described() -> None:
    said: list[tuple[str, bytes]] = []
    async with running() as live:
        for number in range(1500):
            live.world.join(live.guild, User(900_000_000_000_000_000 + number, f"m{number}"), is_silent=True)
        live.gateway.watch(lambda direction, payload: said.append((direction, payload)))
        async with hikari_bot(live) as bot:
            await until(lambda: len(bot.cache.get_members_view_for_guild(cast.GUILD_A)) == len(live.guild.members))
            await bot.request_guild_members(cast.GUILD_A, query="ali", limit=10, nonce="by-name")
            await bot.request_guild_members(cast.GUILD_A, users=[cast.BOB.id], nonce="by-id")
            await bot.update_presence(status=hikari.Status.IDLE, activity=hikari.Activity(name="with snow"))
            live.gateway.cut("tcp")
            await until(lambda: live.gateway.counters.resumes == 1 and live.gateway.state()["connected"] == 1)

    sent = [orjson.loads(payload) for direction, payload in said if direction == "sent"]
    received = [orjson.loads(payload) for direction, payload in said if direction == "received"]
    dispatched = [payload for payload in sent if payload["op"] == 0]
    assert {payload["d"].get("nonce") for payload in dispatched} >= {"by-name", "by-id"}
    assert {payload["op"] for payload in received} >= {1, 2, 3, 6, 8}
    assert [problem for payload in dispatched for problem in dispatch_problems(payload)] == []
    assert [problem for payload in received for problem in send_problems(payload)] == []
