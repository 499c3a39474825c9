"""The cast at their browsers, each signed in through Discord's callback, before two whole communities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.clients.discord_oauth.port import OAuthUser
from app.extensions import limiter
from tests.app.browsing import Town
from tests.isolation.cast import NAMES, NOBODY
from tests.isolation.routes import COMMUNITY, Visit
from tests.isolation.world import Side, World, build_world
from tests.servers.sandbox import ALICE, CHARLIE, SERVER_A, SERVER_B

REFERENCE = "reference-of-the-walk"
PER_ANSWER = frozenset({"Content-Security-Policy", "Content-Security-Policy-Report-Only", "Date"})
"""Headers that carry a nonce or the time."""


@dataclass
class Walk:
    """Everybody's browser, and the two communities."""

    app: Flask
    town: Town
    world: World
    browsers: dict[int, FlaskClient] = field(default_factory=dict)

    @property
    def a(self) -> Side:
        return self.world.a

    @property
    def b(self) -> Side:
        return self.world.b

    def as_(self, user_id: int) -> FlaskClient:
        """This person's browser; each has an address of its own, as limits count by it."""
        if user_id not in self.browsers:
            browser = self.town.browser()
            browser.environ_base["REMOTE_ADDR"] = f"192.0.2.{user_id % 200 + 1}"
            self.browsers[user_id] = browser
            if user_id != NOBODY:
                self._sign_in(browser, user_id)
        return self.browsers[user_id]

    def _sign_in(self, browser: FlaskClient, user_id: int) -> None:
        state = self.town.leave_for_discord(browser)
        name = NAMES.get(user_id, "Somebody")
        code = self.town.oauth.approve(OAuthUser(user_id, name.lower().replace(" ", "_"), name, None, None))
        answer = browser.get("/api/auth/callback", query_string={"code": code, "state": state})
        assert answer.status_code == 302, answer.text

    def everything(self) -> Iterator[Visit]:
        """Each visit of the table, with nobody's limit of requests used up by the one before."""
        for visit in COMMUNITY:
            with self.app.app_context():
                limiter.reset()
            yield visit

    def go(
        self,
        user_id: int,
        visit: Visit,
        guild_id: int,
        side: Side,
        *,
        method: str | None = None,
        htmx: bool = False,
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> TestResponse:
        """Make the visit in the community `guild_id` with the ids of `side`; `extra` is added to form and query."""
        sent = {"X-Request-Id": REFERENCE, **({"HX-Request": "true"} if htmx else {}), **(headers or {})}
        options: dict[str, Any] = {"headers": sent, "query_string": {**visit.query(side), **(extra or {})}}
        if visit.form is not None:
            options["data"] = {**visit.form(side), **(extra or {})}
        if visit.json is not None:
            body = dict(visit.json(side)) if visit.in_url else {**visit.json(side), "guild_id": str(guild_id)}
            options["json"] = {**(extra or {}), **body}
        return self.as_(user_id).open(self.address(visit, guild_id, side), method=method or visit.method, **options)

    def address(self, visit: Visit, guild_id: int, side: Side) -> str:
        """The path of the visit."""
        values = {**visit.values(side), **({"guild_id": guild_id} if visit.in_url else {})}
        with self.app.test_request_context():
            adapter = self.app.url_map.bind("127.0.0.1:5999")
            return adapter.build(visit.endpoint, values, method=visit.method)


def same_answer(one: TestResponse, other: TestResponse) -> None:
    """Fail unless the two differ in nothing that a person, or a program, could tell apart."""
    assert one.status_code == other.status_code
    assert one.data == other.data
    assert _headers(one) == _headers(other)


def _headers(answer: TestResponse) -> list[tuple[str, str]]:
    return sorted((name, value) for name, value in answer.headers if name not in PER_ANSWER)


@pytest.fixture
def walk(app: Flask) -> Walk:
    """A and B installed and full; nobody has opened their browser yet but the two owners."""
    town = Town.of(app)
    ready = Walk(app, town, None)  # type: ignore[arg-type]
    for owner, guild_id in ((ALICE, SERVER_A), (CHARLIE, SERVER_B)):
        browser = ready.as_(owner)
        state = town.leave_for_discord(browser, install=guild_id)
        code = town.oauth.approve(OAuthUser(owner, NAMES[owner].lower(), NAMES[owner], None, None), guild_id)
        answer = browser.get("/api/auth/callback", query_string={"code": code, "state": state})
        assert answer.status_code == 303, answer.text
    ready.world = build_world()
    return ready
