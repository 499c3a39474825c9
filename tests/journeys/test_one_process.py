"""`flask up` with the whole village: the same walk in one process, small, and gone when told.

Each test may be the only one that runs: what it looks for it has said itself.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
import requests

from tests.journeys.steps import act, case_that_says, comes_up, find, is_banned, let_the_bot_in, set_up, state, until
from tests.servers.panel import OneProcess
from tests.servers.person import Person, words_of
from tests.servers.sandbox import ALICE, SERVER_A, STAN, VERA, Sandbox

pytestmark = pytest.mark.processes

MOST_MEGABYTES = 250
SECONDS_TO_END = 10


@dataclass
class Village:
    panel: OneProcess
    discord: Sandbox
    alice: Person


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Village]:
    """Three hundred people and their past, connected by Alice."""
    with ExitStack() as running:
        discord = Sandbox("--scenario", "community")
        running.callback(discord.stop)
        discord.post("/sandbox/gateway/settings", identify_spacing=0)
        panel = OneProcess(discord, tmp_path_factory.mktemp("village"))
        running.callback(panel.stop)
        let_the_bot_in(discord, SERVER_A, ALICE)
        alice = Person(panel.url, discord, ALICE)
        alice.sign_in()
        alice.install(SERVER_A)
        set_up(alice, SERVER_A)
        yield Village(panel, discord, alice)


def say(discord: Sandbox, content: str) -> None:
    """Vera writes it into a channel that everybody sees."""
    channels = state(discord, SERVER_A)["channels"]
    general = next(one for one in channels if one["type"] == 0 and "staff" not in one["name"])
    discord.act(VERA, "message.create", channel_id=int(general["id"]), content=content)


def test_the_whole_walk_fits_into_one_process(village: Village) -> None:
    alice, discord = village.alice, village.discord
    assert "Snowfall Village" in words_of(alice.get(f"/servers/{SERVER_A}"))
    say(discord, "one perspicuous sentence")

    comes_up(alice, SERVER_A, "perspicuous", "one perspicuous sentence")
    newcomer = int(discord.act(ALICE, "user.create", username="short_guest")["id"])
    discord.act(newcomer, "member.join", guild_id=SERVER_A)
    until(lambda: alice.get(f"/servers/{SERVER_A}/members/{newcomer}").status_code == 200, "the newcomer's page")
    assert act(alice, SERVER_A, newcomer, "bans", reason="came to sell").status_code == 200

    until(lambda: is_banned(discord, SERVER_A, newcomer), "the ban")
    case_that_says(alice, SERVER_A, "came to sell", "Applied")


def test_a_stranger_finds_nothing(village: Village) -> None:
    stan = Person(village.panel.url, village.discord, STAN)
    assert "Snowfall Village" not in words_of(stan.sign_in())
    assert stan.get(f"/servers/{SERVER_A}").status_code == 404


def test_it_stays_small_under_reading(village: Village) -> None:
    for page in ("", "/messages", "/messages?q=snow", "/members", "/cases", "/settings/staff") * 5:
        assert village.alice.get(f"/servers/{SERVER_A}{page}").status_code == 200

    assert village.panel.resident_megabytes < MOST_MEGABYTES


def test_it_ends_with_0_in_time_and_comes_back_with_everything(village: Village) -> None:
    say(village.discord, "a sentence of yesterday, evanescent")
    comes_up(village.alice, SERVER_A, "evanescent", "a sentence of yesterday")
    village.discord.post("/sandbox/gateway/settings", latency=0.7)
    for number in range(20):
        say(village.discord, f"ephemeral sentence {number} is on its way while it ends")

    began = time.monotonic()
    assert village.panel.stop() == 0, village.panel.process.output
    assert time.monotonic() - began < SECONDS_TO_END
    assert village.panel.is_alone()
    with pytest.raises(requests.ConnectionError):
        requests.get(village.panel.url, timeout=2)

    village.discord.post("/sandbox/gateway/settings", latency=0)
    village.panel.start()

    page = village.alice.get(f"/servers/{SERVER_A}")
    assert page.status_code == 200
    assert "Snowfall Village" in words_of(page)
    assert "a sentence of yesterday" in words_of(find(village.alice, SERVER_A, "evanescent"))
    found = words_of(find(village.alice, SERVER_A, "ephemeral"))
    assert [number for number in range(20) if f"ephemeral sentence {number} is on" not in found] == []
