"""A channel as it was at a moment, with the way to the moments before and after at which something changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from flask import url_for

from app.domain.access import Actor
from app.domain.clock import DISCORD_EPOCH_MS
from app.domain.messages.past import Past, PastMessage, channel_at
from app.domain.messages.queries import channel_shown_to
from app.domain.messages.reader import Reader
from app.web.coverage.stated import StatedLook
from app.web.coverage.stated import look as coverage_look
from app.web.discord_markup import Look
from app.web.messages.drawing import Artist, MessageLook
from app.web.messages.reader_zone import reader_zone
from app.web.messages.rows import RowLook, rows_of

EARLIEST = datetime.fromtimestamp(DISCORD_EPOCH_MS / 1000, UTC)
LATEST = datetime(2080, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Asked:
    """Which channel at which moment; `before` reads on earlier."""

    channel_id: int
    moment: datetime
    before: int | None = None
    with_gone: bool = False


@dataclass(frozen=True)
class PastRowLook:
    """A row with what became of its message after the moment."""

    row: RowLook
    past: PastMessage


@dataclass(frozen=True)
class PastPage:
    """All that the page draws."""

    channel: str
    moment: datetime
    picked: str
    """As the time picker holds it, in the reader's zone."""
    zone: str
    rows: tuple[PastRowLook, ...]
    look: Look
    earlier: str | None
    previous: str | None
    following: str | None
    previous_at: datetime | None
    following_at: datetime | None
    with_gone: bool
    other_gone: str
    """The same with deleted messages, or without."""
    pick: str
    now: str
    list_address: str
    coverage: StatedLook


def build(actor: Actor, reader: Reader, asked: Asked) -> PastPage:
    """Raises `NotFound` for a channel that is missing or hidden."""
    channel = channel_shown_to(reader, asked.channel_id)
    past = channel_at(reader, asked.channel_id, asked.moment, before=asked.before, with_gone=asked.with_gone)
    drawing = Artist(actor, reader).draw([one.then for one in past.messages])
    zone = reader_zone()
    drawn = [_as_then(message, one) for message, one in zip(drawing.messages, past.messages, strict=True)]
    rows = rows_of(drawn, zone)
    return PastPage(
        channel=channel.name,
        moment=asked.moment,
        picked=asked.moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S"),
        zone=str(zone),
        rows=tuple(PastRowLook(row, one) for row, one in zip(rows, past.messages, strict=True)),
        look=drawing.look,
        earlier=_address(actor, asked, before=past.earlier) if past.earlier else None,
        previous=_step(actor, asked, past.previous_change),
        following=_step(actor, asked, past.next_change),
        previous_at=past.previous_change,
        following_at=past.next_change,
        with_gone=asked.with_gone,
        other_gone=_address(actor, replace(asked, with_gone=not asked.with_gone)),
        pick=url_for("channels.pick", guild_id=actor.guild_id, channel_id=asked.channel_id),
        now=url_for("channels.newest", guild_id=actor.guild_id, channel_id=asked.channel_id),
        list_address=url_for("messages.search", guild_id=actor.guild_id),
        coverage=_coverage(reader, asked, past),
    )


def spelled(moment: datetime) -> str:
    """A moment as addresses have it: UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _as_then(message: MessageLook, past: PastMessage) -> MessageLook:
    """What was deleted later was there then; who had not edited yet is not marked as edited."""
    if past.is_gone:
        return message
    return replace(message, deleted_at=None, deleted_by=None, deletion_after=None)


def _coverage(reader: Reader, asked: Asked, past: Past) -> StatedLook:
    oldest = past.messages[0].then.sent_at if past.messages else None
    return coverage_look(reader, frozenset({asked.channel_id}), oldest, asked.moment)


def _step(actor: Actor, asked: Asked, moment: datetime | None) -> str | None:
    return _address(actor, replace(asked, moment=moment, before=None)) if moment else None


def _address(actor: Actor, asked: Asked, before: int | None = None) -> str:
    return url_for(
        "channels.at",
        guild_id=actor.guild_id,
        channel_id=asked.channel_id,
        moment=spelled(asked.moment),
        before=before,
        gone=1 if asked.with_gone else None,
    )
