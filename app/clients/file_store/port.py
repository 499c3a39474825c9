"""Where bytes are kept that are too large for the database: attachments, exports, media."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, Protocol

CHUNK_BYTES = 256 * 1024

_KEY = re.compile(r"[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9._-]*)+")
LONGEST_KEY = 200


class FileStore(Protocol):
    """Bytes under keys such as `blobs/ab/cd/abcd…`: lower case, at least one folder, no dots that lead elsewhere.

    A key holds the whole of what was put there last, or nothing: never a part. Every method raises `ValueError` for what is
    no key, `clients.errors.Unavailable` where the store cannot be reached, and refuses to run inside a transaction.
    """

    def put(self, key: str, source: BinaryIO, size: int) -> None:
        """Keep `source`, read from its present position to its end, which is `size` bytes further on."""

    def open(self, key: str, *, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The bytes from `start`, at most `length` of them, in pieces. Raises `Refused("no_such_file")` at once."""

    def exists(self, key: str) -> bool:
        """True where something is kept under the key."""

    def delete(self, key: str) -> None:
        """Nothing is kept under the key afterwards; nothing need have been."""

    def forget_unfinished(self, seconds: float) -> int:
        """Remove what writers left that died over `seconds` ago; how many that were."""


def checked_key(key: str) -> str:
    """`key`. Raises `ValueError` where it is none: a programming error, as keys are made by us alone."""
    if len(key) > LONGEST_KEY or not _KEY.fullmatch(key) or ".." in key:
        raise ValueError(f"no key of a file store: {key[:50]!r}")
    return key
