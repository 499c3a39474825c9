"""Server A with its people, channels and messages; Charlie's server B beside it; browsers for the cast."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.clients import Clients
from app.clients.safe_http.fake import FakeSafeHttp
from app.db.scope import all_tenants, tenant_scope
from app.db.transaction import transaction
from app.domain.access import Role, SystemActor
from app.domain.accounts.models import User
from app.domain.clock import DISCORD_EPOCH_MS
from app.domain.files.signing import sign_attachment
from app.domain.members.service import copy_guild, copy_members
from app.domain.messages import service
from app.domain.messages.postings import KnownWords
from app.domain.messages.records import ArchiveRecord, RecordKind
from app.domain.messages.service import index_batch
from app.domain.staff.models import Membership
from app.domain.tenants.models import BotSettings, GuildPresence, Tenant
from app.extensions import db
from tests.app.browsing import NAMES, Town
from tests.app.members.payloads import member
from tests.servers.sandbox import ALICE, BOB, CHARLIE, SERVER_A, SERVER_B, STAN, VERA

A, B = 1, 2
GENERAL, STAFF_ROOM, RANDOM, HELP_THREAD, SECRET_THREAD = (400000000000000000 + n for n in range(1, 6))
DEN = 400000000000000011
MODERATORS = 500000000000000001
FIRST_MOMENT_MS = 1_793_520_000_000
"""2026-11-01T08:00:00Z."""
READS = str((1 << 10) | (1 << 16))
GATEWAY = SystemActor("gateway")
EVERYBODY_HERE = (ALICE, BOB, VERA, STAN)


@dataclass
class Village:
    """The cast at their browsers in front of server A's archive."""

    town: Town
    safe_http: FakeSafeHttp

    def get(self, who: int, path: str, **query: Any) -> TestResponse:
        """What `who` sees at `path` under server A."""
        return self.browser(who).get(f"/servers/{SERVER_A}{path}", query_string=query)

    def file(self, who: int, attachment_id: int, **headers: str) -> TestResponse:
        """An attachment at the address that was signed for `who`."""
        signature = sign_attachment(SERVER_A, attachment_id, who)
        path = f"/servers/{SERVER_A}/attachments/{attachment_id}"
        return self.browser(who).get(path, query_string={"for": signature}, headers=headers)

    def partial(self, who: int, path: str, **query: Any) -> TestResponse:
        """The same asked by the page's script."""
        headers = {"HX-Request": "true"}
        return self.browser(who).get(f"/servers/{SERVER_A}{path}", query_string=query, headers=headers)

    def browser(self, who: int) -> FlaskClient:
        return self.town.signed_in(who)


@pytest.fixture
def village(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Village]:
    """Alice owns A, Bob moderates it, Vera views it; the staff room and a private thread are Bob's and Alice's alone."""
    monkeypatch.setattr(service, "KNOWN_WORDS", KnownWords())
    _people_and_communities()
    with tenant_scope(A):
        copy_guild(GATEWAY, {"id": str(SERVER_A)}, _channels(), _roles(), _threads())
        copy_members(GATEWAY, _members(), complete=True)
    clients: Clients = app.extensions["clients"]
    yield Village(Town.of(app), clients.safe_http)  # type: ignore[arg-type]


def _people_and_communities() -> None:
    with transaction():
        db.session.add_all(User(id=i, username=NAMES[i].lower(), display_name=NAMES[i]) for i in NAMES)
        db.session.flush()
        db.session.add(
            Tenant(id=A, guild_id=SERVER_A, slug="a", name="Snowfall Village", owner_id=ALICE, state="active")
        )
        db.session.add(
            Tenant(id=B, guild_id=SERVER_B, slug="b", name="Charlie's Den", owner_id=CHARLIE, state="active")
        )
        db.session.add_all(
            GuildPresence(guild_id=g, name="G", owner_id=o) for g, o in ((SERVER_A, ALICE), (SERVER_B, CHARLIE))
        )
        db.session.flush()
        roles = ((A, ALICE, Role.OWNER), (A, BOB, Role.MODERATOR), (A, VERA, Role.VIEWER), (B, CHARLIE, Role.OWNER))
        db.session.add_all(Membership(tenant_id=tenant, user_id=person, role=role) for tenant, person, role in roles)
    with all_tenants(reason="the test fills two tenants"), transaction():
        db.session.add_all(BotSettings(tenant_id=i, archive_enabled=True) for i in (A, B))


