"""The archive's tables. None has a foreign key to another of them: their rows come in any order (design 4a)."""

from __future__ import annotations

from datetime import UTC, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, SmallInteger, String, Text
from sqlalchemy.dialects.mysql import MEDIUMTEXT, VARCHAR
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Model, Snowflake, TenantScoped, Unsigned32, UtcDateTime
from app.db.claimable import Claimable
from app.db.personal import Erase, about_person, impersonal, names_person
from app.domain.clock import snowflake_time
from app.domain.messages.kept import Kept
from app.domain.messages.tokens import LONGEST_TOKEN
from app.domain.messages.traits import Trait

LongText = Text().with_variant(MEDIUMTEXT(), "mysql", "mariadb")
ExactToken = String(LONGEST_TOKEN).with_variant(VARCHAR(LONGEST_TOKEN, collation="utf8mb4_bin"), "mysql", "mariadb")


class Message(TenantScoped, Model):
    """A message in its newest known state. `author_id` is null where all that was ever seen of it is its deletion."""

    __tablename__ = "messages"
    __table_args__ = (Index(None, "tenant_id", "author_id", "id"),)

    id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    channel_id: Mapped[int] = mapped_column(Snowflake, info=impersonal())
    """The channel or thread that it stands in."""
    author_id: Mapped[int | None] = mapped_column(
        Snowflake, default=None, info=names_person(Erase.BY_RULE, _l("Who wrote a message"))
    )
    author_name: Mapped[str] = mapped_column(
        String(100), default="", info=about_person(_l("The name and picture they had then"))
    )
    """As shown when it was written: webhooks write under any name, and people change theirs."""
    author_avatar: Mapped[str | None] = mapped_column(
        String(64), default=None, info=about_person(_l("The name and picture they had then"))
    )
    kind: Mapped[int] = mapped_column(SmallInteger, default=0)
    """Discord's message type."""
    flags: Mapped[int] = mapped_column(default=0)
    traits: Mapped[int] = mapped_column(default=0)
    """Bits of `Trait`."""
    edited_ms: Mapped[int] = mapped_column(Snowflake, default=0, info=impersonal())
    """Version of this state: when it was edited, unix milliseconds; 0 = as first written."""
    pinned_seen_ms: Mapped[int] = mapped_column(Snowflake, default=0, info=impersonal())
    """When the newest word on its being pinned was received, unix milliseconds."""
    reactions_told_ms: Mapped[int] = mapped_column(Snowflake, default=0, info=impersonal())
    """When Discord last listed all its reactions, unix milliseconds: those it did not list were gone by then. 0 = never."""
    revision_count: Mapped[int] = mapped_column(SmallInteger, default=0)
    reply_to_id: Mapped[int | None] = mapped_column(Snowflake, default=None, info=impersonal())
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    deleted_by: Mapped[int | None] = mapped_column(
        Snowflake, default=None, info=names_person(Erase.BLANK, _l("Who deleted a message"))
    )
    deletion_after: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    """Where nobody told of the deletion and it was found by comparison: it happened after this and before `deleted_at`."""
    content: Mapped[str] = mapped_column(
        LongText, default="", info=names_person(Erase.BY_RULE, _l("What they wrote, and whom they mentioned"))
    )
    extra_text: Mapped[str | None] = mapped_column(
        LongText, default=None, info=names_person(Erase.BY_RULE, _l("What they wrote, and whom they mentioned"))
    )
    """Every other text (embeds, components, file names …), parted by `tokens.SEGMENT`: what search verifies on."""
    body: Mapped[str | None] = mapped_column(
        LongText, default=None, info=names_person(Erase.BY_RULE, _l("What they wrote, and whom they mentioned"))
    )
    """JSON of what is shown besides the content."""

    @property
    def sent_at(self) -> datetime:
        """When it was written: its id says so."""
        return snowflake_time(self.id)

    @property
    def edited_at(self) -> datetime | None:
        """When the newest known state was written, or None where that is the first."""
        return moment_of(self.edited_ms)

    @property
    def is_deletion_detected(self) -> bool:
        """True where the deletion was found by comparison: it happened between `deletion_after` and `deleted_at`."""
        return self.deletion_after is not None

    def has(self, trait: Trait) -> bool:
        """True where the message has or is this."""
        return bool(self.traits & trait)


