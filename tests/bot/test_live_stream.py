"""The socket: who gets in, what they hear, and when they are sent away (T09, T27, T41)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import aiohttp
import pytest
from aiohttp.test_utils import make_mocked_request
from flask import Flask

from app.clients import clients
from app.clients.live_bus.port import LiveBus, Ticket
from app.contracts.live import LOG_LENGTH, SUBPROTOCOL, Signal, Topic
from app.db.ids import new_token, token_hash
from app.db.scope import tenant_scope
from app.db.transaction import transaction
from app.domain.access import Role, SystemActor
from app.domain.accounts.models import LoginSession, User
from app.domain.clock import utcnow
from app.domain.members import service as members
from app.domain.staff.models import Membership
from app.extensions import db
from bot.live import admission
from tests.bot.conftest import make_tenant
from tests.bot.running import RunningBot
from tests.servers.sandbox import ALICE, CHARLIE, SERVER_A, SERVER_B, VERA, Sandbox

StartBot = Callable[..., RunningBot]
ORIGIN = "http://127.0.0.1:5999"
OPEN_CHANNEL, HIDDEN_CHANNEL = 500, 501
VIEW_AND_HISTORY = (1 << 10) | (1 << 16)


@dataclass
class Stage:
    """A community whose bot is not in Discord: the live stream needs none."""

    bot: RunningBot
    tenant_id: int
    bus: LiveBus
    app: Flask

    def sign_in(self, user_id: int) -> int:
        with transaction():
            session = LoginSession(user_id=user_id, expires_at=utcnow() + timedelta(hours=1))
            db.session.add(session)
        return session.id

    def ticket(
        self, user_id: int = VERA, *, session_id: int | None = None, origin: str = ORIGIN, seconds: int = 60
    ) -> str:
        token = new_token()
        session = session_id or self.sign_in(user_id)
        self.bus.put_ticket(token_hash(token), Ticket(self.tenant_id, SERVER_A, user_id, session, origin), seconds)
        return token

    def publish(self, *signals: Signal, tenant_id: int | None = None) -> None:
        self.bus.publish(tenant_id or self.tenant_id, signals)

    @asynccontextmanager
    async def socket(
        self, token: str | None, *, after: str = "", origin: str = ORIGIN, in_query: bool = False
    ) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        protocols = (SUBPROTOCOL,) if token is None or in_query else (SUBPROTOCOL, token)
        query = {"after": after} if after else {}
        if in_query and token:
            query["ticket"] = token
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(
                f"{self.bot.url}/ws", protocols=protocols, origin=origin, params=query, max_msg_size=0
            ) as socket,
        ):
            yield socket


@pytest.fixture
def stage(app: Flask, sandbox: Sandbox, bot_of: StartBot) -> Stage:
    tenant_id = make_tenant(SERVER_A, ALICE)
    with transaction():
        db.session.add(User(id=VERA, username="vera", display_name="Vera"))
        db.session.flush()
        db.session.add(Membership(tenant_id=tenant_id, user_id=VERA, role=Role.VIEWER))
    copy_guild(tenant_id, hidden=True)
    return Stage(bot_of(sandbox, DISCORD_API_URL="http://127.0.0.1:9/api/v10"), tenant_id, clients().live_bus, app)


def copy_guild(tenant_id: int, *, hidden: bool) -> None:
    """Vera sees one channel; the other as well unless `hidden`."""
    deny = [{"id": str(SERVER_A), "type": 0, "allow": "0", "deny": str(VIEW_AND_HISTORY)}] if hidden else []
    channels = [
        {"id": str(OPEN_CHANNEL), "type": 0, "name": "open", "permission_overwrites": [], "guild_id": str(SERVER_A)},
        {
            "id": str(HIDDEN_CHANNEL),
            "type": 0,
            "name": "hidden",
            "permission_overwrites": deny,
            "guild_id": str(SERVER_A),
        },
    ]
    roles = [
        {
            "id": str(SERVER_A),
            "name": "@everyone",
            "permissions": str(VIEW_AND_HISTORY),
            "position": 0,
            "color": 0,
            "managed": False,
        }
    ]
    vera = {"user": {"id": str(VERA), "username": "vera"}, "roles": [], "joined_at": "2026-01-01T00:00:00+00:00"}
    system = SystemActor("test")
    with tenant_scope(tenant_id):
        members.copy_guild(system, {"id": str(SERVER_A)}, channels, roles, [])
        members.copy_members(system, [vera], complete=False)


def message(number: int, channel_id: int = OPEN_CHANNEL) -> Signal:
    return Signal(Topic.MESSAGES, f"message:{number}", channel_id)


def case(number: int) -> Signal:
    return Signal(Topic.MODERATION, f"case:{number}")


async def next_of(socket: aiohttp.ClientWebSocketResponse, seconds: float = 5) -> dict[str, Any]:
    found = await socket.receive(seconds)
    assert found.type is aiohttp.WSMsgType.TEXT, f"the socket ended with {found.type} {found.data}"
    return dict(json.loads(found.data))


async def refs(socket: aiohttp.ClientWebSocketResponse, count: int) -> list[str]:
    return [(await next_of(socket))["ref"] for _ in range(count)]


async def close_code(socket: aiohttp.ClientWebSocketResponse, seconds: float = 8) -> int | None:
    while True:
        found = await socket.receive(seconds)
        if found.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSING):
            return socket.close_code


def run(work: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(work(), 40))  # type: ignore[arg-type]


async def refusal(opening: Any) -> int:
    with pytest.raises(aiohttp.WSServerHandshakeError) as error:
        async with opening:
            pass
    return error.value.status


@pytest.mark.parametrize("in_query", [False, True])
def test_a_ticket_opens_the_stream_and_events_come_in_order(stage: Stage, in_query: bool) -> None:
    async def work() -> None:
        async with stage.socket(stage.ticket(), in_query=in_query) as socket:
            hello = await next_of(socket)
            assert hello["type"] == "hello"
            assert socket.protocol == SUBPROTOCOL
            stage.publish(case(1), message(2))
            stage.publish(case(3))
            events = [await next_of(socket) for _ in range(3)]
            assert [event["ref"] for event in events] == ["case:1", "message:2", "case:3"]
            assert [event["topic"] for event in events] == ["moderation", "messages", "moderation"]
            assert all(set(event) == {"type", "id", "topic", "ref"} for event in events)

    run(work)


def test_a_client_that_comes_back_gets_what_it_missed_once_and_in_order(stage: Stage) -> None:
    async def work() -> None:
        async with stage.socket(stage.ticket()) as socket:
            await next_of(socket)
            stage.publish(case(1))
            last = (await next_of(socket))["id"]
        stage.publish(*(case(number) for number in range(2, 400)))
        async with stage.socket(stage.ticket(), after=last) as socket:
            await next_of(socket)
            stage.publish(*(case(number) for number in range(400, 600)))
            assert await refs(socket, 598) == [f"case:{number}" for number in range(2, 600)]

    run(work)


def test_many_writers_and_late_joiners_see_one_order_without_holes(stage: Stage) -> None:
    all_listen = asyncio.Barrier(9)

    async def listener() -> list[str]:
        async with stage.socket(stage.ticket()) as socket:
            await next_of(socket)
            found: list[str] = []
            await all_listen.wait()
            while not found or found[-1] != "case:last":
                found.append((await next_of(socket))["ref"])
            return found

    async def work() -> None:
        async def write() -> None:
            for number in range(60):
                await asyncio.to_thread(stage.publish, case(number))
            await all_listen.wait()
            stage.publish(Signal(Topic.MODERATION, "case:last"))

        writing = asyncio.create_task(write())
        heard = await asyncio.gather(*(listener() for _ in range(8)))
        await writing
        order = [*(f"case:{number}" for number in range(60)), "case:last"]
        assert all(each == order[-len(each) :] for each in heard)

    run(work)


def test_a_cursor_of_another_epoch_gets_one_resync_and_then_what_follows(stage: Stage) -> None:
    async def work() -> None:
        async with stage.socket(stage.ticket(), after="0123456789abcdef.3") as socket:
            assert (await next_of(socket))["type"] == "hello"
            assert (await next_of(socket))["type"] == "resync"
            stage.publish(case(1))
            assert (await next_of(socket))["ref"] == "case:1"

    run(work)


def test_a_malformed_cursor_counts_as_none(stage: Stage) -> None:
    async def work() -> None:
        async with stage.socket(stage.ticket(), after="../../etc") as socket:
            await next_of(socket)
            stage.publish(case(1))
            assert (await next_of(socket))["ref"] == "case:1"

    run(work)


def test_a_cursor_older_than_the_log_gets_one_resync(stage: Stage) -> None:
    async def work() -> None:
        async with stage.socket(stage.ticket()) as socket:
            old = (await next_of(socket))["cursor"]
        stage.publish(*(case(number) for number in range(LOG_LENGTH + 10)))
        async with stage.socket(stage.ticket(), after=old) as socket:
            await next_of(socket)
            assert (await next_of(socket))["type"] == "resync"
            stage.publish(case(9999))
            assert (await next_of(socket))["ref"] == "case:9999"

    run(work)


def test_nobody_hears_of_a_channel_that_discord_hides_from_them(stage: Stage) -> None:
    async def work() -> None:
        async with stage.socket(stage.ticket(VERA)) as vera, stage.socket(stage.ticket(ALICE)) as alice:
            await next_of(vera), await next_of(alice)
            stage.publish(message(1), message(2, HIDDEN_CHANNEL), message(3))
            assert await refs(vera, 2) == ["message:1", "message:3"]
            assert await refs(alice, 3) == ["message:1", "message:2", "message:3"]

    run(work)


def test_t41_neither_the_hello_nor_a_resync_tells_of_what_is_hidden(stage: Stage) -> None:
    async def work() -> None:
        stage.publish(message(1))
        first = await opening(stage, "")
        stage.publish(*(message(number, HIDDEN_CHANNEL) for number in range(2, 9)))
        assert await opening(stage, "") == first
        again = await opening(stage, "0123456789abcdef.3")
        assert [each["cursor"] for each in again] == [first[0]["cursor"]] * 2
        async with stage.socket(stage.ticket(VERA), after=first[0]["cursor"]) as vera:
            await next_of(vera)
            stage.publish(message(9))
            assert await refs(vera, 1) == ["message:9"]

    run(work)


async def opening(stage: Stage, after: str) -> list[dict[str, Any]]:
    """What Vera's socket says before anything happens."""
    async with stage.socket(stage.ticket(VERA), after=after) as vera:
        return [await next_of(vera) for _ in range(2 if after else 1)]


