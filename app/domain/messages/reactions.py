"""Who reacted with what, and how many: joined the same in any order and however often it is told.

Two kinds of news are kept apart. A *change* is one person's reaction coming or going; of each person's changes of an
emoji the first and the last are kept. A *word* is a number that Discord told (its list of a message's reactions, or that
they were cleared); the newest is kept. What is shown is the newest word and what changed after it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import func, or_, select

from app.db.bulk import Row, locked_rows, write_rows
from app.domain.messages.models import Message, ReactionChange, ReactionCount
from app.domain.messages.payload import SetAside
from app.domain.messages.records import ArchiveRecord, RecordKind
from app.domain.messages.tokens import LONGEST_TOKEN, crc_term
from app.domain.messages.wire import optional_text, small_number, snowflake
from app.extensions import db

ALL = ""
"""In place of an emoji: all of a message's reactions were taken away."""
MOST_EMOJI = 50
"""Beyond twice what Discord lets stand under a message."""

MessageKey = tuple[int, int]
ReactionKey = tuple[int, int, str]
"""(tenant, message, emoji)."""
ChangeKey = tuple[int, int, str, int]
"""(tenant, message, emoji, person)."""

COUNT_COLUMNS = ("tenant_id", "message_id", "emoji", "term", "name", "told_ms", "count")
CHANGE_COLUMNS = (
    "tenant_id", "message_id", "emoji", "user_id", "first_ms", "first_added", "last_ms", "last_added",
)  # fmt: skip


class Change(NamedTuple):
    """The first and the last that one person was seen doing. At one moment adding comes before removing."""

    first_ms: int
    first_added: bool
    last_ms: int
    last_added: bool

    def joined(self, other: Change) -> Change:
        """What both know."""
        firsts, lasts = (self.first_ms, not self.first_added), (self.last_ms, not self.last_added)
        first_ms, is_removal = min(firsts, (other.first_ms, not other.first_added))
        last_ms, was_removal = max(lasts, (other.last_ms, not other.last_added))
        return Change(first_ms, not is_removal, last_ms, not was_removal)


class Word(NamedTuple):
    """The newest number that was told, and a custom emoji's name."""

    told_ms: int
    total: int
    name: str

    def joined(self, other: Word) -> Word:
        """What both know; of two numbers told at one moment the greater."""
        told_ms, total = max((self.told_ms, self.total), (other.told_ms, other.total))
        return Word(told_ms, total, max(self.name, other.name))


@dataclass
class ReactionNews:
    """What a batch tells of reactions."""

    changes: dict[ChangeKey, Change] = field(default_factory=dict)
    words: dict[ReactionKey, Word] = field(default_factory=dict)
    channels: dict[MessageKey, int] = field(default_factory=dict)
    """(tenant, message) → channel, of every message that there is news of."""

    def __bool__(self) -> bool:
        return bool(self.channels)

    def change(self, key: ChangeKey, change: Change) -> None:
        """Take in one change."""
        known = self.changes.get(key)
        self.changes[key] = change if known is None else known.joined(change)

    def word(self, key: ReactionKey, word: Word, channel_id: int) -> None:
        """Take in one word on a message in a channel."""
        known = self.words.get(key)
        self.words[key] = word if known is None else known.joined(word)
        self.channels[key[:2]] = max(channel_id, self.channels.get(key[:2], 0))

    def only(self, messages: Collection[MessageKey]) -> ReactionNews:
        """What is told of these (tenant, message)."""
        return ReactionNews(
            {key: one for key, one in self.changes.items() if key[:2] in messages},
            {key: one for key, one in self.words.items() if key[:2] in messages},
            {key: one for key, one in self.channels.items() if key in messages},
        )


class Reaction(NamedTuple):
    """An emoji under a message and how many people it is from."""

    emoji: str
    """The emoji itself, or the id of a custom one."""
    name: str
    """Of a custom one."""
    total: int

    @property
    def custom_id(self) -> int | None:
        """The id of a custom emoji."""
        return int(self.emoji) if self.emoji.isascii() and self.emoji.isdecimal() else None


