"""The session cookie, and who it says is here. The role is never in it: that is read from the database each time."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from flask import Flask, Request, Response, g
from flask_login import current_user
from sqlalchemy.exc import OperationalError

from app.domain.accounts import queries, service, sessions
from app.extensions import login_manager
from app.web import signed_cookies

log = logging.getLogger(__name__)

COOKIE = "__Host-session"


@dataclass(frozen=True)
class Visitor:
    """Whoever is signed in, as flask-login's `current_user`: with the four names that it asks for."""

    user_id: int
    session_id: int
    name: str
    avatar_hash: str | None
    should_slide: bool
    is_authenticated: ClassVar[bool] = True
    is_active: ClassVar[bool] = True
    is_anonymous: ClassVar[bool] = False

    def get_id(self) -> str:
        return str(self.user_id)


def visitor() -> Visitor | None:
    """Who is signed in, or None."""
    found = current_user._get_current_object()
    return found if isinstance(found, Visitor) else None


def start_session(response: Response, user_id: int, session_id: int, ends_at: datetime) -> None:
    """Give the browser its session cookie."""
    signed_cookies.write(response, COOKIE, {"sub": str(user_id), "sid": str(session_id)}, expires_at=ends_at)
    g.session_written = True


def end_session(response: Response) -> None:
    """Have the browser forget its session."""
    signed_cookies.clear(response, COOKIE)
    g.session_written = True


def register_sessions(app: Flask) -> None:
    """Let flask-login find the person by the cookie, and slide the session while it is used."""
    login_manager.session_protection = None
    login_manager.init_app(app, add_context_processor=False)
    app.after_request(_slide_session)


@login_manager.request_loader
def _load_visitor(_request: Request) -> Visitor | None:
    claims = signed_cookies.read(COOKIE, require=("sub", "sid"))
    if claims is None:
        return None
    session_id, user_id = _number(claims["sid"]), _number(claims["sub"])
    found = queries.open_session(session_id, user_id) if session_id and user_id else None
    if found is None:
        return None
    session, user = found
    return Visitor(user.id, session.id, user.display_name, user.avatar_hash, sessions.should_slide(session))


def _slide_session(response: Response) -> Response:
    who = visitor() if "_login_user" in g else None
    if who is not None and who.should_slide and not g.get("session_written"):
        ends_at = _kept_until(who.session_id)
        if ends_at is not None:
            start_session(response, who.user_id, who.session_id, ends_at)
    return response


def _kept_until(session_id: int) -> datetime | None:
    try:
        return service.keep_session(service.SIGN_IN, session_id)
    except OperationalError as error:
        # The page is made; that its reader was here is noted with the next one.
        log.warning("session.not_kept", exc_info=error)
        return None


def _number(word: object) -> int:
    return int(word) if isinstance(word, str) and word.isascii() and word.isdigit() and len(word) <= 19 else 0
