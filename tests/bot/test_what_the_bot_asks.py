"""Every request that our bot sends to Discord is one that Discord describes, as far as its description is here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from app.clients.errors import Refused
from tests.bot.conftest import make_tenant
from tests.bot.running import RunningBot, eventually
from tests.contract.discord_spec import REST_FILE, RestDescription, is_present, rest_description
from tests.servers.recorder import Recorded, Recorder
from tests.servers.sandbox import ALICE, SERVER_A, VERA, Sandbox


@pytest.fixture
def discord() -> Iterator[Sandbox]:
    server = Sandbox("--scenario", "small", "--installed", "A,B")
    yield server
    server.stop()


@pytest.fixture
def wire(discord: Sandbox) -> Iterator[Recorder]:
    recorder = Recorder(discord.api_url)
    yield recorder
    recorder.stop()


@pytest.fixture
def bot(discord: Sandbox, wire: Recorder, bot_of: Callable[..., RunningBot]) -> RunningBot:
    """A bot on the tapped wire, its commands known to Discord."""
    make_tenant()
    found = bot_of(discord, DISCORD_API_URL=wire.api_url).wait_until_connected()
    eventually(lambda: any(one.path.endswith("/commands") and one.method == "PUT" for one in wire.requests))
    return found


def test_the_bot_asks_nothing_that_discord_does_not_describe(bot: RunningBot, discord: Sandbox, wire: Recorder) -> None:
    _do_all_that_it_can(bot, discord)

    assert {one.method for one in wire.requests} == {"GET", "POST", "PUT", "PATCH", "DELETE"}
    assert len({(one.method, one.path) for one in wire.requests}) > 15
    assert all(len(one.reason) <= 512 for one in wire.requests)
    description = rest_description()
    assert (description is not None) is is_present(REST_FILE)
    if description is not None:
        complaints = [wrong for one in wire.requests for wrong in _complaints(description, one)]
        assert not complaints, "\n".join(complaints)


def _complaints(description: RestDescription, one: Recorded) -> list[str]:
    template = description.template_of(one.method, one.path)
    if template is None:
        return [f"{one.method} {one.path} is no route of Discord's"]
    found = description.complaints_about_request(one.method, template, one.query, one.body)
    return [f"{one.method} {template} {one.query} {one.body}: {wrong}" for wrong in found]


def _do_all_that_it_can(bot: RunningBot, discord: Sandbox) -> None:
    assert bot.process is not None
    guild = bot.process.guild
    channels = discord.get(f"/sandbox/state/{SERVER_A}")["channels"]
    room = int(next(one["id"] for one in channels if one["type"] == 0))
    guild.snapshot(SERVER_A)
    guild.members(SERVER_A)
    guild.fetch_member(SERVER_A, VERA)
    guild.timeout(SERVER_A, VERA, until=datetime.now(UTC) + timedelta(minutes=5), reason="enough – ❄")
    guild.timeout(SERVER_A, VERA, until=None, reason="")
    guild.kick(SERVER_A, VERA, reason="out")
    guild.ban(SERVER_A, VERA, reason="spam", delete_message_seconds=3600)
    guild.is_banned(SERVER_A, VERA)
    guild.unban(SERVER_A, VERA, reason="again")
    made = guild.create_webhook(SERVER_A, room, name="Snowflake alerts", reason="set-up")
    guild.move_webhook(SERVER_A, made.id, room, reason="moved")
    guild.webhooks(SERVER_A)
    with pytest.raises(Refused):
        guild.unban(SERVER_A, VERA, reason="")
    for name, options in (("ban", {"user": str(VERA), "reason": "x"}), ("unban", {"user": str(VERA)})):
        discord.act(ALICE, "interaction.command", guild_id=SERVER_A, channel_id=room, name=name, options=options)