def test_a_channel_that_is_hidden_with_the_socket_open_is_heard_of_no_more(stage: Stage) -> None:
    async def work() -> None:
        copy_guild(stage.tenant_id, hidden=False)
        async with stage.socket(stage.ticket(VERA)) as vera:
            await next_of(vera)
            stage.publish(message(1, HIDDEN_CHANNEL))
            assert await refs(vera, 1) == ["message:1"]
            await asyncio.to_thread(stage_copy)
            stage.publish(message(2, HIDDEN_CHANNEL), message(3))
            heard = []
            while not heard or heard[-1] != "message:3":
                heard += await refs(vera, 1)
            assert "message:2" not in heard

    def stage_copy() -> None:
        with stage.app.app_context():
            copy_guild(stage.tenant_id, hidden=True)

    run(work)


def test_another_communitys_events_are_not_heard(stage: Stage) -> None:
    other = make_tenant(SERVER_B, CHARLIE)

    async def work() -> None:
        async with stage.socket(stage.ticket(VERA)) as vera:
            await next_of(vera)
            stage.publish(case(66), tenant_id=other)
            stage.publish(case(1))
            assert await refs(vera, 1) == ["case:1"]

    run(work)


def test_a_socket_opens_with_a_good_ticket_alone(stage: Stage) -> None:
    async def work() -> None:
        used = stage.ticket()
        async with stage.socket(used) as socket:
            await next_of(socket)
        assert await refusal(stage.socket(None)) == 401
        assert await refusal(stage.socket(used)) == 401
        assert await refusal(stage.socket("made-up")) == 401
        assert await refusal(stage.socket(stage.ticket(seconds=0))) == 401
        assert await refusal(stage.socket(stage.ticket(), origin="http://panel.test.evil")) == 403
        assert await refusal(stage.socket(stage.ticket(CHARLIE, session_id=stage.sign_in(ALICE)))) == 401

    run(work)


