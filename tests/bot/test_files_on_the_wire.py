"""A file posted on Discord ends up in our store: the real bot, the real client of the CDN, the stand-in Discord."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from app.clients import Clients
from app.clients.bot_api.http import HttpBotApi
from app.clients.file_store.folder import FolderFileStore
from app.clients.safe_http.http import PinnedSafeHttp
from app.config import Process
from app.contracts.jobs import Job
from app.db.scope import tenant_scope
from app.db.transaction import transaction
from app.domain.files import shelf
from app.domain.files.service import FILES, keep_due_files
from app.domain.messages.kept import Kept
from app.domain.messages.models import Attachment
from app.extensions import db
from tests.bot.conftest import make_tenant
from tests.bot.running import RunningBot, eventually
from tests.environment import settings
from tests.servers.sandbox import CHARLIE, SERVER_A, SERVER_B, VERA, Sandbox

PICTURE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x02\x00\x00\x00\x02" + b"\x08\x02\x00\x00\x00" + b"p" * 40
SHA = hashlib.sha256(PICTURE).hexdigest()


@pytest.fixture
def bot(
    app: Flask, sandbox: Sandbox, bot_of: Callable[..., RunningBot], database_url: str, folder: Path
) -> Iterator[RunningBot]:
    """Communities A and B; the worker's own clients reach the sandbox's CDN and the bot."""
    a, b = make_tenant(), make_tenant(SERVER_B, CHARLIE)
    host = urlsplit(sandbox.url).netloc
    names = {"DISCORD_CDN_HOSTS": host, "OUTBOUND_ALLOW": host}
    running = bot_of(sandbox, **names).wait_until_connected()
    running.a, running.b = a, b
    before = app.config["SETTINGS"]
    own = app.config["SETTINGS"] = settings(database_url, folder, Process.UP, BOT_API_URL=running.url, **names)
    clients: Clients = app.extensions["clients"]
    clients.safe_http = PinnedSafeHttp(own.outbound_allow)
    clients.file_store = FolderFileStore(folder / "files")
    clients.bot_api = HttpBotApi(own)
    yield running
    app.config["SETTINGS"] = before


def _room(sandbox: Sandbox, guild_id: int = SERVER_A) -> int:
    channels = sandbox.get(f"/sandbox/state/{guild_id}")["channels"]
    return int(next(one["id"] for one in channels if one["type"] == 0))


def _post(sandbox: Sandbox, room: int) -> None:
    file = {"filename": "cat.png", "content_type": "image/png", "base64": base64.b64encode(PICTURE).decode()}
    sandbox.act(VERA, "message.create", channel_id=room, content="look", files=[file])


def _row(tenant_id: int) -> Attachment | None:
    db.session.rollback()
    with tenant_scope(tenant_id):
        found = db.session.scalars(select(Attachment).where(Attachment.filename == "cat.png"))
        return found.one_or_none()


def test_a_posted_file_is_kept_while_its_link_lives(
    bot: RunningBot, app: Flask, sandbox: Sandbox, folder: Path
) -> None:
    _post(sandbox, _room(sandbox))
    eventually(lambda: _row(bot.a) is not None)
    assert any(job is Job.KEEP_FILES for job, *_ids in app.extensions["clients"].job_queue.woken)

    keep_due_files(FILES)

    kept = _row(bot.a)
    assert kept is not None and (kept.kept, kept.sha256) == (Kept.KEPT, SHA)
    assert (folder / "files" / shelf.key_of(SHA)).read_bytes() == PICTURE


def test_an_expired_link_is_replaced_by_a_fresh_one_of_discords(bot: RunningBot, sandbox: Sandbox) -> None:
    _post(sandbox, _room(sandbox))
    eventually(lambda: _row(bot.a) is not None)
    with tenant_scope(bot.a), transaction():
        row = db.session.scalars(select(Attachment).where(Attachment.filename == "cat.png")).one()
        row.url = row.url.partition("?")[0] + "?ex=1&is=1&hm=0&"

    keep_due_files(FILES)

    kept = _row(bot.a)
    assert kept is not None and kept.kept == Kept.KEPT and "ex=1&" not in kept.url


def test_a_file_whose_message_is_gone_with_its_link_is_gone(bot: RunningBot, sandbox: Sandbox) -> None:
    room = _room(sandbox)
    _post(sandbox, room)
    eventually(lambda: _row(bot.a) is not None)
    with tenant_scope(bot.a), transaction():
        row = db.session.scalars(select(Attachment).where(Attachment.filename == "cat.png")).one()
        row.url = row.url.partition("?")[0] + "?ex=1&is=1&hm=0&"
        message_id = row.message_id
    sandbox.act(VERA, "message.delete", channel_id=room, message_id=message_id)

    keep_due_files(FILES)

    gone = _row(bot.a)
    assert gone is not None and gone.kept == Kept.GONE


def test_t07_the_bot_fetches_links_for_the_machinery_alone_and_within_one_community(
    bot: RunningBot, sandbox: Sandbox
) -> None:
    body = f'{{"channel_id": "{_room(sandbox)}", "message_id": "1"}}'.encode()
    foreign = bot.call("POST", "/attachments/links", tenant=bot.b, guild=SERVER_B, actor="system:files", body=body)
    person = bot.call("POST", "/attachments/links", tenant=bot.b, guild=SERVER_B, actor=str(CHARLIE), body=body)
    nonsense = bot.call("POST", "/attachments/links", tenant=bot.b, guild=SERVER_B, actor="system:files", body=b"{}")

    assert (foreign.status_code, foreign.json()["code"]) == (404, "unknown_channel")
    assert (person.status_code, nonsense.status_code) == (403, 422)
