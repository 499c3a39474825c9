"""How a gateway session begins, goes on after a cut, and ends."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from sandbox.scenario import cast
from tests.contract.sandbox.live import Live, in_a_loop, running


def say(live: Live, text: str) -> None:
    live.world.create_message(live.channel("general").id, cast.VERA.id, text)


@in_a_loop
async def test_a_bot_is_greeted_then_told_who_it_is_and_gets_its_guilds() -> None:
    async with running(installed=("A", "B")) as live:
        shard = await live.connect()
        hello = await shard.receive()
        await shard.identify()
        ready = await shard.event("READY")
        guilds = {(await shard.event("GUILD_CREATE"))["id"] for _ in range(2)}

    assert hello["op"] == 10
    assert hello["d"]["heartbeat_interval"] == 41_250
    assert ready["user"]["id"] == str(live.world.bot_user.id)
    assert ready["guilds"] == [{"id": str(one), "unavailable": True} for one in (cast.GUILD_A, cast.GUILD_B)]
    assert guilds == {str(cast.GUILD_A), str(cast.GUILD_B)}


@pytest.mark.parametrize("query", ["", "&compress=zlib-stream", "&compress=zstd-stream"])
@in_a_loop
async def test_messages_arrive_with_every_compression(query: str) -> None:
    async with running() as live:
        shard = await live.identified(f"?v=10&encoding=json{query}")
        for number in range(20):
            say(live, f"snow {number} ❄️")
        heard = [(await shard.event("MESSAGE_CREATE"))["content"] for _ in range(20)]

    assert heard == [f"snow {number} ❄️" for number in range(20)]


@in_a_loop
async def test_an_unknown_compression_is_refused_before_the_socket_opens() -> None:
    async with running() as live:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await live.connect("?v=10&compress=brotli-stream")

    assert refused.value.status == 400


@in_a_loop
async def test_heartbeats_are_acknowledged_and_a_silent_client_is_closed() -> None:
    async with running() as live:
        live.gateway.heartbeat_interval = 0.3
        lively, silent = await live.identified(), await live.identified()
        for _ in range(4):
            await lively.send(1, lively.sequence)
            assert (await lively.receive())["op"] == 11
            await asyncio.sleep(0.15)

        assert await silent.close_code() == 4009
        assert not lively.socket.closed


IDENTIFY: dict[str, Any] = {"token": "x", "properties": {}, "intents": 1}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"token": "wrong"}, 4004),
        ({"token": None}, 4002),
        ({"intents": "many"}, 4002),
        ({"properties": None}, 4002),
        ({"large_threshold": 1000}, 4002),
        ({"shard": [2, 2]}, 4010),
        ({"shard": [0]}, 4010),
        ({"shard": [-1, 2]}, 4010),
        ({"intents": 1 << 30}, 4013),
        ({"intents": -1}, 4013),
    ],
)
@in_a_loop
async def test_an_identify_that_is_wrong_is_closed_with_its_code(fields: dict[str, Any], code: int) -> None:
    async with running() as live:
        shard = await live.connect()
        await shard.receive()
        await shard.identify(**fields)

        assert await shard.close_code() == code


@in_a_loop
async def test_an_intent_that_the_application_may_not_have_is_closed_with_4014() -> None:
    async with running() as live:
        live.gateway.application_flags = 0
        shard = await live.connect()
        await shard.identify(intents=1 << 15)
        allowed = await live.identified(intents=1 | 1 << 9)

        assert await shard.close_code() == 4014
        assert allowed.ready["user"]["id"] == str(live.world.bot_user.id)


@in_a_loop
async def test_too_many_guilds_for_the_shards_require_sharding() -> None:
    async with running(installed=("A", "B")) as live:
        live.gateway.guilds_a_shard = 1
        alone = await live.connect()
        await alone.identify()
        shards = [await live.identified(shard=[number, 2]) for number in range(2)]

        assert await alone.close_code() == 4011
        for number, shard in enumerate(shards):
            expected = [one for one in (cast.GUILD_A, cast.GUILD_B) if (one >> 22) % 2 == number]
            assert [int(one["id"]) for one in shard.ready["guilds"]] == expected


@pytest.mark.parametrize(
    ("op", "data", "code"),
    [(99, None, 4001), (5, None, 4001), (8, {"guild_id": "1"}, 4003), (1, "x", 4002), (2, "x", 4002)],
)
@in_a_loop
async def test_what_is_said_out_of_turn_is_closed_with_its_code(op: int, data: Any, code: int) -> None:
    async with running() as live:
        shard = await live.connect()
        await shard.send(op, data)

        assert await shard.close_code() == code


@pytest.mark.parametrize("raw", ["{", "[]", '{"op": "1"}', '"' + "x" * 4096 + '"'])
@in_a_loop
async def test_what_is_no_payload_is_closed_with_4002(raw: str) -> None:
    async with running() as live:
        shard = await live.connect()
        await shard.socket.send_str(raw)

        assert await shard.close_code() == 4002


@in_a_loop
async def test_a_second_identify_is_closed_with_4005_and_an_old_version_with_4012() -> None:
    async with running() as live:
        twice = await live.identified()
        await twice.identify()
        old = await live.connect("?v=8&encoding=json")

        assert await twice.close_code() == 4005
        assert await old.close_code() == 4012


@in_a_loop
async def test_more_than_120_payloads_in_a_minute_are_closed_with_4008() -> None:
    async with running() as live:
        shard = await live.identified()
        for _ in range(120):
            await shard.send(1, None)

        assert await shard.close_code() == 4008


@in_a_loop
async def test_presence_updates_are_taken_also_with_the_old_key() -> None:
    async with running() as live:
        shard = await live.identified(presence={"since": None, "game": None, "status": "online", "afk": False})
        await shard.send(3, {"since": None, "game": {"name": "x", "type": 0}, "status": "idle", "afk": False})
        await shard.send(1, None)

        assert (await shard.receive())["op"] == 11


@in_a_loop
async def test_a_lost_connection_resumes_with_everything_that_was_missed_in_order() -> None:
    async with running() as live:
        lost = await live.identified()
        live.gateway.cut("tcp")
        await lost.close_code()
        for number in range(300):
            say(live, str(number))
        again = await live.connect("?v=10&compress=zlib-stream")
        await again.receive()
        await again.resume(lost)
        events = await again.events_until("RESUMED")
        say(live, "after")
        later = await again.event("MESSAGE_CREATE")

    assert [data["content"] for name, data in events[:-1] if name == "MESSAGE_CREATE"] == [
        str(number) for number in range(300)
    ]
    assert later["content"] == "after"
    numbers = [payload["s"] for payload in again.seen if payload["op"] == 0]
    assert numbers == list(range(lost.sequence + 1, lost.sequence + 1 + len(numbers)))
    assert live.gateway.counters.identifies == 1


@pytest.mark.parametrize(
    ("how", "payload"), [("op7", (7, None)), ("op9_resumable", (9, True)), ("4009", None), ("4000", None)]
)
@in_a_loop
async def test_a_session_survives_a_cut_that_is_said_to_be_resumable(how: str, payload: Any) -> None:
    async with running() as live:
        first = await live.identified()
        live.gateway.cut(how)
        if payload is None:
            assert await first.close_code() == int(how)
        else:
            told = await first.receive()
            assert (told["op"], told["d"]) == payload
            await first.socket.close(code=3000)
        say(live, "meanwhile")
        second = await live.connect()
        await second.receive()
        await second.resume(first)
        events = await second.events_until("RESUMED")

    assert [data.get("content") for _, data in events] == ["meanwhile", None]


@pytest.mark.parametrize("how", ["op9", "expire", "4004", "goodbye"])
@in_a_loop
async def test_a_session_that_ended_is_answered_with_op_9_false(how: str) -> None:
    async with running() as live:
        first = await live.identified()
        if how == "goodbye":
            await first.socket.close(code=1000)
        else:
            live.gateway.cut(how)
            await (first.receive() if how == "op9" else first.close_code())
        second = await live.connect()
        await second.receive()
        await second.resume(first)
        answer = await second.receive()
        await second.identify()
        ready = await second.event("READY")

    assert (answer["op"], answer["d"]) == (9, False)
    assert ready["session_id"] != first.ready["session_id"]


@in_a_loop
async def test_a_session_is_kept_for_three_minutes_of_the_worlds_clock() -> None:
    async with running() as live:
        first = await live.identified()
        live.gateway.cut("tcp")
        await first.close_code()
        live.world.clock.advance(170)
        second = await live.connect()
        await second.receive()
        await second.resume(first)
        await second.events_until("RESUMED")
        live.gateway.cut("tcp")
        await second.close_code()
        live.world.clock.advance(190)
        third = await live.connect()
        await third.receive()
        await third.resume(first, seq=second.sequence)

        assert (await third.receive())["d"] is False


@in_a_loop
async def test_more_than_the_kept_events_cannot_be_replayed() -> None:
    async with running() as live:
        live.gateway.replay_events = 50
        first = await live.identified()
        live.gateway.cut("tcp")
        await first.close_code()
        for number in range(51):
            say(live, str(number))
        second = await live.connect()
        await second.receive()
        await second.resume(first)

        assert (await second.receive())["op"] == 9


@in_a_loop
async def test_a_sequence_from_the_future_is_closed_with_4007_and_a_wrong_token_with_4004() -> None:
    async with running() as live:
        first = await live.identified()
        live.gateway.cut("tcp")
        await first.close_code()
        wrong_token, future = await live.connect(), await live.connect()
        await wrong_token.resume(first, token="x")
        await future.resume(first, seq=first.sequence + 100)

        assert await wrong_token.close_code() == 4004
        assert await future.close_code() == 4007


@in_a_loop
async def test_session_starts_run_out_and_come_back_after_a_day() -> None:
    async with running() as live:
        live.gateway.starts.set_remaining(2)
        await live.identified()
        async with live.http.get(f"{live.url}/api/v10/gateway/bot", headers=live.bot_headers()) as answer:
            limit = (await answer.json())["session_start_limit"]
        assert (limit["total"], limit["remaining"], limit["max_concurrency"]) == (1000, 1, 1)
        assert 0 < limit["reset_after"] <= 86_400_000

        live.world.clock.advance(86_401)
        async with live.http.get(f"{live.url}/api/v10/gateway/bot", headers=live.bot_headers()) as answer:
            assert (await answer.json())["session_start_limit"]["remaining"] == 1000


@in_a_loop
async def test_one_session_start_too_many_resets_the_bots_token() -> None:
    async with running() as live:
        before = live.token
        live.gateway.starts.set_remaining(0)
        shard = await live.connect()
        await shard.identify()

        assert await shard.close_code() == 4004
        assert live.token != before
        url, headers = f"{live.url}/api/v10/gateway/bot", {"Authorization": f"Bot {before}"}
        async with live.http.get(url, headers=headers) as answer:
            assert answer.status == 401


@in_a_loop
async def test_two_identifies_within_five_seconds_are_one_too_many() -> None:
    async with running() as live:
        live.gateway.spacing.seconds = 5
        await live.identified()
        hasty = await live.connect()
        await hasty.receive()
        await hasty.identify()

        assert (await hasty.receive())["op"] == 9


@pytest.mark.parametrize(
    ("kind", "seen"),
    [("op9", (9, False)), ("op9_resumable", (9, True)), ("4013", 4013), ("ready_then_op9", (9, False))],
)
@in_a_loop
async def test_ordered_refusals_happen_as_often_as_ordered(kind: str, seen: Any) -> None:
    async with running() as live:
        live.gateway.refusals.order(kind, 1)
        refused = await live.connect()
        await refused.receive()
        await refused.identify()
        if isinstance(seen, int):
            assert await refused.close_code() == seen
        else:
            answer = await refused.receive()
            if kind == "ready_then_op9":
                assert answer["t"] == "READY"
                answer = await refused.receive()
            assert (answer["op"], answer["d"]) == seen
        welcome = await live.identified()

        assert welcome.ready["v"] == 10


@in_a_loop
async def test_dropped_events_leave_no_hole_in_the_sequence() -> None:
    async with running() as live:
        shard = await live.identified()
        before = shard.sequence
        live.gateway.drop(2)
        for text in ("lost", "lost too", "heard"):
            say(live, text)
        heard = await shard.event("MESSAGE_CREATE")

        assert heard["content"] == "heard"
        assert shard.sequence == before + 1
