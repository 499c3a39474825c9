"""Every gateway payload, and every payload of a real bot, is as Discord describes it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest

from sandbox.discord import permissions
from sandbox.discord.models import Attachment, ChannelType, Overwrite, User
from sandbox.discord.world import Draft, World
from sandbox.scenario import cast
from tests.contract.sandbox.gateway_schema import DISPATCHES, SENDS, description, dispatch_problems, send_problems
from tests.contract.sandbox.live import Live, RawShard, in_a_loop, running

EVENTS = {
    "READY",
    "RESUMED",
    "GUILD_CREATE",
    "GUILD_UPDATE",
    "GUILD_DELETE",
    "GUILD_MEMBERS_CHUNK",
    "GUILD_MEMBER_ADD",
    "GUILD_MEMBER_UPDATE",
    "GUILD_MEMBER_REMOVE",
    "GUILD_BAN_ADD",
    "GUILD_BAN_REMOVE",
    "GUILD_AUDIT_LOG_ENTRY_CREATE",
    "GUILD_ROLE_CREATE",
    "GUILD_ROLE_UPDATE",
    "GUILD_ROLE_DELETE",
    "CHANNEL_CREATE",
    "CHANNEL_UPDATE",
    "CHANNEL_DELETE",
    "CHANNEL_PINS_UPDATE",
    "THREAD_CREATE",
    "THREAD_UPDATE",
    "THREAD_DELETE",
    "THREAD_MEMBERS_UPDATE",
    "MESSAGE_CREATE",
    "MESSAGE_UPDATE",
    "MESSAGE_DELETE",
    "MESSAGE_DELETE_BULK",
    "MESSAGE_REACTION_ADD",
    "MESSAGE_REACTION_REMOVE",
    "MESSAGE_REACTION_REMOVE_ALL",
    "MESSAGE_REACTION_REMOVE_EMOJI",
    "TYPING_START",
    "WEBHOOKS_UPDATE",
}


@in_a_loop
async def test_every_event_is_as_discord_describes_it() -> None:
    async with running() as live:
        shard = await live.identified()
        for walk in (talk, people, places, hooks_and_servers):
            walk(live)
        await shard.send(8, {"guild_id": str(cast.GUILD_A), "query": "", "limit": 0, "presences": True, "nonce": "n"})
        await shard.event("GUILD_MEMBERS_CHUNK")
        live.world.remove_bot(cast.GUILD_A)
        await shard.event("GUILD_DELETE")
        again = await resumed(live, shard)

    seen = [payload for one in (shard, again) for payload in one.seen if payload["op"] == 0]
    assert "\n".join(problem for payload in seen for problem in dispatch_problems(payload)) == ""
    assert EVENTS - {payload["t"] for payload in seen} == set()


@in_a_loop
async def test_the_events_of_loaded_history_are_as_discord_describes_them() -> None:
    async with running("community") as live:
        shard = await live.identified()
        url = f"{live.url}/sandbox/guilds/{cast.GUILD_A}/history"
        async with live.http.get(url) as answer:
            history = [orjson.loads(line) async for line in answer.content]

    past = [{"op": 0, "s": 1, "t": one["t"], "d": one["d"]} for one in history]
    problems = [problem for payload in shard.seen[1:] + past for problem in dispatch_problems(payload)]
    assert problems == []
    assert len(past) > 1000


@pytest.mark.parametrize(
    "wrong", [{"op": 0, "s": 1, "t": "MESSAGE_CREATE", "d": {"id": "1"}}, {"op": 0, "t": "NO", "d": {}}]
)
def test_the_description_finds_what_is_wrong(wrong: dict[str, Any]) -> None:
    has_description = description(DISPATCHES) is not None and description(SENDS) is not None

    assert bool(dispatch_problems(wrong)) == has_description
    assert bool(send_problems({"op": 2, "d": {"token": "x"}})) == has_description


def talk(live: Live) -> None:
    world, channel = live.world, live.channel("general")
    picture = Attachment(world.snowflake(), "snow.png", "image/png", b"png", 2, 2, "snow", True)
    webhook = world.create_webhook(channel, "Herald", world.users[cast.ALICE.id])
    embed = {"type": "rich", "title": "Patch 1.2", "fields": [{"name": "New", "value": "Snow", "inline": True}]}
    first = say(world, channel.id, Draft(f"hello <@{cast.BOB.id}> <@&{live.guild.id}>", attachments=[picture]))
    poll = {
        "question": {"text": "Snow?"},
        "answers": [{"answer_id": 1, "poll_media": {"text": "Yes"}}],
        "expiry": "2030-01-01T00:00:00+00:00",
        "allow_multiselect": False,
        "layout_type": 1,
        "results": {"answer_counts": [], "is_finalized": False},
    }
    row = {"type": 1, "id": 1, "components": [{"type": 2, "id": 2, "style": 1, "label": "Press", "custom_id": "p"}]}
    drafts = [
        Draft("a reply", reply_to=first),
        Draft(forwarded=first),
        Draft("with a button", embeds=[embed], components=[row]),
        Draft(poll=poll),
        Draft("by webhook", webhook=webhook, webhook_name="Frost"),
        Draft(flags=1 << 15, components=[{"type": 10, "id": 1, "content": "components"}]),
        Draft("sticker", sticker_items=[{"id": "1", "name": "s", "format_type": 1}], nonce="n1"),
    ]
    said = [say(world, channel.id, draft) for draft in drafts]
    world.edit_message(first, content="hello again", embeds=[embed])
    world.pin_message(first, cast.BOB.id)
    for emoji in ("❄️", "frost:123456789012345678"):
        world.add_reaction(first, cast.VERA.id, emoji)
        world.add_reaction(first, cast.BOB.id, emoji)
    world.remove_reaction(first, cast.VERA.id, "❄️")
    world.clear_reactions(first, "❄️")
    world.clear_reactions(first)
    world.start_typing(channel, cast.VERA.id)
    world.delete_message(said[0], cast.BOB.id, reason="off topic")
    world.bulk_delete_messages(channel, said[1:3], cast.BOB.id)


def people(live: Live) -> None:
    world, guild = live.world, live.guild
    newcomers = [User(world.snowflake(), f"newcomer{number}", avatar_hue=number) for number in range(3)]
    members = [world.join(guild, user) for user in newcomers]
    moderator = next(role for role in guild.roles.values() if role.name == "Moderator")
    world.edit_member(guild, members[0], cast.BOB.id, nick="Snowman", role_ids=[moderator.id])
    world.edit_member(guild, members[0], cast.BOB.id, timed_out_until=world.clock.now() + timedelta(hours=1))
    world.edit_user(newcomers[0], global_name="Renamed")
    world.create_message(live.channel("general").id, newcomers[1].id, "spam")
    world.ban(guild, newcomers[1].id, cast.BOB.id, reason="spam", delete_seconds=3600)
    world.unban(guild, newcomers[1].id, cast.BOB.id)
    world.kick(guild, newcomers[2].id, cast.BOB.id, reason="again")
    world.leave(guild, newcomers[0].id)


def places(live: Live) -> None:
    world, guild, general = live.world, live.guild, live.channel("general")
    kinds = (ChannelType.TEXT, ChannelType.VOICE, ChannelType.CATEGORY, ChannelType.ANNOUNCEMENT, ChannelType.FORUM)
    made = [world.create_channel(guild, f"new-{kind}", kind=kind, by=cast.ALICE.id) for kind in kinds]
    world.edit_channel(made[0], cast.ALICE.id, topic="about", slowmode=5, nsfw=True)
    world.set_overwrite(made[0], Overwrite(guild.id, True, 0, permissions.SEND_MESSAGES), cast.ALICE.id)
    world.delete_overwrite(made[0], guild.id, cast.ALICE.id)
    world.delete_channel(made[0], cast.ALICE.id)
    starter = world.create_message(general.id, cast.VERA.id, "starts a thread")
    thread = world.create_thread(general, cast.VERA.id, "A thread", starter=starter)
    private = world.create_thread(general, cast.VERA.id, "Private", kind=ChannelType.PRIVATE_THREAD)
    world.create_thread(made[4], cast.VERA.id, "A post")
    world.create_message(thread.id, cast.BOB.id, "in the thread")
    world.join_thread(private, cast.BOB.id)
    world.leave_thread(private, cast.BOB.id)
    world.edit_thread(thread, cast.BOB.id, is_archived=True, is_locked=True)
    world.delete_thread(private, cast.BOB.id)
    role = world.create_role(guild, "Snow", permissions.KICK_MEMBERS, cast.ALICE.id, color=255)
    world.edit_role(guild, role, cast.ALICE.id, name="Ice", hoist=True)
    world.delete_role(guild, role, cast.ALICE.id)


def hooks_and_servers(live: Live) -> None:
    world = live.world
    hook = world.create_webhook(live.channel("general"), "Post", world.bot_user)
    world.edit_webhook(hook, world.bot_user.id, name="Letter")
    world.delete_webhook(hook, world.bot_user.id)
    world.edit_guild(live.guild, cast.ALICE.id, name="Snowfall City", description="Bigger")
    world.install_bot(cast.GUILD_B, permissions.VIEW_CHANNEL, cast.CHARLIE.id)
    direct = world.open_direct_message(cast.VERA.id, world.bot_user.id)
    world.create_message(direct.id, cast.VERA.id, "psst")


def say(world: World, channel_id: int, draft: Draft) -> Any:
    return world.create_message(channel_id, cast.VERA.id, draft)


async def resumed(live: Live, shard: RawShard) -> RawShard:
    live.gateway.cut("tcp")
    await shard.close_code()
    again = await live.connect()
    await again.receive()
    await again.resume(shard)
    await again.event("RESUMED")
    return again
