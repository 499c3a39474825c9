"""Searches that people keep, and what is told when one finds something new."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Model, Snowflake, TenantScoped, UtcDateTime
from app.db.claimable import Claimable
from app.db.ids import new_id
from app.db.personal import Erase, about_person, impersonal, names_person
from app.domain.clock import utcnow

LONGEST_NAME = 80


class SavedSearch(TenantScoped, Model):
    """A query under a name: its owner's own, or shared with all staff."""

    __tablename__ = "saved_searches"
    __table_args__ = (Index(None, "tenant_id", "owner_id"), Index(None, "tenant_id", "is_shared"))

    id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, default=new_id)
    owner_id: Mapped[int] = mapped_column(Snowflake, info=names_person(Erase.ROW, _l("Who keeps a search")))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME), info=about_person(_l("What they look for")))
    query: Mapped[str] = mapped_column(String(1000), info=names_person(Erase.NOTED, _l("What they look for")))
    zone: Mapped[str] = mapped_column(String(64), default="UTC", info=impersonal())
    """Whose days its dates mean: an IANA name."""
    is_shared: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


class SearchPin(TenantScoped, Model):
    """A search that somebody keeps beside their search box, in their own order."""

    __tablename__ = "search_pins"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "search_id"], ["saved_searches.tenant_id", "saved_searches.id"], ondelete="CASCADE"
        ),
    )

    user_id: Mapped[int] = mapped_column(
        Snowflake, primary_key=True, autoincrement=False, info=names_person(Erase.ROW, _l("Who keeps a search"))
    )
    search_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, info=impersonal())
    position: Mapped[int] = mapped_column(default=0)


class SearchAlert(TenantScoped, Model):
    """Somebody is told when a saved search finds something new, of what they may see themselves."""

    __tablename__ = "search_alerts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "search_id"], ["saved_searches.tenant_id", "saved_searches.id"], ondelete="CASCADE"
        ),
        Index(None, "tenant_id", "search_id"),
    )

    id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, default=new_id)
    search_id: Mapped[int] = mapped_column(Snowflake, info=impersonal())
    user_id: Mapped[int] = mapped_column(
        Snowflake, info=names_person(Erase.ROW, _l("Who is told of what a search finds"))
    )
    posts: Mapped[bool] = mapped_column(default=False)
    """Also into the community's channel for alerts."""
    since: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    paused_code: Mapped[str | None] = mapped_column(String(64), default=None, info=impersonal())
    """Why it is paused: a word of `alerts.Pause`; None while it is on."""
    post_code: Mapped[str | None] = mapped_column(String(64), default=None, info=impersonal())
    """Why the newest was not posted; None where it was."""
    match_count: Mapped[int] = mapped_column(default=0)
    matched_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)


class AlertMatch(Claimable, TenantScoped, Model):
    """A message that an alert has found: told at most once. Pending until somebody has looked with the reader's eyes."""

    __tablename__ = "alert_matches"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "alert_id"], ["search_alerts.tenant_id", "search_alerts.id"], ondelete="CASCADE"
        ),
        Index(None, "state", "due_at"),
    )

    alert_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, info=impersonal())
    message_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, info=impersonal())
    found_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
