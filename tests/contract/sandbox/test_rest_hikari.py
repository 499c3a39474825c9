"""The library that the bot is built on reads the sandbox's answers without a complaint."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Awaitable, Callable
from typing import Any

import hikari

from tests.servers.sandbox import BOB, SERVER_A, STAN, VERA, Sandbox

Work = Callable[[hikari.impl.RESTClientImpl], Awaitable[Any]]


def with_hikari(discord: Sandbox, work: Work) -> Any:
    """Runs some work with hikari's own REST client, pointed at the sandbox."""

    async def run() -> Any:
        app = hikari.RESTApp(url=discord.api_url, max_rate_limit=5)
        await app.start()
        try:
            async with app.acquire(discord.credentials["bot_token"], hikari.TokenType.BOT) as client:
                return await work(client)
        finally:
            await app.close()

    return asyncio.run(run())


def test_hikari_reads_a_guild_with_all_that_is_in_it(discord: Sandbox) -> None:
    async def work(rest: hikari.impl.RESTClientImpl) -> None:
        me = await rest.fetch_my_user()
        guild = await rest.fetch_guild(SERVER_A)
        channels = await rest.fetch_guild_channels(SERVER_A)
        members = [one async for one in rest.fetch_members(SERVER_A)]
        roles = await rest.fetch_roles(SERVER_A)
        found = await rest.search_members(SERVER_A, "vera")
        threads = await rest.fetch_active_threads(SERVER_A)
        own = [one async for one in rest.fetch_my_guilds()]

        assert me.is_bot and guild.id == SERVER_A and len(own) == 2
        assert {one.name for one in channels} >= {"general", "announcements", "staff-room", "random"}
        assert {one.id for one in members} >= {BOB, VERA} and [one.id for one in found] == [VERA]
        assert any(role.is_managed and role.bot_id == me.id for role in roles) and list(threads) == []

    with_hikari(discord, work)


def test_hikari_posts_edits_reacts_pins_and_deletes(discord: Sandbox, channels: dict[str, str]) -> None:
    place = int(channels["general"])

    async def work(rest: hikari.impl.RESTClientImpl) -> None:
        embed = hikari.Embed(
            title="Snow", description="fresh", color=0x88CCFF, timestamp=datetime.datetime.now(datetime.UTC)
        )
        embed.add_field("depth", "2 m", inline=True).set_image("https://example.com/a.png")
        said = await rest.create_message(
            place,
            "hello",
            embed=embed,
            attachment=hikari.Bytes(b"notes", "notes.txt"),
            nonce="h-1",
            user_mentions=[VERA],
        )
        again = await rest.create_message(place, "hello", nonce="h-1")
        await rest.add_reaction(place, said.id, "❄️")
        await rest.pin_message(place, said.id)
        edited = await rest.edit_message(place, said.id, "hello again")
        reply = await rest.create_message(place, "yes", reply=said.id)
        history = await rest.fetch_messages(place).limit(5)
        pins = await rest.fetch_pins(place)
        await rest.delete_message(place, reply.id)
        with_missing = [one async for one in rest.fetch_messages(place, after=said.id)]

        assert again.id == said.id and edited.edited_timestamp is not None
        assert [one.filename for one in said.attachments] == ["notes.txt"]
        assert said.embeds[0].fields[0].name == "depth"
        assert reply.referenced_message is not None and reply.referenced_message.id == said.id
        assert reply.id in {one.id for one in history} and pins[0].message.id == said.id
        assert reply.id not in {one.id for one in with_missing}

    with_hikari(discord, work)


def test_hikari_moderates_and_reads_the_record(discord: Sandbox) -> None:
    async def work(rest: hikari.impl.RESTClientImpl) -> None:
        until = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)
        timed_out = await rest.edit_member(SERVER_A, VERA, communication_disabled_until=until, reason="calm ❄️")
        await rest.ban_user(SERVER_A, STAN, reason="raid", delete_message_seconds=3600)
        bans = [one async for one in rest.fetch_bans(SERVER_A)]
        pages = await rest.fetch_audit_log(SERVER_A, event_type=hikari.AuditLogEventType.MEMBER_BAN_ADD).limit(1)
        await rest.unban_user(SERVER_A, STAN)

        assert timed_out.communication_disabled_until() == until
        assert [(one.user.id, one.reason) for one in bans] == [(STAN, "raid")]
        newest = max(pages[0].entries.values(), key=lambda one: one.id)
        assert (newest.target_id, newest.reason) == (STAN, "raid")

    with_hikari(discord, work)


def test_hikari_maps_refusals_to_its_own_errors(discord: Sandbox) -> None:
    async def work(rest: hikari.impl.RESTClientImpl) -> dict[str, type[BaseException]]:
        met: dict[str, type[BaseException]] = {}
        for name, call in {
            "unknown": rest.fetch_channel(1),
            "owner": rest.ban_user(SERVER_A, discord_owner),
            "empty": rest.create_message(general, ""),
        }.items():
            try:
                await call
            except hikari.HTTPError as error:
                met[name] = type(error)
        return met

    state = discord.get(f"/sandbox/state/{SERVER_A}")
    discord_owner = int(state["owner_id"])
    general = int(next(one["id"] for one in state["channels"] if one["name"] == "general"))

    assert with_hikari(discord, work) == {
        "unknown": hikari.NotFoundError,
        "owner": hikari.ForbiddenError,
        "empty": hikari.BadRequestError,
    }


def test_hikari_waits_out_a_429_and_then_succeeds(discord: Sandbox, channels: dict[str, str]) -> None:
    discord.post("/sandbox/faults", route="POST /channels/*/messages", status=429, retry_after=0.2, scope="user")

    said = with_hikari(discord, lambda rest: rest.create_message(int(channels["random"]), "patience"))

    assert said.content == "patience"


def test_hikari_speaks_through_a_webhook(discord: Sandbox, channels: dict[str, str]) -> None:
    async def work(rest: hikari.impl.RESTClientImpl) -> None:
        hook = await rest.create_webhook(int(channels["random"]), "publish", reason="set-up")
        assert hook.token is not None
        said = await rest.execute_webhook(hook.id, hook.token, "snow is falling", username="Studio")
        listed = await rest.fetch_guild_webhooks(SERVER_A)
        await rest.delete_webhook(hook.id)

        assert said.author.username == "Studio" and said.webhook_id == hook.id
        assert hook.id in {one.id for one in listed}

    with_hikari(discord, work)
