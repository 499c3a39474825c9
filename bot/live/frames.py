"""What the socket sends, as whole WebSocket frames: built once, written to every transport (RFC 6455)."""

from __future__ import annotations

import orjson

from app.contracts.live import Cursor, CursorSeal, Entry

TEXT = 0x81
"""FIN and the opcode of a text frame; the server's frames are not masked."""


def frame(message: dict[str, object]) -> bytes:
    """One text frame."""
    payload = orjson.dumps(message)
    size = len(payload)
    if size < 126:
        return bytes((TEXT, size)) + payload
    if size < 1 << 16:
        return bytes((TEXT, 126)) + size.to_bytes(2, "big") + payload
    return bytes((TEXT, 127)) + size.to_bytes(8, "big") + payload


def error(code: str) -> bytes:
    """A message that was not understood."""
    return frame({"type": "error", "code": code})


class Frames:
    """The frames that name places in the log."""

    def __init__(self, seal: CursorSeal) -> None:
        self._seal = seal

    def hello(self, cursor: Cursor) -> bytes:
        """Where this reader is in the log."""
        return frame({"type": "hello", "cursor": self._seal.word(cursor)})

    def event(self, epoch: str, entry: Entry) -> bytes:
        """What changed; never content, never the channel."""
        word = self._seal.word(Cursor(epoch, entry.id))
        return frame({"type": "event", "id": word, "topic": entry.signal.topic.value, "ref": entry.signal.ref})

    def resync(self, cursor: Cursor) -> bytes:
        """Some of the log is lost to this client: ask for everything again, then go on after the cursor."""
        return frame({"type": "resync", "cursor": self._seal.word(cursor)})
