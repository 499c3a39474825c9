"""Rank, permissions and records: what Discord lets whom do to whom."""

from __future__ import annotations

import pytest

from tests.contract.sandbox.rest_client import RestClient
from tests.contract.sandbox.test_rest_messages import refusal
from tests.servers.sandbox import ALICE, BOB, CHARLIE, SERVER_A, SERVER_B, SERVER_C, STAN, VERA, Sandbox

HERE = {"guild_id": SERVER_A}


@pytest.mark.parametrize(
    ("actor", "target", "outcome"),
    [
        (VERA, BOB, (403, 50013)),
        (BOB, ALICE, (403, 50013)),
        (BOB, BOB, (403, 50013)),
        (ALICE, ALICE, (403, 50013)),
        (STAN, VERA, (403, 50001)),
        (BOB, 12345, (404, 10013)),
    ],
)
def test_a_ban_needs_permission_and_rank(discord: Sandbox, actor: int, target: int, outcome: tuple[int, int]) -> None:
    assert refusal(discord, actor, "ban", user_id=target, **HERE) == outcome


def test_a_stranger_can_be_banned_and_then_not_join(discord: Sandbox, bot: RestClient) -> None:
    discord.act(BOB, "ban", user_id=STAN, reason="known raider", **HERE)

    assert refusal(discord, STAN, "member.join", **HERE) == (403, 40007)
    listed = bot("GET", "/guilds/{guild_id}/bans", **HERE).json
    assert [(one["user"]["id"], one["reason"]) for one in listed if one["user"]["id"] == str(STAN)] == [
        (str(STAN), "known raider")
    ]
    discord.act(BOB, "unban", user_id=STAN, **HERE)
    assert refusal(discord, BOB, "unban", user_id=STAN, **HERE) == (404, 10026)


def test_a_ban_deletes_what_was_written_lately(discord: Sandbox, bot: RestClient, channels: dict[str, str]) -> None:
    newcomer = int(discord.post("/sandbox/act", do="user.create", username="spammer")["id"])
    discord.act(newcomer, "member.join", **HERE)
    place = {"channel_id": channels["general"]}
    old = discord.act(newcomer, "message.create", content="early", **place)["id"]
    discord.post("/sandbox/clock", advance=7200)
    new = discord.act(newcomer, "message.create", content="late", **place)["id"]

    body = {"delete_message_seconds": 3600}
    bot("PUT", "/guilds/{guild_id}/bans/{user_id}", body, user_id=newcomer, reason="spam", **HERE)

    message = "/channels/{channel_id}/messages/{message_id}"
    assert bot("GET", message, message_id=old, **place).status == 200
    assert bot("GET", message, message_id=new, **place).code == 10008


def test_a_timeout_silences_until_it_ends(discord: Sandbox, channels: dict[str, str]) -> None:
    place = {"channel_id": channels["general"]}
    discord.act(BOB, "timeout", user_id=VERA, seconds=60, **HERE)

    assert refusal(discord, VERA, "message.create", content="hm", **place) == (403, 50013)
    discord.post("/sandbox/clock", advance=61)
    assert discord.act(VERA, "message.create", content="back", **place)["content"] == "back"


def test_a_timeout_is_at_most_28_days_and_never_for_an_administrator(
    discord: Sandbox, bot: RestClient, channels: dict[str, str]
) -> None:
    member = "/guilds/{guild_id}/members/{user_id}"
    role = discord.act(ALICE, "role.create", name="Admin", permissions="8", **HERE)
    other = int(discord.post("/sandbox/act", do="user.create", username="helper")["id"])
    discord.act(other, "member.join", **HERE)
    discord.act(ALICE, "role.add", user_id=other, role_id=role["id"], **HERE)

    far = {"communication_disabled_until": "2099-01-01T00:00:00+00:00"}
    too_long = bot("PATCH", member, far, user_id=VERA, **HERE)

    assert too_long.error("communication_disabled_until") == "GUILD_MEMBER_TIMEOUT_TOO_LONG"
    assert refusal(discord, ALICE, "timeout", user_id=other, seconds=60, **HERE) == (403, 50013)


def test_roles_above_ones_own_cannot_be_given_and_permissions_not_lent(discord: Sandbox) -> None:
    high = discord.act(ALICE, "role.create", name="Captain", permissions="0", **HERE)
    keeper = discord.act(ALICE, "role.create", name="Keeper", permissions=str(1 << 28), **HERE)
    discord.act(ALICE, "role.add", user_id=VERA, role_id=keeper["id"], **HERE)

    state = discord.get(f"/sandbox/state/{SERVER_A}")
    positions = {one["id"]: one["position"] for one in state["roles"]}

    assert positions[high["id"]] > positions[keeper["id"]]
    assert refusal(discord, VERA, "role.add", user_id=VERA, role_id=high["id"], **HERE) == (403, 50013)
    assert refusal(discord, VERA, "role.create", name="Banner", permissions="4", **HERE) == (403, 50013)


def test_the_audit_log_filters_and_keeps_reasons(discord: Sandbox, bot: RestClient) -> None:
    log = "/guilds/{guild_id}/audit-logs"
    newcomer = int(discord.post("/sandbox/act", do="user.create", username="rowdy")["id"])
    discord.act(newcomer, "member.join", **HERE)
    discord.act(BOB, "kick", user_id=newcomer, reason="Grüße & 雪", **HERE)
    discord.act(BOB, "ban", user_id=newcomer, **HERE)

    kicks = bot("GET", log, query={"action_type": 20, "user_id": BOB}, **HERE).json
    newest = bot("GET", log, query={"limit": 1}, **HERE).json["audit_log_entries"][0]
    older = bot("GET", log, query={"before": newest["id"], "limit": 1}, **HERE).json["audit_log_entries"][0]

    assert kicks["audit_log_entries"][0]["reason"] == "Grüße & 雪"
    assert {one["id"] for one in kicks["users"]} >= {str(BOB), str(newcomer)}
    assert (newest["action_type"], older["action_type"]) == (22, 20)
    assert "reason" not in newest
    assert refusal(discord, VERA, "ban", user_id=newcomer, **HERE) == (403, 50013)


def test_a_bulk_ban_says_whom_it_could_not_ban(bot: RestClient) -> None:
    bulk = "/guilds/{guild_id}/bulk-ban"

    some = bot("POST", bulk, {"user_ids": [str(CHARLIE), str(ALICE), "77"]}, reason="raid", **HERE).json
    none = bot("POST", bulk, {"user_ids": [str(ALICE)]}, **HERE)
    many = bot("POST", bulk, {"user_ids": [str(one) for one in range(201)]}, **HERE)

    assert some == {"banned_users": [str(CHARLIE)], "failed_users": [str(ALICE), "77"]}
    assert none.code == 500000
    assert many.error("user_ids") == "BASE_TYPE_MAX_LENGTH"


def test_the_bot_knows_only_the_servers_it_is_in(discord: Sandbox, bot: RestClient) -> None:
    assert {one["id"] for one in bot("GET", "/users/@me/guilds").json} == {str(SERVER_A), str(SERVER_B)}
    assert bot("GET", "/guilds/{guild_id}", guild_id=SERVER_C).code == 50001
    assert refusal(discord, VERA, "bot.install", guild_id=SERVER_A) == (403, 50013)


def test_a_wrong_or_missing_token_is_401(discord: Sandbox) -> None:
    for authorization in (None, "Bot wrong", "Bearer wrong"):
        stranger = RestClient(discord, authorization)
        assert stranger("GET", "/users/@me").status == 401
