"""Who works in a community's panel. Global tables with few verbs; each row names its tenant."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Model, Snowflake, TenantId, UtcDateTime
from app.db.ids import new_id
from app.db.personal import Erase, impersonal, names_person
from app.domain.clock import utcnow


class Membership(Model):
    """A person's own role in a tenant."""

    __tablename__ = "memberships"
    __table_args__ = (Index(None, "user_id"),)

    tenant_id: Mapped[int] = mapped_column(
        TenantId, ForeignKey("tenants.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    user_id: Mapped[int] = mapped_column(
        Snowflake,
        ForeignKey("users.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        info=names_person(Erase.ROW, _l("Who works in the panel")),
    )
    role: Mapped[int] = mapped_column()
    may_publish: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    added_by: Mapped[int | None] = mapped_column(
        Snowflake, default=None, info=names_person(Erase.BLANK, _l("Who added them"))
    )


class RoleGrant(Model):
    """Whoever has this Discord role has this panel role."""

    __tablename__ = "role_grants"

    tenant_id: Mapped[int] = mapped_column(
        TenantId, ForeignKey("tenants.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    discord_role_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, info=impersonal())
    role: Mapped[int] = mapped_column()
    may_publish: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    added_by: Mapped[int | None] = mapped_column(
        Snowflake, default=None, info=names_person(Erase.BLANK, _l("Who added them"))
    )


class Invitation(Model):
    """A link that makes whoever opens it first a member of staff. The token is stored hashed."""

    __tablename__ = "invitations"
    __table_args__ = (UniqueConstraint("token_hash"), Index(None, "tenant_id", "created_at"))

    id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, default=new_id)
    tenant_id: Mapped[int] = mapped_column(TenantId, ForeignKey("tenants.id", ondelete="CASCADE"))
    token_hash: Mapped[str] = mapped_column(String(64), info=impersonal())
    role: Mapped[int] = mapped_column()
    may_publish: Mapped[bool] = mapped_column(default=False)
    created_by: Mapped[int] = mapped_column(Snowflake, info=names_person(Erase.BLANK, _l("Who invited")))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    used_by: Mapped[int | None] = mapped_column(
        Snowflake, default=None, info=names_person(Erase.BLANK, _l("Who accepted"))
    )
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
