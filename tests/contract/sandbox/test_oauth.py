"""Signing in through the consent page: what is asked, what is answered, and what a token may do."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from sandbox.discord import permissions
from sandbox.scenario import cast
from tests.contract.discord_spec import rest_description
from tests.contract.sandbox.live import Live, in_a_loop, running

CALLBACK = "http://127.0.0.1:8123/api/auth/callback"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
INSTALL = {"scope": "identify guilds bot applications.commands", "permissions": str(1 << 2 | 1 << 10 | 1 << 40)}


def query(live: Live, **fields: str) -> dict[str, str]:
    return {
        "client_id": str(live.world.application.client_id),
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "scope": "identify guilds",
        "state": "s t&te",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    } | fields


async def page(live: Live, fields: dict[str, str]) -> tuple[int, str, dict[str, str]]:
    url = f"{live.url}/oauth2/authorize"
    async with live.http.get(url, params=fields, allow_redirects=False) as answer:
        return answer.status, await answer.text(), dict(answer.headers)


async def submitted(live: Live, fields: dict[str, Any]) -> tuple[int, dict[str, str], str]:
    """Post the consent form; answers the status, the redirect's query, and the page where there is one."""
    pairs = [(key, one) for key, value in fields.items() for one in (value if isinstance(value, list) else [value])]
    url = f"{live.url}/oauth2/authorize"
    async with live.http.post(url, data=pairs, allow_redirects=False) as answer:
        location = answer.headers.get("Location", "")
        assert not location or location.startswith(f"{CALLBACK}?")
        told = {key: values[0] for key, values in parse_qs(urlsplit(location).query).items()}
        return answer.status, told, await answer.text()


async def code_for(live: Live, person: int = cast.ALICE.id, **fields: Any) -> str:
    everything = query(live) | {"as": str(person), "decision": "authorize"} | fields
    status, told, text = await submitted(live, everything)
    assert status == 302, text
    return told["code"]


async def token(live: Live, **fields: str) -> tuple[int, Any]:
    application = live.world.application
    form = {
        "client_id": str(application.client_id),
        "client_secret": application.client_secret,
        "grant_type": "authorization_code",
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    } | fields
    async with live.http.post(f"{live.url}/api/v10/oauth2/token", data=form) as answer:
        return answer.status, await answer.json()


async def asked(live: Live, path: str, access_token: str, method: str = "GET") -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {access_token}"}
    async with live.http.request(method, f"{live.url}/api/v10{path}", headers=headers) as answer:
        return answer.status, await answer.json()


@in_a_loop
async def test_the_page_asks_who_then_says_what_is_wanted_in_words() -> None:
    async with running() as live:
        status, who, headers = await page(live, query(live))
        link = next(one for one in re.findall(r'href="([^"]+)"', who) if f"as={cast.BOB.id}" in one)
        async with live.http.get(live.url + link.replace("&amp;", "&")) as answer:
            consent = await answer.text()

    assert status == 200
    assert "Alice" in who and "Charlie" in who
    assert "Know your username" in consent and "Know what servers you are in" in consent
    assert "You are <b" in consent and "Bob" in consent
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert f"form-action 'self' {CALLBACK[:21]}" in policy
    assert "<script" not in who + consent and "style=" not in who + consent


@in_a_loop
async def test_people_are_found_by_name_and_a_hint_skips_the_choice() -> None:
    async with running("community") as live:
        _, found, _ = await page(live, query(live, who="vera"))
        _, hinted, _ = await page(live, query(live, login_hint="vera.lumi"))
        _, unknown, _ = await page(live, query(live, login_hint="nobody at all"))

    assert "vera.lumi" in found and "bob_the_warden" not in found
    assert "wants to access your account" in hinted
    assert "Nobody is called “nobody at all”" in unknown


@in_a_loop
async def test_consent_gives_a_code_and_the_state_and_the_code_gives_tokens() -> None:
    async with running() as live:
        status, told, _ = await submitted(live, query(live) | {"as": str(cast.ALICE.id), "decision": "authorize"})
        token_status, tokens = await token(live, code=told["code"])
        me_status, me = await asked(live, "/users/@me", tokens["access_token"])
        guilds_status, guilds = await asked(live, "/users/@me/guilds", tokens["access_token"])
        about_status, about = await asked(live, "/oauth2/@me", tokens["access_token"])

    assert (status, told["state"]) == (302, "s t&te")
    assert token_status == 200
    assert (tokens["token_type"], tokens["expires_in"], tokens["scope"]) == ("Bearer", 604_800, "guilds identify")
    assert (me_status, me["id"], me["global_name"]) == (200, str(cast.ALICE.id), "Alice")
    assert {one["id"]: one["owner"] for one in guilds} == {str(cast.GUILD_A): True, str(cast.GUILD_C): True}
    assert (about["user"]["id"], about["scopes"]) == (str(cast.ALICE.id), ["guilds", "identify"])
    description = rest_description()
    if description is not None:
        assert description.complaints("GET", "/users/@me", me_status, me) == []
        assert description.complaints("GET", "/users/@me/guilds", guilds_status, guilds) == []
        assert description.complaints("GET", "/oauth2/@me", about_status, about) == []


