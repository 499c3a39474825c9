"""Files that people take out of the panel, made by the worker."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Model, Snowflake, TenantScoped, UtcDateTime
from app.db.claimable import Claimable
from app.db.ids import new_id
from app.db.personal import Erase, impersonal, names_person
from app.domain.clock import utcnow


class ExportKind(StrEnum):
    SEARCH = "search"


class Export(Claimable, TenantScoped, Model):
    """One file for one person: what they may see of what they asked for, at the time it was made."""

    __tablename__ = "exports"
    __table_args__ = (Index(None, "state", "due_at"), Index(None, "tenant_id", "asked_by", "id"))

    id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, default=new_id)
    kind: Mapped[str] = mapped_column(String(16), default=ExportKind.SEARCH, info=impersonal())
    asked_by: Mapped[int | None] = mapped_column(
        Snowflake, default=None, info=names_person(Erase.BLANK, _l("Who took a copy of what a search finds"))
    )
    """None once they were erased: the file goes with the next sweep."""
    query: Mapped[str] = mapped_column(
        String(1000), default="", info=names_person(Erase.NOTED, _l("What was searched for in an export"))
    )
    zone: Mapped[str] = mapped_column(String(64), default="UTC", info=impersonal())
    most_rows: Mapped[int | None] = mapped_column(default=None)
    """None is all."""
    rows_done: Mapped[int] = mapped_column(default=0)
    is_cut: Mapped[bool] = mapped_column(default=False)
    """True where there was more than `most_rows`."""
    channel_ids: Mapped[list[str]] = mapped_column(JSON, default=list, info=impersonal())
    """The channels that its messages stand in: whoever sees one of them no more does not get the file."""
    file_name: Mapped[str] = mapped_column(String(64), default="", info=impersonal())
    """Unguessable; the end of its key in the file store."""
    size: Mapped[int] = mapped_column(Snowflake, default=0, info=impersonal())
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
