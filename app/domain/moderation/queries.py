"""Reads of cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select

from app.domain.moderation.models import Case, CaseEvent, CaseEventKind, CaseKind, CaseSource, CaseStatus
from app.extensions import db


@dataclass(frozen=True)
class CaseFilter:
    """Which cases a list shows; None = any."""

    kind: CaseKind | None = None
    status: CaseStatus | None = None
    source: CaseSource | None = None
    target_id: int | None = None
    actor_id: int | None = None
    number: int | None = None
    target_name: str = ""
    """A part of the target's name as the case has it, or `named_ids`: those whom it fits elsewhere."""
    named_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class CasePage:
    """Cases, newest first; `following` is the number below which the next page begins, None on the last.

    `preceding` is the number above which the page before this one ends, None on the first.
    """

    cases: Sequence[Case]
    following: int | None
    preceding: int | None


def list_cases(wanted: CaseFilter, below: int | None = None, *, above: int | None = None, limit: int = 50) -> CasePage:
    """One keyset page: the newest, the one below a number, or the one that ends above a number."""
    query = select(Case).where(*_conditions(wanted)).limit(limit + 1)
    if above is not None:
        rows = list(db.session.scalars(query.where(Case.number > above).order_by(Case.number)))
        return _page(rows[:limit][::-1], has_following=True, has_preceding=len(rows) > limit)
    query = query.order_by(Case.number.desc())
    rows = list(db.session.scalars(query if below is None else query.where(Case.number < below)))
    return _page(rows[:limit], has_following=len(rows) > limit, has_preceding=below is not None)


def _page(cases: Sequence[Case], *, has_following: bool, has_preceding: bool) -> CasePage:
    numbers = [case.number for case in cases]
    return CasePage(
        cases, numbers[-1] if numbers and has_following else None, numbers[0] if numbers and has_preceding else None
    )


def count_cases(wanted: CaseFilter) -> int:
    """How many there are in all."""
    return db.session.scalar(select(func.count()).select_from(Case).where(*_conditions(wanted))) or 0


def recent_case_times(limit: int) -> list[datetime]:
    """When each of the newest cases was opened, newest number first."""
    return list(db.session.scalars(select(Case.created_at).order_by(Case.number.desc()).limit(limit)))


def count_failed_since(moment: datetime) -> int:
    """How many acts were asked for since `moment` and did not happen."""
    failed = select(Case.id).where(Case.status == CaseStatus.FAILED, Case.created_at >= moment)
    return db.session.scalar(select(func.count()).select_from(failed.subquery())) or 0


def case_numbered(number: int) -> Case | None:
    """The case that people call by this number."""
    return db.session.scalar(select(Case).where(Case.number == number))


def case_with_key(idempotency_key: str) -> Case | None:
    """The case that an earlier try with this key opened."""
    return db.session.scalar(
        select(Case).where(Case.idempotency_key == idempotency_key).execution_options(populate_existing=True)
    )


def events_of(case: Case) -> list[CaseEvent]:
    """Everything that happened to a case, oldest first."""
    order = {kind.value: place for place, kind in enumerate(CaseEventKind)}
    found = db.session.scalars(select(CaseEvent).where(CaseEvent.case_id == case.id))
    return sorted(found, key=lambda event: (event.created_at, order.get(event.kind, 0), event.id))


def _conditions(wanted: CaseFilter) -> list[ColumnElement[bool]]:
    pairs = (
        (Case.kind, wanted.kind),
        (Case.status, wanted.status),
        (Case.source, wanted.source),
        (Case.target_id, wanted.target_id),
        (Case.actor_id, wanted.actor_id),
        (Case.number, wanted.number),
    )
    found = [column == value for column, value in pairs if value is not None]
    if wanted.target_name:
        named = Case.target_name.contains(wanted.target_name, autoescape=True)
        found.append(or_(named, Case.target_id.in_(wanted.named_ids)) if wanted.named_ids else named)
    return found
