"""The live stream's words (design section 7): an event says what changed, never content."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

LOG_LENGTH = 1000
CLIENT_QUEUE = 256
TICKET_SECONDS = 60
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
    """`<epoch>.<id>`: a place in one incarnation of a tenant's log."""

    epoch: str
    id: int

    def __str__(self) -> str:
        return f"{self.epoch}.{self.id}"

    @classmethod
    def parse(cls, word: str) -> Cursor | None:
        """None for anything malformed."""
        epoch, dot, number = word.rpartition(".")
        if not dot or not epoch.isalnum() or not number.isascii() or not number.isdigit() or len(word) > 64:
            return None
        return cls(epoch, int(number))


@dataclass(frozen=True)
class Page:
    """What a reader gets after a cursor. `resync` = some of the log is lost: ask for everything again."""

    cursor: Cursor
    entries: tuple[Entry, ...] = ()
    resync: bool = False
