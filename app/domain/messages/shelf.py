"""How states of messages are read from and written to the archive's tables, many at once.

Runs inside the batch's transaction, under `all_tenants`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import orjson

from app.db.bulk import Postings, Row, delete_rows, locked_rows, write_postings, write_rows
from app.db.claimable import JobState
from app.domain.clock import snowflake_ms
from app.domain.messages.extras import IncomingAttachment
from app.domain.messages.kept import Kept
from app.domain.messages.merge import MessageKey, MessageState
from app.domain.messages.models import Attachment, Message, MessageRevision, MessageTerm, RevisionTerm, Word
from app.domain.messages.payload import IncomingMessage
from app.domain.messages.traits import Trait

MESSAGE_COLUMNS = (
    "tenant_id", "id", "channel_id", "author_id", "author_name", "author_avatar", "kind", "flags", "traits", "edited_ms",
    "pinned_seen_ms", "reactions_told_ms", "revision_count", "reply_to_id", "deleted_at", "deletion_after", "content",
    "extra_text", "body",
)  # fmt: skip
REVISION_COLUMNS = ("tenant_id", "message_id", "edited_ms", "flags", "traits", "content", "extra_text", "body")
ATTACHMENT_COLUMNS = (
    "tenant_id", "id", "message_id", "filename", "content_type", "size", "width", "height", "url",
    "state", "due_at", "attempts", "kept",
)  # fmt: skip
_TOLD_OF_ATTACHMENTS = ATTACHMENT_COLUMNS[2:9]
"""What news of a file replaces; what became of its bytes is not the news' to say."""
TERM_COLUMNS = ("tenant_id", "term", "message_id")
WORD_COLUMNS = ("tenant_id", "token", "term")

_REVISION_COUNT = MESSAGE_COLUMNS.index("revision_count")
_NOT_PINNED = ~Trait.PINNED.value


def load_states(keys: Iterable[MessageKey]) -> dict[MessageKey, MessageState]:
    """What the archive knows of these messages; their rows are locked until commit."""
    rows = locked_rows(Message, MESSAGE_COLUMNS, sorted(keys), key=("tenant_id", "id"))
    known = {(row[0], row[1]): _state(row) for row in rows}
    edited = [(row[0], row[1]) for row in rows if row[_REVISION_COUNT]]
    for row in locked_rows(MessageRevision, REVISION_COLUMNS, edited, key=("tenant_id", "message_id")):
        state = known[(row[0], row[1])]
        state.versions[row[2]] = _earlier_version(row, state)
    return known


def write_messages(
    new: Iterable[tuple[int, int, MessageState]], changed: Iterable[tuple[int, int, MessageState]]
) -> None:
    """Insert rows of `new` messages (a rival's row raises `IntegrityError`), replace those of `changed` ones."""
    write_rows(Message, MESSAGE_COLUMNS, [message_row(*one) for one in new], update=None)
    write_rows(Message, MESSAGE_COLUMNS, [message_row(*one) for one in changed], update=MESSAGE_COLUMNS[2:])


def write_revisions(states: Iterable[tuple[int, int, MessageState]]) -> None:
    """Write every earlier version of `states`."""
    rows = [
        (tenant_id, message_id, v.edited_ms, v.flags, v.traits, v.content, v.extra_text, v.body)
        for tenant_id, message_id, state in states
        for v in state.earlier
    ]
    write_rows(MessageRevision, REVISION_COLUMNS, rows, update=REVISION_COLUMNS[3:])


def write_terms(
    model: type[MessageTerm] | type[RevisionTerm], added: Postings, removed: list[tuple[int, int, int]]
) -> None:
    """Add postings, and remove those of `(tenant, term, message)`."""
    delete_rows(model, sorted(removed))
    write_postings(model, TERM_COLUMNS, added)


def write_postings_of(model: type[MessageTerm] | type[RevisionTerm], rows: list[Row]) -> None:
    """Add postings `(tenant, term, message)` of one tenant, in its own scope."""
    write_rows(model, TERM_COLUMNS, sorted(rows), update=[])


def write_words(rows: list[tuple[int, str, int]]) -> None:
    """Make sure that these words are known; sorted, so that rivals wait for each other in one order."""
    write_rows(Word, WORD_COLUMNS, sorted(rows), update=[])