def gather_reaction(record: ArchiveRecord, news: ReactionNews) -> SetAside | None:
    """Read one reaction event. Never raises."""
    payload = record.payload
    message_id, channel_id = snowflake(payload.get("message_id")), snowflake(payload.get("channel_id"))
    if message_id is None or channel_id is None:
        return SetAside("malformed", message_id, channel_id)
    message = (record.tenant_id, message_id)
    if record.kind is RecordKind.REACTIONS_CLEARED:
        news.word((*message, ALL), Word(record.seen_ms, 0, ""), channel_id)
        return None
    emoji, name = _emoji(payload.get("emoji"))
    if not emoji:
        return SetAside("malformed", message_id, channel_id)
    if record.kind is RecordKind.EMOJI_CLEARED:
        news.word((*message, emoji), Word(record.seen_ms, 0, name), channel_id)
        return None
    user_id = snowflake(payload.get("user_id"))
    if user_id is None:
        return SetAside("malformed", message_id, channel_id)
    is_added = record.kind is RecordKind.REACTION_ADDED
    news.change((*message, emoji, user_id), Change(record.seen_ms, is_added, record.seen_ms, is_added))
    news.word((*message, emoji), Word(0, 0, name), channel_id)
    return None


def gather_listed(message: MessageKey, channel_id: int, listed: object, seen_ms: int, news: ReactionNews) -> None:
    """Read the reactions that a message carries as REST tells it. Never raises."""
    for one in listed[:MOST_EMOJI] if isinstance(listed, list) else ():
        emoji, name = _emoji(one.get("emoji")) if isinstance(one, Mapping) else ("", "")
        if emoji:
            news.word((*message, emoji), Word(seen_ms, small_number(one.get("count"), 1 << 31), name), channel_id)


def write_reactions(news: ReactionNews) -> set[MessageKey]:
    """Join the news with what the tables hold, inside the batch's transaction. Answers which messages' rows changed."""
    return _write_changes(news.changes) | _write_words(news.words)


def reactions_of(message_ids: Iterable[int]) -> dict[int, tuple[Reaction, ...]]:
    """The reactions that messages of one tenant carry now, most frequent first; messages without any are left out."""
    told, names = _told(set(message_ids))
    found: dict[int, list[Reaction]] = defaultdict(list)
    for (message_id, emoji), total in _with_changes(told).items():
        if total > 0:
            found[message_id].append(Reaction(emoji, names[(message_id, emoji)], total))
    return {one: tuple(sorted(many, key=lambda each: (-each.total, each.emoji))) for one, many in found.items()}


_Told = dict[tuple[int, str], tuple[int, int]]
"""(message, emoji) → (when a number was told, that number); (0, 0) where none ever was."""


def _told(ids: Collection[int]) -> tuple[_Told, dict[tuple[int, str], str]]:
    """The newest numbers, and the names of custom emoji."""
    if not ids:
        return {}, {}
    columns = (
        ReactionCount.message_id, ReactionCount.emoji, ReactionCount.name, ReactionCount.told_ms, ReactionCount.count,
    )  # fmt: skip
    whole = (Message.tenant_id == ReactionCount.tenant_id) & (Message.id == ReactionCount.message_id)
    statement = select(*columns, Message.reactions_told_ms).outerjoin(Message, whole)
    rows = db.session.execute(statement.where(ReactionCount.message_id.in_(ids))).all()
    cleared = {row[0]: row[3] for row in rows if row[1] == ALL}
    told: _Told = {}
    names: dict[tuple[int, str], str] = {}
    for message_id, emoji, name, told_ms, total, listed_ms in rows:
        if emoji != ALL:
            all_gone_ms = max(listed_ms or 0, cleared.get(message_id, 0))
            told[(message_id, emoji)] = (told_ms, total) if told_ms >= all_gone_ms else (all_gone_ms, 0)
            names[(message_id, emoji)] = name
    return told, names