@in_a_loop
async def test_a_refusal_is_told_as_access_denied() -> None:
    async with running() as live:
        status, told, _ = await submitted(live, query(live) | {"as": str(cast.ALICE.id), "decision": "cancel"})

    assert (status, told["error"], told["state"]) == (302, "access_denied", "s t&te")
    assert "code" not in told


@pytest.mark.parametrize(
    "fields",
    [
        {"client_id": "1"},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": "http://127.0.0.1.evil.example/"},
        {"redirect_uri": "http://127.0.0.1@evil.example/"},
        {"redirect_uri": ""},
    ],
)
@in_a_loop
async def test_a_stranger_is_never_redirected_to(fields: dict[str, str]) -> None:
    async with running() as live:
        status, text, headers = await page(live, query(live, **fields))
        posted, _, _ = await submitted(live, query(live) | fields | {"as": str(cast.ALICE.id), "decision": "authorize"})

    assert (status, posted) == (400, 400)
    assert "Location" not in headers
    assert "cannot be answered" in text


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "identify everything"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
        ({"code_challenge_method": "S512"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
    ],
)
@in_a_loop
async def test_a_wrong_request_is_answered_at_the_redirect_address(fields: dict[str, str], error: str) -> None:
    async with running() as live:
        status, _, headers = await page(live, query(live, **fields))

    told = parse_qs(urlsplit(headers["Location"]).query)
    assert (status, told["error"], told["state"]) == (302, [error], ["s t&te"])


