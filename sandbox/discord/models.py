"""The things a Discord is made of, as plain mutable state. Only `World` changes them."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

Json = dict[str, Any]


class ChannelType:
    """Discord's channel types that the sandbox knows."""

    TEXT = 0
    DM = 1
    VOICE = 2
    CATEGORY = 4
    ANNOUNCEMENT = 5
    ANNOUNCEMENT_THREAD = 10
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12
    FORUM = 15

    THREADS = frozenset({ANNOUNCEMENT_THREAD, PUBLIC_THREAD, PRIVATE_THREAD})
    TEXTUAL = frozenset({TEXT, DM, VOICE, ANNOUNCEMENT}) | THREADS


class Dispatch(NamedTuple):
    """One gateway event. With `user_id` it goes to that bot user's sessions alone."""

    name: str
    guild_id: int | None
    channel_id: int | None
    data: Json
    user_id: int | None = None


@dataclass(slots=True)
class User:
    id: int
    username: str
    global_name: str | None = None
    is_bot: bool = False
    avatar_hue: int | None = None
    discriminator: str = "0"
    locale: str = "en-US"


@dataclass(slots=True)
class Role:
    id: int
    name: str
    permissions: int
    position: int
    color: int = 0
    hoist: bool = False
    mentionable: bool = False
    managed: bool = False
    bot_id: int | None = None


@dataclass(slots=True)
class Overwrite:
    target_id: int
    is_role: bool
    allow: int
    deny: int


@dataclass(slots=True)
class Member:
    guild_id: int
    user: User
    joined_at: datetime
    role_ids: list[int] = field(default_factory=list)
    nick: str | None = None
    timed_out_until: datetime | None = None
    left_at: datetime | None = None


@dataclass(slots=True)
class Ban:
    user: User
    reason: str | None


@dataclass(slots=True)
class Attachment:
    id: int
    filename: str
    content_type: str
    content: bytes
    width: int | None = None
    height: int | None = None
    description: str | None = None
    is_spoiler: bool = False


@dataclass(slots=True)
class Revision:
    """What a message said until the next edit."""

    at: datetime
    content: str
    embeds: list[Json]


@dataclass(slots=True)
class Message:
    id: int
    channel_id: int
    guild_id: int | None
    author: User
    content: str
    timestamp: datetime
    type: int = 0
    flags: int = 0
    tts: bool = False
    edited_at: datetime | None = None
    embeds: list[Json] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    sticker_items: list[Json] = field(default_factory=list)
    poll: Json | None = None
    reference: Json | None = None
    snapshots: list[Json] = field(default_factory=list)
    mention_ids: list[int] = field(default_factory=list)
    mention_role_ids: list[int] = field(default_factory=list)
    mention_everyone: bool = False
    nonce: str | int | None = None
    webhook_id: int | None = None
    webhook_name: str | None = None
    webhook_avatar: str | None = None
    application_id: int | None = None
    interaction: Json | None = None
    pinned_at: datetime | None = None
    reactions: dict[str, list[int]] = field(default_factory=dict)
    thread_id: int | None = None
    revisions: list[Revision] = field(default_factory=list)
    deleted_at: datetime | None = None


