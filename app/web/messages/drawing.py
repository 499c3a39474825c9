"""From the archive's rows to what `ui.discord_message` draws: the names, colours and links that this reader may see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _

from app.domain.access import Actor
from app.domain.members.models import GuildMember, GuildRole
from app.domain.members.queries import all_roles, channels_by_id, known_as
from app.domain.messages.deletions import bulks_of
from app.domain.messages.models import Message
from app.domain.messages.queries import messages_shown_to
from app.domain.messages.reactions import Reaction, reactions_of
from app.domain.messages.reader import Reader
from app.domain.messages.traits import Trait
from app.web.discord_markup import BodyLook, Look, RoleLook, plain_text, read_body, referenced_in
from app.web.files.looks import FilesLook, files_of
from app.web.messages.images import signed_address
from app.web.messages.system_messages import words_of

Places = list[tuple[int, int]]
WRITTEN_KINDS = frozenset({0, 19, 20, 23})
"""Discord's message types that a person or an app wrote: text, reply, the answers to commands."""


@dataclass(frozen=True)
class AuthorLook:
    """Who wrote it: by their present name where they are known, else by the name that it was written under."""

    id: int
    name: str
    is_bot: bool
    url: str | None
    color: str | None
    avatar: str | None = None


@dataclass(frozen=True)
class ReplyLook:
    """What a message answers, in one line."""

    author: str
    text: str
    url: str | None = None


@dataclass(frozen=True)
class ReactionLook:
    """An emoji under a message: `spoken` is the emoji itself, or a custom one's name; `image` its picture."""

    spoken: str
    image: str | None
    count: int


@dataclass(frozen=True)
class MessageLook:
    """One message as it is drawn."""

    id: int
    channel_id: int
    channel: str
    author: AuthorLook
    text: str
    body: BodyLook
    reply: ReplyLook | None
    sent_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    deleted_by: str | None
    url: str
    is_pinned: bool
    is_from_discord: bool = False
    """Discord itself wrote it: somebody joined, boosted, pinned."""
    deletion_after: datetime | None = None
    """Where the deletion was found by comparison: it was still there then."""
    reactions: tuple[ReactionLook, ...] = ()
    bulk: int | None = None
    """How many messages were deleted at once with it."""


@dataclass(frozen=True)
class Drawing:
    """Messages ready to be drawn, and the look that their texts share."""

    messages: tuple[MessageLook, ...]
    look: Look


