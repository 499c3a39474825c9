"""What is known of a message, and how news of it is joined: the same in any order and however often it is told.

A state is a set of versions (one for each moment of editing), the earliest word of its deletion, and the newest word
on its being pinned. Joining takes, for each of these, the one that takes precedence; nothing depends on what came first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from app.domain.messages.payload import LOADING, SUPPRESS_EMBEDS, IncomingMessage, SetAside, read_deletion, read_message
from app.domain.messages.records import ArchiveRecord, RecordKind, RecordSetAside
from app.domain.messages.traits import Trait

MessageKey = tuple[int, int]
"""(tenant, message)."""

_EMBED = Trait.EMBED.value
_PINNED = Trait.PINNED.value
_CREATED = RecordKind.CREATED
_DELETIONS = frozenset({RecordKind.DELETED, RecordKind.BULK_DELETED, RecordKind.MISSING})


@dataclass(slots=True)
class MessageState:
    """All that is known of one message."""

    channel_id: int
    versions: dict[int, IncomingMessage] = field(default_factory=dict)
    """By moment of editing, unix milliseconds; 0 = as first written. Empty where only its deletion was seen."""
    deleted_ms: int | None = None
    deleted_after_ms: int | None = None
    """Where the deletion was found by comparison: it happened after this. None where Discord told of it."""
    pinned_seen_ms: int = 0
    is_pinned: bool = False

    @property
    def current(self) -> IncomingMessage | None:
        """The newest version."""
        versions = self.versions
        if len(versions) == 1:
            return next(iter(versions.values()))
        return versions[max(versions)] if versions else None

    @property
    def earlier(self) -> list[IncomingMessage]:
        """All versions but the newest, oldest first."""
        return [self.versions[moment] for moment in sorted(self.versions)[:-1]]

    @property
    def is_creation(self) -> bool:
        """True where all the news is that the message was written: it is hardly ever known already."""
        return not self.pinned_seen_ms and self.deleted_ms is None and len(self.versions) == 1 and 0 in self.versions

    @property
    def has_files(self) -> bool:
        """True where any version that was just told has attachments."""
        versions = self.versions
        if len(versions) == 1:
            return bool(next(iter(versions.values())).attachments)
        return any(version.attachments for version in versions.values())

    @property
    def traits(self) -> int:
        """The bits of `Trait` that the message's row carries."""
        current = self.current
        traits = current.traits if current is not None else 0
        return traits | _PINNED if self.is_pinned else traits

    def join(self, other: MessageState) -> None:
        """Take in what `other` knows of the same message."""
        self.channel_id = max(self.channel_id, other.channel_id)
        for moment, version in other.versions.items():
            known = self.versions.get(moment)
            if known is None or precedence(version) > precedence(known):
                self.versions[moment] = version
        if other.deleted_ms is not None:
            self._join_deletion(other.deleted_ms, other.deleted_after_ms)
        if (other.pinned_seen_ms, other.is_pinned) > (self.pinned_seen_ms, self.is_pinned):
            self.pinned_seen_ms, self.is_pinned = other.pinned_seen_ms, other.is_pinned

    def _join_deletion(self, deleted_ms: int, after_ms: int | None) -> None:
        """What Discord told takes precedence over what was found by comparison; of each, the narrowest is kept."""
        known_after = self.deleted_after_ms
        if self.deleted_ms is None or (known_after is not None and after_ms is None):
            self.deleted_ms, self.deleted_after_ms = deleted_ms, after_ms
        elif known_after is None and after_ms is None:
            self.deleted_ms = min(self.deleted_ms, deleted_ms)
        elif known_after is not None and after_ms is not None:
            self.deleted_ms = min(self.deleted_ms, deleted_ms)
            self.deleted_after_ms = max(known_after, after_ms)

    def copy(self) -> MessageState:
        """A state that can be joined into without changing this one."""
        return MessageState(
            self.channel_id,
            dict(self.versions),
            self.deleted_ms,
            self.deleted_after_ms,
            self.pinned_seen_ms,
            self.is_pinned,
        )


def precedence(version: IncomingMessage) -> tuple[Any, ...]:
    """Of two tellings of one version the greater is kept.

    Discord changes some things without a new edit moment: a deferred answer gets its text, links unfurl, somebody
    removes the embeds; in that order they take precedence. What is left is decided by the texts themselves.
    """
    return (
        not version.flags & LOADING,
        bool(version.flags & SUPPRESS_EMBEDS),
        bool(version.traits & _EMBED),
        version.content,
        version.body or "",
        version.extra_text or "",
        version.traits,
        version.flags,
        # What earlier revisions do not keep comes last: it decides among tellings of the current version only.
        version.kind,
        version.reply_to_id or 0,
        version.author_id,
        version.author_name,
        version.author_avatar or "",
    )


def gather(batch: Iterable[ArchiveRecord]) -> tuple[dict[MessageKey, MessageState], list[RecordSetAside]]:
    """The news of a batch, joined by message, and the records that could not be read."""
    news: dict[MessageKey, MessageState] = {}
    aside: list[RecordSetAside] = []
    for record in batch:
        if record.kind is not _CREATED and record.kind in _DELETIONS:
            problem = _gather_deletion(record, news)
        else:
            problem = _gather_message(record, news)
        if problem is not None:
            aside.append(RecordSetAside(record.tenant_id, problem.reason, problem.channel_id, problem.message_id))
    return news, aside


def _gather_message(record: ArchiveRecord, news: dict[MessageKey, MessageState]) -> SetAside | None:
    message = read_message(record.payload)
    if isinstance(message, SetAside):
        return message
    state = MessageState(message.channel_id, {message.edited_ms: message})
    if record.kind is not _CREATED:  # nothing is born pinned: a late or repeated creation says nothing of it
        state.pinned_seen_ms, state.is_pinned = record.seen_ms, message.is_pinned
    _join((record.tenant_id, message.id), state, news)
    return None


def _gather_deletion(record: ArchiveRecord, news: dict[MessageKey, MessageState]) -> SetAside | None:
    deletion = read_deletion(record.payload)
    if isinstance(deletion, SetAside):
        return deletion
    channel_id, message_ids = deletion
    after_ms = int(record.payload["since_ms"]) if record.kind is RecordKind.MISSING else None
    for message_id in message_ids:
        state = MessageState(channel_id, deleted_ms=record.seen_ms, deleted_after_ms=after_ms)
        _join((record.tenant_id, message_id), state, news)
    return None


def _join(key: MessageKey, state: MessageState, news: dict[MessageKey, MessageState]) -> None:
    known = news.setdefault(key, state)
    if known is not state:
        known.join(state)
