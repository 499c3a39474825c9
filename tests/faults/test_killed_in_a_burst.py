"""The bot is killed with -9 in the middle of a burst. After its restart the archive is what Discord is."""

from __future__ import annotations

import random
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask

from app.domain.coverage.models import GapReason
from app.domain.messages.models import Message
from tests.bot.conftest import make_tenant
from tests.bot.ledger import NO_DIFFERENCE, all_is_filled, differences, gaps, kept, rows
from tests.bot.running import eventually, eventually_is
from tests.environment import environment
from tests.servers.process import Process, python
from tests.servers.sandbox import ALICE, SERVER_A, Sandbox

pytestmark = pytest.mark.processes

NOT_FOR_THE_BOT = ("SECRET_KEYS", "DISCORD_CLIENT_ID", "DISCORD_CLIENT_SECRET")
MESSAGES, EDITS, DELETIONS = 1_000, 50, 20
KILLED_AFTER, STARTED_AFTER = 0.4, 0.8
"""Shares of the burst."""


@pytest.fixture
def discord() -> Iterator[Sandbox]:
    server = Sandbox("--scenario", "small", "--installed", "A")
    server.post("/sandbox/gateway/settings", identify_spacing=0)
    yield server
    server.stop()


class Bot:
    """`python -m bot` on the test's database."""

    def __init__(self, discord: Sandbox, database_url: str, folder: Path) -> None:
        own = {
            "PORT": "0",
            "DISCORD_TOKEN": discord.credentials["bot_token"],
            "DISCORD_API_URL": discord.api_url,
            "WEB_INTERNAL_URL": "http://127.0.0.1:9",
            "TIME_SCALE": "5",
        }
        whole = environment(database_url, folder, **own)
        self.process = Process(
            python("-m", "bot"), environment={key: whole[key] for key in whole if key not in NOT_FOR_THE_BOT}
        )
        self.url = self.process.wait_for_line("bot ready").split()[-1]

    def wait(self) -> Bot:
        self.process.wait_for(lambda: requests.get(f"{self.url}/health", timeout=5).json()["status"] == "ok", 30)
        return self


class Burst:
    """A thousand messages in several channels and a thread, with edits and deletions of old and new ones between them."""

    def __init__(self, discord: Sandbox, dice: random.Random) -> None:
        self._discord = discord
        self._dice = dice
        guild = discord.get(f"/sandbox/state/{SERVER_A}")
        self.channels = [one["id"] for one in guild["channels"] if one["type"] == 0][:3]
        self.posted: list[dict[str, Any]] = []
        self.deleted: set[int] = set()
        self.done = 0.0

    def post(self, content: str) -> None:
        channel_id = self._dice.choice(self.channels)
        said = self._discord.act(ALICE, "message.create", guild_id=SERVER_A, channel_id=channel_id, content=content)
        self.posted.append(said)

    def open_channel_and_thread(self) -> None:
        made = self._discord.act(ALICE, "channel.create", guild_id=SERVER_A, name="made-meanwhile", type=0)
        thread = self._discord.act(ALICE, "thread.create", channel_id=self.channels[0], name="aside", type=11)
        self.channels += [made["id"], thread["id"]]

    def run(self) -> None:
        steps = ["post"] * MESSAGES + ["edit"] * EDITS + ["delete"] * DELETIONS
        self._dice.shuffle(steps)
        for number, step in enumerate(steps):
            self.done = number / len(steps)
            if number == len(steps) // 2:
                self.open_channel_and_thread()
            if step == "post":
                self.post(f"flake number {number}")
                continue
            said = self.posted.pop(self._dice.randrange(len(self.posted)))
            if step == "edit":
                change(self._discord, said, "message.edit", content=f"melted {number}")
                self.posted.append(said)
            else:
                change(self._discord, said, "message.delete")
                self.deleted.add(int(said["id"]))
        self.done = 1.0


def change(discord: Sandbox, said: dict[str, Any], act: str, **what: str) -> None:
    """Edit or delete a message as its author."""
    discord.act(ALICE, act, guild_id=SERVER_A, channel_id=said["channel_id"], message_id=said["id"], **what)


def test_after_a_kill_in_a_burst_the_archive_is_what_discord_is_and_the_gap_is_closed(
    app: Flask, database_url: str, discord: Sandbox, folder: Path
) -> None:
    tenant_id = make_tenant(wants_history=True)
    burst = Burst(discord, random.Random())
    first = Bot(discord, database_url, folder)
    again: Bot | None = None
    try:
        first.wait()
        eventually(lambda: all_is_filled(tenant_id), 30)
        for number in range(60):
            burst.post(f"before the storm {number}")
        ours = min(int(one["id"]) for one in burst.posted)
        eventually(lambda: len([one for one in kept(tenant_id) if one >= ours]) == 60, 20)
        edited, deleted = burst.posted.pop(0), burst.posted.pop(0)
        writing = threading.Thread(target=burst.run)
        writing.start()
        eventually(lambda: burst.done >= KILLED_AFTER, 60, 0.001)

        first.process.stop(signal.SIGKILL)

        change(discord, edited, "message.edit", content="while nobody looked")
        change(discord, deleted, "message.delete")
        eventually(lambda: burst.done >= STARTED_AFTER, 60, 0.001)
        again = Bot(discord, database_url, folder)
        writing.join()
        burst.post("the last one")
        again.wait()
        eventually_is(lambda: differences(discord, tenant_id, ours), NO_DIFFERENCE, 60)
        eventually(lambda: all_is_filled(tenant_id), 30)
    finally:
        first.process.stop(signal.SIGKILL)
        if again is not None:
            again.process.stop()
    archived = {one.id: one for one in rows(tenant_id, Message) if one.id >= ours}
    interrupted = gaps(tenant_id, GapReason.RESTART)
    assert interrupted, "the restart opened gaps"
    assert all(gap.closed_at is not None and gap.state == "done" for gap in interrupted)
    assert sum(gap.found_new for gap in interrupted) > 0
    assert archived[int(edited["id"])].revision_count == 1, "the text from before is kept"
    assert archived[int(deleted["id"])].is_deletion_detected
    gone = (burst.deleted | {int(deleted["id"])}) & archived.keys()
    assert all(archived[one].deleted_at is not None for one in gone)
    found = [one for one in gone if archived[one].is_deletion_detected]
    assert len(found) == sum(gap.found_deleted for gap in interrupted)
    assert all(archived[one].deletion_after < archived[one].deleted_at for one in found)
