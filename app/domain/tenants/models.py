"""A tenant: one community, one Discord server."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Model, Snowflake, TenantId, TenantScoped, UtcDateTime
from app.db.claimable import Claimable
from app.db.ids import new_id, new_salt
from app.db.personal import Erase, impersonal, names_person
from app.domain.clock import utcnow


class TenantState(StrEnum):
    SETTING_UP = "setting_up"
    ACTIVE = "active"
    DETACHED = "detached"


class Tenant(Model):
    """One community on this installation. Global: it is what a scope is opened for."""

    __tablename__ = "tenants"
    __table_args__ = (UniqueConstraint("guild_id"), UniqueConstraint("slug"))

    id: Mapped[int] = mapped_column(TenantId, primary_key=True, autoincrement=True)
    guild_id: Mapped[int] = mapped_column(Snowflake, info=impersonal())
    slug: Mapped[str] = mapped_column(String(64), info=impersonal())
    name: Mapped[str] = mapped_column(String(100), info=impersonal())
    icon_hash: Mapped[str | None] = mapped_column(String(64), default=None, info=impersonal())
    owner_id: Mapped[int] = mapped_column(
        Snowflake, ForeignKey("users.id"), info=names_person(Erase.BY_RULE, _l("Who owns the community here"))
    )
    state: Mapped[str] = mapped_column(String(16), default=TenantState.SETTING_UP)
    installed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    detached_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    plan: Mapped[str] = mapped_column(String(32), default="studio_plus", info=impersonal())


class GuildPresence(Model):
    """A guild the bot is in, known from its own reports, whether or not a tenant exists yet. Global."""

    __tablename__ = "guild_presences"

    guild_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, info=impersonal())
    name: Mapped[str] = mapped_column(String(100), info=impersonal())
    icon_hash: Mapped[str | None] = mapped_column(String(64), default=None, info=impersonal())
    owner_id: Mapped[int] = mapped_column(
        Snowflake, info=names_person(Erase.BLANK, _l("Who owns the server on Discord"))
    )
    is_present: Mapped[bool] = mapped_column(default=True)
    reported_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


class Branding(TenantScoped, Model):
    """How the community looks. One row per tenant."""

    __tablename__ = "branding"

    tagline: Mapped[str] = mapped_column(String(140), default="", info=impersonal())
    accent_color: Mapped[int] = mapped_column(default=0x3E7BFA)


class BotSettings(TenantScoped, Model):
    """What the bot does in this server. One row per tenant."""

    __tablename__ = "bot_settings"

    archive_enabled: Mapped[bool] = mapped_column(default=False)
    """False until the owner has chosen: nothing is stored before."""
    retention_days: Mapped[int | None] = mapped_column(default=None)
    """None keeps messages until the owner says otherwise."""
    archive_purpose: Mapped[str | None] = mapped_column(String(24), default=None, info=impersonal())
    """A word of `retention.ArchivePurpose`: Discord asks what the messages are kept for."""
    alerts_channel_id: Mapped[int | None] = mapped_column(Snowflake, default=None, info=impersonal())
    publish_channel_id: Mapped[int | None] = mapped_column(Snowflake, default=None, info=impersonal())
    channels_confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    chosen_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    erasure_salt: Mapped[str] = mapped_column(String(32), default=new_salt, info=impersonal())
    """Under which this community knows again whom it has erased, and nobody else."""


class RetentionRule(TenantScoped, Model):
    """For how long something is kept other than `BotSettings.retention_days` says. `channel_id` 0 is every channel."""

    __tablename__ = "retention_rules"

    channel_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, info=impersonal())
    kept: Mapped[str] = mapped_column(String(16), primary_key=True, info=impersonal())
    """A word of `retention.Kept`."""
    days: Mapped[int | None] = mapped_column(default=None)
    """None keeps it until the owner says otherwise."""


class RetentionChange(Claimable, TenantScoped, Model):
    """A shortening that has been asked for. It takes effect when it is due, and can be taken back until then."""

    __tablename__ = "retention_changes"
    __table_args__ = (Index(None, "state", "due_at"), Index(None, "tenant_id", "channel_id", "kept"))

    id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, default=new_id)
    channel_id: Mapped[int] = mapped_column(Snowflake, info=impersonal())
    kept: Mapped[str] = mapped_column(String(16), info=impersonal())
    days: Mapped[int | None] = mapped_column(default=None)
    """None only where a rule is removed and what applies instead is shorter."""
    removes_rule: Mapped[bool] = mapped_column(default=False)
    asked_by: Mapped[int | None] = mapped_column(
        Snowflake, default=None, info=names_person(Erase.BLANK, _l("Who shortened what is kept"))
    )
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


class ArchiveExclusion(TenantScoped, Model):
    """What the archive takes in no more: a channel with its threads, all bots, a person, or whom it has erased."""

    __tablename__ = "archive_exclusions"

    kind: Mapped[str] = mapped_column(String(16), primary_key=True, info=impersonal())
    """A word of `exclusions.ExclusionKind`."""
    object_id: Mapped[int] = mapped_column(
        Snowflake,
        primary_key=True,
        autoincrement=False,
        info=names_person(Erase.BY_RULE, _l("Whose messages are not kept, so that they are not kept again")),
    )
    """The channel or person; 1 for all bots; of an erased person a number that only says whether it is they."""
    before_id: Mapped[int | None] = mapped_column(Snowflake, default=None, info=impersonal())
    """Of an erased person: messages with smaller ids do not come back. None: from now on, for good."""
    deletes_kept_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    """When what was kept before goes too; None leaves it."""
    added_by: Mapped[int | None] = mapped_column(
        Snowflake, default=None, info=names_person(Erase.BLANK, _l("Who excluded something from the archive"))
    )
    added_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


class SetupStepKind(StrEnum):
    """What an install does by itself, in this order."""

    BOT_PRESENT = "bot_present"
    COPY_GUILD = "copy_guild"
    WEBHOOK_ALERTS = "webhook_alerts"
    WEBHOOK_PUBLISH = "webhook_publish"


class SetupStep(Claimable, TenantScoped, Model):
    """One step of an install; each may run twice without harm."""

    __tablename__ = "setup_steps"
    __table_args__ = (UniqueConstraint("tenant_id", "kind"), Index(None, "state", "due_at"))

    id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, default=new_id)
    kind: Mapped[str] = mapped_column(String(32), info=impersonal())
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