def _with_changes(told: _Told) -> dict[tuple[int, str], int]:
    """The totals now. Of messages that no number was ever told of, the database counts; of others, what came later."""
    totals = {key: total for key, (_moment, total) in told.items()}
    never = {message_id for (message_id, _of), (told_ms, _total) in told.items() if not told_ms}
    table = ReactionChange
    if never:
        grouped = select(table.message_id, table.emoji, func.count()).where(
            table.message_id.in_(never), table.last_added
        )
        for message_id, emoji, total in db.session.execute(grouped.group_by(table.message_id, table.emoji)):
            if told.get((message_id, emoji)) == (0, 0):
                totals[(message_id, emoji)] = total
    since: dict[int, int] = {}
    for (message_id, _of), (told_ms, _total) in told.items():
        if told_ms:
            since[message_id] = min(told_ms, since.get(message_id, told_ms))
    if since:
        later = [(table.message_id == one) & (table.last_ms > moment) for one, moment in since.items()]
        columns = (table.message_id, table.emoji, table.first_ms, table.first_added, table.last_ms, table.last_added)
        for message_id, emoji, first_ms, first_added, last_ms, last_added in db.session.execute(
            select(*columns).where(or_(*later))
        ):
            told_ms = told.get((message_id, emoji), (0, 0))[0]
            if told_ms:
                totals[(message_id, emoji)] += _difference(Change(first_ms, first_added, last_ms, last_added), told_ms)
    return totals


def _difference(change: Change, told_ms: int) -> int:
    """What one person's changes do to a number that was told at a moment."""
    if change.last_ms <= told_ms:
        return 0
    if change.first_ms > told_ms and change.first_added != change.last_added:
        return 0  # came and went, or went and came back
    return 1 if change.last_added else -1


def _write_changes(changes: Mapping[ChangeKey, Change]) -> set[MessageKey]:
    keys = sorted(changes)
    known: dict[ChangeKey, Change] = {
        (row[0], row[1], row[2], row[3]): Change(row[4], bool(row[5]), row[6], bool(row[7]))
        for row in locked_rows(ReactionChange, CHANGE_COLUMNS, keys, key=CHANGE_COLUMNS[:4])
    }
    new: list[Row] = []
    changed: list[Row] = []
    for key in keys:
        before = known.get(key)
        if before is None:
            new.append((*key, *map(int, changes[key])))
        elif (after := before.joined(changes[key])) != before:
            changed.append((*key, *map(int, after)))
    write_rows(ReactionChange, CHANGE_COLUMNS, new, update=None)
    write_rows(ReactionChange, CHANGE_COLUMNS, changed, update=CHANGE_COLUMNS[4:])
    return {(row[0], row[1]) for row in (*new, *changed)}


def _write_words(words: Mapping[ReactionKey, Word]) -> set[MessageKey]:
    keys = sorted(words)
    known: dict[ReactionKey, Word] = {
        (row[0], row[1], row[2]): Word(row[5], row[6], row[4])
        for row in locked_rows(ReactionCount, COUNT_COLUMNS, keys, key=COUNT_COLUMNS[:3])
    }
    new: list[Row] = []
    changed: list[Row] = []
    for key in keys:
        before = known.get(key)
        after = words[key] if before is None else before.joined(words[key])
        if after != before:
            row = (*key, crc_term(key[2]) if key[2] else 0, after.name, after.told_ms, after.total)
            (new if before is None else changed).append(row)
    write_rows(ReactionCount, COUNT_COLUMNS, new, update=None)
    write_rows(ReactionCount, COUNT_COLUMNS, changed, update=COUNT_COLUMNS[4:])
    return {(row[0], row[1]) for row in (*new, *changed)}


def _emoji(told: Any) -> tuple[str, str]:
    """(the emoji, or the id of a custom one; a custom one's name). The first is empty where nothing can be read."""
    if not isinstance(told, Mapping):
        return "", ""
    name = optional_text(told.get("name"), LONGEST_TOKEN) or ""
    custom = snowflake(told.get("id"))
    return (name, "") if custom is None else (str(custom), name)
