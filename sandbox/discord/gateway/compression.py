"""How frames travel: plain text, or one long zlib or zstd stream over binary frames."""

from __future__ import annotations

import zlib
from typing import Protocol

import zstandard


class Compression(Protocol):
    """Turns one JSON payload into the frame that a client of this connection reads."""

    is_binary: bool

    def frame(self, payload: bytes) -> bytes:
        """One frame; for streams it continues all the frames before it, so order matters."""
        ...


class Plain:
    """No transport compression: JSON in text frames."""

    is_binary = False

    def frame(self, payload: bytes) -> bytes:
        return payload


class ZlibStream:
    """`compress=zlib-stream`: one zlib context a connection, each payload ends in a sync flush."""

    is_binary = True

    def __init__(self) -> None:
        # Level 1: the sandbox shares its cores with what it tests.
        self._stream = zlib.compressobj(1)

    def frame(self, payload: bytes) -> bytes:
        return self._stream.compress(payload) + self._stream.flush(zlib.Z_SYNC_FLUSH)


class ZstdStream:
    """`compress=zstd-stream`: one zstd frame a connection, flushed after each payload."""

    is_binary = True

    def __init__(self) -> None:
        self._stream = zstandard.ZstdCompressor(level=1).compressobj()

    def frame(self, payload: bytes) -> bytes:
        return self._stream.compress(payload) + self._stream.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)


class ZlibPayloads:
    """`"compress": true` in IDENTIFY: each large payload is compressed on its own."""

    is_binary = True

    def frame(self, payload: bytes) -> bytes:
        return zlib.compress(payload, 1)


_BY_NAME: dict[str | None, type[Plain] | type[ZlibStream] | type[ZstdStream]] = {
    None: Plain,
    "zlib-stream": ZlibStream,
    "zstd-stream": ZstdStream,
}


def compression_for(name: str | None) -> Compression | None:
    """The compression that the `compress` query parameter asks for; None if Discord knows no such one."""
    kind = _BY_NAME.get(name)
    return kind() if kind is not None else None
