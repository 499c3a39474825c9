"""What the panel tells its people. A condition is one row that opens, counts up and closes itself."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Model, Snowflake, TenantScoped, UtcDateTime
from app.db.ids import new_id
from app.db.personal import Erase, impersonal, names_person
from app.domain.clock import utcnow


class Notification(TenantScoped, Model):
    """One condition for one person."""

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("tenant_id", "user_id", "kind", "subject"),
        Index(None, "tenant_id", "user_id", "last_at"),
    )

    id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, default=new_id)
    user_id: Mapped[int] = mapped_column(Snowflake, info=names_person(Erase.ROW, _l("Who was told something")))
    kind: Mapped[str] = mapped_column(String(48), info=impersonal())
    subject: Mapped[str] = mapped_column(
        String(64), default="", info=names_person(Erase.NOTED, _l("What it was about"))
    )
    """What it is about, so that the same condition is one row."""
    times: Mapped[int] = mapped_column(default=1)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
