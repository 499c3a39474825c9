"""A channel as it was at a moment: each message in its version of then, without what was not there yet or no more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import inspect, select

from app.domain.clock import first_snowflake
from app.domain.errors import NotFound
from app.domain.messages.models import Message, MessageRevision, moment_of
from app.domain.messages.queries import messages_after, messages_before
from app.domain.messages.reader import Reader
from app.extensions import db

PAGE = 25
MOST_LOOKED_AT = 2_000
"""So many deleted messages in a row are passed over; then the page ends and goes on with the next."""
_TICK = timedelta(milliseconds=1)


@dataclass(frozen=True)
class PastMessage:
    """A message as it stood at the moment. `then` is its row with the text of then, not of the session."""

    then: Message
    is_gone: bool
    """It was deleted by then; shown because it was asked for."""
    edited_later: datetime | None
    """When the next edit came."""
    deleted_later: datetime | None
    is_text_of_later: bool
    """Of its version of then nothing is known: this is the oldest known one."""


@dataclass(frozen=True)
class Past:
    """A page of a channel's past, oldest first."""

    messages: tuple[PastMessage, ...]
    earlier: int | None
    """Ask again with `before=earlier` for what came before; None at the beginning."""
    previous_change: datetime | None
    """The last moment before at which something in this window changed: written, edited or deleted."""
    next_change: datetime | None
    """The first moment after at which something changes here, or the next message comes."""


def channel_at(
    reader: Reader,
    channel_id: int,
    moment: datetime,
    *,
    before: int | None = None,
    limit: int = PAGE,
    with_gone: bool = False,
) -> Past:
    """The last `limit` messages of a channel at `moment` (to the millisecond, what happened at it included), with ids
    below `before`; those deleted by then only `with_gone`. Raises `NotFound` for a channel that the reader may not see.
    """
    if not reader.sees(channel_id):
        raise NotFound(_("There is no such channel."))
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    end = first_snowflake(moment + _TICK)
    looked_at, has_earlier = _window(reader, channel_id, moment, min(end, before or end), limit, with_gone)
    versions = _versions(looked_at)
    shown = [m for m in looked_at if with_gone or not _is_gone(m, moment)][-limit:]
    changes = sorted({at for message in looked_at for at in _changes(message, versions)})
    following, _more = messages_after(reader, channel_id, end - 1, 1)
    later = [at for at in changes if at > moment] + [message.sent_at for message in following]
    return Past(
        messages=tuple(_as_then(message, versions.get(message.id, ()), moment) for message in shown),
        earlier=(shown or looked_at)[0].id if has_earlier and looked_at else None,
        previous_change=max((at for at in changes if at < moment), default=None),
        next_change=min(later, default=None),
    )


def _window(
    reader: Reader, channel_id: int, moment: datetime, before: int, limit: int, with_gone: bool
) -> tuple[list[Message], bool]:
    """(messages up to the moment that hold `limit` to be shown, oldest first; whether there are earlier ones)."""
    found: list[Message] = []
    shown = 0
    while True:
        part, has_more = messages_before(reader, channel_id, before, limit)
        for message in reversed(part):
            if shown == limit:
                return found[::-1], True
            found.append(message)
            shown += with_gone or not _is_gone(message, moment)
        if not has_more or len(found) >= MOST_LOOKED_AT:
            return found[::-1], has_more
        before = part[0].id


def _is_gone(message: Message, moment: datetime) -> bool:
    return message.deleted_at is not None and message.deleted_at <= moment


def _versions(messages: Sequence[Message]) -> dict[int, Sequence[MessageRevision]]:
    """The earlier versions of those that were edited, oldest first."""
    edited = [message.id for message in messages if message.revision_count]
    if not edited:
        return {}
    statement = select(MessageRevision).where(MessageRevision.message_id.in_(edited))
    found: dict[int, list[MessageRevision]] = {}
    for one in db.session.scalars(statement.order_by(MessageRevision.message_id, MessageRevision.edited_ms)):
        found.setdefault(one.message_id, []).append(one)
    return dict(found)


def _changes(message: Message, versions: dict[int, Sequence[MessageRevision]]) -> Iterable[datetime]:
    yield message.sent_at
    every: tuple[MessageRevision | Message, ...] = (*versions.get(message.id, ()), message)
    for version in every:
        if (edited := moment_of(version.edited_ms)) is not None:
            yield edited
    if message.deleted_at is not None:
        yield message.deleted_at


def _as_then(message: Message, earlier: Sequence[MessageRevision], moment: datetime) -> PastMessage:
    then_ms = int(moment.timestamp() * 1000)
    versions: list[MessageRevision | Message] = [*earlier, message]
    of_then = [version for version in versions if version.edited_ms <= then_ms]
    chosen = of_then[-1] if of_then else versions[0]
    following = [version.edited_ms for version in versions if version.edited_ms > max(then_ms, chosen.edited_ms)]
    return PastMessage(
        then=_with_text_of(message, chosen, is_known=bool(of_then)),
        is_gone=_is_gone(message, moment),
        edited_later=moment_of(min(following)) if following else None,
        deleted_later=message.deleted_at if not _is_gone(message, moment) else None,
        is_text_of_later=not of_then,
    )


def _with_text_of(message: Message, version: MessageRevision | Message, *, is_known: bool) -> Message:
    """A copy of the row that no session knows."""
    columns = {column.key: getattr(message, column.key) for column in inspect(Message).column_attrs}
    columns |= {name: getattr(version, name) for name in ("flags", "traits", "content", "extra_text", "body")}
    columns["edited_ms"] = version.edited_ms if is_known else 0
    return Message(**columns)
