"""Two communities that keep an archive, and payloads as Discord sends them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import delete

from app.bootstrap import create_core_app
from app.db.scope import all_tenants
from app.db.transaction import transaction
from app.domain.access import SystemActor
from app.domain.accounts.models import User
from app.domain.clock import DISCORD_EPOCH_MS
from app.domain.messages import service
from app.domain.messages.models import (
    Attachment,
    Deletion,
    DeletionEntry,
    Message,
    MessageRevision,
    MessageTerm,
    ReactionChange,
    ReactionCount,
    RevisionTerm,
    Word,
)
from app.domain.messages.postings import KnownWords
from app.domain.messages.records import ArchiveRecord, BatchOutcome, RecordKind
from app.domain.messages.service import index_batch
from app.domain.tenants.models import BotSettings, Tenant
from app.extensions import db
from tests.environment import settings

A, B = 1, 2
ALICE, BOB, VERA = 200000000000000001, 200000000000000002, 200000000000000003
GENERAL, STAFF_ROOM, RANDOM = 400000000000000001, 400000000000000002, 400000000000000003
FIRST_MOMENT_MS = 1_793_520_000_000
"""2026-11-01T08:00:00Z."""

ROW_TABLES = (
    Message, MessageRevision, MessageTerm, RevisionTerm, Attachment, ReactionCount, ReactionChange, Deletion, DeletionEntry,
)  # fmt: skip
"""All tables of the archive but the words, which may outlive their messages."""

GATEWAY = SystemActor("gateway")


@pytest.fixture(scope="session")
def migrated_app(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The app as the bot has it, without a website: the archive needs none."""
    app = create_core_app(settings(database_url, tmp_path_factory.mktemp("data")))
    app.testing = True
    with app.app_context():
        upgrade()
    yield app
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def archive(app: Flask) -> Iterator[Flask]:
    """Tenants A and B, both archiving, nothing archived."""
    with transaction():
        db.session.add(User(id=ALICE, username="alice", display_name="Alice"))
        db.session.flush()
        db.session.add_all(
            Tenant(id=i, guild_id=300000000000000000 + i, slug=f"t{i}", name=f"T{i}", owner_id=ALICE) for i in (A, B)
        )
    with all_tenants(reason="the test fills two tenants"), transaction():
        db.session.add_all(BotSettings(tenant_id=i, archive_enabled=True) for i in (A, B))
    yield app


def message_id(number: int) -> int:
    """The id of the message written `number` seconds after the first moment."""
    return (FIRST_MOMENT_MS + number * 1000 - DISCORD_EPOCH_MS) << 22


def payload(
    number: int, content: str = "hello", author: int = VERA, channel: int = GENERAL, **changes: Any
) -> dict[str, Any]:
    """A message object as the gateway sends it; `edited` = seconds after the first moment."""
    edited = changes.pop("edited", None)
    return {
        "id": str(message_id(number)),
        "channel_id": str(channel),
        "author": {"id": str(author), "username": f"user{author % 100}", "global_name": None, "avatar": None},
        "content": content,
        "timestamp": "2026-11-01T08:00:00+00:00",
        "edited_timestamp": None if edited is None else _iso(FIRST_MOMENT_MS + edited * 1000),
        "mention_everyone": False,
        "mentions": [],
        "attachments": [],
        "embeds": [],
        "pinned": False,
        "type": 0,
        "flags": 0,
        **changes,
    }


def created(number: int, content: str = "hello", *, tenant: int = A, **changes: Any) -> ArchiveRecord:
    return ArchiveRecord(
        tenant, RecordKind.CREATED, payload(number, content, **changes), FIRST_MOMENT_MS + number * 1000
    )


def updated(number: int, content: str = "hello", *, tenant: int = A, at: int = 0, **changes: Any) -> ArchiveRecord:
    return ArchiveRecord(tenant, RecordKind.UPDATED, payload(number, content, **changes), FIRST_MOMENT_MS + at * 1000)


def deleted(number: int, *, tenant: int = A, at: int = 0, channel: int = GENERAL) -> ArchiveRecord:
    wire = {"id": str(message_id(number)), "channel_id": str(channel)}
    return ArchiveRecord(tenant, RecordKind.DELETED, wire, FIRST_MOMENT_MS + at * 1000)


def bulk_deleted(*numbers: int, tenant: int = A, at: int = 0, channel: int = GENERAL) -> ArchiveRecord:
    wire = {"ids": [str(message_id(number)) for number in numbers], "channel_id": str(channel)}
    return ArchiveRecord(tenant, RecordKind.BULK_DELETED, wire, FIRST_MOMENT_MS + at * 1000)


