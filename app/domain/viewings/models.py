"""Who opened what was deleted: the archive shows it to staff, and staff answer for looking."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Model, Snowflake, TenantScoped, UtcDateTime
from app.db.ids import new_id
from app.db.personal import Erase, impersonal, names_person
from app.domain.clock import utcnow


class Viewing(TenantScoped, Model):
    """One person's looking at one deleted message, or at a file of one. It goes when the message goes."""

    __tablename__ = "viewings"
    __table_args__ = (
        Index(None, "tenant_id", "message_id", "viewer_id"),
        Index(None, "tenant_id", "last_at", "id"),
    )

    id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, default=new_id)
    message_id: Mapped[int] = mapped_column(Snowflake, info=impersonal())
    attachment_id: Mapped[int | None] = mapped_column(Snowflake, default=None, info=impersonal())
    """The file that was opened; None for the message with what surrounds it."""
    viewer_id: Mapped[int | None] = mapped_column(
        Snowflake, default=None, info=names_person(Erase.BLANK, _l("Who opened a deleted message"))
    )
    first_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    times: Mapped[int] = mapped_column(default=1)
    """How often, counting again after ten minutes."""
