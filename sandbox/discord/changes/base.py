"""The state that all changes share, and how they tell the gateway."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from random import Random

from sandbox.discord import payloads
from sandbox.discord.clock import Clock, snowflake_at
from sandbox.discord.models import (
    AccessToken,
    Application,
    Attachment,
    AuditLogEntry,
    Channel,
    Dispatch,
    Guild,
    Json,
    Message,
    User,
    Webhook,
)

Subscriber = Callable[[Dispatch], None]


class WorldState:
    """Everything that exists, indexed by id, with the clock and the subscribers."""

    def __init__(self, seed: int = 7, public_url: str = "http://127.0.0.1") -> None:
        self.seed = seed
        self.public_url = public_url
        self.clock = Clock()
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.webhooks: dict[int, Webhook] = {}
        self.attachments: dict[int, Attachment] = {}
        self.access_tokens: dict[str, AccessToken] = {}
        self.nonces: dict[tuple[int, int, str], Message] = {}
        self.closed_to_messages: set[int] = set()
        self.is_indexing = False
        self.signing_key = hashlib.sha256(f"signing {seed}".encode()).digest()
        self._random = Random(seed)
        self._subscribers: list[Subscriber] = []
        self.application = _application(seed)
        self.bot_user = User(self.application.id, "Snowflake Panel", is_bot=True, avatar_hue=195)
        self.users[self.bot_user.id] = self.bot_user

    def subscribe(self, callback: Subscriber) -> Callable[[], None]:
        """Calls back with every dispatch from now on, in order; the answer ends it."""
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback)

    def emit(
        self,
        name: str,
        guild_id: int | None,
        channel_id: int | None,
        content: Json,
        user_id: int | None = None,
    ) -> None:
        """Tells all subscribers that something happened."""
        dispatch = Dispatch(name, guild_id, channel_id, content, user_id)
        for callback in tuple(self._subscribers):
            callback(dispatch)

    def chronicle(self, guild: Guild, name: str, content: Json) -> None:
        """Emits a guild event that the guild's history keeps (messages keep their own)."""
        guild.chronicle.append((self.clock.now(), name, content))
        self.emit(name, guild.id, None, content)

    def snowflake(self) -> int:
        """A new id of the present millisecond, larger than every one before."""
        return self.clock.snowflake()

    def token(self, length: int = 68) -> str:
        """A secret made from the seed."""
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
        return "".join(self._random.choices(alphabet, k=length))

    def record(
        self,
        guild: Guild,
        action: int,
        by: int | None,
        target_id: int | None,
        *,
        reason: str | None = None,
        changes: list[Json] | None = None,
        options: Json | None = None,
    ) -> AuditLogEntry:
        """Writes an audit log entry and emits it."""
        entry = AuditLogEntry(self.snowflake(), action, by, target_id, reason or None, changes or [], options)
        guild.audit_log.append(entry)
        content = payloads.audit_log_entry(entry) | {"guild_id": str(guild.id)}
        self.chronicle(guild, "GUILD_AUDIT_LOG_ENTRY_CREATE", content)
        return entry

    def remember_record(
        self,
        guild: Guild,
        at: datetime,
        action: int,
        by: int | None,
        target_id: int,
        *,
        reason: str | None = None,
        options: Json | None = None,
    ) -> None:
        """Writes an audit log entry of the past, in silence."""
        entry_id = snowflake_at(at) + target_id % (1 << 22)
        entry = AuditLogEntry(entry_id, action, by, target_id, reason, [], options)
        guild.audit_log.append(entry)
        content = payloads.audit_log_entry(entry) | {"guild_id": str(guild.id)}
        guild.chronicle.append((at, "GUILD_AUDIT_LOG_ENTRY_CREATE", content))


def changed(key: str, old: object, new: object) -> list[Json]:
    """One audit log change, or none where nothing differs; a missing side stays out."""
    if old == new:
        return []
    change: Json = {"key": key}
    if new is not None:
        change["new_value"] = new
    if old is not None:
        change["old_value"] = old
    return [change]


def _application(seed: int) -> Application:
    secret = hashlib.sha256(f"application {seed}".encode()).hexdigest()
    return Application(
        id=100_000_000_000_000_001,
        name="Snowflake Panel",
        client_secret=secret[:32],
        bot_token=f"MTAwMDAwMDAwMDAwMDAwMDAx.{secret[32:38]}.{secret[:38]}",
        public_key=hashlib.sha256(f"key {seed}".encode()).hexdigest(),
        owner_id=200_000_000_000_000_001,
    )
