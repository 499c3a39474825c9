"""A store in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from app.clients.errors import Refused, Unavailable
from app.clients.file_store.port import CHUNK_BYTES, checked_key
from app.db.transaction import leave_database


@dataclass
class FakeFileStore:
    """`kept` is what it holds; set `away` and every call raises as if the store were down."""

    kept: dict[str, bytes] = field(default_factory=dict)
    away: bool = False

    def put(self, key: str, source: BinaryIO, size: int) -> None:
        self._reach(key)
        found = source.read()
        if len(found) != size:
            raise ValueError(f"{len(found)} bytes came where {size} were announced")
        self.kept[key] = found

    def open(self, key: str, *, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        self._reach(key)
        if key not in self.kept:
            raise Refused("no_such_file")
        found = self.kept[key][start : None if length is None else start + length]
        return iter([found[at : at + CHUNK_BYTES] for at in range(0, len(found), CHUNK_BYTES)])

    def exists(self, key: str) -> bool:
        self._reach(key)
        return key in self.kept

    def delete(self, key: str) -> None:
        self._reach(key)
        self.kept.pop(key, None)

    def forget_unfinished(self, seconds: float) -> int:
        leave_database("tidying the file store")
        return 0

    def _reach(self, key: str) -> None:
        leave_database("the file store")
        checked_key(key)
        if self.away:
            raise Unavailable("store_unavailable")
