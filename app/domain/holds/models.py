"""Legal hold: what may not be deleted, whoever asks, until the hold is lifted."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Model, Snowflake, TenantScoped, UtcDateTime
from app.db.ids import new_id
from app.db.personal import Erase, about_person, impersonal, names_person
from app.domain.clock import utcnow


class HeldKind(StrEnum):
    """What a hold is on."""

    MEMBER = "member"
    MESSAGE = "message"
    CHANNEL = "channel"


class Hold(TenantScoped, Model):
    """One hold, with who set it and why. Lifted ones stay: who held what is itself to be accounted for."""

    __tablename__ = "holds"
    __table_args__ = (Index(None, "tenant_id", "kind", "object_id"),)

    id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, default=new_id)
    kind: Mapped[str] = mapped_column(String(16), info=impersonal())
    """A word of `HeldKind`."""
    object_id: Mapped[int] = mapped_column(
        Snowflake, info=names_person(Erase.ROW, _l("Whose data must not be deleted for now"))
    )
    reason: Mapped[str] = mapped_column(String(512), info=about_person(_l("Why it must not be deleted")))
    set_by: Mapped[int | None] = mapped_column(
        Snowflake, default=None, info=names_person(Erase.BLANK, _l("Who set a legal hold"))
    )
    set_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    lifted_by: Mapped[int | None] = mapped_column(
        Snowflake, default=None, info=names_person(Erase.BLANK, _l("Who lifted a legal hold"))
    )
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
