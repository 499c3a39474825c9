"""Jobs are rows: claimed under a lease, settled by the token, swept when a wake-up was lost."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Generic, TypeVar

from sqlalchemy import CursorResult, Index, String, and_, func, or_, select, text, update
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.db.base import UtcDateTime
from app.db.transaction import transaction
from app.extensions import db

MAXIMUM_RUNS = 3
"""A row that has run this often without settling is poison."""


class JobState(StrEnum):
    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Claimable:
    """The columns of a row that is work to be done later."""

    state: Mapped[str] = mapped_column(String(16), default=JobState.PENDING)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_token: Mapped[str | None] = mapped_column(String(32), default=None)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    last_code: Mapped[str | None] = mapped_column(String(64), default=None)

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "state", "due_at"),)


Row = TypeVar("Row", bound=Any)


@dataclass(frozen=True)
class Claim(Generic[Row]):
    """A claimed row with the token that alone may settle it."""

    row: Row
    token: str


def database_now() -> datetime:
    """The database's own clock, UTC: leases must not depend on whose machine asks."""
    if db.session.get_bind().dialect.name == "sqlite":
        moment = db.session.execute(select(func.strftime("%Y-%m-%d %H:%M:%f", "now"))).scalar_one()
        return UtcDateTime().process_result_value(datetime.fromisoformat(moment), None)  # type: ignore[arg-type, return-value]
    moment = db.session.execute(select(text("UTC_TIMESTAMP(3)"))).scalar_one()
    return UtcDateTime().process_result_value(moment, None)  # type: ignore[arg-type, return-value]


def claim(model: type[Row], limit: int, lease: float, *, only: Any = None) -> list[Claim[Row]]:
    """Take up to `limit` due rows for `lease` seconds; nobody else gets them until then.

    Rows whose lease ran out are taken again; after three such runs they become `failed` with the code `poison`.
    `only` narrows the choice by a SQL condition. Runs in its own transaction.
    """
    with transaction():
        now = database_now()
        due = or_(
            and_(model.state == JobState.PENDING, model.due_at <= now),
            and_(model.state == JobState.IN_PROGRESS, model.lease_until <= now),
        )
        query = select(model).where(due).order_by(model.due_at).limit(limit).with_for_update(skip_locked=True)
        rows = list(db.session.scalars(query if only is None else query.where(only)))
        claimed = []
        for row in rows:
            if row.state == JobState.IN_PROGRESS and row.attempts >= MAXIMUM_RUNS:
                row.state, row.last_code, row.lease_token, row.lease_until = JobState.FAILED, "poison", None, None
                continue
            row.state = JobState.IN_PROGRESS
            row.attempts += 1
            row.lease_token = secrets.token_hex(16)
            row.lease_until = now + timedelta(seconds=lease)
            claimed.append(Claim(row, row.lease_token))
    return claimed


def renew(model: type[Row], token: str, lease: float) -> bool:
    """Keep a claim for another `lease` seconds. False when it already belongs to somebody else."""
    with transaction():
        until = database_now() + timedelta(seconds=lease)
        return _with_token(model, token, lease_until=until)


def settle(
    model: type[Row],
    token: str,
    state: JobState,
    *,
    code: str | None = None,
    retry_in: float | None = None,
    **outcome: Any,
) -> bool:
    """Record the outcome under the lease token; False, and nothing changed, when the token is old.

    `retry_in` seconds with state PENDING puts the row back in the queue. `outcome` sets further columns.
    """
    with transaction():
        values = {"state": state, "last_code": code, "lease_token": None, "lease_until": None, **outcome}
        if retry_in is not None:
            values["due_at"] = database_now() + timedelta(seconds=retry_in)
        return _with_token(model, token, **values)


def _with_token(model: type[Row], token: str, **values: Any) -> bool:
    result = db.session.execute(
        update(model).where(model.lease_token == token).values(**values).execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    return bool(result.rowcount)
