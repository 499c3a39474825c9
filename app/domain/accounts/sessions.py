"""How long a session lasts: twelve hours from its last use, fourteen days at most."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.domain.accounts.models import LoginSession
from app.domain.clock import utcnow

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=14)
SLIDES_EVERY = timedelta(minutes=5)
"""A session that is in use is written no oftener than this."""


def next_expiry(created_at: datetime, seen_at: datetime) -> datetime:
    """When a session ends that was last used at `seen_at`."""
    return min(seen_at + IDLE, created_at + LONGEST)


def ends_at(session: LoginSession) -> datetime:
    """When this session ends if nobody uses it again."""
    return min(session.expires_at, session.created_at + LONGEST)


def is_open(session: LoginSession) -> bool:
    """True unless it was ended or has run out."""
    return session.ended_at is None and utcnow() < ends_at(session)


def should_slide(session: LoginSession) -> bool:
    """True where its use has not been noted for a while."""
    return utcnow() - session.seen_at >= SLIDES_EVERY
