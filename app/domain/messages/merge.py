"""What is known of a message, and how news of it is joined: the same in any order and however often it is told.

A state is a set of versions (one for each moment of editing), the earliest word of its deletion, and the newest word
on its being pinned. Joining takes, for each of these, the one that takes precedence; nothing depends on what came first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from app.domain.messages.deletions import DeletionNews, gather_entry
from app.domain.messages.extras import poll_progress
from app.domain.messages.payload import (
    LOADING,
    SUPPRESS_EMBEDS,
    IncomingMessage,
    SetAside,
    read_blocked,
    read_deletion,
    read_message,
)
from app.domain.messages.reactions import ReactionNews, gather_listed, gather_reaction
from app.domain.messages.records import ArchiveRecord, RecordKind, RecordSetAside
from app.domain.messages.traits import Trait

MessageKey = tuple[int, int]
"""(tenant, message)."""

_EMBED = Trait.EMBED.value
_PINNED = Trait.PINNED.value
_POLL = Trait.POLL.value
_CREATED = RecordKind.CREATED


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
    reactions_told_ms: int = 0

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
        if other.reactions_told_ms > self.reactions_told_ms:
            self.reactions_told_ms = other.reactions_told_ms

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
            self.reactions_told_ms,
        )


def precedence(version: IncomingMessage) -> tuple[Any, ...]:
    """Of two tellings of one version the greater is kept.

    Discord changes some things without a new edit moment: a deferred answer gets its text, links unfurl, somebody
    removes the embeds; in that order they take precedence. A poll goes on until it is closed. What is left is decided by the texts themselves.
    """
    return (
        not version.flags & LOADING,
        bool(version.flags & SUPPRESS_EMBEDS),
        bool(version.traits & _EMBED),
        poll_progress(version.body) if version.traits & _POLL else (False, 0),
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


@dataclass
class Besides:
    """What a batch tells besides the states of messages."""

    reactions: ReactionNews = field(default_factory=ReactionNews)
    deletions: DeletionNews = field(default_factory=DeletionNews)

    def __bool__(self) -> bool:
        return bool(self.reactions or self.deletions)

    @property
    def tenants(self) -> set[int]:
        """Whom it concerns."""
        keys = (*self.reactions.channels, *self.deletions.deletions, *self.deletions.entries)
        return {tenant_id for tenant_id, _one in keys}

    @property
    def channels(self) -> set[int]:
        """Where it happened."""
        deleted = {one.channel_id for one in self.deletions.deletions.values()}
        logged = {one.channel_id for one in self.deletions.entries.values()}
        return deleted | logged | set(self.reactions.channels.values())

    def of(self, tenant_id: int) -> Besides:
        """What concerns one tenant."""
        messages = {key for key in self.reactions.channels if key[0] == tenant_id}
        return Besides(self.reactions.only(messages), self.deletions.of(tenant_id))


def gather(
    batch: Iterable[ArchiveRecord], besides: Besides | None = None
) -> tuple[dict[MessageKey, MessageState], list[RecordSetAside]]:
    """The news of a batch, joined by message, and the records that could not be read; the rest goes into `besides`."""
    news: dict[MessageKey, MessageState] = {}
    aside: list[RecordSetAside] = []
    other = Besides() if besides is None else besides
    for record in batch:
        if record.kind is _CREATED:
            problem = _gather_message(record, news, other)
        else:
            problem = _OF_KIND[record.kind](record, news, other)
        if problem is not None:
            aside.append(RecordSetAside(record.tenant_id, problem.reason, problem.channel_id, problem.message_id))
    return news, aside


def _gather_message(record: ArchiveRecord, news: dict[MessageKey, MessageState], besides: Besides) -> SetAside | None:
    message = read_message(record.payload)
    if isinstance(message, SetAside):
        return message
    state = MessageState(message.channel_id, {message.edited_ms: message})
    if record.kind is not _CREATED:  # nothing is born pinned: a late or repeated creation says nothing of it
        state.pinned_seen_ms, state.is_pinned = record.seen_ms, message.is_pinned
    key = (record.tenant_id, message.id)
    if record.kind is RecordKind.FETCHED:  # only there all reactions are listed
        state.reactions_told_ms = record.seen_ms
        listed = record.payload.get("reactions")
        if listed:
            gather_listed(key, message.channel_id, listed, record.seen_ms, besides.reactions)
    _join(key, state, news)
    return None


def _gather_deletion(record: ArchiveRecord, news: dict[MessageKey, MessageState], besides: Besides) -> SetAside | None:
    deletion = read_deletion(record.payload)
    if isinstance(deletion, SetAside):
        return deletion
    channel_id, message_ids = deletion
    after_ms = int(record.payload["since_ms"]) if record.kind is RecordKind.MISSING else None
    for message_id in message_ids:
        state = MessageState(channel_id, deleted_ms=record.seen_ms, deleted_after_ms=after_ms)
        _join((record.tenant_id, message_id), state, news)
    if after_ms is None:
        is_bulk = record.kind is RecordKind.BULK_DELETED
        besides.deletions.note(record.tenant_id, channel_id, message_ids, record.seen_ms, is_bulk=is_bulk)
    return None


def _gather_blocked(record: ArchiveRecord, news: dict[MessageKey, MessageState], _besides: Besides) -> SetAside | None:
    blocked = read_blocked(record.payload, record.seen_ms)
    if isinstance(blocked, IncomingMessage):
        _join((record.tenant_id, blocked.id), MessageState(blocked.channel_id, {0: blocked}), news)
        return None
    return blocked


def _gather_reaction(record: ArchiveRecord, _news: dict[MessageKey, MessageState], besides: Besides) -> SetAside | None:
    return gather_reaction(record, besides.reactions)


def _gather_entry(record: ArchiveRecord, _news: dict[MessageKey, MessageState], besides: Besides) -> SetAside | None:
    return gather_entry(record, besides.deletions)


_OF_KIND = {
    RecordKind.UPDATED: _gather_message,
    RecordKind.FETCHED: _gather_message,
    RecordKind.DELETED: _gather_deletion,
    RecordKind.BULK_DELETED: _gather_deletion,
    RecordKind.MISSING: _gather_deletion,
    RecordKind.BLOCKED: _gather_blocked,
    RecordKind.REACTION_ADDED: _gather_reaction,
    RecordKind.REACTION_REMOVED: _gather_reaction,
    RecordKind.REACTIONS_CLEARED: _gather_reaction,
    RecordKind.EMOJI_CLEARED: _gather_reaction,
    RecordKind.AUDITED: _gather_entry,
    RecordKind.AUDIT_LISTED: _gather_entry,
}


def _join(key: MessageKey, state: MessageState, news: dict[MessageKey, MessageState]) -> None:
    known = news.setdefault(key, state)
    if known is not state:
        known.join(state)
