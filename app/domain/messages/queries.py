"""Reads of the archive that name their messages; every one takes a `Reader`. Hidden is the same as missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from flask_babel import gettext as _
from sqlalchemy import Select, select, union_all

from app.db.counting import count_each
from app.db.posting_lists import Bounds, Wanted, next_rows, propose
from app.domain.clock import first_snowflake
from app.domain.errors import NotFound
from app.domain.members.models import GuildChannel
from app.domain.members.queries import channels_by_id
from app.domain.messages import service
from app.domain.messages.matching import term_list
from app.domain.messages.models import Message, MessageRevision
from app.domain.messages.reader import Reader
from app.domain.messages.tokens import channel_token
from app.extensions import db

AROUND = 12
"""Messages shown on each side of one in its context."""

_IDS = Wanted("messages", ("id",))


@dataclass(frozen=True)
class Surroundings:
    """Messages of one channel in the order they were written, around a place in it."""

    channel_id: int
    earlier: tuple[Message, ...]
    message: Message
    """The message in the middle."""
    later: tuple[Message, ...]
    has_earlier: bool
    has_later: bool


def message_shown_to(reader: Reader, message_id: int) -> Message:
    """One message. Raises `NotFound` for one that is missing, that the reader may not see, or of which only the
    deletion is known."""
    message = db.session.scalars(select(Message).where(Message.id == message_id)).one_or_none()
    if message is None or message.author_id is None or not reader.sees(message.channel_id):
        raise NotFound(_("There is no such message."))
    return message


def count_since(reader: Reader, moment: datetime, *, up_to: int = 10_000) -> int:
    """How many messages that the reader may see were written since `moment`, counted no further than `up_to`."""
    return count_each([_written_since(reader, moment).limit(up_to)])[0]


def count_by_author(reader: Reader, author_id: int, *, up_to: int = 10_000) -> int:
    """How many messages of one person the reader may see, counted no further than `up_to`."""
    written = select(Message.id).where(Message.author_id == author_id)
    seen = written if reader.sees_all else written.where(Message.channel_id.in_(reader.channels))
    return count_each([seen.limit(up_to)])[0]


def count_by_day(reader: Reader, starts: Sequence[datetime], *, up_to: int = 10_000) -> list[int]:
    """How many messages that the reader may see were written from each moment to the next; the last one only ends a day."""
    return count_each(
        [
            _written_since(reader, start).where(Message.id < first_snowflake(end)).limit(up_to)
            for start, end in pairwise(starts)
        ]
    )


def _written_since(reader: Reader, moment: datetime) -> Select[int]:
    written = select(Message.id).where(Message.id >= first_snowflake(moment), Message.author_id.is_not(None))
    return written if reader.sees_all else written.where(Message.channel_id.in_(reader.channels))


def messages_shown_to(reader: Reader, message_ids: Iterable[int]) -> dict[int, Message]:
    """Those of these messages that the reader may see, by id: what replies answer."""
    wanted = set(message_ids)
    if not wanted:
        return {}
    found = db.session.scalars(select(Message).where(Message.id.in_(wanted), Message.author_id.is_not(None)))
    return {message.id: message for message in found if reader.sees(message.channel_id)}


def written_names(reader: Reader, author_ids: Iterable[int]) -> dict[int, str]:
    """The names under which people whom the copy of the guild does not know wrote last, where the reader may read it:
    webhooks, and who was never seen. One query for all."""
    found = select(Message.author_id, Message.author_name)
    if not reader.sees_all:
        found = found.where(Message.channel_id.in_(reader.channels))
    each = [
        found.where(Message.author_id == author_id).order_by(Message.id.desc()).limit(1).subquery().select()
        for author_id in sorted(set(author_ids))
    ]
    return {author_id: name for author_id, name in db.session.execute(union_all(*each)) if name} if each else {}


def revisions_shown_to(reader: Reader, message_id: int) -> Sequence[MessageRevision]:
    """Every earlier version of a message, oldest first. Raises `NotFound` like `message_shown_to`."""
    message_shown_to(reader, message_id)
    return revisions_of(message_id)


def revisions_of(message_id: int) -> Sequence[MessageRevision]:
    """Every earlier version of a message that the reader was found to see, oldest first."""
    statement = select(MessageRevision).where(MessageRevision.message_id == message_id)
    return db.session.scalars(statement.order_by(MessageRevision.edited_ms)).all()


def channel_shown_to(reader: Reader, channel_id: int) -> GuildChannel:
    """A channel or thread. Raises `NotFound` for one that is missing or that the reader may not see."""
    channel = channels_by_id([channel_id]).get(channel_id)
    if channel is None or not reader.sees(channel_id):
        raise NotFound(_("There is no such channel."))
    return channel


def context_of(reader: Reader, message_id: int, around: int = AROUND) -> Surroundings:
    """A message and those around it in its channel. Raises `NotFound` like `message_shown_to`."""
    return surroundings_of(message_shown_to(reader, message_id), around)


def surroundings_of(message: Message, around: int = AROUND) -> Surroundings:
    """A message that the reader was found to see, and those around it in its channel."""
    earlier, has_earlier = _earlier(message.channel_id, message.id, around)
    later, has_later = _later(message.channel_id, message.id, around)
    return Surroundings(message.channel_id, earlier, message, later, has_earlier, has_later)


def messages_before(
    reader: Reader, channel_id: int, place: int, limit: int = AROUND
) -> tuple[tuple[Message, ...], bool]:
    """(the last `limit` messages of a channel before an id, oldest first; whether there are more)."""
    return _earlier(channel_id, place, limit) if reader.sees(channel_id) else ((), False)


def messages_after(
    reader: Reader, channel_id: int, place: int, limit: int = AROUND
) -> tuple[tuple[Message, ...], bool]:
    """(the first `limit` messages of a channel after an id, oldest first; whether there are more)."""
    return _later(channel_id, place, limit) if reader.sees(channel_id) else ((), False)


def _earlier(channel_id: int, before: int, wanted: int) -> tuple[tuple[Message, ...], bool]:
    """(the last `wanted` messages of the channel before an id, whether there are more)."""
    postings = term_list(service.TERMS.term(channel_token(channel_id)))
    found: list[Message] = []
    while len(found) <= wanted:
        ids = [row[0] for row in propose([(postings,)], Bounds(0, before), wanted + 1, _IDS)]
        found += reversed(_of_channel(channel_id, ids))
        if len(ids) <= wanted:
            break
        before = ids[-1]
    return tuple(reversed(found[:wanted])), len(found) > wanted


def _later(channel_id: int, after: int, wanted: int) -> tuple[tuple[Message, ...], bool]:
    """(the first `wanted` messages of the channel after an id, whether there are more)."""
    postings = term_list(service.TERMS.term(channel_token(channel_id)))
    found: list[Message] = []
    while len(found) <= wanted:
        ids = [row[0] for row in next_rows(postings, after, wanted + 1, _IDS)]
        found += _of_channel(channel_id, ids)
        if len(ids) <= wanted:
            break
        after = ids[-1]
    return tuple(found[:wanted]), len(found) > wanted


def _of_channel(channel_id: int, ids: Sequence[int]) -> list[Message]:
    """The proposed messages that do stand in the channel (another may share its number), oldest first."""
    if not ids:
        return []
    statement = select(Message).where(Message.id.in_(ids), Message.channel_id == channel_id)
    return list(db.session.scalars(statement.order_by(Message.id)))
