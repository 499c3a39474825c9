"""The controls by which tests and the demo play everybody else, and the community that keeps talking."""

from __future__ import annotations

import signal
import time
from collections import Counter
from datetime import UTC, datetime

import requests

from sandbox.discord.history import guild_history
from sandbox.discord.models import Dispatch
from sandbox.discord.world import World
from sandbox.scenario import chatter
from sandbox.server import build_sandbox
from sandbox.talk import Talker
from tests.contract.sandbox.rest_client import RestClient
from tests.servers.sandbox import SERVER_A, SERVER_B, SERVER_C, STAN, VERA, Sandbox

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_the_credentials_are_those_that_the_doors_take(discord: Sandbox, bot: RestClient) -> None:
    credentials = discord.credentials

    assert credentials["bot_user_id"] == bot("GET", "/users/@me").json["id"]
    assert credentials["api_url"] == discord.api_url
    assert requests.get(credentials["authorize_url"], timeout=10).status_code == 400


def test_an_unknown_act_is_refused_with_the_list_of_those_there_are(discord: Sandbox) -> None:
    answer = requests.post(discord.url + "/sandbox/act", json={"as": str(VERA), "do": "message.shout"}, timeout=10)

    assert answer.status_code == 400
    assert "message.create" in answer.json()["errors"]["do"]["_errors"][0]["message"]


def test_an_act_without_its_ids_says_which_is_missing(discord: Sandbox) -> None:
    answer = requests.post(discord.url + "/sandbox/act", json={"as": str(VERA), "do": "message.create"}, timeout=10)

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["channel_id"])


def test_the_clock_stands_still_and_moves_when_told(discord: Sandbox, channels: dict[str, str]) -> None:
    discord.post("/sandbox/clock", freeze=True, set="2030-05-05T05:05:05+00:00")
    place = {"channel_id": channels["general"]}
    first = discord.act(VERA, "message.create", content="now", **place)
    second = discord.act(VERA, "message.create", content="still now", **place)
    discord.post("/sandbox/clock", advance=60)
    third = discord.act(VERA, "message.create", content="later", **place)
    discord.post("/sandbox/clock", freeze=False)

    assert first["timestamp"] == second["timestamp"] == "2030-05-05T05:05:05.000000+00:00"
    assert int(first["id"]) < int(second["id"]) < int(third["id"])
    assert third["timestamp"] == "2030-05-05T05:06:05.000000+00:00"


def test_the_bot_comes_and_goes_with_a_role_of_its_own(discord: Sandbox, bot: RestClient) -> None:
    alice = 200000000000000001
    discord.act(alice, "bot.install", guild_id=SERVER_C, permissions=str(1 << 2))
    roles = bot("GET", "/guilds/{guild_id}/roles", guild_id=SERVER_C).json
    discord.post("/sandbox/bot/remove", guild_id=str(SERVER_C))

    own = [one for one in roles if one["managed"]]
    assert [(one["permissions"], one["tags"]["bot_id"]) for one in own] == [("4", discord.credentials["bot_user_id"])]
    assert not any(one["managed"] for one in discord.get(f"/sandbox/state/{SERVER_C}")["roles"])
    assert bot("GET", "/guilds/{guild_id}/roles", guild_id=SERVER_C).status == 403


def test_a_burst_posts_as_many_as_it_says(discord: Sandbox, bot: RestClient, channels: dict[str, str]) -> None:
    discord.post("/sandbox/burst", channel_id=channels["random"], count=300, content="flake {n}", **{"as": str(VERA)})

    page = bot("GET", "/channels/{channel_id}/messages", query={"limit": 2}, channel_id=channels["random"]).json
    assert [one["content"] for one in page] == ["flake 300", "flake 299"]


def test_a_whole_community_loads_with_its_past() -> None:
    sandbox = build_sandbox(7, "community", ("A",), NOW)
    guild = sandbox.world.guilds[SERVER_A]

    kinds = Counter(name for _, name, _ in guild_history(sandbox.world, guild))
    bot_role = next(one for one in guild.roles.values() if one.bot_id)
    moderator = next(one for one in guild.roles.values() if one.name == "Moderator")

    assert kinds["MESSAGE_CREATE"] > 5000 and kinds["MESSAGE_UPDATE"] > 50 and kinds["MESSAGE_DELETE"] > 50
    assert kinds["GUILD_BAN_ADD"] == len(guild.bans) > 0
    assert bot_role.position > moderator.position
    assert STAN not in guild.members and VERA in guild.members
    assert guild.bans.keys().isdisjoint(guild.members)


def test_a_community_keeps_talking_and_minds_what_happened_meanwhile() -> None:
    sandbox = build_sandbox(7, "community", (), NOW)
    world, community = sandbox.world, sandbox.community
    assert community is not None
    guild = world.guilds[SERVER_A]
    heard: list[Dispatch] = []
    talker, steps = Talker(world, community), chatter(7, community)

    world.subscribe(heard.append)
    for _, step in zip(range(400), steps, strict=False):
        talker.do(step)
    authors = [one.data["author"]["id"] for one in heard if one.name == "MESSAGE_CREATE"]
    loudest = Counter(authors).most_common(1)[0][0]
    world.ban(guild, int(loudest), guild.owner_id)
    heard.clear()
    for _, step in zip(range(400), steps, strict=False):
        talker.do(step)

    assert len(authors) > 50
    assert {one.name for one in heard} >= {"MESSAGE_CREATE", "TYPING_START", "MESSAGE_REACTION_ADD"}
    assert loudest not in {one.data["author"]["id"] for one in heard if one.name == "MESSAGE_CREATE"}


def test_the_process_says_where_it_listens_talks_and_ends_with_zero() -> None:
    server = Sandbox("--scenario", "community", "--talk", "0.02")
    ends = time.monotonic() + 20
    before = sum(server.get(f"/sandbox/state/{SERVER_A}")["message_counts"].values())
    grown = before
    while grown < before + 5 and time.monotonic() < ends:
        time.sleep(0.1)
        grown = sum(server.get(f"/sandbox/state/{SERVER_A}")["message_counts"].values())
    code = server.process.stop(signal.SIGTERM)

    assert len([line for line in server.process.lines if line]) == 1
    assert grown >= before + 5
    assert code == 0


def test_an_empty_world_has_nobody_but_the_bot() -> None:
    world = build_sandbox(7, "empty").world

    assert list(world.users) == [world.bot_user.id]
    assert world.guilds == {}


def test_the_same_seed_gives_the_same_world() -> None:
    one, two = (build_sandbox(11, "small", ("A", "B"), NOW).world for _ in range(2))

    def past(world: World) -> list[str]:
        return [
            content["id"]
            for guild_id in (SERVER_A, SERVER_B)
            for _, name, content in guild_history(world, world.guilds[guild_id])
            if name == "MESSAGE_CREATE"
        ]

    assert past(one) == past(two) != []
    assert one.application.bot_token == two.application.bot_token
