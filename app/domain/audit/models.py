"""The activity log: every change of product state, written in the same transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Model, Snowflake, TenantScoped, UtcDateTime
from app.db.ids import new_id
from app.db.personal import Erase, about_person, impersonal, names_person
from app.domain.clock import utcnow


class AuditEntry(TenantScoped, Model):
    """Who changed what. The personal part has its own columns, so that an erasure can take it out."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index(None, "tenant_id", "created_at"),)

    id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, default=new_id)
    kind: Mapped[str] = mapped_column(String(64), info=impersonal())
    object_id: Mapped[str] = mapped_column(String(64), info=names_person(Erase.BY_RULE, _l("Whom a change was about")))
    actor_id: Mapped[int | None] = mapped_column(
        Snowflake, default=None, info=names_person(Erase.BY_RULE, _l("Who changed something"))
    )
    actor_name: Mapped[str | None] = mapped_column(
        String(64), default=None, info=about_person(_l("Who changed something"))
    )
    before: Mapped[dict[str, Any] | None] = mapped_column(
        JSON, default=None, info=names_person(Erase.BY_RULE, _l("What it was before, and after"))
    )
    after: Mapped[dict[str, Any] | None] = mapped_column(
        JSON, default=None, info=names_person(Erase.BY_RULE, _l("What it was before, and after"))
    )
    salt: Mapped[str | None] = mapped_column(
        String(32), default=None, info=about_person(_l("Hides the personal part in the chain of entries"))
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
