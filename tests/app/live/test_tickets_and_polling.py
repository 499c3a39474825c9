"""The live stream's doors on the website: the ticket for the socket, and polling with the same cursor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from flask import Flask

from app.clients.errors import Unavailable
from app.clients.live_bus.port import Ticket
from app.clients.live_bus.ring import RingLiveBus
from app.contracts.live import LOG_LENGTH, Cursor, Page, Signal, Topic
from app.db.ids import token_hash
from app.db.scope import tenant_scope
from app.db.transaction import transaction
from app.domain.access import Role, SystemActor
from app.domain.accounts.models import LoginSession, User
from app.domain.members import service as members
from app.domain.staff.models import Membership
from app.domain.tenants.models import BotSettings, Tenant
from app.extensions import db
from tests.app.browsing import NAMES, Town
from tests.servers.sandbox import ALICE, CHARLIE, SERVER_A, SERVER_B, STAN, VERA

A, B = 11, 12
OPEN, HIDDEN = 500, 501
READS = str((1 << 10) | (1 << 16))


class AwayBus(RingLiveBus):
    """A log whose store cannot be reached."""

    def read(self, tenant_id: int, after: Cursor | None, limit: int = 256) -> Page:
        raise Unavailable("live_unavailable", retry_after=2)

    def put_ticket(self, token: str, ticket: Ticket, seconds: int) -> None:
        raise Unavailable("live_unavailable", retry_after=2)

    def readable_channels(self, tenant_id: int, user_id: int) -> frozenset[int] | None:
        raise Unavailable("live_unavailable")

    def publish(self, tenant_id: int, signals: Iterable[Signal]) -> None:
        return


@pytest.fixture
def town(app: Flask) -> Town:
    with transaction():
        db.session.add_all(User(id=i, username=NAMES[i].lower(), display_name=NAMES[i]) for i in NAMES)
        db.session.flush()
        db.session.add(Tenant(id=A, guild_id=SERVER_A, slug="a", name="A", owner_id=ALICE))
        db.session.add(Tenant(id=B, guild_id=SERVER_B, slug="b", name="B", owner_id=CHARLIE))
        db.session.flush()
        for tenant, person, role in ((A, ALICE, Role.OWNER), (A, VERA, Role.VIEWER), (B, CHARLIE, Role.OWNER)):
            db.session.add(Membership(tenant_id=tenant, user_id=person, role=role))
    deny = [{"id": str(SERVER_A), "type": 0, "allow": "0", "deny": READS}]
    channels = [
        {"id": str(OPEN), "type": 0, "name": "open", "permission_overwrites": []},
        {"id": str(HIDDEN), "type": 0, "name": "hidden", "permission_overwrites": deny},
    ]
    roles = [
        {"id": str(SERVER_A), "name": "@everyone", "permissions": READS, "position": 0, "color": 0, "managed": False}
    ]
    vera = {"user": {"id": str(VERA), "username": "vera"}, "roles": [], "joined_at": "2026-01-01T00:00:00+00:00"}
    with tenant_scope(A):
        with transaction():
            db.session.add(BotSettings())
        members.copy_guild(SystemActor("test"), {"id": str(SERVER_A)}, channels, roles, [])
        members.copy_members(SystemActor("test"), [vera], complete=False)
    return Town.of(app)


def bus(town: Town) -> RingLiveBus:
    found = town.app.extensions["clients"].live_bus
    assert isinstance(found, RingLiveBus)
    return found


def poll(town: Town, who: int, after: str | None = None, guild: int = SERVER_A) -> Any:
    return town.signed_in(who).get(f"/api/live/{guild}", query_string={"after": after} if after is not None else {})


def message(number: int, channel: int = OPEN) -> Signal:
    return Signal(Topic.MESSAGES, f"message:{number}", channel)


def test_a_ticket_names_the_socket_and_is_bound_to_person_session_and_origin(town: Town) -> None:
    answer = town.signed_in(VERA).post("/api/bot/ws-ticket", json={"guild_id": str(SERVER_A)})

    assert answer.status_code == 200
    assert answer.json["url"] == "ws://127.0.0.1:8001/ws"
    ticket = bus(town).take_ticket(token_hash(answer.json["ticket"]))
    session = db.session.query(LoginSession).filter_by(user_id=VERA).one()
    assert ticket == Ticket(A, SERVER_A, VERA, session.id, "http://127.0.0.1:5999")


@pytest.mark.parametrize(
    ("who", "guild", "status"),
    [(STAN, SERVER_A, 404), (CHARLIE, SERVER_A, 404), (VERA, 399, 404), (ALICE, SERVER_B, 404)],
)
def test_strangers_get_neither_ticket_nor_events(town: Town, who: int, guild: int, status: int) -> None:
    ticket = town.signed_in(who).post("/api/bot/ws-ticket", json={"guild_id": str(guild)})

    assert ticket.status_code == poll(town, who, guild=guild).status_code == status


def test_nobody_signed_in_gets_401(town: Town) -> None:
    assert town.browser().post("/api/bot/ws-ticket", json={"guild_id": str(SERVER_A)}).status_code == 401
    assert town.browser().get(f"/api/live/{SERVER_A}").status_code == 401


@pytest.mark.parametrize("body", [None, {}, {"guild_id": "x"}, {"guild_id": [1]}, {"guild_id": "1" * 40}, [], "x"])
def test_a_strange_ticket_request_says_what_is_missing(town: Town, body: Any) -> None:
    answer = town.signed_in(VERA).post("/api/bot/ws-ticket", json=body)

    assert answer.status_code == 422 and "guild_id" in answer.json["fields"]


def test_polling_gives_each_event_once_and_in_order(town: Town) -> None:
    start = poll(town, VERA).json
    assert (start["events"], start["resync"]) == ([], False)
    bus(town).publish(A, [message(1), Signal(Topic.MODERATION, "case:2")])

    first = poll(town, VERA, start["cursor"]).json
    bus(town).publish(A, [message(3)])
    second = poll(town, VERA, first["cursor"]).json

    assert [event["ref"] for event in first["events"] + second["events"]] == ["message:1", "case:2", "message:3"]
    assert all(set(event) == {"id", "topic", "ref"} for event in first["events"])
    assert first["events"][-1]["id"] == first["cursor"]
    assert poll(town, VERA, second["cursor"]).json["events"] == []


def test_a_hidden_channels_events_are_polled_by_who_sees_it_alone(town: Town) -> None:
    start = poll(town, VERA).json["cursor"]
    bus(town).publish(A, [message(1, HIDDEN), message(2)])

    assert [event["ref"] for event in poll(town, VERA, start).json["events"]] == ["message:2"]
    assert [event["ref"] for event in poll(town, ALICE, start).json["events"]] == ["message:1", "message:2"]


def test_t41_what_a_reader_may_not_hear_of_does_not_show_in_the_cursor(town: Town) -> None:
    bus(town).publish(A, [message(1)])
    start = poll(town, VERA).json["cursor"]
    bus(town).publish(A, [message(number, HIDDEN) for number in range(2, 9)])

    assert poll(town, VERA).json["cursor"] == start
    assert poll(town, VERA, start).json == {"cursor": start, "resync": False, "events": []}
    lost = "0123456789abcdef.5"
    assert poll(town, VERA, lost).json == {"cursor": start, "resync": True, "events": []}

    bus(town).publish(A, [message(9)])
    assert [event["ref"] for event in poll(town, VERA, start).json["events"]] == ["message:9"]


def test_t41_an_events_id_does_not_tell_how_many_came_before_it(town: Town) -> None:
    start = poll(town, VERA).json["cursor"]
    bus(town).publish(A, [message(1), *(message(number, HIDDEN) for number in range(2, 9)), message(9)])

    first, second = (int(event["id"].partition(".")[2]) for event in poll(town, VERA, start).json["events"])

    assert abs(second - first) > LOG_LENGTH


def test_a_reader_who_hears_nothing_of_a_busy_log_is_not_asked_to_begin_anew_each_time(town: Town) -> None:
    bus(town).publish(A, [message(number, HIDDEN) for number in range(LOG_LENGTH + 300)])
    start = poll(town, VERA).json["cursor"]
    bus(town).publish(A, [message(1)])

    assert [event["ref"] for event in poll(town, VERA, start).json["events"]] == ["message:1"]


def test_another_epochs_cursor_asks_for_everything_again(town: Town) -> None:
    answer = poll(town, VERA, "0123456789abcdef.5").json

    assert answer["resync"] is True and answer["events"] == []


@pytest.mark.parametrize("cursor", ["x", "1", ".", "a.b", "../..", "9" * 80])
def test_a_malformed_cursor_is_422(town: Town, cursor: str) -> None:
    assert poll(town, VERA, cursor).status_code == 422


def test_while_the_log_is_away_polling_says_when_to_ask_again_and_tickets_are_503(town: Town) -> None:
    browser = town.signed_in(VERA)
    town.app.extensions["clients"].live_bus = AwayBus()

    polled = browser.get(f"/api/live/{SERVER_A}?after=0123456789abcdef.5")
    ticket = browser.post("/api/bot/ws-ticket", json={"guild_id": str(SERVER_A)})

    assert polled.status_code == 200
    assert (polled.json["resync"], polled.json["retry_after"]) == (True, 15)
    assert (ticket.status_code, ticket.json["code"]) == (503, "live_unavailable")
