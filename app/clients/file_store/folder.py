"""A folder on this machine, or one that all processes share."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from app.clients.errors import Refused, Unavailable
from app.clients.file_store.port import CHUNK_BYTES, checked_key
from app.db.transaction import leave_database

INCOMING = ".incoming"


class FolderFileStore:
    """Each key is a file below `root`. It is written beside and renamed, so that a reader sees the whole or nothing."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, key: str, source: BinaryIO, size: int) -> None:
        place = self._place(key, "writing a file")
        try:
            incoming = self._made(self._root / INCOMING) / secrets.token_hex(16)
            try:
                with open(os.open(incoming, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as target:
                    shutil.copyfileobj(source, target, CHUNK_BYTES)
                    if target.tell() != size:
                        raise ValueError(f"{target.tell()} bytes came where {size} were announced")
                    target.flush()
                    os.fsync(target.fileno())  # a name must never outlive a power cut that its bytes did not
                self._made(place.parent)
                os.replace(incoming, place)
            finally:
                incoming.unlink(missing_ok=True)
        except OSError as error:
            raise Unavailable("store_unavailable", type(error).__name__) from error

    def open(self, key: str, *, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        place = self._place(key, "reading a file")
        try:
            file = place.open("rb")
        except FileNotFoundError as error:
            raise Refused("no_such_file") from error
        except OSError as error:
            raise Unavailable("store_unavailable", type(error).__name__) from error
        return _pieces(file, start, length)

    def exists(self, key: str) -> bool:
        return self._place(key, "looking for a file").is_file()

    def delete(self, key: str) -> None:
        try:
            self._place(key, "deleting a file").unlink(missing_ok=True)
        except OSError as error:
            raise Unavailable("store_unavailable", type(error).__name__) from error

    def forget_unfinished(self, seconds: float) -> int:
        leave_database("tidying the file store")
        oldest, forgotten = time.time() - seconds, 0
        for left in (self._root / INCOMING).glob("*"):
            with suppress(FileNotFoundError):
                if left.stat().st_mtime < oldest:
                    left.unlink()
                    forgotten += 1
        return forgotten

    def _place(self, key: str, what: str) -> Path:
        leave_database(what)
        return self._root / checked_key(key)

    def _made(self, folder: Path) -> Path:
        """`folder`, with those between it and the root, for nobody else to look into."""
        between = [one for one in folder.parents if one != self._root and one.is_relative_to(self._root)]
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        for one in (*reversed(between), folder):
            one.mkdir(mode=0o700, exist_ok=True)
        return folder


def _pieces(file: BinaryIO, start: int, length: int | None) -> Iterator[bytes]:
    with file:
        file.seek(start)
        left = length
        while left is None or left > 0:
            piece = file.read(CHUNK_BYTES if left is None else min(left, CHUNK_BYTES))
            if not piece:
                return
            left = None if left is None else left - len(piece)
            yield piece
