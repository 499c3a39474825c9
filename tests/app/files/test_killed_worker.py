"""A worker that is killed anywhere loses no file and leaves no bytes behind for ever."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from app.clients import Clients
from app.clients.file_store.folder import FolderFileStore
from app.db.claimable import JobState
from app.db.scope import tenant_scope
from app.db.transaction import transaction
from app.domain.clock import utcnow
from app.domain.files import shelf
from app.domain.files.models import Blob
from app.domain.files.service import FILES, let_files_go
from app.domain.messages.kept import Kept
from app.domain.messages.models import Attachment
from app.extensions import db
from tests.app.files.conftest import PNG, A, Drawer, blobs, file, keep, message_ago, post, row, usage
from tests.app.files.dying_worker import POINTS

REPOSITORY = Path(__file__).parents[3]
SHA = hashlib.sha256(PNG).hexdigest()


@pytest.fixture
def disk(app: Flask, drawer: Drawer, folder: Path) -> Path:
    """The store is a folder, which outlives the worker."""
    clients: Clients = app.extensions["clients"]
    clients.file_store = FolderFileStore(folder / "files")
    return folder


def _die(database_url: str, disk: Path, point: str) -> None:
    command = [sys.executable, "-m", "tests.app.files.dying_worker", database_url, str(disk), row(71).url, point]
    ended = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=120)
    assert ended.returncode == -9, ended.stderr


def _files(disk: Path) -> list[str]:
    """Every file in the store and beside it, by its name."""
    return sorted(one.name for one in disk.rglob("*") if one.is_file())


def _later() -> None:
    """The lease has run out, and whatever was touched was touched long ago."""
    past = utcnow() - timedelta(hours=2)
    with tenant_scope(A), transaction():
        busy = update(Attachment).where(Attachment.state == JobState.IN_PROGRESS)
        db.session.execute(busy.values(lease_until=past))
        db.session.execute(update(Blob).values(touched_at=past))


@pytest.mark.parametrize("point", POINTS)
def test_t42_a_file_is_kept_whatever_its_worker_died_of(
    drawer: Drawer, disk: Path, database_url: str, point: str
) -> None:
    post(message_ago(5), file(71, PNG, drawer))
    _die(database_url, disk, point)
    assert row(71).kept == (Kept.KEPT if point == "settled" else Kept.WAITING)
    _later()

    keep()
    let_files_go(FILES)

    assert (row(71).kept, usage()) == (Kept.KEPT, (1, len(PNG)))
    assert (disk / "files" / shelf.key_of(SHA)).read_bytes() == PNG


@pytest.mark.parametrize("point", POINTS)
def test_bytes_whose_message_was_erased_meanwhile_do_not_stay(
    drawer: Drawer, disk: Path, database_url: str, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(message_ago(5), file(71, PNG, drawer))
    _die(database_url, disk, point)
    with tenant_scope(A), transaction():
        db.session.delete(row(71))
    _later()
    for left in (disk / "files" / ".incoming").glob("*"):
        import os

        os.utime(left, (0, 0))

    let_files_go(FILES)

    assert (_files(disk), blobs(), usage()) == ([], {}, (0, 0))
