"""Discord's OAuth: the real client against the sandbox and its stand-in keep the same promises."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
import requests
from flask import Flask

from app.clients.discord_oauth.fake import FakeDiscordOAuth
from app.clients.discord_oauth.http import HttpDiscordOAuth
from app.clients.discord_oauth.port import AuthorizationRequest, DiscordOAuth, OAuthUser
from app.clients.errors import Refused, Unavailable
from tests.app.browsing import guild
from tests.environment import settings
from tests.servers.process import free_port
from tests.servers.sandbox import ALICE, SERVER_A, SERVER_C, Sandbox

REDIRECT = "http://127.0.0.1:5999/api/auth/callback"
MANAGE_WEBHOOKS = 1 << 29


@dataclass
class Side:
    """A client, and how Alice says yes to what it asks: `approve(request, guild_id)` answers the code."""

    client: DiscordOAuth
    approve: Callable[[AuthorizationRequest, int | None], str]


@pytest.fixture(params=["fake", "real"])
def side(request: pytest.FixtureRequest, app: Flask, folder: Path) -> Iterator[Side]:
    if request.param == "fake":
        yield _fake()
        return
    sandbox = request.getfixturevalue("sandbox")
    yield _real(sandbox, folder)
    # Other tests of this worker look at the same Discord: the bot leaves where it was let in.
    sandbox.post("/sandbox/bot/remove", guild_id=str(SERVER_C))


def _fake() -> Side:
    fake = FakeDiscordOAuth()
    fake.guilds_of[ALICE] = [guild(SERVER_A, "Snowfall Village", owner=True)]
    alice = OAuthUser(ALICE, "alice", "Alice", None, None)
    return Side(fake, lambda asked, guild_id: fake.approve(alice, guild_id))


def _real(sandbox: Sandbox, folder: Path) -> Side:
    found = sandbox.credentials
    real = HttpDiscordOAuth(
        settings(
            "sqlite://",
            folder,
            DISCORD_API_URL=sandbox.api_url,
            DISCORD_AUTHORIZE_URL=f"{sandbox.url}/oauth2/authorize",
            DISCORD_CLIENT_ID=found["client_id"],
            DISCORD_CLIENT_SECRET=found["client_secret"],
        )
    )
    return Side(real, _consent)


def _consent(asked: AuthorizationRequest, guild_id: int | None) -> str:
    address, _mark, query = asked.url.partition("?")
    form: dict[str, Any] = dict(parse_qsl(query)) | {"as": str(ALICE), "decision": "authorize"}
    if guild_id is not None:
        form |= {"chosen_guild": str(guild_id), "permission": str(MANAGE_WEBHOOKS)}
    answer = requests.post(address, data=form, allow_redirects=False, timeout=10)
    back = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert back["state"] == [asked.state]
    return back["code"][0]


def test_a_code_tells_who_it_is_and_where_they_are(side: Side) -> None:
    asked = side.client.begin(REDIRECT)

    token = side.client.exchange(side.approve(asked, None), asked.code_verifier, REDIRECT)

    assert token.scopes == {"identify", "guilds"} and token.guild_id is None and token.expires_in > 0
    assert side.client.user(token.access_token).id == ALICE
    owned = {g.id: g.is_owner for g in side.client.guilds(token.access_token)}
    assert owned[SERVER_A] is True


def test_a_code_works_once(side: Side) -> None:
    asked = side.client.begin(REDIRECT)
    code = side.approve(asked, None)
    side.client.exchange(code, asked.code_verifier, REDIRECT)

    with pytest.raises(Refused):
        side.client.exchange(code, asked.code_verifier, REDIRECT)


def test_an_install_names_the_guild_in_the_tokens_answer(side: Side) -> None:
    asked = side.client.begin(REDIRECT, install_permissions=MANAGE_WEBHOOKS, guild_id=SERVER_C)

    token = side.client.exchange(side.approve(asked, SERVER_C), asked.code_verifier, REDIRECT)

    assert token.guild_id == SERVER_C and "bot" in token.scopes


def test_a_refresh_token_gives_new_tokens_once(side: Side) -> None:
    asked = side.client.begin(REDIRECT)
    token = side.client.exchange(side.approve(asked, None), asked.code_verifier, REDIRECT)
    assert token.refresh_token is not None

    fresh = side.client.refresh(token.refresh_token)

    assert fresh.access_token != token.access_token
    assert side.client.user(fresh.access_token).id == ALICE
    with pytest.raises(Refused):
        side.client.refresh(token.refresh_token)


def test_an_unknown_token_opens_nothing(side: Side) -> None:
    for ask in (side.client.user, side.client.guilds, side.client.refresh):
        with pytest.raises(Refused):
            ask("unknown")


def test_a_stolen_code_is_useless_without_its_verifier(sandbox: Sandbox, app: Flask, folder: Path) -> None:
    """T11"""
    side = _real(sandbox, folder)
    asked = side.client.begin(REDIRECT)

    with pytest.raises(Refused):
        side.client.exchange(side.approve(asked, None), "another-verifier-" + "x" * 40, REDIRECT)


def test_every_request_has_its_own_state_and_challenge(side: Side) -> None:
    asked = [side.client.begin(REDIRECT) for _request in range(3)]

    assert len({one.state for one in asked}) == len({one.code_verifier for one in asked}) == 3


def test_a_discord_that_does_not_answer_is_unavailable(app: Flask, folder: Path) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    real = HttpDiscordOAuth(settings("sqlite://", folder, DISCORD_API_URL=nobody, DISCORD_AUTHORIZE_URL=nobody))
    fake = FakeDiscordOAuth(away=True)

    for client in (real, fake):
        for ask in (
            lambda c: c.exchange("c", "v", REDIRECT),
            lambda c: c.refresh("r"),
            lambda c: c.user("a"),
            lambda c: c.guilds("a"),
        ):
            with pytest.raises(Unavailable):
                ask(client)
