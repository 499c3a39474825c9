"""Cases: one numbered record for every act of moderation, whichever door it came through."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.contracts.bot_api import Act
from app.db.base import Model, Snowflake, TenantScoped, UtcDateTime
from app.db.claimable import Claimable
from app.db.ids import new_id
from app.db.personal import Erase, about_person, impersonal, names_person
from app.domain.clock import utcnow


class CaseSource(StrEnum):
    PANEL = "panel"
    SLASH = "slash"
    DISCORD = "discord"
    BOT = "bot"
    AUTOMOD = "automod"


class CaseKind(StrEnum):
    """What was done: every act that people can ask for, and what Discord's AutoMod alone does."""

    TIMEOUT = Act.TIMEOUT.value
    UNTIMEOUT = Act.UNTIMEOUT.value
    KICK = Act.KICK.value
    BAN = Act.BAN.value
    UNBAN = Act.UNBAN.value
    QUARANTINE = "quarantine"
    """AutoMod keeps a member whose name breaks a rule from taking part until the name is changed."""


class CaseStatus(StrEnum):
    PENDING = "pending"
    APPLIED = "applied"
    FAILED = "failed"
    LIFTED = "lifted"
    EXPIRED = "expired"


class CaseEventKind(StrEnum):
    """What happens to a case, in the order in which it may happen within one moment."""

    OPENED = "opened"
    OUTCOME_UNKNOWN = "outcome_unknown"
    APPLIED = "applied"
    FAILED = "failed"
    CONFIRMED = "confirmed"
    LIFTED = "lifted"
    EXPIRED = "expired"


class Case(Claimable, TenantScoped, Model):
    """One act on one person.

    `status` is what people see. `state` is the settling of an unknown outcome: in progress while whoever acts holds the
    lease, pending once the answer was lost, done when the outcome is known.
    """

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        UniqueConstraint("tenant_id", "discord_audit_entry_id"),
        UniqueConstraint("tenant_id", "idempotency_key"),
        Index(None, "tenant_id", "target_id", "number"),
        Index(None, "tenant_id", "status", "number"),
        Index(None, "state", "due_at"),
        Index(None, "status", "expires_at"),
    )

    id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, default=new_id)
    number: Mapped[int] = mapped_column()
    """Counted per tenant from 1: what people call it by."""
    kind: Mapped[str] = mapped_column(String(24), info=impersonal())
    """A word of `CaseKind`."""
    source: Mapped[str] = mapped_column(String(16), info=impersonal())
    status: Mapped[str] = mapped_column(String(24), default=CaseStatus.PENDING, info=impersonal())
    target_id: Mapped[int] = mapped_column(
        Snowflake, info=names_person(Erase.BY_RULE, _l("Whom an act of moderation was about"))
    )
    target_name: Mapped[str] = mapped_column(
        String(64), default="", info=about_person(_l("Their name then, and the reason"), beside="target_id")
    )
    actor_id: Mapped[int | None] = mapped_column(
        Snowflake, default=None, info=names_person(Erase.BLANK, _l("Who acted"))
    )
    """The responsible human; None where another bot or AutoMod acted."""
    actor_name: Mapped[str] = mapped_column(
        String(64), default="", info=about_person(_l("Who acted"), beside="actor_id")
    )
    reason: Mapped[str] = mapped_column(
        String(512), default="", info=about_person(_l("Their name then, and the reason"), beside="target_id")
    )
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    delete_message_seconds: Mapped[int | None] = mapped_column(default=None)
    failure_code: Mapped[str | None] = mapped_column(String(64), default=None, info=impersonal())
    discord_audit_entry_id: Mapped[int | None] = mapped_column(Snowflake, default=None, info=impersonal())
    idempotency_key: Mapped[str | None] = mapped_column(String(64), default=None, info=impersonal())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)

    @property
    def act(self) -> Act | None:
        """The act that people could have asked for; None for what only Discord does."""
        return None if self.kind == CaseKind.QUARANTINE else Act(self.kind)


class CaseEvent(TenantScoped, Model):
    """Something that happened to a case; `kind` is a `CaseEventKind`."""

    __tablename__ = "case_events"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"], ondelete="CASCADE"),
        Index(None, "tenant_id", "case_id", "id"),
    )

    id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, default=new_id)
    case_id: Mapped[int] = mapped_column(Snowflake, info=impersonal())
    kind: Mapped[str] = mapped_column(String(32), info=impersonal())
    actor_id: Mapped[int | None] = mapped_column(
        Snowflake, default=None, info=names_person(Erase.BLANK, _l("Who did something to a case"))
    )
    detail: Mapped[dict[str, Any]] = mapped_column(
        JSON, default=dict, info=names_person(Erase.NOTED, _l("What happened to a case"))
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


class Counter(TenantScoped, Model):
    """Numbers that people see, counted per tenant under a row lock."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(32), primary_key=True, info=impersonal())
    value: Mapped[int] = mapped_column(default=0)

    def take(self) -> int:
        """The next number; the row must be locked."""
        self.value += 1
        return self.value
