"""One stack for the whole file, and a community in it that was installed as a stranger would."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.journeys.stack import SeparateProcesses
from tests.journeys.steps import set_up, state
from tests.servers.database import DatabaseServer
from tests.servers.person import Person, words_of
from tests.servers.redis import Redis
from tests.servers.sandbox import ALICE, SERVER_C, Sandbox

TEXT, ANNOUNCEMENT = 0, 5
VIEW_CHANNEL = 1 << 10


@pytest.fixture(scope="module")
def empty_discord() -> Iterator[Sandbox]:
    """A small Discord in which the bot is nowhere yet."""
    server = Sandbox("--scenario", "small")
    server.post("/sandbox/gateway/settings", identify_spacing=0)
    for name, kind, overwrites in (
        ("news", ANNOUNCEMENT, []),
        ("staff-corner", TEXT, _for_staff(server.credentials["bot_user_id"])),
    ):
        server.act(ALICE, "channel.create", guild_id=SERVER_C, name=name, type=kind, permission_overwrites=overwrites)
    yield server
    server.stop()


def _for_staff(bot_user_id: str) -> list[dict[str, object]]:
    """Nobody sees the channel but staff and the bot."""
    return [
        {"id": str(SERVER_C), "type": 0, "allow": "0", "deny": str(VIEW_CHANNEL)},
        {"id": bot_user_id, "type": 1, "allow": str(VIEW_CHANNEL), "deny": "0"},
    ]


@pytest.fixture(scope="module")
def stack(
    empty_discord: Sandbox, mariadb: DatabaseServer, redis_server: Redis, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SeparateProcesses]:
    running = SeparateProcesses(
        empty_discord, mariadb.url("journeys"), redis_server.url, tmp_path_factory.mktemp("journeys")
    )
    try:
        running.start()
        yield running
    finally:
        running.stop()


@dataclass
class Installed:
    """Server C after Alice connected it."""

    alice: Person
    guild_id: int
    bench: int
    discord: Sandbox

    def say(self, author: int, content: str) -> dict[str, Any]:
        """A message in the open channel."""
        return dict(self.discord.act(author, "message.create", channel_id=self.bench, content=content))

    def newcomer(self, name: str) -> int:
        """Somebody new joins."""
        made = self.discord.act(ALICE, "user.create", username=name, global_name=name.title())
        user_id = int(made["id"])
        self.discord.act(user_id, "member.join", guild_id=self.guild_id)
        return user_id


@pytest.fixture(scope="module")
def installed(stack: SeparateProcesses, empty_discord: Sandbox) -> Installed:
    """Alice signs in, connects server C and makes her choices, all as pages lead her."""
    alice = Person(stack.url, empty_discord, ALICE)
    listing = alice.sign_in()
    assert "Alice's Workshop" in words_of(listing), stack.output()
    page = alice.install(SERVER_C)
    assert page.url.endswith(f"/servers/{SERVER_C}/set-up"), page.url
    set_up(alice, SERVER_C)
    bench = next(c for c in state(empty_discord, SERVER_C)["channels"] if c["name"] == "bench")
    return Installed(alice, SERVER_C, int(bench["id"]), empty_discord)
