"""Taking messages out of the archive for good: rows, postings, words, and whatever else goes with a message.

Everything here runs inside the caller's transaction, in the scope of one tenant, on few messages at a time.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import CursorResult, delete, exists, or_, select
from sqlalchemy.orm import DeclarativeBase

from app.contracts.live import Signal, Topic
from app.db.base import TenantScoped
from app.db.bulk import Row, delete_rows
from app.db.personal import mapped_tables
from app.db.scope import current_tenant_id
from app.domain.live.service import LIVE, announce
from app.domain.messages import service, shelf
from app.domain.messages.merge import MessageKey, MessageState
from app.domain.messages.models import Message, MessageRevision, MessageTerm, RevisionTerm, Word
from app.domain.messages.payload import IncomingMessage
from app.domain.messages.postings import Postings
from app.extensions import db

ERASED = "erased"
"""Stands where an erased person was named."""
TOKENS_A_QUERY = 400
MOST_TOLD = 20

PostingTable = type[MessageTerm] | type[RevisionTerm]
_POSTINGS: tuple[PostingTable, ...] = (MessageTerm, RevisionTerm)
"""As `Postings.of` answers them."""

Counts = dict[str, int]
"""Table → rows."""


def forget_messages(message_ids: Collection[int]) -> Counts:
    """Delete these messages with everything of them. Answers how many rows of each table went."""
    tenant_id = current_tenant_id()
    keys = sorted((tenant_id, message_id) for message_id in set(message_ids))
    if not keys:
        return {}
    known = shelf.load_states(dict.fromkeys(keys))
    words: set[str] = set()
    terms: list[Row] = []
    earlier_terms: list[Row] = []
    for (_tenant, message_id), state in known.items():
        now, earlier = Postings(service.TERMS).of(state, words)
        terms += [(tenant_id, term, message_id) for term in now]
        earlier_terms += [(tenant_id, term, message_id) for term in earlier]
    delete_rows(MessageTerm, sorted(terms))
    delete_rows(RevisionTerm, sorted(earlier_terms))
    counts: Counts = {"message_terms": len(terms), "revision_terms": len(earlier_terms)}
    ids = [message_id for _tenant, message_id in keys]
    for name, model in sorted(_going_with_messages().items()):
        counts[name] = _delete_where(model, model.__table__.c.message_id.in_(ids))
    counts["messages"] = _delete_where(Message, Message.id.in_(ids))
    counts["words"] = drop_unused_words(words)
    _announce(known)
    return {name: count for name, count in counts.items() if count}


def forget_earlier_versions(versions: Iterable[tuple[int, int]]) -> Counts:
    """Delete these (message, moment of editing) versions; the newest version of a message is never touched."""
    tenant_id = current_tenant_id()
    wanted: dict[MessageKey, set[int]] = {}
    for message_id, edited_ms in versions:
        wanted.setdefault((tenant_id, message_id), set()).add(edited_ms)
    known = shelf.load_states(wanted)
    changes = []
    counts: Counts = {}
    for key, before in known.items():
        dropped = wanted[key] & {version.edited_ms for version in before.earlier}
        after = before.copy()
        after.versions = {moment: one for moment, one in before.versions.items() if moment not in dropped}
        changes.append((key, before, after))
        counts["message_revisions"] = counts.get("message_revisions", 0) + len(dropped)
    rows = [(tenant_id, message_id, moment) for (_t, message_id), moments in wanted.items() for moment in moments]
    delete_rows(MessageRevision, sorted(rows))
    counts["words"] = _rewrite(changes)
    return {name: count for name, count in counts.items() if count}


def redact_person(message_ids: Collection[int], user_id: int) -> Counts:
    """Take somebody's id, and what Discord adds to it, out of messages that others wrote; their words stay."""
    tenant_id = current_tenant_id()
    known = shelf.load_states({(tenant_id, message_id): None for message_id in message_ids})
    changes = []
    for key, before in known.items():
        after = before.copy()
        after.versions = {moment: _redacted(one, user_id) for moment, one in before.versions.items()}
        changes.append((key, before, after))
    words = _rewrite(changes)
    shelf.write_revisions((tenant_id, message_id, after) for (_t, message_id), _before, after in changes)
    return {"redacted_messages": len(changes), **({"words": words} if words else {})}


def ids_naming(user_id: int, after_id: int, up_to_id: int) -> list[int]:
    """Messages with ids above `after_id`, up to `up_to_id`, that name this person in any version, oldest first."""
    pattern = f"%{user_id}%"
    named = select(Message.id).where(
        Message.id > after_id,
        Message.id <= up_to_id,
        or_(Message.content.like(pattern), Message.extra_text.like(pattern), Message.body.like(pattern)),
    )
    earlier = select(MessageRevision.message_id).where(
        MessageRevision.message_id > after_id,
        MessageRevision.message_id <= up_to_id,
        or_(
            MessageRevision.content.like(pattern),
            MessageRevision.extra_text.like(pattern),
            MessageRevision.body.like(pattern),
        ),
    )
    return sorted({*db.session.scalars(named), *db.session.scalars(earlier)})


