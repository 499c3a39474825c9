"""What the sandbox's REST says about messages: who may post where, what is refused, how history is paged."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.sandbox.rest_client import RestClient
from tests.servers.sandbox import ALICE, BOB, SERVER_A, STAN, VERA, Sandbox

MESSAGES = "/channels/{channel_id}/messages"
MESSAGE = MESSAGES + "/{message_id}"


def refusal(discord: Sandbox, as_user: int, do: str, **what: Any) -> tuple[int, int]:
    """Status and code of an act that Discord refuses."""
    with pytest.raises(AssertionError) as refused:
        discord.act(as_user, do, **what)
    status, _, body = str(refused.value).partition("answered ")[2].partition(": ")
    return int(status), int(body.split('"code":')[1].split(",")[0].rstrip("}"))


def test_the_same_nonce_enforced_posts_once(bot: RestClient, channels: dict[str, str]) -> None:
    wanted = {"content": "once", "nonce": "n-1", "enforce_nonce": True}

    first = bot("POST", MESSAGES, wanted, channel_id=channels["random"]).json
    again = bot("POST", MESSAGES, wanted, channel_id=channels["random"]).json
    careless = bot("POST", MESSAGES, {"content": "once", "nonce": "n-1"}, channel_id=channels["random"]).json

    assert again["id"] == first["id"]
    assert careless["id"] != first["id"]
    assert first["nonce"] == "n-1"


def test_a_nonce_is_forgotten_after_a_few_minutes(discord: Sandbox, bot: RestClient, channels: dict[str, str]) -> None:
    wanted = {"content": "twice", "nonce": "n-2", "enforce_nonce": True}
    first = bot("POST", MESSAGES, wanted, channel_id=channels["random"]).json

    discord.post("/sandbox/clock", advance=600)

    assert bot("POST", MESSAGES, wanted, channel_id=channels["random"]).json["id"] != first["id"]


def test_history_is_paged_before_after_and_around(discord: Sandbox, bot: RestClient, channels: dict[str, str]) -> None:
    place = {"channel_id": channels["general"]}
    ids = [discord.act(VERA, "message.create", content=f"line {one}", **place)["id"] for one in range(9)]

    def page(**query: Any) -> list[str]:
        return [one["id"] for one in bot("GET", MESSAGES, query=query, **place).json]

    assert page(limit=3) == ids[:5:-1]
    assert page(before=ids[5], limit=3) == [ids[4], ids[3], ids[2]]
    assert page(after=ids[2], limit=3) == [ids[5], ids[4], ids[3]]
    assert page(around=ids[4], limit=3) == [ids[5], ids[4], ids[3]]
    assert page(before=ids[0], limit=100)[0] < ids[0]
    assert bot("GET", MESSAGES, query={"limit": 101}, **place).error("limit") == "NUMBER_TYPE_MAX"


@pytest.mark.parametrize(
    ("body", "place", "problem"),
    [
        ({"content": "x" * 2001}, "content", "BASE_TYPE_MAX_LENGTH"),
        ({"embeds": [{"title": "x" * 257}]}, "embeds.0.title", "BASE_TYPE_MAX_LENGTH"),
        ({"embeds": [{"fields": [{"name": "a"}]}]}, "embeds.0.fields.0.value", "BASE_TYPE_REQUIRED"),
        ({"embeds": [{"url": "javascript:alert(1)"}]}, "embeds.0.url", "URL_TYPE_INVALID_URL"),
        ({"embeds": [{"title": "a"}] * 11}, "embeds", "BASE_TYPE_MAX_LENGTH"),
        ({"embeds": [{"description": "x" * 3001}] * 2}, "embeds", "MAX_EMBED_SIZE_EXCEEDED"),
        ({"components": [{"type": 2}]}, "components.0.type", "BASE_TYPE_CHOICES"),
        ({"content": "x", "nonce": "n" * 26}, "nonce", "BASE_TYPE_MAX_LENGTH"),
        ({"content": "x", "message_reference": {"message_id": "1"}}, "message_reference", "MESSAGE_REFERENCE_UNKNOWN_MESSAGE"),
        (
            {"content": "x", "flags": 1 << 15, "components": [{"type": 10, "content": "y"}]},
            "content",
            "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
        ),
    ],
)  # fmt: skip
def test_a_bad_body_is_refused_where_it_is_bad(
    bot: RestClient, channels: dict[str, str], body: dict[str, Any], place: str, problem: str
) -> None:
    answered = bot("POST", MESSAGES, body, channel_id=channels["general"])

    assert (answered.status, answered.code) == (400, 50035)
    assert answered.error(place) == problem


def test_an_empty_message_is_refused_also_by_an_edit(bot: RestClient, channels: dict[str, str]) -> None:
    place = {"channel_id": channels["general"]}
    said = bot("POST", MESSAGES, {"content": "words"}, **place).json

    assert bot("POST", MESSAGES, {"content": "   "}, **place).code == 50006
    assert bot("PATCH", MESSAGE, {"content": ""}, message_id=said["id"], **place).code == 50006


def test_who_may_write_delete_and_see_follows_discord(discord: Sandbox, channels: dict[str, str]) -> None:
    staff, general, news = (channels[one] for one in ("staff-room", "general", "announcements"))
    said = discord.act(ALICE, "message.create", channel_id=general, content="mine")["id"]
    discord.act(BOB, "message.create", channel_id=staff, content="staff only")

    assert refusal(discord, VERA, "message.create", channel_id=staff, content="hi") == (403, 50001)
    assert refusal(discord, VERA, "message.create", channel_id=news, content="hi") == (403, 50013)
    assert refusal(discord, STAN, "message.create", channel_id=general, content="hi") == (403, 50001)
    assert refusal(discord, VERA, "message.delete", channel_id=general, message_id=said) == (403, 50013)
    assert refusal(discord, BOB, "message.edit", channel_id=general, message_id=said, content="x") == (403, 50005)
    assert refusal(discord, VERA, "message.create", channel_id=1, content="hi") == (404, 10003)
    discord.act(BOB, "message.delete", channel_id=general, message_id=said, reason="off topic")
    entry = discord.get(f"/sandbox/state/{SERVER_A}")["audit_log"][-1]
    assert (entry["action_type"], entry["user_id"], entry["target_id"]) == (72, str(BOB), str(ALICE))
    assert entry["reason"] == "off topic"


def test_bulk_delete_takes_two_to_a_hundred_young_messages(
    discord: Sandbox, bot: RestClient, channels: dict[str, str]
) -> None:
    place = {"channel_id": channels["random"]}
    ids = [discord.act(VERA, "message.create", content=str(one), **place)["id"] for one in range(3)]
    bulk = MESSAGES + "/bulk-delete"

    assert bot("POST", bulk, {"messages": ids[:1]}, **place).code == 50016
    assert bot("POST", bulk, {"messages": [ids[0], str(1 << 22)]}, **place).code == 50034
    assert bot("POST", bulk, {"messages": ids[:2]}, **place).status == 204
    assert bot("GET", MESSAGE, message_id=ids[0], **place).code == 10008
    assert bot("GET", MESSAGE, message_id=ids[2], **place).status == 200


def test_mentions_count_only_as_far_as_they_are_allowed(bot: RestClient, channels: dict[str, str]) -> None:
    place = {"channel_id": channels["general"]}
    content = f"<@{VERA}> <@{BOB}> @everyone"

    loud = bot("POST", MESSAGES, {"content": content}, **place).json
    quiet = bot("POST", MESSAGES, {"content": content, "allowed_mentions": {"users": [str(BOB)]}}, **place).json
    mute = bot("POST", MESSAGES, {"content": content, "allowed_mentions": {"parse": []}}, **place).json

    assert [one["id"] for one in loud["mentions"]] == [str(VERA), str(BOB)] and loud["mention_everyone"]
    assert [one["id"] for one in quiet["mentions"]] == [str(BOB)] and not quiet["mention_everyone"]
    assert mute["mentions"] == [] and not mute["mention_everyone"]


def test_slow_mode_holds_members_back_and_not_moderators(discord: Sandbox) -> None:
    slow = discord.act(ALICE, "channel.create", guild_id=SERVER_A, name="slow", rate_limit_per_user=30)["id"]
    discord.act(VERA, "message.create", channel_id=slow, content="one")

    assert refusal(discord, VERA, "message.create", channel_id=slow, content="two") == (429, 20016)
    discord.act(BOB, "message.create", channel_id=slow, content="one")
    discord.act(BOB, "message.create", channel_id=slow, content="two")
    discord.post("/sandbox/clock", advance=31)
    assert discord.act(VERA, "message.create", channel_id=slow, content="two")["content"] == "two"


def test_a_closed_thread_opens_when_somebody_writes_unless_it_is_locked(
    discord: Sandbox, channels: dict[str, str]
) -> None:
    thread = discord.act(VERA, "thread.create", channel_id=channels["general"], name="talk", type=11)
    place = {"channel_id": thread["id"]}
    discord.act(VERA, "thread.edit", archived=True, **place)

    discord.act(VERA, "message.create", content="still here", **place)
    state = discord.get(f"/sandbox/state/{SERVER_A}")
    reopened = next(one for one in state["threads"] if one["id"] == thread["id"])
    discord.act(BOB, "thread.edit", archived=True, locked=True, **place)

    assert reopened["thread_metadata"]["archived"] is False
    assert refusal(discord, VERA, "message.create", content="and now?", **place) == (400, 50083)


def test_search_finds_what_the_reader_may_read_and_says_when_it_is_not_ready(
    discord: Sandbox, bot: RestClient, channels: dict[str, str]
) -> None:
    discord.act(BOB, "message.create", channel_id=channels["staff-room"], content="a quokka sighting")
    discord.act(VERA, "message.create", channel_id=channels["general"], content="Quokka photos https://example.com")
    search = "/guilds/{guild_id}/messages/search"

    found = bot("GET", search, query={"content": "quokka"}, guild_id=SERVER_A).json
    linked = bot("GET", search, query={"content": "quokka", "has": "link"}, guild_id=SERVER_A).json
    by_bob = bot("GET", search, query={"author_id": str(BOB), "content": "quokka"}, guild_id=SERVER_A).json
    discord.post("/sandbox/indexing", indexing=True)
    waiting = bot("GET", search, query={"content": "quokka"}, guild_id=SERVER_A)
    discord.post("/sandbox/indexing", indexing=False)

    assert (found["total_results"], linked["total_results"], by_bob["total_results"]) == (2, 1, 1)
    assert (waiting.status, waiting.code) == (202, 110000)
