"""The shapes in which a scenario hands over a community.

Everything is frozen and in Discord's own numbers (channel types, permission bits, message types), so that a
loader only has to copy. Ids are snowflakes of the moment they stand for; times are aware and in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

TEXT = 0
VOICE = 2
CATEGORY = 4
ANNOUNCEMENT = 5
FORUM = 15


@dataclass(frozen=True, slots=True)
class Role:
    """A guild role. The role whose id equals the guild's is @everyone, at position 0."""

    id: int
    name: str
    color: int
    position: int
    permissions: int
    hoist: bool


@dataclass(frozen=True, slots=True)
class Overwrite:
    """A channel's exception for one role or one member."""

    target_id: int
    is_role: bool
    allow: int
    deny: int


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel or category; `type` is Discord's number."""

    id: int
    name: str
    type: int
    parent_id: int | None
    position: int
    topic: str | None
    overwrites: tuple[Overwrite, ...] = ()
    nsfw: bool = False


@dataclass(frozen=True, slots=True)
class Thread:
    """A public thread. Begun from a message (or a forum post) it has that message's id."""

    id: int
    parent_id: int
    name: str
    owner_id: int
    created_at: datetime
    starter_message_id: int | None
    archived: bool


@dataclass(frozen=True, slots=True)
class Member:
    """An account and its stay in the guild; `left_at` set means that it is no longer there.

    `languages` are those the person speaks, as two-letter codes, the account's own first; a robot has none.
    """

    id: int
    username: str
    global_name: str | None
    nick: str | None
    is_bot: bool
    role_ids: tuple[int, ...]
    joined_at: datetime
    left_at: datetime | None
    avatar_hue: int
    languages: tuple[str, ...] = ("en",)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message, with its bytes."""

    id: int
    filename: str
    content_type: str
    content: bytes
    width: int | None
    height: int | None
    description: str | None


Embed = Mapping[str, Any]
"""An embed in the shape of Discord's JSON."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """One emoji (a unicode one) and who put it there, in order."""

    emoji: str
    user_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Edit:
    """What a message says from `at` on."""

    at: datetime
    content: str


@dataclass(frozen=True, slots=True)
class Message:
    """A message as first written: `content` is the original, `edits` what it became, oldest first.

    `channel_id` may be a thread's. `type` is Discord's: 0, 19 for a reply, 7 for a join notice.
    `deleted_by` differs from `author_id` where a moderator took it away.
    """

    id: int
    channel_id: int
    author_id: int
    at: datetime
    content: str
    attachments: tuple[Attachment, ...] = ()
    embeds: tuple[Embed, ...] = ()
    reply_to: int | None = None
    reactions: tuple[Reaction, ...] = ()
    edits: tuple[Edit, ...] = ()
    deleted_at: datetime | None = None
    deleted_by: int | None = None
    is_pinned: bool = False
    type: int = 0


class MembershipChange(StrEnum):
    """How someone came or went."""

    JOIN = "join"
    LEAVE = "leave"
    KICK = "kick"
    BAN = "ban"


@dataclass(frozen=True, slots=True)
class MembershipEvent:
    """A coming or going; `by` and `reason` are set for kicks and bans."""

    at: datetime
    member_id: int
    change: MembershipChange
    by: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Community:
    """A whole guild with its past.

    `members` holds also those who left (see `left_at`). `messages` and `joins_and_leaves` are in time order.
    No role of the community stands at `bot_role_position`: an installed bot's role belongs there.
    """

    guild_id: int
    name: str
    owner_id: int
    roles: tuple[Role, ...]
    channels: tuple[Channel, ...]
    threads: tuple[Thread, ...]
    members: tuple[Member, ...]
    messages: tuple[Message, ...]
    joins_and_leaves: tuple[MembershipEvent, ...]
    bot_role_position: int
    description: str = ""


class StepKind(StrEnum):
    """What happens next in a community that keeps talking."""

    MESSAGE = "message"
    EDIT = "edit"
    DELETE = "delete"
    REACT = "react"
    JOIN = "join"
    LEAVE = "leave"
    TYPING = "typing"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that somebody does, `after_seconds` after the step before.

    `actor_id` does it, in `channel_id`. A MESSAGE step introduces its own number as `ref` (small, far below any
    snowflake, never used twice); EDIT, DELETE and REACT name the message they mean in `ref`, and a reply names it in
    `reply_to`: the number of an earlier step, or the id of a message of the community's past. DELETE with an
    `actor_id` other than the author's is a moderator's. JOIN carries the new `member` (its `joined_at` is to be
    taken from the clock at that moment); LEAVE says who left in `actor_id`.
    """

    after_seconds: float
    kind: StepKind
    actor_id: int
    channel_id: int | None = None
    ref: int | None = None
    content: str = ""
    attachments: tuple[Attachment, ...] = ()
    embeds: tuple[Embed, ...] = ()
    reply_to: int | None = None
    emoji: str | None = None
    member: Member | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Someone with a fixed id who stands in every scenario."""

    id: int
    username: str
    display_name: str
    avatar_hue: int