def drop_unused_words(words: Collection[str]) -> int:
    """Delete those of these words that no message of the community has any more. Answers how many."""
    tokens = sorted(words)
    dropped = 0
    for start in range(0, len(tokens), TOKENS_A_QUERY):
        part = tokens[start : start + TOKENS_A_QUERY]
        unused = select(Word.token).where(Word.token.in_(part))
        for model in (MessageTerm, RevisionTerm):
            posting = exists().where(model.tenant_id == Word.tenant_id, model.term == Word.term)
            unused = unused.where(~posting)
        gone = list(db.session.scalars(unused))
        delete_rows(Word, [(current_tenant_id(), token) for token in gone])
        dropped += len(gone)
    return dropped


def _rewrite(changes: Collection[tuple[MessageKey, MessageState, MessageState]]) -> int:
    """Bring rows, postings and files to their new state. Answers how many words are known no more."""
    removed: dict[PostingTable, list[Row]] = {MessageTerm: [], RevisionTerm: []}
    added: dict[PostingTable, list[Row]] = {MessageTerm: [], RevisionTerm: []}
    words_before: set[str] = set()
    words_after: set[str] = set()
    files: list[Row] = []
    files_gone: list[Row] = []
    for (tenant_id, message_id), before, after in changes:
        old = Postings(service.TERMS).of(before, words_before)
        new = Postings(service.TERMS).of(after, words_after)
        for number, model in enumerate(_POSTINGS):
            was, now = old[number], new[number]
            removed[model] += [(tenant_id, term, message_id) for term in was - now]
            added[model] += [(tenant_id, term, message_id) for term in now - was]
        shelf.write_attachments(tenant_id, message_id, before, after, files, files_gone)
    shelf.write_messages([], [(tenant_id, message_id, after) for (tenant_id, message_id), _before, after in changes])
    for model in _POSTINGS:
        delete_rows(model, sorted(removed[model]))
        shelf.write_postings_of(model, added[model])
    shelf.store_attachments(files, files_gone)
    new_words = words_after - words_before
    shelf.write_words([(current_tenant_id(), word, service.TERMS.term(word)) for word in new_words])
    _announce({key: after for key, _before, after in changes})
    return drop_unused_words(words_before - words_after)


def _redacted(version: IncomingMessage, user_id: int) -> IncomingMessage:
    return version._replace(
        content=_without(version.content, user_id),
        extra_text=None if version.extra_text is None else _without(version.extra_text, user_id),
        body=None if version.body is None else _body_without(version.body, user_id),
    )


def _without(text: str, user_id: int) -> str:
    return re.sub(rf"<@!?{user_id}>|(?<!\d){user_id}(?!\d)", ERASED, text)


def _body_without(body: str, user_id: int) -> str:
    return orjson.dumps(_tree_without(orjson.loads(body), user_id)).decode()


def _tree_without(value: Any, user_id: int) -> Any:
    """The same JSON without the person: an object that is them, as Discord describes people, keeps nothing."""
    if isinstance(value, dict):
        if str(value.get("id")) == str(user_id):
            return {"id": "0", "username": ERASED}
        return {_tree_without(key, user_id): _tree_without(item, user_id) for key, item in value.items()}
    if isinstance(value, list):
        return [_tree_without(item, user_id) for item in value]
    if isinstance(value, str):
        return _without(value, user_id)
    return 0 if value == user_id and not isinstance(value, bool) else value


def _going_with_messages() -> dict[str, type[DeclarativeBase]]:
    """Tables whose rows are of a message and go with it: a new one is among them unless it says `outlives_message`."""
    return {
        name: model
        for name, model in mapped_tables().items()
        if issubclass(model, TenantScoped)
        and "message_id" in model.__table__.columns
        and name not in ("message_terms", "revision_terms")
        and not getattr(model, "outlives_message", False)
    }


def _delete_where(model: type[DeclarativeBase], condition: Any) -> int:
    result = db.session.execute(delete(model).where(condition).execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)
    return result.rowcount


def _announce(changed: Mapping[MessageKey, MessageState]) -> None:
    """Tell of few: a sweep of hundreds would push everything else out of the live log, and nobody reads that far back."""
    if len(changed) <= MOST_TOLD:
        signals = [Signal(Topic.MESSAGES, f"message:{key[1]}", state.channel_id) for key, state in changed.items()]
        announce(LIVE, *signals)
