"""The way from a browser to the bot (T02, T05, T06), against a listener that records what arrives."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.clients.bot_api.http import HttpBotApi
from app.contracts.bot_api import SIGNED_HEADERS, Accepted, Direction, verify
from app.db.transaction import transaction
from app.domain.access import Role
from app.domain.accounts.models import User
from app.domain.staff.models import Membership
from app.domain.tenants.models import Tenant
from app.extensions import db
from app.web.guards import RULES, RouteClass
from tests.app.browsing import NAMES, Town
from tests.environment import BOT_SECRET, settings
from tests.servers.process import free_port
from tests.servers.sandbox import ALICE, BOB, CHARLIE, SERVER_A, SERVER_B, STAN, VERA

A, B = 11, 12


@dataclass
class Heard:
    """One request as the bot would see it."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes

    def caller(self) -> Accepted:
        found = verify(
            direction=Direction.TO_BOT,
            method=self.method,
            target=self.target,
            body=self.body,
            headers=self.headers,
            secrets=(BOT_SECRET,),
            now=int(next(value for name, value in self.headers if name.lower() == "x-timestamp")),
        )
        assert isinstance(found, Accepted)
        return found


@dataclass
class BotPort:
    """Listens where the bot would."""

    url: str = ""
    heard: list[Heard] = field(default_factory=list)
    answer: tuple[int, bytes] = (200, b'{"name": "Snowfall"}')
    silent: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def bot_port() -> Iterator[BotPort]:
    port = BotPort()

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            port.heard.append(Heard(self.command, self.path, list(self.headers.items()), body))
            if port.silent.is_set():
                threading.Event().wait(4)
            status, answer = port.answer
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _any

        def log_message(self, *_arguments: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    port.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield port
    server.shutdown()
    server.server_close()


@pytest.fixture
def town(app: Flask, bot_port: BotPort, tmp_path: Path) -> Town:
    with transaction():
        db.session.add_all(User(id=i, username=NAMES[i].lower(), display_name=NAMES[i]) for i in NAMES)
        db.session.flush()
        db.session.add(Tenant(id=A, guild_id=SERVER_A, slug="a", name="A", owner_id=ALICE))
        db.session.add(Tenant(id=B, guild_id=SERVER_B, slug="b", name="B", owner_id=CHARLIE))
        db.session.flush()
        people = (
            (A, ALICE, Role.OWNER),
            (A, BOB, Role.MODERATOR),
            (A, VERA, Role.VIEWER),
            (B, CHARLIE, Role.OWNER),
            (B, BOB, Role.VIEWER),
        )
        db.session.add_all(Membership(tenant_id=tenant, user_id=person, role=role) for tenant, person, role in people)
    found = Town.of(app)
    app.extensions["clients"].bot_api = HttpBotApi(settings("sqlite://", tmp_path, BOT_API_URL=bot_port.url))
    return found


def proxy(browser: FlaskClient, path: str, guild: int = SERVER_A, method: str = "GET", **more: Any) -> Any:
    return browser.open(f"/__bot-proxy/{guild}{path}", method=method, **more)


def test_a_viewers_read_arrives_signed_for_their_community(town: Town, bot_port: BotPort) -> None:
    answer = proxy(town.signed_in(VERA), "/members?query=b%26b&secret=1")

    assert (answer.status_code, answer.json) == (200, {"name": "Snowfall"})
    assert [(one.method, one.target) for one in bot_port.heard] == [("GET", "/members?query=b%26b")]
    caller = bot_port.heard[0].caller()
    assert (caller.tenant_id, caller.guild_id, caller.actor) == (A, SERVER_A, str(VERA))


def test_the_browser_never_sees_the_secret(town: Town, bot_port: BotPort) -> None:
    answer = proxy(town.signed_in(ALICE), "/guild")

    assert BOT_SECRET not in str(answer.headers) + answer.text
    assert not {name.lower() for name, _value in answer.headers} & set(SIGNED_HEADERS) - {"x-request-id"}


FORGED = [
    {"x-tenant-id": str(B)},
    {"X-Guild-Id": str(SERVER_B)},
    {"x_tenant_id": str(B), "X_BOT_SECRET": "guess"},
    {"x-bot-secret": BOT_SECRET, "x-signature": "0" * 64, "x-timestamp": "1"},
    {"x-actor-id": "system:health"},
    [("x-tenant-id", str(B)), ("x-tenant-id", str(A))],
    {"forwarded": "host=evil", "x-forwarded-host": "evil", "connection": "x-signature", "accept": "text/html"},
]


@pytest.mark.parametrize("forged", FORGED)
def test_forged_headers_are_stripped_and_the_call_stays_in_the_urls_community(
    town: Town, bot_port: BotPort, forged: Any
) -> None:
    answer = proxy(town.signed_in(VERA), "/guild", headers=forged)

    assert answer.status_code == 200
    heard = bot_port.heard[0]
    caller = heard.caller()
    assert (caller.tenant_id, caller.guild_id, caller.actor) == (A, SERVER_A, str(VERA))
    names = [name.lower() for name, _value in heard.headers]
    assert not set(names) - {*SIGNED_HEADERS, "host", "user-agent", "accept-encoding", "accept", "connection"}
    assert "evil" not in str(heard.headers)


def test_cookies_are_not_passed_on(town: Town, bot_port: BotPort) -> None:
    browser = town.signed_in(VERA)

    proxy(browser, "/guild", headers={"authorization": "Bearer mine"})

    assert "cookie" not in str(bot_port.heard[0].headers).lower()
    assert "bearer" not in str(bot_port.heard[0].headers).lower()


def test_two_tabs_on_two_communities_never_cross(town: Town, bot_port: BotPort) -> None:
    browser = town.signed_in(BOB)
    body = {"target_id": str(VERA), "reason": "spam", "tenant_id": str(A), "guild_id": str(SERVER_A)}

    first = proxy(browser, "/moderation/timeout", SERVER_A, "POST", json=body)
    second = proxy(browser, "/moderation/timeout", SERVER_B, "POST", json=body)

    assert (first.status_code, second.status_code) == (200, 403)
    assert [(one.caller().tenant_id, one.target) for one in bot_port.heard] == [(A, "/moderation/timeout")]
    assert json.loads(bot_port.heard[0].body) == body


@pytest.mark.parametrize(
    ("who", "method", "path", "status"),
    [
        (VERA, "GET", "/guild", 200),
        (VERA, "GET", "/members/5", 200),
        (VERA, "POST", "/moderation/timeout", 403),
        (VERA, "POST", "/moderation/ban", 403),
        (BOB, "POST", "/moderation/ban", 200),
        (BOB, "POST", "/moderation/unban", 200),
        (ALICE, "POST", "/moderation/kick", 200),
        (STAN, "GET", "/guild", 404),
        (CHARLIE, "POST", "/moderation/ban", 404),
    ],
)
def test_each_route_has_its_role(town: Town, bot_port: BotPort, who: int, method: str, path: str, status: int) -> None:
    answer = proxy(town.signed_in(who), path, method=method, json={} if method == "POST" else None)

    assert answer.status_code == status
    assert len(bot_port.heard) == (1 if status == 200 else 0)


def test_nobody_signed_in_is_401_and_foreign_is_the_same_404_as_missing(town: Town, bot_port: BotPort) -> None:
    assert proxy(town.browser(), "/guild").status_code == 401
    foreign = proxy(town.signed_in(STAN), "/guild")
    missing = proxy(town.signed_in(STAN), "/guild", 399999999999999999)

    assert foreign.status_code == missing.status_code == 404
    assert {k: v for k, v in foreign.json.items() if k != "reference"} == {
        k: v for k, v in missing.json.items() if k != "reference"
    }
    assert bot_port.heard == []


TRICKS = [
    "/guild/../health",
    "/../health",
    "/%2e%2e/health",
    "/guild%2f..%2f..%2fhealth",
    "//guild",
    "/guild//",
    "/guild;x=1",
    "/guild%3Fx",
    "/guild%00",
    "/guild%0d%0aX-Evil:%201",
    "/http://evil.test/",
    "/@evil.test/",
    "/Guild",
    "/guild/",
    "/guild/copy",
    "/webhooks",
    "/health",
    "/ws",
    "/metrics",
    "/members/1%2f2",
    "/members/abc",
    "/members/١٢",
    "/moderation/ban/1",
    "/moderation/purge",
    "/",
    "/%",
    "/guild%20",
]


@pytest.mark.parametrize("path", TRICKS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_path_tricks_and_unlisted_paths_never_reach_the_bot(
    town: Town, bot_port: BotPort, path: str, method: str
) -> None:
    answer = proxy(town.signed_in(ALICE), path, method=method, json={} if method == "POST" else None)

    assert answer.status_code in (400, 404, 405)
    assert bot_port.heard == []


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/guild"), ("PUT", "/guild"), ("DELETE", "/members/5"), ("PATCH", "/roles"), ("GET", "/moderation/ban")],
)
def test_unlisted_methods_are_405_and_never_reach_the_bot(
    town: Town, bot_port: BotPort, method: str, path: str
) -> None:
    answer = proxy(town.signed_in(ALICE), path, method=method, json={} if method != "GET" else None)

    assert answer.status_code == 405
    assert bot_port.heard == []


@pytest.mark.parametrize("body", [b"{", b"[1]", b"null", b'"x"'])
def test_a_body_that_is_no_json_object_is_422(town: Town, bot_port: BotPort, body: bytes) -> None:
    answer = proxy(town.signed_in(BOB), "/moderation/ban", method="POST", data=body, content_type="application/json")

    assert answer.status_code == 422
    assert bot_port.heard == []


def test_a_body_over_64_kib_is_413(town: Town, bot_port: BotPort) -> None:
    answer = proxy(town.signed_in(BOB), "/moderation/ban", method="POST", json={"reason": "x" * 65_536})

    assert answer.status_code == 413
    assert bot_port.heard == []


def test_a_request_from_another_site_is_refused(town: Town, bot_port: BotPort) -> None:
    for site in ("cross-site", "same-site"):
        answer = proxy(town.signed_in(BOB), "/moderation/ban", method="POST", json={}, headers={"Sec-Fetch-Site": site})
        assert answer.status_code == 403
    assert bot_port.heard == []


def test_all_of_a_community_have_three_hundred_calls_a_minute_together(
    town: Town, bot_port: BotPort, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T28"""
    assert RULES[RouteClass.PROXY].of_a_community == "300/minute"
    monkeypatch.setitem(RULES, RouteClass.PROXY, replace(RULES[RouteClass.PROXY], of_a_community="9/minute"))
    for person in (ALICE, BOB):
        assert [proxy(town.signed_in(person), "/guild").status_code for _ in range(4)] == [200] * 4
    assert {proxy(town.signed_in(STAN), "/guild").status_code for _ in range(9)} == {404}

    found = [proxy(vera, "/guild") for vera in [town.signed_in(VERA)] for _ in range(2)]

    assert [one.status_code for one in found] == [200, 429], "a stranger's calls do not count"
    assert found[-1].json["code"] == "too_many_requests" and int(found[-1].headers["Retry-After"]) > 0
    assert proxy(town.signed_in(BOB), "/guild", SERVER_B).status_code == 200, "another community has its own"


def test_the_bots_refusal_comes_through_with_its_status(town: Town, bot_port: BotPort) -> None:
    bot_port.answer = (403, b'{"code": "rule:target_is_owner", "message": "no"}')

    answer = proxy(town.signed_in(BOB), "/moderation/ban", method="POST", json={})

    assert (answer.status_code, answer.json["code"]) == (403, "rule:target_is_owner")


def test_a_bot_that_is_away_is_502(town: Town, app: Flask, tmp_path: Path) -> None:
    closed = settings("sqlite://", tmp_path, BOT_API_URL=f"http://127.0.0.1:{free_port()}")
    app.extensions["clients"].bot_api = HttpBotApi(closed)
    browser = town.signed_in(VERA)

    answers = [proxy(browser, "/guild") for _ in range(6)]

    assert [(one.status_code, one.json["code"]) for one in answers[:5]] == [(502, "bot_unreachable")] * 5
    assert (answers[5].status_code, answers[5].json["code"]) == (503, "bot_circuit_open")
    assert int(answers[5].headers["Retry-After"]) >= 1


def test_a_bot_that_does_not_answer_is_504(town: Town, bot_port: BotPort) -> None:
    bot_port.silent.set()

    answer = proxy(town.signed_in(VERA), "/guild")

    assert (answer.status_code, answer.json["code"]) == (504, "bot_timeout")


def test_an_answer_over_one_mebibyte_is_not_passed_on(town: Town, bot_port: BotPort) -> None:
    bot_port.answer = (200, b'{"x": "' + b"y" * (1024 * 1024) + b'"}')

    answer = proxy(town.signed_in(VERA), "/guild")

    assert answer.status_code == 502
    assert len(answer.data) < 2000


def test_a_listener_that_speaks_no_http_is_502(town: Town, app: Flask, tmp_path: Path) -> None:
    with socket.socket() as raw:
        raw.bind(("127.0.0.1", 0))
        raw.listen()

        def babble() -> None:
            connection, _address = raw.accept()
            connection.sendall(b"220 smtp ready\r\n\r\n")
            connection.close()

        threading.Thread(target=babble, daemon=True).start()
        strange = settings("sqlite://", tmp_path, BOT_API_URL=f"http://127.0.0.1:{raw.getsockname()[1]}")
        app.extensions["clients"].bot_api = HttpBotApi(strange)

        answer = proxy(town.signed_in(VERA), "/guild")

    assert answer.status_code == 502