class Artist:
    """Looks everything up that a page's messages need, at once."""

    def __init__(self, actor: Actor, reader: Reader, *, offers_acts: bool = False) -> None:
        """`offers_acts`: with what this reader may do about a message's files; lists are for reading."""
        self._actor = actor
        self._offers_acts = offers_acts
        self._reader = reader
        self._guild_id = actor.guild_id
        self.members: dict[int, GuildMember] = {}
        """Those who wrote or are named in what was drawn last, of those who are known."""

    def draw(
        self,
        messages: Sequence[Message],
        marks: Callable[[str], Places] | None = None,
        *,
        also: Iterable[tuple[str, str | None]] = (),
    ) -> Drawing:
        """`messages` in their order. `marks` finds what to highlight in a text; `also` are (content, body) of earlier versions."""
        earlier = [(content, read_body(body)) for content, body in also]
        bodies = {message.id: read_body(message.body) for message in messages}
        answered = messages_shown_to(self._reader, {m.reply_to_id for m in messages if m.reply_to_id})
        texts = [(message.content, bodies[message.id]) for message in messages] + earlier
        refers = referenced_in(
            [
                *(text for content, body in texts for text in (content, *body.all_texts())),
                *(m.content for m in answered.values()),
            ]
        )
        members = known_as(
            refers.people
            | {body.command.user_id for body in bodies.values() if body.command}
            | {m.author_id for m in (*messages, *answered.values()) if m.author_id}
            | {m.deleted_by for m in messages if m.deleted_by}
        )
        self.members = members
        roles = all_roles()
        seen = {one for one in refers.channels if self._reader.sees(one)} | {m.channel_id for m in messages}
        places = channels_by_id(seen)
        channels = {one.id: one.name for one in places.values()}
        shown = [body for _content, body in texts]
        files = files_of(self._actor, messages, shown, places, offers_acts=self._offers_acts)
        look = self._look(members, roles, channels, files)
        reactions = reactions_of(message.id for message in messages) if messages else {}
        deleted = [message.id for message in messages if message.deleted_at is not None]
        bulks = bulks_of(deleted) if deleted else {}
        drawn = tuple(
            MessageLook(
                id=message.id,
                channel_id=message.channel_id,
                channel=channels.get(message.channel_id) or _("unknown channel"),
                author=self._author(message, members, roles),
                text=words_of(message.kind, message.content),
                body=bodies[message.id],
                reply=self._reply(message, answered, members, look),
                sent_at=message.sent_at,
                edited_at=message.edited_at,
                deleted_at=message.deleted_at,
                deleted_by=_name_of(message.deleted_by, members),
                url=f"{self.url_of(message.id)}#context-{message.id}",
                is_pinned=message.has(Trait.PINNED),
                is_from_discord=message.kind not in WRITTEN_KINDS,
                deletion_after=message.deletion_after,
                reactions=tuple(_reaction(one, look) for one in reactions.get(message.id, ())),
                bulk=bulks[message.id].size if message.id in bulks else None,
            )
            for message in messages
        )
        return Drawing(drawn, replace(look, marks=marks))

    def url_of(self, message_id: int) -> str:
        """A message in its context."""
        return url_for("messages.context", guild_id=self._guild_id, message_id=message_id)

    def _look(
        self,
        members: Mapping[int, GuildMember],
        roles: Sequence[GuildRole],
        channels: Mapping[int, str],
        files: FilesLook,
    ) -> Look:
        guild_id, viewer_id = self._guild_id, self._actor.user_id
        return Look(
            people={one.user_id: one.display_name for one in members.values()},
            roles={role.id: RoleLook(role.name, role.color) for role in roles},
            channels=channels,
            person_url=lambda user_id: member_url(guild_id, user_id),
            channel_url=lambda channel_id: url_for("messages.search", guild_id=guild_id, q=f"in:{channel_id}"),
            image_url=lambda url: signed_address(url, viewer_id),
            file_url=files.addresses.get,
            file_note=files.notes.get,
        )

    def _author(self, message: Message, members: Mapping[int, GuildMember], roles: Sequence[GuildRole]) -> AuthorLook:
        assert message.author_id is not None, "the archive shows no message of which only the deletion is known"
        member = members.get(message.author_id)
        return AuthorLook(
            id=message.author_id,
            name=(member.display_name if member else message.author_name) or _("unknown"),
            is_bot=message.has(Trait.BOT),
            url=member_url(self._guild_id, message.author_id) if member else None,
            color=_color_of(member, roles) if member else None,
        )

    def _reply(
        self, message: Message, answered: Mapping[int, Message], members: Mapping[int, GuildMember], look: Look
    ) -> ReplyLook | None:
        if not (message.reply_to_id and message.has(Trait.REPLY)):
            return None
        before = answered.get(message.reply_to_id)
        if before is None:
            return ReplyLook("", _("A message that is not in the archive."))
        assert before.author_id is not None
        text = plain_text(before.content, look) or _("A message without text.")
        author = members.get(before.author_id)
        return ReplyLook(
            author.display_name if author else before.author_name, text, f"{self.url_of(before.id)}#context-{before.id}"
        )


def _reaction(reaction: Reaction, look: Look) -> ReactionLook:
    custom = reaction.custom_id
    if custom is None:
        return ReactionLook(reaction.emoji, None, reaction.total)
    address = look.image_url(f"{look.emoji_origin}/emojis/{custom}.webp") if look.image_url else None
    return ReactionLook(f":{reaction.name or custom}:", address, reaction.total)


def member_url(guild_id: int, user_id: int) -> str:
    """A person's record in this community."""
    return f"/servers/{guild_id}/members/{user_id}"


def _color_of(member: GuildMember, roles: Sequence[GuildRole]) -> str | None:
    """The colour of the highest role that has one, as Discord paints names."""
    held = set(map(int, member.role_ids))
    return next((f"#{role.color:06x}" for role in roles if role.id in held and 0 < role.color <= 0xFFFFFF), None)


def _name_of(user_id: int | None, members: Mapping[int, GuildMember]) -> str | None:
    if user_id is None:
        return None
    return members[user_id].display_name if user_id in members else str(user_id)