class MessageLog:
    """A channel's messages by id, in order of id."""

    __slots__ = ("_by_id", "_ids", "deleted")

    def __init__(self) -> None:
        self._by_id: dict[int, Message] = {}
        self._ids: list[int] = []
        self.deleted: list[Message] = []

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[Message]:
        return (self._by_id[message_id] for message_id in self._ids)

    def get(self, message_id: int) -> Message | None:
        """The message, unless it is deleted or was never here."""
        return self._by_id.get(message_id)

    def add(self, message: Message) -> None:
        """Keeps a message; its id usually is the newest."""
        if self._ids and message.id < self._ids[-1]:
            insort(self._ids, message.id)
        else:
            self._ids.append(message.id)
        self._by_id[message.id] = message

    def remove(self, message: Message, at: datetime) -> None:
        """Moves a message to the deleted ones, which only the history control shows."""
        message.deleted_at = at
        del self._by_id[message.id]
        del self._ids[bisect_left(self._ids, message.id)]
        self.deleted.append(message)

    def last_id(self) -> int | None:
        """The newest id ever posted here, also when it was deleted since."""
        newest = self._ids[-1] if self._ids else 0
        return max(newest, self.deleted[-1].id if self.deleted else 0) or None

    def newest(self, limit: int) -> list[Message]:
        """The latest messages, newest first."""
        return self._newest_first(self._ids[-limit:])

    def before(self, message_id: int, limit: int) -> list[Message]:
        """The messages just before an id, newest first."""
        end = bisect_left(self._ids, message_id)
        return self._newest_first(self._ids[max(0, end - limit) : end])

    def after(self, message_id: int, limit: int) -> list[Message]:
        """The messages just after an id, newest first as Discord lists them."""
        start = bisect_right(self._ids, message_id)
        return self._newest_first(self._ids[start : start + limit])

    def around(self, message_id: int, limit: int) -> list[Message]:
        """Messages on both sides of an id, with it, newest first."""
        middle = bisect_left(self._ids, message_id)
        start = max(0, middle - limit // 2)
        return self._newest_first(self._ids[start : start + limit])

    def _newest_first(self, ids: list[int]) -> list[Message]:
        return [self._by_id[message_id] for message_id in reversed(ids)]


@dataclass(slots=True)
class Channel:
    """A guild channel, a thread (`owner_id` set) or a direct message (`guild_id` None)."""

    id: int
    guild_id: int | None
    type: int
    name: str
    position: int = 0
    parent_id: int | None = None
    topic: str | None = None
    nsfw: bool = False
    slowmode: int = 0
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    messages: MessageLog = field(default_factory=MessageLog)
    last_pin_at: datetime | None = None
    owner_id: int | None = None
    created_at: datetime | None = None
    is_archived: bool = False
    is_locked: bool = False
    invitable: bool = True
    archived_at: datetime | None = None
    auto_archive_minutes: int = 1440
    thread_members: dict[int, datetime] = field(default_factory=dict)
    recipients: list[User] = field(default_factory=list)
    total_sent: int = 0

    @property
    def is_thread(self) -> bool:
        return self.type in ChannelType.THREADS


@dataclass(slots=True)
class Webhook:
    id: int
    guild_id: int
    channel_id: int
    name: str
    token: str
    creator: User
    avatar: str | None = None
    application_id: int | None = None


@dataclass(slots=True)
class AuditLogEntry:
    id: int
    action: int
    user_id: int | None
    target_id: int | None
    reason: str | None = None
    changes: list[Json] = field(default_factory=list)
    options: Json | None = None


@dataclass(slots=True)
class Guild:
    """A community. Its chronicle keeps every event but those of messages, which keep their own past."""

    id: int
    name: str
    owner_id: int
    icon_hue: int = 200
    description: str | None = None
    roles: dict[int, Role] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    threads: dict[int, Channel] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    former_members: dict[int, Member] = field(default_factory=dict)
    bans: dict[int, Ban] = field(default_factory=dict)
    audit_log: list[AuditLogEntry] = field(default_factory=list)
    chronicle: list[tuple[datetime, str, Json]] = field(default_factory=list)
    system_channel_id: int | None = None
    bot_role_position: int = 1
    preferred_locale: str = "en-US"


@dataclass(slots=True)
class Application:
    """The product's own application at Discord: what its developer would copy from the portal."""

    id: int
    name: str
    client_secret: str
    bot_token: str
    public_key: str
    owner_id: int

    @property
    def client_id(self) -> int:
        return self.id


@dataclass(slots=True)
class AccessToken:
    """What a person granted through OAuth."""

    token: str
    user_id: int
    scopes: frozenset[str]
    expires_at: datetime