@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        ({"code_verifier": "w" * 64}, 400, "invalid_grant"),
        ({"code_verifier": ""}, 400, "invalid_grant"),
        ({"redirect_uri": "http://127.0.0.1:8123/other"}, 400, "invalid_grant"),
        ({"code": "made-up"}, 400, "invalid_grant"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "1"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
@in_a_loop
async def test_a_code_needs_its_proof_and_the_client_its_secret(
    fields: dict[str, str], status: int, error: str
) -> None:
    async with running() as live:
        answer = await token(live, **{"code": await code_for(live)} | fields)

    assert (answer[0], answer[1]["error"]) == (status, error)


@in_a_loop
async def test_a_code_is_good_once_and_for_a_minute() -> None:
    async with running() as live:
        first, late = await code_for(live), await code_for(live)
        once, twice = await token(live, code=first), await token(live, code=first)
        live.world.clock.advance(61)
        after = await token(live, code=late)

    assert [one[0] for one in (once, twice, after)] == [200, 400, 400]


@in_a_loop
async def test_a_token_can_be_refreshed_and_revoked_with_basic_authentication_too() -> None:
    async with running() as live:
        application = live.world.application
        basic = base64.b64encode(f"{application.client_id}:{application.client_secret}".encode()).decode()
        _, old = await token(live, code=await code_for(live))
        refresh = {"grant_type": "refresh_token", "refresh_token": old["refresh_token"]}
        url, headers = f"{live.url}/api/v10/oauth2/token", {"Authorization": f"Basic {basic}"}
        async with live.http.post(url, data=refresh, headers=headers) as answer:
            new = await answer.json()
        again, _ = await token(live, **refresh)
        statuses = [(await asked(live, "/users/@me", one["access_token"]))[0] for one in (old, new)]
        async with live.http.post(f"{url}/revoke", data={"token": new["refresh_token"]}, headers=headers) as answer:
            assert answer.status == 200
        revoked, _ = await asked(live, "/users/@me", new["access_token"])

    assert statuses == [401, 200]
    assert (again, revoked) == (400, 401)


@in_a_loop
async def test_a_token_ends_after_a_week_and_gives_only_its_scopes() -> None:
    async with running() as live:
        _, tokens = await token(live, code=await code_for(live, scope="identify"))
        refused, problem = await asked(live, "/users/@me/guilds", tokens["access_token"])
        live.world.clock.advance(604_801)
        ended, _ = await asked(live, "/users/@me", tokens["access_token"])

    assert (refused, problem["code"], ended) == (403, 50026, 401)


@in_a_loop
async def test_a_json_body_is_no_token_request() -> None:
    async with running() as live:
        body = {"grant_type": "authorization_code", "code": await code_for(live)}
        async with live.http.post(f"{live.url}/api/v10/oauth2/token", json=body) as answer:
            status, told = answer.status, await answer.json()

    assert (status, told["error"]) == (400, "invalid_request")


@in_a_loop
async def test_installing_offers_only_servers_that_the_person_may_manage() -> None:
    async with running(installed=("A",)) as live:
        _, alice, _ = await page(live, query(live, **INSTALL) | {"as": str(cast.ALICE.id)})
        _, vera, _ = await page(live, query(live, **INSTALL) | {"as": str(cast.VERA.id)})

    offered = re.findall(r'<option value="(\d+)"', alice)
    assert sorted(offered) == [str(cast.GUILD_A), str(cast.GUILD_C)]
    assert "(already there)" in alice
    assert re.findall(r'<option value="(\d+)"', vera) == []
    for name in ("Ban Members", "View Channels", "Time Out Members"):
        assert name in alice


@in_a_loop
async def test_installing_adds_the_bot_with_the_permissions_that_were_left_ticked() -> None:
    async with running(installed=()) as live:
        shard = await live.identified()
        form = query(live, **INSTALL) | {
            "as": str(cast.ALICE.id),
            "decision": "authorize",
            "chosen_guild": str(cast.GUILD_A),
            "permission": [str(1 << 2), str(1 << 10), str(1 << 3)],
        }
        status, told, _ = await submitted(live, form)
        joined = await shard.event("GUILD_CREATE")
        _, tokens = await token(live, code=told["code"])

    granted = 1 << 2 | 1 << 10
    role = next(one for one in live.guild.roles.values() if one.bot_id == live.world.bot_user.id)
    assert (status, told["guild_id"], told["permissions"]) == (302, str(cast.GUILD_A), str(granted))
    assert joined["id"] == tokens["guild"]["id"] == str(cast.GUILD_A)
    assert role.permissions == granted
    assert not granted & permissions.ADMINISTRATOR


@pytest.mark.parametrize(
    ("person", "chosen", "fields"),
    [
        (cast.VERA.id, cast.GUILD_A, {}),
        (cast.ALICE.id, cast.GUILD_B, {}),
        (cast.ALICE.id, 0, {}),
        (cast.ALICE.id, cast.GUILD_A, {"guild_id": str(cast.GUILD_B), "disable_guild_select": "true"}),
    ],
)
@in_a_loop
async def test_nobody_installs_into_a_server_that_is_not_theirs(
    person: int, chosen: int, fields: dict[str, str]
) -> None:
    async with running(installed=()) as live:
        form = query(live, **INSTALL) | fields
        form |= {"as": str(person), "decision": "authorize", "chosen_guild": str(chosen)}
        status, _, text = await submitted(live, form)

    assert status == 400
    assert "Choose a server that you may manage." in text
    assert all(live.world.bot_user.id not in guild.members for guild in live.world.guilds.values())


@in_a_loop
async def test_installing_again_changes_what_the_bot_may_do() -> None:
    async with running() as live:
        form = query(live, **INSTALL) | {"as": str(cast.ALICE.id), "decision": "authorize"}
        await submitted(live, form | {"chosen_guild": str(cast.GUILD_A), "permission": [str(1 << 10)]})

    role = next(one for one in live.guild.roles.values() if one.bot_id == live.world.bot_user.id)
    assert role.permissions == 1 << 10


@in_a_loop
async def test_who_agreed_before_is_not_asked_again_with_prompt_none() -> None:
    async with running() as live:
        fields = query(live, prompt="none") | {"as": str(cast.ALICE.id)}
        before, _, _ = await page(live, fields)
        await code_for(live)
        after, _, headers = await page(live, fields)

    assert (before, after) == (200, 302)
    assert "code=" in headers["Location"]


@in_a_loop
async def test_the_application_says_in_how_many_servers_it_is() -> None:
    async with running(installed=("A", "B")) as live:
        for path in ("/oauth2/applications/@me", "/applications/@me"):
            async with live.http.get(f"{live.url}/api/v10{path}", headers=live.bot_headers()) as answer:
                application = await answer.json()

            description = rest_description()
            assert application["approximate_guild_count"] == 2
            assert description is None or description.complaints("GET", path, 200, application) == []


@in_a_loop
async def test_names_are_escaped_on_the_page() -> None:
    async with running() as live:
        live.world.users[cast.ALICE.id].global_name = '<img src=x onerror="alert(1)">'
        _, who, _ = await page(live, query(live, state='"><script>'))
        _, consent, _ = await page(live, query(live) | {"as": str(cast.ALICE.id)})

    assert "<img src=x" not in who + consent
    assert "<script>" not in who
