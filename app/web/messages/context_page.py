"""One message: those around it in its channel, every version with what each edit changed, and what is known of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import current_app, url_for
from flask_babel import gettext as _

from app.config import Settings
from app.domain.access import Actor, Permission
from app.domain.clock import snowflake_time
from app.domain.errors import NotFound
from app.domain.members.queries import names_of
from app.domain.messages.differences import Stretch, differences
from app.domain.messages.models import Message, MessageRevision
from app.domain.messages.queries import (
    message_shown_to,
    messages_after,
    messages_before,
    revisions_of,
    surroundings_of,
)
from app.domain.messages.reader import Reader
from app.domain.viewings.queries import viewings_of
from app.domain.viewings.service import note_viewing
from app.web.discord_markup import BodyLook, Look, read_body
from app.web.messages import past_page, record
from app.web.messages.drawing import Artist, Drawing, MessageLook, member_url
from app.web.messages.reader_zone import reader_zone
from app.web.messages.record import RecordLook
from app.web.messages.rows import RowLook, rows_of

AROUND = 6
MORE = 12
MOST_VERSIONS = 40


@dataclass(frozen=True)
class VersionLook:
    """One state of the message. `changes` is None for the first, whose text is shown as it is."""

    number: int
    written_at: datetime
    text: str
    changes: tuple[Stretch, ...] | None
    notes: tuple[str, ...]
    is_current: bool
    before: VersionLook | None = None
    """The version that it changed."""


@dataclass(frozen=True)
class MoreLook:
    """Further messages of the channel, with the address of still more in the same direction."""

    drawing: Drawing
    rows: tuple[RowLook, ...]
    earlier: str | None
    later: str | None
    is_earlier: bool


@dataclass(frozen=True)
class ViewingLook:
    """That somebody opened the message, or a file of it."""

    name: str
    url: str | None
    is_file: bool
    last_at: datetime
    times: int


@dataclass(frozen=True)
class ContextPage:
    """All that the panel, or the page, draws."""

    message: MessageLook
    rows: tuple[RowLook, ...]
    is_apart: bool
    """The messages shown are further on in the channel: the message itself is not among them."""
    earlier: str | None
    later: str | None
    versions: tuple[VersionLook, ...]
    versions_left_out: int
    look: Look
    author: RecordLook | None
    viewings: tuple[ViewingLook, ...]
    """Who opened it, for those who may know."""
    address: str
    channel_address: str
    then_address: str
    """The channel as it was when the message came."""
    day: date
    """The message's own, in the reader's zone: where jumping to another begins."""
    own_link: str
    discord_link: str
    list_address: str


def build_if_shown(actor: Actor, reader: Reader, message_id: int) -> ContextPage | None:
    """The same, or None where there is nothing to show."""
    try:
        return build(actor, reader, message_id)
    except NotFound:
        return None


def build(
    actor: Actor, reader: Reader, message_id: int, *, before: int | None = None, after: int | None = None
) -> ContextPage:
    """Raises `NotFound` for what is missing or hidden."""
    message = message_shown_to(reader, message_id)
    note_viewing(actor, message)
    shown, has_earlier, has_later = _window(reader, message, before, after)
    revisions = revisions_of(message_id) if message.revision_count else ()
    artist = Artist(actor, reader, offers_acts=True)
    is_apart = message not in shown
    drawing = artist.draw([*shown, *([message] if is_apart else [])], also=((r.content, r.body) for r in revisions))
    own = next(one for one in drawing.messages if one.id == message_id)
    around = [one for one in drawing.messages if not (is_apart and one.id == message_id)]
    address = artist.url_of(message_id)
    versions = _versions(message, revisions)
    settings: Settings = current_app.config["SETTINGS"]
    return ContextPage(
        message=own,
        rows=rows_of(around, reader_zone(), marked_id=message_id),
        is_apart=is_apart,
        earlier=f"{address}?before={shown[0].id}" if has_earlier and shown else None,
        later=f"{address}?after={shown[-1].id}" if has_later and shown else None,
        versions=versions[-MOST_VERSIONS:],
        versions_left_out=max(0, len(versions) - MOST_VERSIONS),
        look=drawing.look,
        author=record.build(actor, reader, message, artist.members.get(own.author.id)),
        viewings=tuple(_viewings(actor, message)),
        address=address,
        channel_address=url_for("channels.newest", guild_id=actor.guild_id, channel_id=message.channel_id),
        then_address=url_for(
            "channels.at",
            guild_id=actor.guild_id,
            channel_id=message.channel_id,
            moment=past_page.spelled(message.sent_at),
        ),
        day=message.sent_at.astimezone(reader_zone()).date(),
        own_link=settings.public_url + address,
        discord_link=f"https://discord.com/channels/{actor.guild_id}/{message.channel_id}/{message_id}",
        list_address=url_for("messages.search", guild_id=actor.guild_id),
    )


def more(actor: Actor, reader: Reader, message_id: int, *, before: int | None, after: int | None) -> MoreLook:
    """Further messages of the channel that the message stands in. Raises `NotFound` like `build`."""
    message = message_shown_to(reader, message_id)
    shown, has_earlier, has_later = _window(reader, message, before, after)
    artist = Artist(actor, reader, offers_acts=True)
    address = artist.url_of(message_id)
    drawing = artist.draw(shown)
    zone = reader_zone()
    follows = snowflake_time(after).astimezone(zone).date().toordinal() if after and not before else None
    return MoreLook(
        drawing=drawing,
        rows=rows_of(drawing.messages, zone, follows=follows),
        earlier=f"{address}?before={shown[0].id}" if before and has_earlier and shown else None,
        later=f"{address}?after={shown[-1].id}" if not before and has_later and shown else None,
        is_earlier=before is not None,
    )


def _window(
    reader: Reader, message: Message, before: int | None, after: int | None
) -> tuple[Sequence[Message], bool, bool]:
    """(messages, whether there are earlier ones, whether there are later ones)."""
    if before is not None:
        shown, has_earlier = messages_before(reader, message.channel_id, before, MORE)
        return shown, has_earlier, True
    if after is not None:
        shown, has_later = messages_after(reader, message.channel_id, after, MORE)
        return shown, True, has_later
    found = surroundings_of(message, AROUND)
    return (*found.earlier, message, *found.later), found.has_earlier, found.has_later


def _versions(message: Message, revisions: Sequence[MessageRevision]) -> tuple[VersionLook, ...]:
    """Oldest first; none where it was never edited."""
    if not revisions:
        return ()
    states = [(one.written_at, one.content, read_body(one.body)) for one in revisions]
    states.append((message.edited_at or message.sent_at, message.content, read_body(message.body)))
    found: list[VersionLook] = []
    for number, (written_at, text, body) in enumerate(states, 1):
        before = states[number - 2] if number > 1 else None
        found.append(
            VersionLook(
                number=number,
                written_at=written_at,
                text=text,
                changes=differences(before[1], text) if before else None,
                notes=tuple(_notes(before[2], body)) if before else (),
                is_current=number == len(states),
                before=found[-1] if found else None,
            )
        )
    return tuple(found)


def _viewings(actor: Actor, message: Message) -> Iterable[ViewingLook]:
    if message.deleted_at is None or not actor.may(Permission.VIEW_VIEWINGS):
        return
    found = viewings_of(message.id)
    names = names_of(one.viewer_id for one in found if one.viewer_id)
    for one in found:
        known = one.viewer_id in names
        yield ViewingLook(
            name=names[one.viewer_id] if one.viewer_id in names else str(one.viewer_id or _("unknown")),
            url=member_url(actor.guild_id, one.viewer_id) if known and one.viewer_id else None,
            is_file=one.attachment_id is not None,
            last_at=one.last_at,
            times=one.times,
        )


def _notes(before: BodyLook, after: BodyLook) -> Iterable[str]:
    """What changed besides the text."""
    old, new = {file.name for file in before.files}, {file.name for file in after.files}
    for name in sorted(old - new):
        yield _("Removed the file %(name)s", name=name)
    for name in sorted(new - old):
        yield _("Added the file %(name)s", name=name)
    if before.embeds != after.embeds:
        yield _("Removed the embeds") if not after.embeds else _("Embeds changed")
    if before.poll != after.poll:
        yield _("The poll changed")
    if (before.texts, before.buttons) != (after.texts, after.buttons):
        yield _("Buttons or panels changed")