def _channels() -> list[dict[str, Any]]:
    staff_only = [
        {"id": str(SERVER_A), "type": 0, "allow": "0", "deny": READS},
        {"id": str(MODERATORS), "type": 0, "allow": READS, "deny": "0"},
    ]
    return [
        {"id": str(GENERAL), "type": 0, "name": "general", "position": 0, "permission_overwrites": []},
        {"id": str(STAFF_ROOM), "type": 0, "name": "staff-room", "position": 1, "permission_overwrites": staff_only},
        {"id": str(RANDOM), "type": 0, "name": "random", "position": 2, "permission_overwrites": []},
    ]


def _threads() -> list[dict[str, Any]]:
    common = {"parent_id": str(GENERAL), "member_count": 1}
    return [
        {"id": str(HELP_THREAD), "type": 11, "name": "Sled help", **common},
        {"id": str(SECRET_THREAD), "type": 12, "name": "Quiet plans", **common},
    ]


def _roles() -> list[dict[str, Any]]:
    return [
        {"id": str(SERVER_A), "name": "@everyone", "color": 0, "position": 0, "permissions": READS},
        {"id": str(MODERATORS), "name": "Moderators", "color": 0x3BA7D9, "position": 5, "permissions": str(1 << 34)},
    ]


def _members() -> list[dict[str, Any]]:
    return [
        member(person, NAMES[person].lower(), global_name=NAMES[person], roles=[MODERATORS] if person == BOB else [])
        for person in EVERYBODY_HERE
    ]


def without_reference(answer: TestResponse) -> bytes:
    """The bytes of an error page, without what names this one request."""
    own = [answer.headers["X-Request-Id"].encode(), *re.findall(rb'nonce="([^"]+)"', answer.data)]
    text = answer.data
    for word in own:
        text = text.replace(word, b"")
    return text


def message_id(number: int) -> int:
    """The id of the message written `number` seconds after the first moment."""
    return (FIRST_MOMENT_MS + number * 1000 - DISCORD_EPOCH_MS) << 22


def payload(number: int, content: str = "hello", **changes: Any) -> dict[str, Any]:
    """A message as the gateway sends it; `edited` = seconds after the first moment."""
    author, channel, edited = (
        changes.pop(key, default) for key, default in (("author", VERA), ("channel", GENERAL), ("edited", None))
    )
    name = NAMES.get(author, "Somebody")
    return {
        "id": str(message_id(number)),
        "channel_id": str(channel),
        "author": {"id": str(author), "username": name.lower(), "global_name": name, "avatar": None},
        "content": content,
        "edited_timestamp": None if edited is None else _iso(edited),
        "mention_everyone": False,
        "mentions": [],
        "attachments": [],
        "embeds": [],
        "pinned": False,
        "type": 0,
        "flags": 0,
        **changes,
    }


def write(number: int, content: str = "hello", *, tenant: int = A, **changes: Any) -> int:
    """Archive a message; answers its id."""
    _index(tenant, RecordKind.CREATED, payload(number, content, **changes), number)
    return message_id(number)


def edit(number: int, content: str, *, at: int, tenant: int = A, **changes: Any) -> None:
    """Archive its edit, `at` seconds after the first moment."""
    _index(tenant, RecordKind.UPDATED, payload(number, content, edited=at, **changes), at)


def delete(number: int, *, at: int, tenant: int = A, channel: int = GENERAL) -> None:
    """Archive its deletion."""
    _index(tenant, RecordKind.DELETED, {"id": str(message_id(number)), "channel_id": str(channel)}, at)


def delete_at_once(*numbers: int, at: int, channel: int = GENERAL) -> None:
    """Archive that these were deleted together."""
    wire = {"ids": [str(message_id(number)) for number in numbers], "channel_id": str(channel)}
    _index(A, RecordKind.BULK_DELETED, wire, at)


def react(number: int, who: int, emoji: dict[str, Any], *, at: int = 30, channel: int = GENERAL) -> None:
    """Archive somebody's reaction."""
    wire = {"message_id": str(message_id(number)), "channel_id": str(channel), "user_id": str(who), "emoji": emoji}
    _index(A, RecordKind.REACTION_ADDED, wire, at)


def _index(tenant: int, kind: RecordKind, wire: dict[str, Any], at: int) -> None:
    outcome = index_batch(GATEWAY, [ArchiveRecord(tenant, kind, wire, FIRST_MOMENT_MS + at * 1000)])
    assert not outcome.set_aside, outcome.set_aside


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(FIRST_MOMENT_MS / 1000 + seconds, UTC).isoformat()
