"""Fills the demo: its communities are installed over the wire, their past goes through the archive's own door."""

from __future__ import annotations

import itertools
import json
import re
import time
import urllib.request
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from app.bootstrap import create_core_app
from app.clients.discord_guild.fake import FakeDiscordGuild
from app.config import Process, Settings
from app.db.scope import tenant_scope
from app.domain.access import SystemActor
from app.domain.clock import frozen
from app.domain.members.queries import member_of
from app.domain.members.service import apply_event
from app.domain.messages.records import ArchiveRecord, RecordKind
from app.domain.messages.service import index_batch
from app.domain.moderation.service import record_audit_entry
from app.domain.tenants.models import Tenant
from app.domain.tenants.queries import tenant_of_guild
from scripts.visitor import ALICE, BOB, CHARLIE, SERVER_A, SERVER_B, VERA, Visitor, options_of

SEED = SystemActor("seed")
BATCH = 500
SECONDS_FOR_SET_UP = 30
MESSAGES = frozenset(kind.value for kind in RecordKind)
COMING_AND_GOING = frozenset({"GUILD_MEMBER_ADD", "GUILD_MEMBER_REMOVE", "GUILD_BAN_ADD"})
VIEW_POST_READ_AND_WEBHOOKS = 1 << 10 | 1 << 11 | 1 << 16 | 1 << 29
ACTS = "GUILD_AUDIT_LOG_ENTRY_CREATE"


def seed(panel: str, sandbox: str) -> None:
    """Install servers A and B, let Bob and Vera in, and keep three months of what was said and done there.

    Needs a running panel. May run again where an earlier run was interrupted.
    """
    _let_bot_into_staff_room(sandbox)
    alice = _installed(panel, ALICE, SERVER_A)
    _let_staff_in(panel, alice)
    _installed(panel, CHARLIE, SERVER_B)
    # What happened before the install needs nothing of Discord but the bot's own id.
    app = create_core_app(Settings.from_environment(Process.CLI), discord_guild=FakeDiscordGuild())
    with app.app_context():
        for guild_id in (SERVER_A, SERVER_B):
            tenant = tenant_of_guild(guild_id)
            assert tenant is not None
            _tell_threads(sandbox, tenant)
            _archive_past(sandbox, tenant)
            _tell_past(sandbox, tenant)


def _let_bot_into_staff_room(sandbox: str) -> None:
    """As an owner would: the bot asks for no Administrator, so a hidden channel has to let it in."""
    guild = _asked(f"{sandbox}/sandbox/state/{SERVER_A}")
    room = next(channel["id"] for channel in guild["channels"] if channel["name"] == "staff-room")
    act = {
        "as": str(ALICE),
        "do": "channel.overwrite",
        "guild_id": str(SERVER_A),
        "channel_id": room,
        "overwrite_id": str(_asked(f"{sandbox}/sandbox/credentials")["client_id"]),
        "type": 1,
        "allow": str(VIEW_POST_READ_AND_WEBHOOKS),
        "deny": "0",
    }
    request = urllib.request.Request(
        f"{sandbox}/sandbox/act", json.dumps(act).encode(), {"content-type": "application/json"}
    )
    urllib.request.urlopen(request, timeout=20).close()


def _asked(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return json.load(answer)


def _installed(panel: str, owner: int, guild_id: int) -> Visitor:
    visitor = Visitor(panel, owner, install=guild_id)
    base = f"/servers/{guild_id}/set-up"
    visitor.post(f"{base}/archive", retention="keep", purpose="moderation")
    ends = time.monotonic() + SECONDS_FOR_SET_UP
    while time.monotonic() < ends:
        page = visitor.get(base)
        alerts, publish = options_of(page, "alerts_channel_id"), options_of(page, "publish_channel_id")
        if len(publish) > 1:
            break
        time.sleep(0.5)
    choice = {
        "alerts_channel_id": alerts.get("#staff-room", ""),
        "publish_channel_id": publish.get("#announcements", ""),
    }
    visitor.post(f"{base}/channels", **choice)
    return visitor


def _let_staff_in(panel: str, alice: Visitor) -> None:
    staff = f"/servers/{SERVER_A}/settings/staff"
    for person, role in ((BOB, "moderator"), (VERA, "viewer")):
        visitor = Visitor(panel, person)
        if visitor.may_open(f"/servers/{SERVER_A}"):
            continue  # a first start that was interrupted let them in already
        page = alice.post(f"{staff}/invitations", role=role, days="7").text
        link = re.search(r"/invitations/([\w-]+)", page)
        assert link is not None, "the staff page shows no invitation link"
        visitor.post(f"/invitations/{link[1]}/acceptance")


def _tell_threads(sandbox: str, tenant: Tenant) -> None:
    """Threads that are archived by now: a bot that had been there would have seen each of them begin."""
    with tenant_scope(tenant.id):
        for thread in _asked(f"{sandbox}/sandbox/state/{tenant.guild_id}")["threads"]:
            apply_event(SEED, "THREAD_CREATE", thread)


def _archive_past(sandbox: str, tenant: Tenant) -> None:
    records = _records(sandbox, tenant)
    while batch := list(itertools.islice(records, BATCH)):
        index_batch(SEED, batch)


def _records(sandbox: str, tenant: Tenant) -> Iterator[ArchiveRecord]:
    for event in _history(sandbox, tenant.guild_id):
        if event["t"] in MESSAGES:
            seen = int(datetime.fromisoformat(event["at"]).timestamp() * 1000)
            yield ArchiveRecord(tenant.id, RecordKind(event["t"]), event["d"], seen)


def _tell_past(sandbox: str, tenant: Tenant) -> None:
    """Who came and is gone again, and what moderators did, each at its own time. Who is here was copied already."""
    is_here: dict[str, bool] = {}
    with tenant_scope(tenant.id):
        for event in _history(sandbox, tenant.guild_id):
            with frozen(datetime.fromisoformat(event["at"])):
                if event["t"] == ACTS:
                    record_audit_entry(SEED, event["d"])
                elif event["t"] in COMING_AND_GOING:
                    user_id = event["d"]["user"]["id"]
                    if user_id not in is_here:
                        is_here[user_id] = member_of(int(user_id)) is not None
                    if not is_here[user_id]:
                        apply_event(SEED, event["t"], event["d"])


def _history(sandbox: str, guild_id: int) -> Iterator[dict[str, Any]]:
    with urllib.request.urlopen(f"{sandbox}/sandbox/guilds/{guild_id}/history", timeout=60) as lines:
        yield from map(json.loads, lines)


if __name__ == "__main__":
    import sys

    seed(sys.argv[1], sys.argv[2])