def test_a_person_has_so_many_sockets_and_no_more(stage: Stage) -> None:
    async def work() -> None:
        async with aiohttp.ClientSession() as session:
            held = [
                await session.ws_connect(f"{stage.bot.url}/ws", protocols=(SUBPROTOCOL, stage.ticket()), origin=ORIGIN)
                for _ in range(20)
            ]
            assert await refusal(stage.socket(stage.ticket())) == 429
            for each in held:
                await each.close()

    run(work)


def test_t27_a_hundred_sockets_at_once_are_no_way_round_that(stage: Stage) -> None:
    async def work() -> None:
        tickets = [stage.ticket() for _ in range(60)]
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            opened = await asyncio.gather(
                *(
                    session.ws_connect(f"{stage.bot.url}/ws", protocols=(SUBPROTOCOL, one), origin=ORIGIN)
                    for one in tickets
                ),
                return_exceptions=True,
            )
            refused = [each.status for each in opened if isinstance(each, aiohttp.WSServerHandshakeError)]
            assert refused == [429] * 40
            for each in opened:
                if isinstance(each, aiohttp.ClientWebSocketResponse):
                    await each.close()

    run(work)


def test_t27_an_address_asks_so_often_a_minute_and_no_more(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    assert admission.OPENINGS_AN_ADDRESS == 300

    async def work() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(admission, "monotonic", lambda: 6_000.0)
            async with aiohttp.ClientSession() as session:
                found = [await answer_of(session, stage) for _ in range(300)]
                assert found == [401] * 300, "each asked without a ticket"
                assert await answer_of(session, stage) == 429
                good = stage.ticket()
                assert await refusal(stage.socket(good)) == 429
                forged = {"X-Forwarded-For": "198.51.100.7"}
                assert await answer_of(session, stage, forged) == 429, "nobody told it to trust a proxy"
        async with stage.socket(good) as socket:
            assert (await next_of(socket))["type"] == "hello", "the next minute is another, and the ticket is unused"

    run(work)


async def answer_of(session: aiohttp.ClientSession, stage: Stage, headers: dict[str, str] | None = None) -> int:
    async with session.get(f"{stage.bot.url}/ws", headers=headers) as answer:
        return answer.status


def test_t27_a_session_opens_so_many_sockets_a_minute_and_no_more(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "monotonic", lambda: 6_000.0)
    own, other = stage.sign_in(VERA), stage.sign_in(VERA)

    async def work() -> None:
        for _ in range(60):
            async with stage.socket(stage.ticket(session_id=own)) as socket:
                await next_of(socket)
        assert await refusal(stage.socket(stage.ticket(session_id=own))) == 429
        async with stage.socket(stage.ticket(session_id=other)) as socket:
            await next_of(socket)

    run(work)


def test_t27_an_address_holds_so_many_sockets_and_no_more(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    assert admission.SOCKETS_AN_ADDRESS == 200
    monkeypatch.setattr(admission, "SOCKETS_AN_ADDRESS", 2)

    async def work() -> None:
        async with stage.socket(stage.ticket(VERA)) as vera, stage.socket(stage.ticket(ALICE)) as alice:
            await next_of(vera), await next_of(alice)
            assert await refusal(stage.socket(stage.ticket(ALICE))) == 429
            assert await refusal(stage.socket("made-up")) == 429
            await vera.close()
            opened = await until_admitted(stage)
            assert opened == "hello", "whoever leaves makes room"

    run(work)


async def until_admitted(stage: Stage) -> str:
    """The server hears of a socket's end a moment after its client."""
    for _ in range(50):
        try:
            async with stage.socket(stage.ticket(ALICE)) as socket:
                return str((await next_of(socket))["type"])
        except aiohttp.WSServerHandshakeError:
            await asyncio.sleep(0.1)
    return "never"


@pytest.mark.parametrize(
    ("hops", "header", "counted"),
    [
        (0, "198.51.100.7", "127.0.0.1"),
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        (2, "203.0.113.9, 198.51.100.7, 192.0.2.1", "198.51.100.7"),
        (2, "198.51.100.7", "127.0.0.1"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (1, "::ffff:198.51.100.7", "198.51.100.7"),
    ],
)
def test_t28_an_address_is_what_the_trusted_proxies_say_and_ipv6_counts_by_its_64(
    hops: int, header: str, counted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "OPENINGS_AN_ADDRESS", 1)
    monkeypatch.setattr(admission, "monotonic", lambda: 6_000.0)
    keeper = admission.Doorkeeper(hops)

    def asks(address: str, forwarded: str) -> bool:
        transport = Mock(**{"get_extra_info.return_value": (address, 1)})
        request = make_mocked_request("GET", "/ws", {"X-Forwarded-For": forwarded}, transport=transport)
        try:
            with keeper.place_for(request):
                return True
        except admission.NotAdmitted:
            return False

    assert asks("127.0.0.1", header)
    assert not asks("127.0.0.1", ", ".join([counted.replace("::/64", "::9")] * max(hops, 1)))


def test_a_large_message_ends_the_socket_with_1009(stage: Stage) -> None:
    async def work() -> None:
        async with stage.socket(stage.ticket()) as socket:
            await next_of(socket)
            await socket.send_str("x" * 65_000)
            assert await close_code(socket) == 1009

    run(work)


def test_a_flood_of_messages_ends_the_socket_with_1008(stage: Stage) -> None:
    async def work() -> None:
        async with stage.socket(stage.ticket()) as socket:
            await next_of(socket)
            for number in range(200):
                try:
                    await socket.send_str(f"{number}")
                except (ConnectionError, aiohttp.ClientError):
                    break
            assert await close_code(socket) == 1008

    run(work)


def test_asking_for_another_channel_is_an_error_and_opens_nothing(stage: Stage) -> None:
    async def work() -> None:
        async with stage.socket(stage.ticket(VERA)) as vera:
            await next_of(vera)
            await vera.send_json({"subscribe": str(HIDDEN_CHANNEL)})
            assert (await next_of(vera))["type"] == "error"
            stage.publish(message(1, HIDDEN_CHANNEL), case(1))
            assert await refs(vera, 1) == ["case:1"]

    run(work)


@pytest.mark.parametrize("loss", ["session", "role"])
def test_who_loses_session_or_role_is_sent_away_with_4401(stage: Stage, loss: str) -> None:
    session_id = stage.sign_in(VERA)

    async def work() -> None:
        async with (
            stage.socket(stage.ticket(VERA, session_id=session_id)) as vera,
            stage.socket(stage.ticket(ALICE)) as alice,
        ):
            await next_of(vera), await next_of(alice)
            with transaction():
                if loss == "session":
                    db.session.get(LoginSession, session_id).ended_at = utcnow()  # type: ignore[union-attr]
                else:
                    db.session.delete(db.session.get(Membership, (stage.tenant_id, VERA)))
            assert await close_code(vera) == 4401
            stage.publish(case(1))
            assert await refs(alice, 1) == ["case:1"]

    run(work)


def test_a_client_that_does_not_read_gets_one_resync_and_disturbs_nobody(stage: Stage) -> None:
    async def work() -> None:
        reader, writer = await stalled_socket(stage, stage.ticket())
        async with stage.socket(stage.ticket(ALICE)) as alice:
            await next_of(alice)
            total = 0
            for _ in range(400):
                told = [f"job:{'x' * 400}{number}" for number in range(total, total + 50)]
                stage.publish(*(Signal(Topic.JOBS, ref) for ref in told))
                total += 50
                assert await refs(alice, 50) == told
            stage.publish(case(1))
            assert (await next_of(alice))["ref"] == "case:1"
        stage_frames = await read_frames(reader, until="resync")
        assert [each["type"] for each in stage_frames].count("resync") == 1
        assert len(stage_frames) < total
        writer.close()

    run(work)


async def stalled_socket(stage: Stage, token: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A WebSocket by hand whose owner does not read."""
    reader, writer = await asyncio.open_connection("127.0.0.1", stage.bot.port, limit=4096)
    writer.write(
        (
            f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nOrigin: {ORIGIN}\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: {SUBPROTOCOL}, {token}\r\n\r\n"
        ).encode()
    )
    assert b"101" in await reader.readline()
    while await reader.readline() != b"\r\n":
        pass
    return reader, writer


async def read_frames(reader: asyncio.StreamReader, until: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while not found or found[-1].get("type") != until:
        head = await asyncio.wait_for(reader.readexactly(2), 10)
        size = head[1] & 0x7F
        if size == 126:
            size = int.from_bytes(await reader.readexactly(2), "big")
        body = await reader.readexactly(size)
        if head[0] & 0x0F == 1:
            found.append(json.loads(body))
    return found
