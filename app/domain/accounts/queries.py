"""Reads of people and their sessions."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from app.domain.accounts import sessions
from app.domain.accounts.models import LoginSession, User
from app.extensions import db


def open_session(session_id: int, user_id: int) -> tuple[LoginSession, User] | None:
    """The session with its person, while it is open and really theirs."""
    found = db.session.execute(
        select(LoginSession, User).join(User, User.id == LoginSession.user_id).where(LoginSession.id == session_id)
    ).one_or_none()
    if found is None or found.LoginSession.user_id != user_id or not sessions.is_open(found.LoginSession):
        return None
    return found.LoginSession, found.User


def open_sessions(session_ids: Iterable[int]) -> frozenset[int]:
    """Those of these sessions that may still be used."""
    asked = select(LoginSession).where(LoginSession.id.in_(set(session_ids))).execution_options(populate_existing=True)
    return frozenset(session.id for session in db.session.scalars(asked) if sessions.is_open(session))


def users_by_id(user_ids: Iterable[int]) -> dict[int, User]:
    """The known people among these ids."""
    return {user.id: user for user in db.session.scalars(select(User).where(User.id.in_(set(user_ids))))}
