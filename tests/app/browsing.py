"""People at their browsers: the cast signs in through the real callback, with a Discord in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.clients import Clients
from app.clients.bot_api.fake import FakeBotApi
from app.clients.bot_api.port import Answer
from app.clients.discord_oauth.fake import FakeDiscordOAuth
from app.clients.discord_oauth.port import OAuthGuild, OAuthUser
from app.clients.job_queue.fake import FakeJobQueue
from app.extensions import db
from tests.servers.sandbox import ALICE, BOB, CHARLIE, SERVER_A, SERVER_B, STAN, VERA

MANAGE_GUILD = 1 << 5
NAMES = {ALICE: "Alice", BOB: "Bob", VERA: "Vera", CHARLIE: "Charlie", STAN: "Stan"}
PUBLIC_URL = "http://127.0.0.1:5999"


@dataclass
class Town:
    """Discord as the cast sees it, and browsers for them."""

    app: Flask
    oauth: FakeDiscordOAuth
    bot: FakeBotApi
    queue: FakeJobQueue
    browsers: dict[int, FlaskClient] = field(default_factory=dict)
    addresses: int = 0

    @classmethod
    def of(cls, app: Flask) -> Town:
        """Alice owns A, Charlie owns B; both servers know their people; the bot copies whatever it is told to."""
        clients: Clients = app.extensions["clients"]
        town = cls(app, clients.discord_oauth, clients.bot_api, clients.job_queue)  # type: ignore[arg-type]
        a, b = "Snowfall Village", "Charlie's Den"
        town.oauth.guilds_of = {
            ALICE: [guild(SERVER_A, a, owner=True)],
            BOB: [guild(SERVER_A, a)],
            VERA: [guild(SERVER_A, a)],
            CHARLIE: [guild(SERVER_B, b, owner=True)],
            STAN: [],
        }
        town.bot.answers[("POST", "/guild/copy")] = Answer(200, {})
        town.bot.answers[("POST", "/webhooks")] = Answer(200, {})
        town.bot.answers[("GET", "/guild")] = Answer(200, {"system_channel_id": None})
        return town

    def browser(self) -> FlaskClient:
        """A browser of nobody in particular, at an address of its own: sign-ins are counted by address."""
        browser = self.app.test_client()
        self.addresses += 1
        browser.environ_base["REMOTE_ADDR"] = f"192.0.2.{self.addresses}"
        browser.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
        return browser

    def person(self, user_id: int) -> OAuthUser:
        name = NAMES[user_id]
        return OAuthUser(user_id, name.lower(), name, None, None)

    def signed_in(self, user_id: int) -> FlaskClient:
        """This person's browser, signed in at its first use."""
        if user_id not in self.browsers:
            self.browsers[user_id] = self.browser()
            answer = self.sign_in(self.browsers[user_id], user_id)
            assert answer.status_code == 302, answer.text
        db.session.rollback()
        return self.browsers[user_id]

    def sign_in(self, browser: FlaskClient, user_id: int, *, next: str | None = None) -> TestResponse:
        """Through Discord and back."""
        state = self.leave_for_discord(browser, next=next)
        code = self.oauth.approve(self.person(user_id))
        return browser.get("/api/auth/callback", query_string={"code": code, "state": state})

    def install(self, user_id: int, guild_id: int, *, browser: FlaskClient | None = None) -> TestResponse:
        """Through Discord's consent page with the bot and back."""
        used = browser or self.signed_in(user_id)
        state = self.leave_for_discord(used, install=guild_id)
        code = self.oauth.approve(self.person(user_id), guild_id)
        return used.get("/api/auth/callback", query_string={"code": code, "state": state, "guild_id": guild_id})

    def leave_for_discord(self, browser: FlaskClient, **query: Any) -> str:
        """Start the OAuth flow; answers the state that must come back."""
        answer = browser.get("/api/auth/discord", query_string={k: v for k, v in query.items() if v is not None})
        assert answer.status_code == 302, answer.text
        return parse_qs(urlsplit(answer.headers["Location"]).query)["state"][0]


def guild(guild_id: int, name: str, *, owner: bool = False, permissions: int = 0) -> OAuthGuild:
    """A guild as Discord lists it for one person."""
    return OAuthGuild(guild_id, name, None, owner, permissions)
