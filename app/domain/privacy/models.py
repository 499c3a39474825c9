"""What keeps the promises about people's data: sweeps, requests, erasures, exports of one person, notices to members."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Model, Snowflake, TenantScoped, UtcDateTime
from app.db.claimable import Claimable
from app.db.ids import new_id
from app.db.personal import Erase, about_person, impersonal, names_person
from app.domain.clock import utcnow


class RetentionSweep(Claimable, TenantScoped, Model):
    """One community's round: where it stands, and what it has deleted. It comes due again and again."""

    __tablename__ = "retention_sweeps"
    __table_args__ = (Index(None, "state", "due_at"),)

    places: Mapped[dict[str, int]] = mapped_column(JSON, default=dict, info=impersonal())
    """Part of the round → the message up to which everything has been looked at; `DONE` once it is through."""
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict, info=impersonal())
    """Rows deleted in this round, by table."""
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)


class RequestStatus(StrEnum):
    """How far a request for erasure is."""

    WAITING = "waiting"
    GRANTED = "granted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class ErasureRequest(TenantScoped, Model):
    """Somebody asks a community to erase what it keeps about them."""

    __tablename__ = "erasure_requests"
    __table_args__ = (Index(None, "status", "answer_by"), Index(None, "tenant_id", "user_id"))

    id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, default=new_id)
    user_id: Mapped[int | None] = mapped_column(
        Snowflake, default=None, info=names_person(Erase.BLANK, _l("Who asked to be erased"))
    )
    user_name: Mapped[str] = mapped_column(
        String(64), default="", info=about_person(_l("Their name when they asked"), beside="user_id")
    )
    words: Mapped[str] = mapped_column(
        String(1000), default="", info=about_person(_l("What they wrote to it"), beside="user_id")
    )
    status: Mapped[str] = mapped_column(String(16), default=RequestStatus.WAITING, info=impersonal())
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    answer_by: Mapped[datetime] = mapped_column(UtcDateTime)
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    """When whoever may answer was told again that the time runs out."""
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    answered_by: Mapped[int | None] = mapped_column(
        Snowflake, default=None, info=names_person(Erase.BLANK, _l("Who answered a request"))
    )
    answer: Mapped[str] = mapped_column(
        String(1000), default="", info=about_person(_l("What they were answered"), beside="user_id")
    )
    erasure_id: Mapped[int | None] = mapped_column(Snowflake, default=None, info=impersonal())


class Erasure(Claimable, TenantScoped, Model):
    """One person taken out of one community, step by step. It names them until the last step is done."""

    __tablename__ = "erasures"
    __table_args__ = (Index(None, "state", "due_at"), Index(None, "tenant_id", "person_mark"))

    id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, default=new_id)
    user_id: Mapped[int | None] = mapped_column(
        Snowflake, default=None, info=names_person(Erase.BY_RULE, _l("Who is being erased, until it is done"))
    )
    person_mark: Mapped[int] = mapped_column(Snowflake, info=impersonal())
    """`exclusions.mark_of` the person: by it they find their receipt."""
    before_id: Mapped[int] = mapped_column(Snowflake, info=impersonal())
    """What was written later than the erasure was ordered is not part of it."""
    ordered_by: Mapped[int | None] = mapped_column(
        Snowflake, default=None, info=names_person(Erase.BLANK, _l("Who ordered an erasure"))
    )
    by_operator: Mapped[bool] = mapped_column(default=False)
    """True where the operator of the platform ordered it, not the community."""
    steps_left: Mapped[list[str]] = mapped_column(JSON, default=list, info=impersonal())
    steps_waiting: Mapped[list[str]] = mapped_column(JSON, default=list, info=impersonal())
    """Done as far as anything allowed; they run again every day until nothing is withheld."""
    cursor: Mapped[int] = mapped_column(Snowflake, default=0, info=impersonal())
    """How far the first of the steps left has come."""
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict, info=impersonal())
    withheld: Mapped[dict[str, list[Any]]] = mapped_column(JSON, default=dict, info=impersonal())
    """Step → what was left and why: `[word of Withheld, number of rows]`."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    receipt: Mapped[str | None] = mapped_column(Text, default=None, info=impersonal())
    """JSON, as it was signed. It names nobody: whoever knows the id can see that it is theirs."""
    signature: Mapped[str | None] = mapped_column(String(200), default=None, info=impersonal())


class AccountErasure(Claimable, Model):
    """One person's account taken out of the platform, by its operator. Global."""

    __tablename__ = "account_erasures"
    __table_args__ = (Index(None, "state", "due_at"),)

    id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, default=new_id)
    user_id: Mapped[int | None] = mapped_column(
        Snowflake, default=None, info=names_person(Erase.BY_RULE, _l("Whose account is being erased, until it is done"))
    )
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict, info=impersonal())
    withheld: Mapped[dict[str, list[Any]]] = mapped_column(JSON, default=dict, info=impersonal())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    receipt: Mapped[str | None] = mapped_column(Text, default=None, info=impersonal())
    signature: Mapped[str | None] = mapped_column(String(200), default=None, info=impersonal())


class PersonalExport(Claimable, TenantScoped, Model):
    """All that one community keeps about one person, as a file for that person."""

    __tablename__ = "personal_exports"
    __table_args__ = (Index(None, "state", "due_at"), Index(None, "tenant_id", "user_id"))

    id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, default=new_id)
    user_id: Mapped[int | None] = mapped_column(
        Snowflake, default=None, info=names_person(Erase.BLANK, _l("Who asked for a copy of what is kept about them"))
    )
    """None once they were erased: the file goes with the next sweep."""
    file_name: Mapped[str] = mapped_column(String(64), default="", info=impersonal())
    """Unguessable; the end of its key in the file store."""
    size: Mapped[int] = mapped_column(Snowflake, default=0, info=impersonal())
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict, info=impersonal())
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)


class MemberNotice(Claimable, TenantScoped, Model):
    """A notice to the members about what is kept, posted once through the `publish` webhook."""

    __tablename__ = "member_notices"
    __table_args__ = (Index(None, "state", "due_at"),)

    id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, default=new_id)
    text: Mapped[str] = mapped_column(String(2000), info=impersonal())
    asked_by: Mapped[int | None] = mapped_column(
        Snowflake, default=None, info=names_person(Erase.BLANK, _l("Who had the notice to members posted"))
    )
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    channel_id: Mapped[int | None] = mapped_column(Snowflake, default=None, info=impersonal())
    posted_id: Mapped[int | None] = mapped_column(Snowflake, default=None, info=impersonal())
    """Discord's id of the message."""
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
