"""Reads of a person's notifications in one community."""

from __future__ import annotations

from sqlalchemy import func, select

from app.domain.notifications.models import Notification
from app.extensions import db


def unread_count(user_id: int) -> int:
    """How many this person has not read."""
    counted = select(func.count()).select_from(Notification)
    return db.session.scalar(counted.where(Notification.user_id == user_id, Notification.read_at.is_(None))) or 0


def newest(user_id: int, limit: int = 100) -> list[Notification]:
    """The person's newest notifications, the last changed first."""
    mine = select(Notification).where(Notification.user_id == user_id)
    return list(db.session.scalars(mine.order_by(Notification.last_at.desc(), Notification.id.desc()).limit(limit)))
