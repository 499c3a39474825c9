"""A condition is one notification that opens, counts up and closes itself."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Select, select

from app.contracts.live import Signal, Topic
from app.db.transaction import transaction
from app.domain.access import Actor, Permission, SystemActor, requires, system_only
from app.domain.clock import utcnow
from app.domain.live.service import LIVE, announce
from app.domain.notifications.kinds import Kind
from app.domain.notifications.models import Notification
from app.extensions import db

NOTIFY = SystemActor("notifications")


@system_only
def open_condition(_system: SystemActor, kind: Kind, *, user_ids: Iterable[int], subject: str = "") -> None:
    """Tell these people. Where they have been told of the same condition, it counts up and is unread again."""
    with transaction():
        for user_id in user_ids:
            row = db.session.scalar(_same(kind, subject).where(Notification.user_id == user_id).with_for_update())
            if row is None:
                db.session.add(Notification(user_id=user_id, kind=kind.value, subject=subject))
                continue
            row.times += 1
            row.last_at, row.closed_at, row.read_at = utcnow(), None, None
        announce(LIVE, Signal(Topic.NOTIFICATIONS, kind.value))


@system_only
def close_condition(_system: SystemActor, kind: Kind, *, subject: str = "") -> None:
    """The condition is over; whoever was told sees from when to when it lasted."""
    with transaction():
        rows = list(db.session.scalars(_same(kind, subject).where(Notification.closed_at.is_(None))))
        for row in rows:
            row.closed_at = utcnow()
        if rows:
            announce(LIVE, Signal(Topic.NOTIFICATIONS, kind.value))


@requires(Permission.VIEW_PANEL)
def read_all(actor: Actor) -> None:
    """The person has seen everything there is."""
    with transaction():
        unread = select(Notification).where(Notification.user_id == actor.user_id, Notification.read_at.is_(None))
        for row in db.session.scalars(unread):
            row.read_at = utcnow()


def _same(kind: Kind, subject: str) -> Select[Notification]:
    return select(Notification).where(Notification.kind == kind.value, Notification.subject == subject)