def write_attachments(
    tenant_id: int, message_id: int, before: MessageState | None, after: MessageState, rows: list[Row], gone: list[Row]
) -> None:
    """Collect the attachment rows that `after` has, and the keys of those that only `before` had."""
    kept = attachments_of(after)
    due_at = _stored_moment(snowflake_ms(message_id)) if kept else None
    work = (JobState.PENDING.value, due_at, 0, Kept.WAITING.value)
    for attachment in kept.values():
        told = (message_id, *attachment[1:4], *attachment[5:7], attachment.url)
        rows.append((tenant_id, attachment.id, *told, *work))
    if before is not None:
        gone.extend((tenant_id, attachment_id) for attachment_id in attachments_of(before).keys() - kept.keys())


def store_attachments(rows: list[Row], gone: list[Row]) -> None:
    """Write what `write_attachments` collected."""
    delete_rows(Attachment, gone)
    write_rows(
        Attachment, ATTACHMENT_COLUMNS, list({row[:2]: row for row in rows}.values()), update=_TOLD_OF_ATTACHMENTS
    )


def attachments_of(state: MessageState) -> dict[int, IncomingAttachment]:
    """Every file that any version has, as the newest version with it shows it."""
    found: dict[int, IncomingAttachment] = {}
    for moment in sorted(state.versions):
        version = state.versions[moment]
        if version.attachments:
            found.update((attachment.id, attachment) for attachment in version.attachments)
        elif version.body and '"attachments":' in version.body:
            found.update((attachment.id, attachment) for attachment in _stored_attachments(version.body))
    return found


def message_row(tenant_id: int, message_id: int, state: MessageState) -> Row:
    """The row of a message, in the order of `MESSAGE_COLUMNS`."""
    current = state.current
    deleted_at = None if state.deleted_ms is None else _stored_moment(state.deleted_ms)
    deletion_after = None if state.deleted_after_ms is None else _stored_moment(state.deleted_after_ms)
    if current is None:
        return (
            tenant_id, message_id, state.channel_id, None, "", None, 0, 0, state.traits, 0,
            state.pinned_seen_ms, state.reactions_told_ms, 0, None, deleted_at, deletion_after, "", None, None,
        )  # fmt: skip
    return (
        tenant_id, message_id, state.channel_id, current.author_id, current.author_name, current.author_avatar,
        current.kind, current.flags, state.traits, current.edited_ms, state.pinned_seen_ms,
        state.reactions_told_ms, len(state.versions) - 1, current.reply_to_id, deleted_at, deletion_after,
        current.content, current.extra_text, current.body,
    )  # fmt: skip


def _state(row: Row) -> MessageState:
    (_tenant, message_id, channel_id, author_id, author_name, avatar, kind, flags, traits, edited_ms,
     pinned_seen_ms, reactions_told_ms, _revisions, reply_to_id, deleted_at, deletion_after, content,
     extra_text, body) = row  # fmt: skip
    versions: dict[int, IncomingMessage] = {}
    if author_id is not None:
        versions[edited_ms] = IncomingMessage(
            message_id, channel_id, author_id, author_name, avatar, kind, flags, traits & _NOT_PINNED, edited_ms,
            reply_to_id, content, extra_text, body, (), False,
        )  # fmt: skip
    return MessageState(
        channel_id,
        versions,
        _milliseconds(deleted_at),
        _milliseconds(deletion_after),
        pinned_seen_ms,
        bool(traits & Trait.PINNED),
        reactions_told_ms,
    )


def _earlier_version(row: Row, state: MessageState) -> IncomingMessage:
    _tenant, message_id, edited_ms, flags, traits, content, extra_text, body = row
    current = state.current
    assert current is not None, "a revision is written with its message"
    return current._replace(
        id=message_id,
        edited_ms=edited_ms,
        flags=flags,
        traits=traits,
        content=content,
        extra_text=extra_text,
        body=body,
    )


def _stored_attachments(body: str) -> list[IncomingAttachment]:
    return [
        IncomingAttachment(
            int(item["id"]),
            item["filename"],
            item.get("content_type", ""),
            item.get("size", 0),
            item.get("url", ""),
            item.get("width"),
            item.get("height"),
        )
        for item in orjson.loads(body).get("attachments", ())
    ]


def _stored_moment(milliseconds: int) -> str:
    """A moment as every database takes it (raw rows pass by the column types)."""
    return f"{datetime.fromtimestamp(milliseconds // 1000, UTC):%Y-%m-%d %H:%M:%S}.{milliseconds % 1000:03d}000"


def _milliseconds(stored: Any) -> int | None:
    if stored is None:
        return None
    moment = stored if isinstance(stored, datetime) else datetime.fromisoformat(stored)
    return round(moment.replace(tzinfo=UTC).timestamp() * 1000)
