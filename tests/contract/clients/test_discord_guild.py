"""What the fake guild and the bot's real hand in Discord both promise. The real one speaks to the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.clients.discord_guild.fake import FakeDiscordGuild
from app.clients.discord_guild.port import DiscordGuild, LiveMember
from app.clients.errors import ClientError, Refused, Unavailable
from app.config import Process
from bot.discord_guild import HikariDiscordGuild
from tests.bot.running import RunningBot
from tests.environment import settings
from tests.servers.sandbox import ALICE, BOB, SERVER_A, SERVER_C, VERA, Sandbox

NOBODY = 299999999999999999
MODERATE = (1 << 1) | (1 << 2) | (1 << 40)


@dataclass
class Discord:
    """One of the two, with a member to act on and a text channel."""

    guild: DiscordGuild
    channel_id: int
    bot_user_id: int
    reasons: Any

    def refusal(self, act: Any) -> str:
        with pytest.raises(Refused) as error:
            act()
        return error.value.code


@pytest.fixture(scope="module")
def own_sandbox() -> Iterator[Sandbox]:
    server = Sandbox("--scenario", "small", "--installed", "A,B")
    server.post("/sandbox/gateway/settings", identify_spacing=0)
    yield server
    server.stop()


@pytest.fixture(params=["fake", "real"])
def discord(
    request: pytest.FixtureRequest, app: Flask, folder: Path, database_url: str, own_sandbox: Sandbox
) -> Iterator[Discord]:
    if request.param == "fake":
        fake = FakeDiscordGuild()
        fake.add_guild(SERVER_A, owner_id=ALICE)
        for user_id, name in ((BOB, "bob_the_warden"), (VERA, "vera.lumi")):
            fake.add_member(SERVER_A, user_id, name)
        yield Discord(fake, 600, 100_000_000_000_000_001, lambda: [call[3] for call in fake.calls])
        return
    credentials = own_sandbox.credentials
    overrides = {
        "DISCORD_TOKEN": credentials["bot_token"],
        "DISCORD_API_URL": own_sandbox.api_url,
        "WEB_INTERNAL_URL": "http://127.0.0.1:9",
    }
    bot = RunningBot(app, settings(database_url, folder, Process.BOT, **overrides)).wait_until_connected()
    assert bot.process is not None
    rejoin(own_sandbox, bot.process.guild)
    channels = own_sandbox.get(f"/sandbox/state/{SERVER_A}")["channels"]
    channel_id = next(int(each["id"]) for each in channels if each["type"] == 0)

    def reasons() -> list[str]:
        return [call["reason"] for call in own_sandbox.get("/sandbox/calls") if call.get("reason")]

    yield Discord(bot.process.guild, channel_id, int(credentials["client_id"]), reasons)
    bot.stop()


def rejoin(sandbox: Sandbox, guild: HikariDiscordGuild) -> None:
    """Vera is a member again, whatever the test before did to her."""
    if guild.is_banned(SERVER_A, VERA):
        guild.unban(SERVER_A, VERA, reason="tidy")
    if guild.member(SERVER_A, VERA) is None:
        sandbox.act(VERA, "member.join", guild_id=SERVER_A)
    guild.timeout(SERVER_A, VERA, until=None, reason="tidy")


def test_the_guild_names_its_owner_roles_and_the_bot(discord: Discord) -> None:
    found = discord.guild.guild(SERVER_A)

    assert (found.id, found.owner_id, found.bot_user_id) == (SERVER_A, ALICE, discord.bot_user_id)
    assert {role.id for role in found.roles} >= {SERVER_A}
    assert any(role.permissions & (1 << 3) for role in found.roles)


def test_a_member_is_told_as_discord_has_them_and_nobody_is_none(discord: Discord) -> None:
    found = discord.guild.member(SERVER_A, VERA)

    assert isinstance(found, LiveMember)
    assert (found.user_id, found.username, found.is_bot, found.timed_out_until) == (VERA, "vera.lumi", False, None)
    assert discord.guild.member(SERVER_A, NOBODY) is None
    bot = discord.guild.member(SERVER_A, discord.bot_user_id)
    assert bot is not None and bot.is_bot


def test_a_ban_takes_the_member_out_and_is_lifted_once(discord: Discord) -> None:
    guild = discord.guild
    assert guild.is_banned(SERVER_A, VERA) is False

    guild.ban(SERVER_A, VERA, reason="Spam (Bob, case 4)", delete_message_seconds=3600)

    assert guild.is_banned(SERVER_A, VERA) is True
    assert guild.member(SERVER_A, VERA) is None
    guild.unban(SERVER_A, VERA, reason="Changed my mind")
    assert guild.is_banned(SERVER_A, VERA) is False
    assert discord.refusal(lambda: guild.unban(SERVER_A, VERA, reason="again")) == "discord_10026"
    assert {"Spam (Bob, case 4)", "Changed my mind"} <= set(discord.reasons())


def test_a_ban_with_too_long_a_deletion_is_refused(discord: Discord) -> None:
    code = discord.refusal(lambda: discord.guild.ban(SERVER_A, VERA, reason="x", delete_message_seconds=604_801))

    assert code == "discord_50035"
    assert discord.guild.is_banned(SERVER_A, VERA) is False


def test_a_kick_shows_out_and_finds_nobody_the_second_time(discord: Discord) -> None:
    discord.guild.kick(SERVER_A, VERA, reason="Out")

    assert discord.guild.member(SERVER_A, VERA) is None
    assert discord.refusal(lambda: discord.guild.kick(SERVER_A, VERA, reason="again")) == "discord_10007"


def test_a_timeout_runs_until_it_is_ended(discord: Discord) -> None:
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=2)

    discord.guild.timeout(SERVER_A, VERA, until=until, reason="Calm down")
    timed_out = discord.guild.member(SERVER_A, VERA)
    discord.guild.timeout(SERVER_A, VERA, until=None, reason="Enough")
    free = discord.guild.member(SERVER_A, VERA)

    assert timed_out is not None and timed_out.timed_out_until == until
    assert free is not None and free.timed_out_until is None


def test_a_timeout_over_28_days_is_refused(discord: Discord) -> None:
    until = datetime.now(UTC) + timedelta(days=29)

    assert discord.refusal(lambda: discord.guild.timeout(SERVER_A, VERA, until=until, reason="x")) == "discord_50035"


def test_a_server_without_the_bot_is_refused(discord: Discord) -> None:
    assert discord.refusal(lambda: discord.guild.guild(SERVER_C)) in ("discord_10004", "discord_50001")


def test_a_message_is_posted_through_a_webhook_that_is_there_and_refused_where_it_is_not(discord: Discord) -> None:
    guild = discord.guild
    made = guild.create_webhook(SERVER_A, discord.channel_id, name="Snowflake updates", reason="setting up")

    posted = guild.execute_webhook(SERVER_A, made.id, made.token, "Messages are kept for 30 days.")

    assert posted > made.id
    refused = discord.refusal(lambda: guild.execute_webhook(SERVER_A, NOBODY, made.token, "x"))
    assert refused == "discord_10015"


def test_a_webhook_is_created_listed_and_moved_with_its_token(discord: Discord) -> None:
    guild = discord.guild
    made = guild.create_webhook(SERVER_A, discord.channel_id, name="Snowflake alerts", reason="setting up")

    assert made in guild.webhooks(SERVER_A)
    assert (made.channel_id, made.name, bool(made.token)) == (discord.channel_id, "Snowflake alerts", True)
    moved = guild.move_webhook(SERVER_A, made.id, discord.channel_id, reason="moving")
    assert (moved.id, moved.token, moved.channel_id) == (made.id, made.token, discord.channel_id)
    assert (
        discord.refusal(lambda: guild.move_webhook(SERVER_A, NOBODY, discord.channel_id, reason="x")) == "discord_10015"
    )


@pytest.fixture
def real(
    app: Flask, folder: Path, database_url: str, own_sandbox: Sandbox
) -> Iterator[tuple[HikariDiscordGuild, Sandbox, RunningBot]]:
    overrides = {
        "DISCORD_TOKEN": own_sandbox.credentials["bot_token"],
        "DISCORD_API_URL": own_sandbox.api_url,
        "WEB_INTERNAL_URL": "http://127.0.0.1:9",
    }
    bot = RunningBot(app, settings(database_url, folder, Process.BOT, **overrides)).wait_until_connected()
    assert bot.process is not None
    yield bot.process.guild, own_sandbox, bot
    own_sandbox.post("/sandbox/faults/clear")
    bot.stop()


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_failing_discord_is_unavailable_and_asked_once(
    real: tuple[HikariDiscordGuild, Sandbox, RunningBot], status: int
) -> None:
    guild, sandbox, _bot = real
    sandbox.post("/sandbox/faults", route="PUT /guilds/*/bans/*", status=status, count=3)
    before = len(sandbox.get("/sandbox/calls"))

    with pytest.raises(Unavailable) as error:
        guild.ban(SERVER_A, NOBODY, reason="x", delete_message_seconds=0)

    assert error.value.code.startswith("discord_")
    assert len(sandbox.get("/sandbox/calls")) == before + 1


def test_a_long_reason_is_cut_to_what_the_header_takes(real: tuple[HikariDiscordGuild, Sandbox, RunningBot]) -> None:
    guild, sandbox, _bot = real

    guild.timeout(SERVER_A, VERA, until=None, reason="❄" * 400)

    reason = [call["reason"] for call in sandbox.get("/sandbox/calls") if call.get("reason")][-1]
    assert reason and set(reason) == {"❄"} and len(reason) * 9 <= 512


def test_the_copy_of_a_guild_holds_channels_roles_and_every_member(
    real: tuple[HikariDiscordGuild, Sandbox, RunningBot],
) -> None:
    guild, sandbox, _bot = real
    state = sandbox.get(f"/sandbox/state/{SERVER_A}")

    copy = guild.snapshot(SERVER_A)
    members = guild.members(SERVER_A)

    assert {one["id"] for one in copy["roles"]} == {str(one["id"]) for one in state["roles"]}
    assert {one["id"] for one in copy["channels"]} <= {str(one["id"]) for one in state["channels"]}
    assert len({one["user"]["id"] for one in members}) == len(state["members"])


def test_a_bot_whose_loop_has_ended_is_not_ready(real: tuple[HikariDiscordGuild, Sandbox, RunningBot]) -> None:
    guild, _sandbox, bot = real
    bot.stop()

    with pytest.raises(ClientError) as error:
        guild.is_banned(SERVER_A, VERA)
    assert error.value.code == "bot_not_ready"
