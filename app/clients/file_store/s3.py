"""A bucket of Amazon S3 or of anything that speaks its protocol."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from app.clients.errors import Refused, Unavailable
from app.clients.file_store.port import CHUNK_BYTES, checked_key
from app.config import BucketSettings
from app.db.transaction import leave_database

_MISSING = {"404", "NoSuchKey", "NotFound"}
_NOTHING_THERE = {"416", "InvalidRange"}


class S3FileStore:
    """Each key is an object below the bucket's prefix. S3 shows an object whole or not at all."""

    def __init__(self, settings: BucketSettings) -> None:
        self._settings = settings
        self._s3: Any = boto3.session.Session().client(
            "s3",
            endpoint_url=settings.endpoint,
            region_name=settings.region,
            aws_access_key_id=settings.key_id,
            aws_secret_access_key=settings.secret,
            config=Config(
                connect_timeout=3,
                read_timeout=30,
                retries={"max_attempts": 3, "mode": "standard"},
                max_pool_connections=16,
            ),
        )

    def put(self, key: str, source: BinaryIO, size: int) -> None:
        name = self._name(key, "writing a file")
        encryption = {"ServerSideEncryption": self._settings.encryption} if self._settings.encryption else {}
        with _mapped():
            self._s3.put_object(
                Bucket=self._settings.bucket,
                Key=name,
                Body=source,
                ContentLength=size,
                ContentType="application/octet-stream",
                **encryption,
            )

    def open(self, key: str, *, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        name = self._name(key, "reading a file")
        if length == 0:
            return iter(())
        last = "" if length is None else str(start + length - 1)
        part = {"Range": f"bytes={start}-{last}"} if start or length is not None else {}
        try:
            with _mapped():
                found = self._s3.get_object(Bucket=self._settings.bucket, Key=name, **part)
        except _NothingThere:
            return iter(())
        return _pieces(found["Body"])

    def exists(self, key: str) -> bool:
        name = self._name(key, "looking for a file")
        try:
            with _mapped():
                self._s3.head_object(Bucket=self._settings.bucket, Key=name)
        except Refused as error:
            if error.code == "no_such_file":
                return False
            raise
        return True

    def delete(self, key: str) -> None:
        name = self._name(key, "deleting a file")
        with _mapped():
            self._s3.delete_object(Bucket=self._settings.bucket, Key=name)

    def forget_unfinished(self, seconds: float) -> int:
        """Nothing: an upload that did not end leaves nothing in a bucket."""
        leave_database("tidying the file store")
        return 0

    def _name(self, key: str, what: str) -> str:
        leave_database(what)
        return self._settings.prefix + checked_key(key)


class _NothingThere(Exception):
    """The object ends before the range begins."""


@contextmanager
def _mapped() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        if code in _MISSING:
            raise Refused("no_such_file") from error
        if code in _NOTHING_THERE:
            raise _NothingThere from error
        # A wrong key or a missing bucket is mended by the operator; until then files wait.
        raise Unavailable("store_unavailable", f"{status} {code}") from error
    except BotoCoreError as error:
        raise Unavailable("store_unavailable", type(error).__name__) from error


def _pieces(body: Any) -> Iterator[bytes]:
    try:
        while piece := body.read(CHUNK_BYTES):
            yield piece
    finally:
        body.close()
