"""What a door hands to the archive, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple


class RecordKind(StrEnum):
    """What Discord told: a gateway event by its own name, or a message read over REST."""

    CREATED = "MESSAGE_CREATE"
    UPDATED = "MESSAGE_UPDATE"
    DELETED = "MESSAGE_DELETE"
    BULK_DELETED = "MESSAGE_DELETE_BULK"
    FETCHED = "FETCHED"
    MISSING = "MISSING"
    """Found gone when Discord's list was compared with ours: `{"channel_id", "ids", "since_ms"}`; `since_ms` = until then
    it is known to have been there."""
    REACTION_ADDED = "MESSAGE_REACTION_ADD"
    REACTION_REMOVED = "MESSAGE_REACTION_REMOVE"
    REACTIONS_CLEARED = "MESSAGE_REACTION_REMOVE_ALL"
    EMOJI_CLEARED = "MESSAGE_REACTION_REMOVE_EMOJI"
    AUDITED = "GUILD_AUDIT_LOG_ENTRY_CREATE"
    """A line of Discord's audit log as the gateway told it; only those on deleted messages are looked at."""
    BLOCKED = "AUTO_MODERATION_ACTION_EXECUTION"
    """AutoMod did something; only what it kept from being posted is looked at."""
    AUDIT_LISTED = "AUDIT_LISTED"
    """The same, read over REST: only there Discord says how far it has counted the line up."""


class ArchiveRecord(NamedTuple):
    """One piece of news for the archive. The door resolved the tenant from the guild."""

    tenant_id: int
    kind: RecordKind
    payload: Mapping[str, Any]
    """As it came over the wire; nothing in it is trusted."""
    seen_ms: int
    """When it was received, unix milliseconds: the time of a deletion, which carries none itself."""


class ChangedMessage(NamedTuple):
    """A message whose rows are other than before."""

    tenant_id: int
    channel_id: int
    message_id: int


@dataclass(frozen=True, slots=True)
class RecordSetAside:
    """A record that left no trace in the archive, and why.

    `partial`: fetch the message; `malformed`: nothing can be done; `not_archiving`: the community keeps no archive;
    `excluded`: its owner keeps nothing of that channel or person;
    `unstorable`: the database refused this tenant's rows.
    """

    tenant_id: int
    reason: str
    channel_id: int | None
    message_id: int | None


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """What a batch did."""

    changed: tuple[ChangedMessage, ...]
    set_aside: tuple[RecordSetAside, ...]
