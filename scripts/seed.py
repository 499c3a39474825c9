"""Fills the demo: its communities are installed over the wire, their past goes through the archive's own door."""

from __future__ import annotations

import itertools
import json
import re
import time
import urllib.request
from collections.abc import Iterator
from datetime import datetime

from app.bootstrap import create_core_app
from app.config import Process, Settings
from app.domain.access import SystemActor
from app.domain.messages.records import ArchiveRecord, RecordKind
from app.domain.messages.service import index_batch
from app.domain.tenants.queries import tenant_of_guild
from scripts.visitor import ALICE, BOB, CHARLIE, SERVER_A, SERVER_B, VERA, Visitor, options_of

SEED = SystemActor("seed")
BATCH = 500
SECONDS_FOR_SET_UP = 30
KINDS = frozenset(kind.value for kind in RecordKind)


def seed(panel: str, sandbox: str) -> None:
    """Install servers A and B, let Bob and Vera in, and archive three months of talk. Needs a running panel."""
    alice = _installed(panel, ALICE, SERVER_A)
    _let_staff_in(panel, alice)
    _installed(panel, CHARLIE, SERVER_B)
    app = create_core_app(Settings.from_environment(Process.CLI))
    with app.app_context():
        for guild_id in (SERVER_A, SERVER_B):
            _archive_past(sandbox, guild_id)


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
        page = alice.post(f"{staff}/invitations", role=role, days="7").text
        link = re.search(r"/invitations/([\w-]+)", page)
        assert link is not None, "the staff page shows no invitation link"
        Visitor(panel, person).post(f"/invitations/{link[1]}/acceptance")


def _archive_past(sandbox: str, guild_id: int) -> None:
    tenant = tenant_of_guild(guild_id)
    assert tenant is not None
    records = _records(sandbox, guild_id, tenant.id)
    while batch := list(itertools.islice(records, BATCH)):
        index_batch(SEED, batch)


def _records(sandbox: str, guild_id: int, tenant_id: int) -> Iterator[ArchiveRecord]:
    with urllib.request.urlopen(f"{sandbox}/sandbox/guilds/{guild_id}/history", timeout=60) as lines:
        for line in lines:
            event = json.loads(line)
            if event["t"] in KINDS:
                seen = int(datetime.fromisoformat(event["at"]).timestamp() * 1000)
                yield ArchiveRecord(tenant_id, RecordKind(event["t"]), event["d"], seen)


if __name__ == "__main__":
    import sys

    seed(sys.argv[1], sys.argv[2])
