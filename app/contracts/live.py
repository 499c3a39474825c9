"""The live stream's words (design section 7): an event says what changed, never content."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from enum import StrEnum

LOG_LENGTH = 1000
TICKET_SECONDS = 60
_HALF = (1 << 32) - 1
_LARGEST = (1 << 64) - 1
SUBPROTOCOL = "snowflake.live.v1"
CLOSE_UNAUTHORIZED = 4401


class Topic(StrEnum):
    MESSAGES = "messages"
    MEMBERS = "members"
    MODERATION = "moderation"
    QUEUE = "queue"
    PUBLISHING = "publishing"
    WEBHOOKS = "webhooks"
    BOT = "bot"
    BILLING = "billing"
    EXPORTS = "exports"
    JOBS = "jobs"
    NOTIFICATIONS = "notifications"


@dataclass(frozen=True)
class Signal:
    """One change. `ref` names the thing (`message:1`, `case:4`); `channel_id` decides who is told and is never sent."""

    topic: Topic
    ref: str
    channel_id: int | None = None


@dataclass(frozen=True)
class Entry:
    """A signal with its place in the tenant's log."""

    id: int
    signal: Signal


@dataclass(frozen=True)
class Cursor:
    """A place in one incarnation of a tenant's log. Readers get it sealed."""

    epoch: str
    id: int


class CursorSeal:
    """Cursors as readers get them: `<epoch>.<number>`, where the number tells nothing of how many entries came between.

    A Feistel network of four rounds over 64 bits, under a key of the secret that website and bot share; under another
    secret a cursor is a place that no log has, and its reader begins anew.
    """

    ROUNDS = 4

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), b"snowflake-panel live cursors v1", "sha256")

    def word(self, cursor: Cursor) -> str:
        """The cursor, sealed."""
        left, right = cursor.id >> 32, cursor.id & _HALF
        for turn in range(self.ROUNDS):
            left, right = right, left ^ self._mixed(cursor.epoch, turn, right)
        return f"{cursor.epoch}.{left << 32 | right}"

    def read(self, word: str) -> Cursor | None:
        """The cursor that was sealed; None for anything malformed."""
        epoch, dot, digits = word.rpartition(".")
        if not dot or not epoch.isalnum() or not digits.isascii() or not digits.isdigit() or len(word) > 64:
            return None
        number = int(digits)
        if number > _LARGEST:
            return None
        left, right = number >> 32, number & _HALF
        for turn in reversed(range(self.ROUNDS)):
            left, right = right ^ self._mixed(epoch, turn, left), left
        return Cursor(epoch, left << 32 | right)

    def _mixed(self, epoch: str, turn: int, half: int) -> int:
        return int.from_bytes(hmac.digest(self._key, f"{epoch}.{turn}.{half}".encode(), "sha256")[:4])


@dataclass(frozen=True)
class Page:
    """What a reader gets after a cursor. `resync` = some of the log is lost: ask for everything again."""

    cursor: Cursor
    entries: tuple[Entry, ...] = ()
    resync: bool = False
