"""Which events reach a session: by intent, by permission, by shard; and what is held back in them."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.discord import permissions
from sandbox.discord.gateway.intents import ALL_INTENTS, Intent
from sandbox.discord.models import Overwrite, User
from sandbox.discord.world import Draft
from sandbox.scenario import cast
from tests.contract.sandbox.live import Live, RawShard, in_a_loop, running

NOT_ADMINISTRATOR = permissions.EVERYONE_DEFAULT


async def heard(live: Live, shard: RawShard) -> list[tuple[str, dict[str, Any]]]:
    """Everything that the session was sent until now."""
    await shard.send(1, None)
    events = []
    while (payload := await shard.receive())["op"] != 11:
        events.append((payload["t"], payload["d"]))
    return events


def plain_bot(live: Live) -> None:
    """Takes the bot's own role its administrator's rights."""
    role = next(role for role in live.guild.roles.values() if role.bot_id == live.world.bot_user.id)
    role.permissions = NOT_ADMINISTRATOR


CAUSES: dict[Intent, tuple[str, Any]] = {
    Intent.GUILDS: ("CHANNEL_CREATE", lambda w, g, c: w.create_channel(g, "new", by=cast.ALICE.id)),
    Intent.GUILD_MEMBERS: ("GUILD_MEMBER_ADD", lambda w, g, c: w.join(g, User(w.snowflake(), "new"))),
    Intent.GUILD_MODERATION: ("GUILD_BAN_ADD", lambda w, g, c: w.ban(g, cast.VERA.id, cast.BOB.id)),
    Intent.GUILD_WEBHOOKS: ("WEBHOOKS_UPDATE", lambda w, g, c: w.create_webhook(c, "hook", w.users[cast.BOB.id])),
    Intent.GUILD_MESSAGES: ("MESSAGE_CREATE", lambda w, g, c: w.create_message(c.id, cast.VERA.id, "hi")),
    Intent.GUILD_MESSAGE_REACTIONS: (
        "MESSAGE_REACTION_ADD",
        lambda w, g, c: w.add_reaction(c.messages.newest(1)[0], cast.VERA.id, "❄️"),
    ),
    Intent.GUILD_MESSAGE_TYPING: ("TYPING_START", lambda w, g, c: w.start_typing(c, cast.VERA.id)),
    Intent.DIRECT_MESSAGES: (
        "MESSAGE_CREATE",
        lambda w, g, c: w.create_message(w.open_direct_message(cast.BOB.id, w.bot_user.id).id, cast.BOB.id, "psst"),
    ),
}


@pytest.mark.parametrize("intent", list(CAUSES), ids=lambda intent: intent.name)
@in_a_loop
async def test_an_event_reaches_only_sessions_with_its_intent(intent: Intent) -> None:
    name, cause = CAUSES[intent]
    async with running() as live:
        with_it = await live.identified(intents=int(intent))
        without = await live.identified(intents=ALL_INTENTS & ~int(intent))
        cause(live.world, live.guild, live.channel("general"))

        assert name in [event for event, _ in await heard(live, with_it)]
        assert name not in [event for event, _ in await heard(live, without)]


@in_a_loop
async def test_without_message_content_a_bot_reads_only_itself_mentions_and_direct_messages() -> None:
    async with running() as live:
        world, channel = live.world, live.channel("general")
        shard = await live.identified(intents=ALL_INTENTS & ~Intent.MESSAGE_CONTENT)
        me = world.bot_user.id
        row = {"type": 1, "id": 1, "components": [{"type": 2, "id": 2, "style": 1, "label": "B", "custom_id": "b"}]}
        secret = world.create_message(
            channel.id, cast.VERA.id, Draft("secret", embeds=[{"type": "rich", "title": "t"}], components=[row])
        )
        world.edit_message(secret, content="still secret")
        world.create_message(channel.id, cast.VERA.id, f"<@{me}> help")
        world.create_message(channel.id, me, "my own words")
        direct = world.open_direct_message(cast.VERA.id, me)
        world.create_message(direct.id, cast.VERA.id, "between us")
        events = [data for name, data in await heard(live, shard) if name.startswith("MESSAGE")]

    assert [one["content"] for one in events] == ["", "", f"<@{me}> help", "my own words", "between us"]
    assert (events[0]["embeds"], events[0]["components"], events[0]["attachments"]) == ([], [], [])


@in_a_loop
async def test_a_bot_hears_only_the_channels_that_it_may_view() -> None:
    async with running() as live:
        plain_bot(live)
        world, staff, general = live.world, live.channel("staff-room"), live.channel("general")
        shard = await live.identified()
        hidden = world.create_message(staff.id, cast.BOB.id, "among us")
        world.delete_message(hidden)
        world.create_message(general.id, cast.BOB.id, "to all")
        world.set_overwrite(staff, Overwrite(world.bot_user.id, False, permissions.VIEW_CHANNEL, 0), cast.ALICE.id)
        world.create_message(staff.id, cast.BOB.id, "now you too")
        events = await heard(live, shard)

    said = [data["content"] for name, data in events if name == "MESSAGE_CREATE"]
    assert said == ["to all", "now you too"]
    assert [data["id"] for name, data in events if name == "CHANNEL_UPDATE"] == [str(staff.id)]
    assert [name for name, _ in events if name == "MESSAGE_DELETE"] == []


@in_a_loop
async def test_audit_log_entries_need_view_audit_log() -> None:
    async with running() as live:
        shard = await live.identified()
        live.world.kick(live.guild, cast.VERA.id, cast.BOB.id, reason="first")
        plain_bot(live)
        live.world.ban(live.guild, cast.VERA.id, cast.BOB.id, reason="second")
        events = await heard(live, shard)

    assert [data["reason"] for name, data in events if name == "GUILD_AUDIT_LOG_ENTRY_CREATE"] == ["first"]
    assert "GUILD_BAN_ADD" in [name for name, _ in events]


@in_a_loop
async def test_an_install_is_a_guild_create_without_unavailable_and_nothing_before_it() -> None:
    async with running(installed=()) as live:
        shard = await live.identified()
        live.world.create_message(live.channel("general").id, cast.VERA.id, "unheard")
        live.world.install_bot(cast.GUILD_A, permissions.ADMINISTRATOR, cast.ALICE.id)
        live.world.remove_bot(cast.GUILD_A)
        live.world.create_message(live.channel("general").id, cast.VERA.id, "unheard too")
        events = await heard(live, shard)

    assert events[0][0] == "GUILD_CREATE"
    assert "unavailable" not in events[0][1]
    assert events[-1] == ("GUILD_DELETE", {"id": str(cast.GUILD_A)})
    assert "MESSAGE_CREATE" not in [name for name, _ in events]


@in_a_loop
async def test_without_the_guilds_intent_guilds_are_not_told_of_but_their_messages_are_heard() -> None:
    async with running(installed=()) as live:
        shard = await live.identified(intents=int(Intent.GUILD_MESSAGES))
        live.world.install_bot(cast.GUILD_A, permissions.ADMINISTRATOR, cast.ALICE.id)
        live.world.create_message(live.channel("general").id, cast.VERA.id, "heard")
        events = await heard(live, shard)

    assert [name for name, _ in events] == ["MESSAGE_CREATE"]


@in_a_loop
async def test_members_are_listed_in_guild_create_only_with_the_presence_intent() -> None:
    async with running() as live:
        shards = {
            intents: await live.identified(intents=intents, large_threshold=250)
            for intents in (ALL_INTENTS, ALL_INTENTS & ~Intent.GUILD_PRESENCES)
        }
        lists = {
            intents: next(one["d"]["members"] for one in shard.seen if one["t"] == "GUILD_CREATE")
            for intents, shard in shards.items()
        }

    everyone = {str(user_id) for user_id in live.guild.members}
    assert {one["user"]["id"] for one in lists[ALL_INTENTS]} == everyone
    assert [one["user"]["id"] for one in lists[ALL_INTENTS & ~Intent.GUILD_PRESENCES]] == [str(live.world.bot_user.id)]


@in_a_loop
async def test_members_come_in_chunks_of_a_thousand_with_the_nonce() -> None:
    async with running() as live:
        for number in range(2100):
            live.world.join(live.guild, User(900_000_000_000_000_000 + number, f"m{number}"), is_silent=True)
        shard = await live.identified()
        await shard.send(8, {"guild_id": str(cast.GUILD_A), "query": "", "limit": 0, "nonce": "all"})
        chunks = [await shard.event("GUILD_MEMBERS_CHUNK") for _ in range(3)]

    assert [(one["chunk_index"], one["chunk_count"], one["nonce"]) for one in chunks] == [
        (index, 3, "all") for index in range(3)
    ]
    ids = [member["user"]["id"] for one in chunks for member in one["members"]]
    assert sorted(ids) == sorted(str(user_id) for user_id in live.guild.members)


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"query": "ALI", "limit": 5}, {"members": [cast.ALICE.id]}),
        ({"query": "nobody-like-this", "limit": 5}, {"members": []}),
        ({"user_ids": [str(cast.BOB.id), "42"]}, {"members": [cast.BOB.id], "not_found": ["42"]}),
        ({"user_ids": str(cast.VERA.id), "presences": True}, {"members": [cast.VERA.id], "presences": []}),
    ],
)
@in_a_loop
async def test_members_are_found_by_name_and_by_id(request_: dict[str, Any], expected: dict[str, Any]) -> None:
    async with running() as live:
        shard = await live.identified()
        await shard.send(8, {"guild_id": str(cast.GUILD_A), "nonce": "n" * 33} | request_)
        chunk = await shard.event("GUILD_MEMBERS_CHUNK")

    assert [int(one["user"]["id"]) for one in chunk["members"]] == expected["members"]
    assert {key: chunk.get(key) for key in expected if key != "members"} == {
        key: value for key, value in expected.items() if key != "members"
    }
    assert "nonce" not in chunk


@pytest.mark.parametrize(
    ("missing", "request_"),
    [
        (Intent.GUILD_MEMBERS, {"query": "", "limit": 0}),
        (Intent.GUILD_PRESENCES, {"query": "a", "limit": 1, "presences": True}),
    ],
)
@in_a_loop
async def test_chunks_that_need_a_missing_intent_close_with_4014(missing: Intent, request_: dict[str, Any]) -> None:
    async with running() as live:
        shard = await live.identified(intents=ALL_INTENTS & ~missing)
        await shard.send(8, {"guild_id": str(cast.GUILD_A)} | request_)

        assert await shard.close_code() == 4014


@in_a_loop
async def test_each_shard_hears_its_own_guilds_and_the_first_hears_direct_messages() -> None:
    async with running(installed=("A", "B")) as live:
        world = live.world
        shards = [await live.identified(shard=[number, 2]) for number in range(2)]
        channel_b = next(one for one in world.guilds[cast.GUILD_B].channels.values() if one.type == 0)
        world.create_message(live.channel("general").id, cast.VERA.id, "in A")
        world.create_message(channel_b.id, cast.CHARLIE.id, "in B")
        direct = world.open_direct_message(cast.VERA.id, world.bot_user.id)
        world.create_message(direct.id, cast.VERA.id, "direct")
        said = [[data["content"] for _, data in await heard(live, shard)] for shard in shards]

    expected: list[list[str]] = [[], []]
    expected[(cast.GUILD_A >> 22) % 2].append("in A")
    expected[(cast.GUILD_B >> 22) % 2].append("in B")
    expected[0].append("direct")
    assert said == expected
