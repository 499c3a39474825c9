"""Two communities that keep files, and files as Discord shows them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.clients import Clients
from app.clients.bot_api.fake import FakeBotApi
from app.clients.file_store.fake import FakeFileStore
from app.clients.safe_http.fake import FakeSafeHttp
from app.clients.safe_http.port import Fetched
from app.db.scope import all_tenants, tenant_scope
from app.db.transaction import transaction
from app.domain.access import SystemActor
from app.domain.accounts.models import User
from app.domain.clock import first_snowflake, utcnow
from app.domain.files.models import Blob, FileUsage
from app.domain.files.service import FILES, keep_due_files
from app.domain.members.models import GuildChannel
from app.domain.messages import service
from app.domain.messages.models import Attachment
from app.domain.messages.postings import KnownWords
from app.domain.messages.records import ArchiveRecord, RecordKind
from app.domain.messages.service import index_batch
from app.domain.tenants.models import BotSettings, Tenant
from app.extensions import db

A, B = 1, 2
ALICE, VERA = 200000000000000001, 200000000000000003
GENERAL = 400000000000000001
GATEWAY = SystemActor("gateway")
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x02\x00\x00\x00\x02" + b"\x08\x02\x00\x00\x00" + b"p" * 40


@dataclass
class Drawer:
    """What the tests look into: Discord's CDN, the store, the bot."""

    cdn: FakeSafeHttp
    store: FakeFileStore
    bot: FakeBotApi


@pytest.fixture
def drawer(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Drawer]:
    """Tenants A and B, both archiving, with one channel each; nothing archived."""
    monkeypatch.setattr(service, "KNOWN_WORDS", KnownWords())
    with transaction():
        db.session.add(User(id=ALICE, username="alice", display_name="Alice"))
        db.session.flush()
        db.session.add_all(
            Tenant(id=i, guild_id=300000000000000000 + i, slug=f"t{i}", name=f"T{i}", owner_id=ALICE) for i in (A, B)
        )
    with all_tenants(reason="the test fills two tenants"), transaction():
        db.session.add_all(BotSettings(tenant_id=i, archive_enabled=True) for i in (A, B))
        db.session.add_all(GuildChannel(tenant_id=i, id=GENERAL, kind=0, name="general") for i in (A, B))
    clients: Clients = app.extensions["clients"]
    yield Drawer(clients.safe_http, clients.file_store, clients.bot_api)  # type: ignore[arg-type]


def link(file_id: int, name: str = "cat.png") -> str:
    """An address of Discord's, good for a day."""
    expires = int(utcnow().timestamp()) + 86_400
    return f"https://cdn.discordapp.com/attachments/{GENERAL}/{file_id}/{name}?ex={expires:x}&is=1&hm=2&"


def file(file_id: int, body: bytes | None, drawer: Drawer, **changes: Any) -> dict[str, Any]:
    """A file as a message carries it; with `body` it can be fetched."""
    name = changes.pop("filename", "cat.png")
    url = changes.pop("url", None) or link(file_id, name)
    if body is not None:
        drawer.cdn.pages[url] = Fetched(url, "image/png", body)
    kind = changes.pop("content_type", "image/png")
    size = changes.pop("size", len(body or b""))
    return {"id": str(file_id), "filename": name, "content_type": kind, "size": size, "url": url, **changes}


def message_ago(seconds: float, number: int = 0) -> int:
    """The id of a message that was written so long ago."""
    from datetime import timedelta

    return first_snowflake(utcnow() - timedelta(seconds=seconds)) + number


def post(message_id: int, *files: dict[str, Any], tenant: int = A) -> int:
    """Archive a message with these files; answers its id."""
    wire = {
        "id": str(message_id),
        "channel_id": str(GENERAL),
        "author": {"id": str(VERA), "username": "vera", "global_name": None, "avatar": None},
        "content": "look",
        "edited_timestamp": None,
        "attachments": list(files),
        "embeds": [],
        "type": 0,
        "flags": 0,
    }
    outcome = index_batch(GATEWAY, [ArchiveRecord(tenant, RecordKind.CREATED, wire, 1)])
    assert not outcome.set_aside, outcome.set_aside
    return message_id


def delete(message_id: int, *, tenant: int = A) -> None:
    """Archive that the message was deleted."""
    wire = {"id": str(message_id), "channel_id": str(GENERAL)}
    index_batch(GATEWAY, [ArchiveRecord(tenant, RecordKind.DELETED, wire, 2)])


def keep() -> int:
    """Run the queue as the worker does."""
    return keep_due_files(FILES)


def row(file_id: int, tenant: int = A) -> Attachment:
    with tenant_scope(tenant):
        db.session.rollback()
        return db.session.scalars(select(Attachment).where(Attachment.id == file_id)).one()


def usage(tenant: int = A) -> tuple[int, int]:
    """(files, bytes) as counted."""
    with tenant_scope(tenant):
        db.session.expire_all()
        found = db.session.scalars(select(FileUsage)).one_or_none()
        return (found.files, found.kept_bytes) if found else (0, 0)


def blobs() -> dict[str, Blob]:
    db.session.rollback()
    return {blob.sha256: blob for blob in db.session.scalars(select(Blob))}