def missing(*numbers: int, at: int, since: int, tenant: int = A, channel: int = GENERAL) -> ArchiveRecord:
    """Found gone `at` seconds after the first moment; known to have been there at `since`."""
    told = {
        "channel_id": str(channel),
        "ids": [str(message_id(number)) for number in numbers],
        "since_ms": FIRST_MOMENT_MS + since * 1000,
    }
    return ArchiveRecord(tenant, RecordKind.MISSING, told, FIRST_MOMENT_MS + at * 1000)


def reacted(
    number: int, emoji: str = "👍", user: int = BOB, *, at: int = 0, added: bool = True, tenant: int = A
) -> ArchiveRecord:
    """Somebody's reaction comes, or goes."""
    kind = RecordKind.REACTION_ADDED if added else RecordKind.REACTION_REMOVED
    wire = _reaction_place(number) | {"user_id": str(user), "emoji": emoji_told(emoji)}
    return ArchiveRecord(tenant, kind, wire, FIRST_MOMENT_MS + at * 1000)


def cleared(number: int, emoji: str | None = None, *, at: int = 0, tenant: int = A) -> ArchiveRecord:
    """All reactions are taken away, or all of one emoji."""
    wire = _reaction_place(number) | ({} if emoji is None else {"emoji": emoji_told(emoji)})
    kind = RecordKind.REACTIONS_CLEARED if emoji is None else RecordKind.EMOJI_CLEARED
    return ArchiveRecord(tenant, kind, wire, FIRST_MOMENT_MS + at * 1000)


def fetched(number: int, content: str = "hello", *, at: int = 0, tenant: int = A, **changes: Any) -> ArchiveRecord:
    """A message as REST tells it; `reactions` = emoji → count."""
    counts = changes.pop("reactions", {})
    listed = [{"emoji": emoji_told(emoji), "count": count, "me": False} for emoji, count in counts.items()]
    wire = payload(number, content, **changes) | ({"reactions": listed} if listed else {})
    return ArchiveRecord(tenant, RecordKind.FETCHED, wire, FIRST_MOMENT_MS + at * 1000)


def logged(
    entry: int, by: int = BOB, *, at: int, author: int = VERA, count: int = 1, channel: int = GENERAL, tenant: int = A
) -> ArchiveRecord:
    """A line of the audit log on deleted messages, as the gateway tells of it `at` seconds after the first moment."""
    wire = _line(entry, 72, by, author) | {"options": {"channel_id": str(channel), "count": str(count)}}
    return ArchiveRecord(tenant, RecordKind.AUDITED, wire, FIRST_MOMENT_MS + at * 1000)


def listed(entry: int, by: int = BOB, *, at: int, count: int, author: int = VERA, tenant: int = A) -> ArchiveRecord:
    """The same, read in the log itself."""
    told = logged(entry, by, at=at, author=author, count=count, tenant=tenant)
    return told._replace(kind=RecordKind.AUDIT_LISTED)


def logged_bulk(entry: int, by: int = BOB, *, at: int, count: int, channel: int = GENERAL) -> ArchiveRecord:
    """The audit log's line on a bulk deletion."""
    wire = _line(entry, 73, by, channel) | {"options": {"count": str(count)}}
    return ArchiveRecord(A, RecordKind.AUDITED, wire, FIRST_MOMENT_MS + at * 1000)


def blocked(content: str = "blocked words", *, at: int, author: int = VERA, channel: int = GENERAL) -> ArchiveRecord:
    """AutoMod kept something from being posted."""
    wire = {
        "action": {"type": 1, "metadata": {}},
        "rule_id": "900000000000000009",
        "user_id": str(author),
        "channel_id": str(channel),
        "content": content,
        "matched_keyword": "blocked",
    }
    return ArchiveRecord(A, RecordKind.BLOCKED, wire, FIRST_MOMENT_MS + at * 1000)


def emoji_told(emoji: str) -> dict[str, Any]:
    """`👍`, or `name:id`, as Discord tells it."""
    name, _, custom = emoji.partition(":")
    return {"id": custom or None, "name": name}


def _reaction_place(number: int) -> dict[str, Any]:
    return {"message_id": str(message_id(number)), "channel_id": str(GENERAL)}


def _line(entry: int, action: int, by: int, target: int) -> dict[str, Any]:
    return {"id": str(message_id(0) + entry), "action_type": action, "user_id": str(by), "target_id": str(target)}


def index(*batch: ArchiveRecord) -> BatchOutcome:
    return index_batch(GATEWAY, batch)


def _iso(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat()


def forget() -> None:
    """Empty the archive, in the database and in memory."""
    with all_tenants(reason="the test starts over"), transaction():
        for model in (*ROW_TABLES, Word):
            db.session.execute(delete(model))
    service.KNOWN_WORDS = KnownWords()