class MessageRevision(TenantScoped, Model):
    """An earlier state of a message that was edited. The newest state is the message's row itself."""

    __tablename__ = "message_revisions"

    message_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, info=impersonal())
    edited_ms: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, info=impersonal())
    """0 = as first written."""
    flags: Mapped[int] = mapped_column(default=0)
    traits: Mapped[int] = mapped_column(default=0)
    content: Mapped[str] = mapped_column(
        LongText, default="", info=names_person(Erase.BY_RULE, _l("What they wrote before they changed it"))
    )
    extra_text: Mapped[str | None] = mapped_column(
        LongText, default=None, info=names_person(Erase.BY_RULE, _l("What they wrote before they changed it"))
    )
    body: Mapped[str | None] = mapped_column(
        LongText, default=None, info=names_person(Erase.BY_RULE, _l("What they wrote before they changed it"))
    )

    @property
    def written_at(self) -> datetime:
        """When this state was written."""
        return moment_of(self.edited_ms) or snowflake_time(self.message_id)


class MessageTerm(TenantScoped, Model):
    """A posting: the current text of the message has a token with this number (`tokens.crc_term`)."""

    __tablename__ = "message_terms"
    __table_args__ = {"sqlite_with_rowid": False}
    foreign_key_to_tenants = False

    term: Mapped[int] = mapped_column(Unsigned32, primary_key=True, autoincrement=False, info=impersonal())
    message_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, info=impersonal())


class RevisionTerm(TenantScoped, Model):
    """A posting: only earlier revisions of the message have a token with this number. Read by `was:` alone."""

    __tablename__ = "revision_terms"
    __table_args__ = {"sqlite_with_rowid": False}
    foreign_key_to_tenants = False

    term: Mapped[int] = mapped_column(Unsigned32, primary_key=True, autoincrement=False, info=impersonal())
    message_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, info=impersonal())


class Word(TenantScoped, Model):
    """A token that the tenant's archive knows: what prefixes expand to."""

    __tablename__ = "words"
    __table_args__ = {"sqlite_with_rowid": False}
    foreign_key_to_tenants = False

    token: Mapped[str] = mapped_column(
        ExactToken, primary_key=True, info=names_person(Erase.BY_RULE, _l("Each word that anybody used, without who"))
    )
    term: Mapped[int] = mapped_column(Unsigned32, info=impersonal())


class Attachment(Claimable, TenantScoped, Model):
    """A file that a message has or had, and the work of keeping its bytes.

    `url` is signed by Discord and expires: fetch the message for a fresh one.
    """

    __tablename__ = "attachments"
    __table_args__ = (
        Index(None, "tenant_id", "message_id"),
        Index(None, "tenant_id", "kept", "message_id"),
        Index(None, "sha256", "tenant_id"),
        Index(None, "state", "due_at"),
        Index(None, "state", "message_id"),
    )

    id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    message_id: Mapped[int] = mapped_column(Snowflake, info=impersonal())
    filename: Mapped[str] = mapped_column(String(255), info=about_person(_l("The files they attached")))
    content_type: Mapped[str] = mapped_column(String(100), default="", info=impersonal())
    size: Mapped[int] = mapped_column(Snowflake, default=0, info=impersonal())
    width: Mapped[int | None] = mapped_column(default=None)
    height: Mapped[int | None] = mapped_column(default=None)
    url: Mapped[str] = mapped_column(String(2000), default="", info=about_person(_l("The files they attached")))
    kept: Mapped[str] = mapped_column(String(16), default=Kept.WAITING, info=impersonal())
    """A word of `Kept`: whether its bytes are here, or why not."""
    sha256: Mapped[str | None] = mapped_column(
        String(64), default=None, info=about_person(_l("A fingerprint of a file that they sent"))
    )
    """Of its bytes, once they were seen: the key of `blobs`."""


