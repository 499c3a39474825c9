"""The bot's copy of a guild's live state: channels, roles, members. One writer (the bot), many readers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Model, Snowflake, TenantScoped, UtcDateTime
from app.db.personal import Erase, about_person, impersonal, names_person


class GuildChannel(TenantScoped, Model):
    """A channel or thread, with its overwrites; kept when deleted, because its messages are."""

    __tablename__ = "guild_channels"
    __table_args__ = (Index(None, "tenant_id", "parent_id"),)

    id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    kind: Mapped[int] = mapped_column()
    """Discord's channel type."""
    name: Mapped[str] = mapped_column(String(100), info=impersonal())
    parent_id: Mapped[int | None] = mapped_column(Snowflake, default=None, info=impersonal())
    position: Mapped[int] = mapped_column(default=0)
    topic: Mapped[str | None] = mapped_column(String(4096), default=None, info=impersonal())
    is_nsfw: Mapped[bool] = mapped_column(default=False)
    overwrites: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON, default=list, info=names_person(Erase.LISTED, _l("Who may see a channel by an exception of their own"))
    )
    """`[{"id": str, "type": 0 role | 1 member, "allow": str, "deny": str}]` as Discord sends them."""
    thread_member_ids: Mapped[list[str]] = mapped_column(
        JSON, default=list, info=names_person(Erase.LISTED, _l("Who is in a private thread"))
    )
    """Of a private thread: who is in it."""
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)


class GuildRole(TenantScoped, Model):
    """A role of the guild. The role whose id is the guild's id is @everyone."""

    __tablename__ = "guild_roles"

    id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(100), info=impersonal())
    color: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0)
    permissions: Mapped[int] = mapped_column(Snowflake, default=0, info=impersonal())
    is_managed: Mapped[bool] = mapped_column(default=False)


class GuildMember(TenantScoped, Model):
    """Somebody who is or was in the guild."""

    __tablename__ = "guild_members"
    __table_args__ = (
        Index(None, "tenant_id", "username"),
        Index(None, "tenant_id", "joined_at", "user_id"),
        Index(None, "tenant_id", "sort_name", "user_id"),
    )

    user_id: Mapped[int] = mapped_column(
        Snowflake, primary_key=True, autoincrement=False, info=names_person(Erase.BY_RULE, _l("Who is or was a member"))
    )
    username: Mapped[str] = mapped_column(String(32), info=about_person(_l("Names, present and earlier, and picture")))
    global_name: Mapped[str | None] = mapped_column(
        String(32), default=None, info=about_person(_l("Names, present and earlier, and picture"))
    )
    nick: Mapped[str | None] = mapped_column(
        String(32), default=None, info=about_person(_l("Names, present and earlier, and picture"))
    )
    avatar_hash: Mapped[str | None] = mapped_column(
        String(64), default=None, info=about_person(_l("Names, present and earlier, and picture"))
    )
    is_bot: Mapped[bool] = mapped_column(default=False)
    role_ids: Mapped[list[str]] = mapped_column(JSON, default=list, info=about_person(_l("Their roles")))
    joined_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    banned_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    timed_out_until: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    earlier_names: Mapped[list[str]] = mapped_column(
        JSON, default=list, info=about_person(_l("Names, present and earlier, and picture"))
    )
    """Names they no longer bear, oldest first."""
    sort_name: Mapped[str] = mapped_column(
        String(96), default="", info=about_person(_l("Names, present and earlier, and picture"))
    )
    """The display name, folded: the order of lists."""
    search_names: Mapped[str] = mapped_column(
        Text, default="", info=about_person(_l("Names, present and earlier, and picture"))
    )
    """Every name, present and earlier, folded, one a line: what a name filter looks through."""

    @property
    def display_name(self) -> str:
        """What people see: nickname, else global name, else username."""
        return self.nick or self.global_name or self.username

    @property
    def is_here(self) -> bool:
        """True while they are in the guild."""
        return self.left_at is None
