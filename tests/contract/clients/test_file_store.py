"""What every file store promises: the fake, a folder, and a bucket behind a server that speaks S3's protocol."""

from __future__ import annotations

import hashlib
import io
import os
import time
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from flask import Flask
from moto.server import ThreadedMotoServer

from app.clients.errors import Refused, Unavailable
from app.clients.file_store import open_file_store
from app.clients.file_store.fake import FakeFileStore
from app.clients.file_store.folder import FolderFileStore
from app.clients.file_store.port import CHUNK_BYTES, FileStore
from app.clients.file_store.s3 import S3FileStore
from app.config import SettingsError
from app.db.transaction import TransactionError, transaction
from tests.environment import settings
from tests.servers.process import free_port

KEY = "blobs/ab/cd/abcd"
CREDENTIALS = {"BLOB_STORE_KEY_ID": "panel", "BLOB_STORE_SECRET": "throw-away"}


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of a server with the bucket `panel-files`."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    address = f"http://127.0.0.1:{server.get_host_and_port()[1]}"
    names = {"aws_access_key_id": "panel", "aws_secret_access_key": "throw-away", "region_name": "us-east-1"}
    boto3.client("s3", endpoint_url=address, **names).create_bucket(Bucket="panel-files")
    yield address
    server.stop()


@pytest.fixture(params=["fake", "folder", "s3"])
def store(request: pytest.FixtureRequest, folder: Path) -> Iterator[FileStore]:
    if request.param == "fake":
        yield FakeFileStore()
    elif request.param == "folder":
        yield open_file_store(settings("sqlite://", folder))
    else:
        url = f"s3://panel-files/{folder.name.lower()}?endpoint={request.getfixturevalue('s3')}"
        yield open_file_store(settings("sqlite://", folder, BLOB_STORE_URL=url, **CREDENTIALS))


def put(store: FileStore, body: bytes, key: str = KEY) -> None:
    store.put(key, io.BytesIO(body), len(body))


def read(store: FileStore, key: str = KEY, **part: int) -> bytes:
    return b"".join(store.open(key, **part))


def test_what_is_put_is_read_again_whole(store: FileStore) -> None:
    large = os.urandom(CHUNK_BYTES * 2 + 17)
    put(store, large)
    put(store, b"", "blobs/empty")

    assert hashlib.sha256(read(store)).digest() == hashlib.sha256(large).digest()
    assert read(store, "blobs/empty") == b""
    assert store.exists(KEY) and store.exists("blobs/empty")


def test_a_key_holds_what_was_put_last(store: FileStore) -> None:
    put(store, b"first")
    put(store, b"second, and longer")

    assert read(store) == b"second, and longer"


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ({"start": 3}, b"3456789"),
        ({"start": 3, "length": 4}, b"3456"),
        ({"length": 0}, b""),
        ({"start": 8, "length": 99}, b"89"),
        ({"start": 10}, b""),
    ],
)
def test_a_part_is_read_alone(store: FileStore, part: dict[str, int], found: bytes) -> None:
    put(store, b"0123456789")

    assert read(store, **part) == found


def test_what_was_never_put_or_was_deleted_is_no_such_file_at_once(store: FileStore) -> None:
    put(store, b"x")
    store.delete(KEY)
    store.delete(KEY)

    assert not store.exists(KEY)
    with pytest.raises(Refused) as refusal:
        store.open(KEY)
    assert refusal.value.code == "no_such_file"


@pytest.mark.parametrize("key", ["", "x", "/etc/passwd", "a/../b", "a/./b", "A/b", "a//b", "a/b\n", "a/" + "b" * 200])
def test_what_is_no_key_reaches_nothing(store: FileStore, key: str) -> None:
    for reach in (store.open, store.exists, store.delete):
        with pytest.raises(ValueError):
            reach(key)
    with pytest.raises(ValueError):
        put(store, b"x", key)


def test_no_store_is_reached_inside_a_transaction(app: Flask, store: FileStore) -> None:
    with pytest.raises(TransactionError), transaction():
        store.exists(KEY)
    with pytest.raises(TransactionError), transaction():
        put(store, b"x")


def test_what_ends_before_its_size_is_not_kept(folder: Path) -> None:
    store = FolderFileStore(folder)
    put(store, b"before")

    with pytest.raises(ValueError):
        store.put(KEY, io.BytesIO(b"half"), 8)

    assert read(store) == b"before"
    assert not list((folder / ".incoming").iterdir())


def test_what_a_dead_writer_left_is_forgotten_after_a_while_and_nothing_else(folder: Path) -> None:
    store = FolderFileStore(folder)
    put(store, b"kept")
    old, young = folder / ".incoming" / "old", folder / ".incoming" / "young"
    old.write_bytes(b"half")
    young.write_bytes(b"half")
    os.utime(old, (time.time() - 7200, time.time() - 7200))

    assert store.forget_unfinished(3600) == 1

    assert young.exists() and not old.exists() and read(store) == b"kept"


def test_files_are_the_panels_alone(folder: Path) -> None:
    store = FolderFileStore(folder / "files")
    put(store, b"x")

    place = folder / "files" / KEY
    assert place.stat().st_mode & 0o777 == 0o600
    assert all(one.stat().st_mode & 0o077 == 0 for one in (place.parent, folder / "files"))


def test_a_bucket_that_cannot_be_reached_or_refuses_is_unavailable(folder: Path, s3: str) -> None:
    away = f"s3://panel-files/x?endpoint=http://127.0.0.1:{free_port()}"
    missing = f"s3://another-bucket/x?endpoint={s3}"
    for url in (away, missing):
        store = open_file_store(settings("sqlite://", folder, BLOB_STORE_URL=url, **CREDENTIALS))
        assert isinstance(store, S3FileStore)
        with pytest.raises(Unavailable):
            put(store, b"x")


@pytest.mark.parametrize(
    "url", ["http://bucket/", "s3:///x", "s3://bucket/?endpoint=ftp://x", "s3://bucket/?colour=blue", "folder"]
)
def test_an_address_that_is_no_bucket_stops_the_process(folder: Path, url: str) -> None:
    with pytest.raises(SettingsError, match="BLOB_STORE_URL"):
        settings("sqlite://", folder, BLOB_STORE_URL=url, **CREDENTIALS)


def test_a_bucket_without_credentials_stops_the_process(folder: Path) -> None:
    with pytest.raises(SettingsError, match="BLOB_STORE_KEY_ID"):
        settings("sqlite://", folder, BLOB_STORE_URL="s3://bucket/")