class ReactionCount(TenantScoped, Model):
    """The newest word on how many people reacted with an emoji; the row is there for every emoji that was ever seen.

    `emoji` is empty for the word that a message lost all its reactions.
    """

    __tablename__ = "reaction_counts"
    __table_args__ = (Index(None, "tenant_id", "term", "message_id"),)

    message_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, info=impersonal())
    emoji: Mapped[str] = mapped_column(ExactToken, primary_key=True, info=impersonal())
    """The emoji itself, or the id of a custom one."""
    term: Mapped[int] = mapped_column(Unsigned32, default=0, info=impersonal())
    """`tokens.crc_term` of `emoji`: what a search proposes by."""
    name: Mapped[str] = mapped_column(ExactToken, default="", info=impersonal())
    """Of a custom emoji."""
    told_ms: Mapped[int] = mapped_column(Snowflake, default=0, info=impersonal())
    """When the word was received, unix milliseconds; 0 = nobody told a number."""
    count: Mapped[int] = mapped_column(default=0)


class ReactionChange(TenantScoped, Model):
    """The first and the last thing that one person was seen doing with one emoji at one message."""

    __tablename__ = "reaction_changes"
    __table_args__ = (Index(None, "tenant_id", "user_id"),)

    message_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, info=impersonal())
    emoji: Mapped[str] = mapped_column(
        ExactToken, primary_key=True, info=about_person(_l("With which emoji they reacted, and when"))
    )
    user_id: Mapped[int] = mapped_column(
        Snowflake, primary_key=True, autoincrement=False, info=names_person(Erase.ROW, _l("Who reacted to a message"))
    )
    first_ms: Mapped[int] = mapped_column(Snowflake, info=impersonal())
    first_added: Mapped[bool] = mapped_column()
    last_ms: Mapped[int] = mapped_column(Snowflake, info=impersonal())
    last_added: Mapped[bool] = mapped_column()


class Deletion(TenantScoped, Model):
    """A deletion that Discord told of."""

    __tablename__ = "deletions"
    __table_args__ = (Index(None, "tenant_id", "channel_id", "told_ms"), Index(None, "tenant_id", "bulk_id"))

    message_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, info=impersonal())
    channel_id: Mapped[int] = mapped_column(Snowflake, info=impersonal())
    told_ms: Mapped[int] = mapped_column(Snowflake, info=impersonal())
    """When it was first told, unix milliseconds."""
    bulk_id: Mapped[int] = mapped_column(Snowflake, default=0, info=impersonal())
    """Where many were deleted at once: the lowest of their ids. 0 = alone."""
    bulk_size: Mapped[int] = mapped_column(default=0)
    """How many they were, those included that the archive never had."""


class DeletionEntry(TenantScoped, Model):
    """A line of Discord's audit log on deleted messages. What somebody deletes of their own has none.

    Discord counts such a line up, for some minutes, when the same person deletes more of the same author in a channel.
    """

    __tablename__ = "deletion_entries"
    __table_args__ = (Index(None, "tenant_id", "channel_id", "at_ms"),)

    id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    is_bulk: Mapped[bool] = mapped_column(default=False)
    channel_id: Mapped[int] = mapped_column(Snowflake, info=impersonal())
    actor_id: Mapped[int | None] = mapped_column(
        Snowflake, default=None, info=names_person(Erase.BLANK, _l("Who deleted messages"))
    )
    author_id: Mapped[int | None] = mapped_column(
        Snowflake, default=None, info=names_person(Erase.BLANK, _l("Whose messages somebody deleted"))
    )
    at_ms: Mapped[int] = mapped_column(Snowflake, info=impersonal())
    """When the gateway told of it, else when Discord wrote it; unix milliseconds."""
    heard_ms: Mapped[int] = mapped_column(Snowflake, default=0, info=impersonal())
    """When the gateway told of it; 0 = it was only read in the log."""
    count: Mapped[int] = mapped_column(default=1)
    counted_ms: Mapped[int] = mapped_column(Snowflake, info=impersonal())
    """When this count was first read."""
    least: Mapped[int] = mapped_column(default=1)
    """The lowest count that was read."""
    least_ms: Mapped[int] = mapped_column(Snowflake, info=impersonal())
    """When the lowest count was last read: what counts more came later."""


def moment_of(milliseconds: int) -> datetime | None:
    """The moment of unix milliseconds; None for 0."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC) if milliseconds else None
