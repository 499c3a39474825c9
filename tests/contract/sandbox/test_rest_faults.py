"""Limits, faults, links that expire, and the records that tests settle accounts with."""

from __future__ import annotations

import json

import pytest
import requests

from tests.contract.sandbox.rest_client import PNG, RestClient
from tests.servers.sandbox import ALICE, SERVER_A, VERA, Sandbox

MESSAGES = "/channels/{channel_id}/messages"
POSTING = "POST /channels/*/messages"


@pytest.fixture(autouse=True)
def behave_again(discord: Sandbox) -> None:
    discord.post("/sandbox/faults/clear")
    discord.post("/sandbox/limits", enforced=False, global_per_second=50)


def test_a_bucket_runs_out_per_channel_and_says_for_how_long(
    discord: Sandbox, bot: RestClient, channels: dict[str, str]
) -> None:
    discord.post("/sandbox/limits", enforced=True, buckets={"POST /channels/{channel_id}/messages": [2, 60]})
    answers = [bot("POST", MESSAGES, {"content": "x"}, channel_id=channels["general"]) for _ in range(3)]
    elsewhere = bot("POST", MESSAGES, {"content": "x"}, channel_id=channels["random"])
    discord.post("/sandbox/limits", buckets={"POST /channels/{channel_id}/messages": [5, 5]})

    refused = answers[2]
    assert [one.status for one in answers] == [200, 200, 429]
    assert answers[0].headers["X-RateLimit-Remaining"] == "1"
    assert refused.headers["X-RateLimit-Scope"] == "user"
    assert refused.json["global"] is False and 0 < refused.json["retry_after"] <= 60
    assert elsewhere.status == 200
    assert elsewhere.headers["X-RateLimit-Bucket"] == refused.headers["X-RateLimit-Bucket"]


def test_the_global_limit_stops_all_routes(discord: Sandbox, bot: RestClient) -> None:
    discord.post("/sandbox/limits", enforced=True, global_per_second=3)
    answers = [bot("GET", "/users/@me") for _ in range(4)]
    discord.post("/sandbox/limits", enforced=False, global_per_second=50)

    refused = next(one for one in answers if one.status == 429)
    assert refused.json["global"] is True
    assert refused.headers["X-RateLimit-Global"] == "true"
    assert refused.headers["X-RateLimit-Scope"] == "global"


def test_a_fault_before_does_nothing_and_a_fault_after_loses_only_the_answer(
    discord: Sandbox, bot: RestClient, channels: dict[str, str]
) -> None:
    place = {"channel_id": channels["general"]}
    discord.post("/sandbox/faults", route=POSTING, status=503)
    before = bot.sandbox.get("/sandbox/state/" + str(SERVER_A))["message_counts"][channels["general"]]
    refused = post_raw(discord, bot, channels["general"], "never posted")
    discord.post("/sandbox/faults", route=POSTING, status=500, when="after")
    lost = post_raw(discord, bot, channels["general"], "posted all the same")

    newest = bot("GET", MESSAGES, query={"limit": 1}, **place).json[0]
    after = bot.sandbox.get("/sandbox/state/" + str(SERVER_A))["message_counts"][channels["general"]]
    assert (refused, lost) == (503, 500)
    assert newest["content"] == "posted all the same"
    assert after == before + 1


def test_a_429_can_be_ordered_for_the_next_calls(discord: Sandbox, bot: RestClient, channels: dict[str, str]) -> None:
    discord.post("/sandbox/faults", route="* /channels/**", status=429, count=2, scope="shared", retry_after=0.25)
    place = {"channel_id": channels["general"]}

    answers = [bot("POST", MESSAGES, {"content": "x"}, **place) for _ in range(3)]

    assert [one.status for one in answers] == [429, 429, 200]
    assert answers[0].json["retry_after"] == 0.25
    assert answers[0].headers["X-RateLimit-Scope"] == "shared"


def test_a_connection_can_be_cut_in_the_middle(discord: Sandbox, bot: RestClient) -> None:
    discord.post("/sandbox/faults", route="GET /users/@me", status=0)

    with pytest.raises(requests.ConnectionError):
        bot("GET", "/users/@me")

    assert bot("GET", "/users/@me").status == 200


def test_a_misspelt_fault_is_refused(discord: Sandbox) -> None:
    answer = requests.post(discord.url + "/sandbox/faults", json={"rout": "GET /x"}, timeout=10)

    assert answer.status_code == 400 and "rout" in answer.text


def test_every_call_is_in_the_ledger_with_who_and_why(discord: Sandbox, bot: RestClient) -> None:
    number = discord.get("/sandbox/calls")[-1]["n"]
    bot("PATCH", "/guilds/{guild_id}", {"description": "new"}, guild_id=SERVER_A, reason="spring")
    RestClient(discord, "Bot wrong")("GET", "/users/@me")

    edit, stranger = discord.get(f"/sandbox/calls?since={number}")
    assert (edit["method"], edit["path"], edit["status"]) == ("PATCH", f"/guilds/{SERVER_A}", 200)
    assert (edit["user"], edit["reason"]) == (discord.credentials["bot_user_id"], "spring")
    assert (stranger["status"], stranger["user"]) == (401, None)


