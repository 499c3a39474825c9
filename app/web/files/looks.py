"""What the files of a page's messages look like to one reader: their addresses, what became of them, what covers them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from flask import url_for
from flask_babel import gettext as _

from app.domain.access import Actor, Permission
from app.domain.files.queries import FileState, file_states
from app.domain.files.signing import sign_attachment
from app.domain.members.models import GuildChannel
from app.domain.members.queries import channels_by_id
from app.domain.members.visibility import THREAD_KINDS
from app.domain.messages.kept import Kept
from app.domain.messages.models import Message
from app.web.discord_markup import BodyLook, FileLook, FileNote
from app.web.files import words


@dataclass(frozen=True)
class FilesLook:
    """By the attachment's id. What has no address is only named."""

    addresses: Mapping[int, str] = field(default_factory=dict)
    notes: Mapping[int, FileNote] = field(default_factory=dict)


def files_of(
    actor: Actor,
    messages: Sequence[Message],
    bodies: Iterable[BodyLook],
    places: Mapping[int, GuildChannel],
    *,
    offers_acts: bool = False,
) -> FilesLook:
    """The files in `bodies`, which are those of `messages` and of their earlier versions; `places` are their channels."""
    shown = {file.id: file for body in bodies for file in _in(body) if file.id}
    if not shown:
        return FilesLook()
    states = file_states(messages)
    covers = _covers(messages, places)
    may_withdraw = offers_acts and actor.may(Permission.QUARANTINE_FILES)
    addresses = {
        file_id: attachment_address(actor, file_id)
        for file_id, file in shown.items()
        if _can_be_shown(file, states.get(file_id))
    }
    notes = {
        file_id: FileNote(
            family=state.family if state.kept is Kept.KEPT else ("image" if shown[file_id].is_image else "file"),
            said=words.said_of(state),
            until=state.until if offers_acts else None,
            cover=covers.get(state.message_id, ""),
            act_url=_withdrawal(actor, file_id) if may_withdraw and state.kept is not Kept.QUARANTINED else None,
        )
        for file_id, state in states.items()
        if file_id in shown
    }
    return FilesLook(addresses, notes)


def attachment_address(actor: Actor, attachment_id: int) -> str:
    """Where this person opens the file."""
    signature = sign_attachment(actor.guild_id, attachment_id, actor.user_id)
    return url_for("attachments.attachment", guild_id=actor.guild_id, attachment_id=attachment_id, **{"for": signature})


def _in(body: BodyLook) -> Iterator[FileLook]:
    yield from body.files
    for _text, forwarded in body.forwards:
        yield from forwarded.files


def _can_be_shown(file: FileLook, state: FileState | None) -> bool:
    """What is kept, and what Discord may still have and is a picture."""
    if state is None or state.kept is Kept.QUARANTINED:
        return False
    return file.is_image or state.kept is Kept.KEPT


def _covers(messages: Sequence[Message], places: Mapping[int, GuildChannel]) -> dict[int, str]:
    """Why the files of a message are covered until somebody asks for them, by the message's id."""
    threads = [place for place in places.values() if place.kind in THREAD_KINDS and place.parent_id]
    above = {place.parent_id for place in threads if place.parent_id} - places.keys()
    known = {**places, **(channels_by_id(above) if above else {})}
    found = {}
    for message in messages:
        if message.deleted_at is not None:
            found[message.id] = _("This message was deleted.")
        elif _is_age_restricted(known.get(message.channel_id), known):
            found[message.id] = _("This channel is age-restricted.")
    return found


def _is_age_restricted(place: GuildChannel | None, known: Mapping[int, GuildChannel]) -> bool:
    """A thread is as its channel is."""
    if place is None:
        return False
    parent = known.get(place.parent_id or 0)
    return place.is_nsfw or (parent is not None and parent.is_nsfw)


def _withdrawal(actor: Actor, attachment_id: int) -> str:
    return url_for("files.ask_quarantine", guild_id=actor.guild_id, attachment_id=attachment_id)