def test_a_link_to_an_attachment_expires_and_cannot_be_forged(
    discord: Sandbox, bot: RestClient, channels: dict[str, str]
) -> None:
    files = {"files[0]": ("snow.png", PNG, "image/png")}
    link = bot("POST", MESSAGES, files=files, channel_id=channels["general"]).json["attachments"][0]["url"]
    fresh = requests.get(link, timeout=10)
    forged = requests.get(link.replace("ex=", "ex=f"), timeout=10)
    discord.post("/sandbox/clock", advance=25 * 3600)
    late = requests.get(link, timeout=10)
    renewed = bot("POST", "/attachments/refresh-urls", {"attachment_urls": [link]}).json["refreshed_urls"][0]

    assert (fresh.status_code, fresh.content) == (200, PNG)
    assert fresh.headers["Content-Type"] == "image/png"
    assert (forged.status_code, late.status_code) == (404, 404)
    assert requests.get(renewed["refreshed"], timeout=10).content == PNG


def test_avatars_and_icons_are_pictures(discord: Sandbox, bot: RestClient) -> None:
    vera = bot("GET", "/users/{user_id}", user_id=VERA).json
    guild = bot("GET", "/guilds/{guild_id}", guild_id=SERVER_A).json
    cdn = discord.credentials["cdn_url"]

    for address in (
        f"avatars/{VERA}/{vera['avatar']}.png",
        f"icons/{SERVER_A}/{guild['icon']}.png",
        "embed/avatars/3.png",
    ):
        answer = requests.get(f"{cdn}/{address}", timeout=10)
        assert answer.status_code == 200 and answer.content.startswith(b"\x89PNG")


def test_a_webhook_speaks_under_its_own_name_until_it_is_revoked(
    discord: Sandbox, bot: RestClient, channels: dict[str, str]
) -> None:
    hook = "/webhooks/{webhook_id}/{webhook_token}"
    made = bot("POST", "/channels/{channel_id}/webhooks", {"name": "publish"}, channel_id=channels["general"]).json
    spoken = {"webhook_id": made["id"], "webhook_token": made["token"]}
    said = bot("POST", hook, {"content": "hello", "username": "Fox"}, query={"wait": "true"}, **spoken).json
    named = bot("POST", "/channels/{channel_id}/webhooks", {"name": "my Discord"}, channel_id=channels["general"])
    wrong = bot("POST", hook, {"content": "x"}, webhook_id=made["id"], webhook_token="guess")
    for number in range(14):
        bot("POST", "/channels/{channel_id}/webhooks", {"name": f"n{number}"}, channel_id=channels["general"])
    full = bot("POST", "/channels/{channel_id}/webhooks", {"name": "more"}, channel_id=channels["general"])
    discord.act(ALICE, "webhook.delete", webhook_id=made["id"])

    assert (said["author"]["username"], said["author"]["id"], said["webhook_id"]) == ("Fox", made["id"], made["id"])
    assert named.error("name") == "USERNAME_INVALID_CONTAINS"
    assert (wrong.status, wrong.code) == (401, 50027)
    assert full.code == 30007
    assert bot("POST", hook, {"content": "x"}, **spoken).code == 10015


def test_the_past_is_told_in_order_with_every_edit_and_end(discord: Sandbox, channels: dict[str, str]) -> None:
    place = {"channel_id": channels["random"]}
    said = discord.act(VERA, "message.create", content="first words", **place)["id"]
    discord.act(VERA, "message.edit", message_id=said, content="second words", **place)
    discord.act(VERA, "message.edit", message_id=said, content="third words", **place)
    discord.act(VERA, "message.delete", message_id=said, **place)

    lines = requests.get(f"{discord.url}/sandbox/guilds/{SERVER_A}/history", timeout=10).text.splitlines()
    told = [json.loads(line) for line in lines]
    own = [(one["t"], one["d"].get("content")) for one in told if one["d"].get("id") == said]

    assert own == [
        ("MESSAGE_CREATE", "first words"),
        ("MESSAGE_UPDATE", "second words"),
        ("MESSAGE_UPDATE", "third words"),
        ("MESSAGE_DELETE", None),
    ]
    assert [one["at"] for one in told] == sorted(one["at"] for one in told)


def post_raw(discord: Sandbox, bot: RestClient, channel_id: str, content: str) -> int:
    """Posts without asking whether the answer is one of Discord's: a 5xx has no description."""
    address = f"{discord.api_url}/channels/{channel_id}/messages"
    headers = {"Authorization": bot.authorization or ""}
    return requests.post(address, json={"content": content}, headers=headers, timeout=10).status_code
