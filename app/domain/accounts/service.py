"""Signing in and out. A person proves with Discord who they are; a session row lets the browser stay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import delete, select, update

from app.clients import clients
from app.clients import errors as outside
from app.clients.discord_oauth.port import AuthorizationRequest, OAuthToken, OAuthUser
from app.db.transaction import retriable, transaction
from app.domain.access import SystemActor, signed_in, system_only
from app.domain.accounts import sessions
from app.domain.accounts.models import LoginSession, User
from app.domain.clock import utcnow
from app.domain.errors import DomainError, NotFound, Unavailable
from app.extensions import db

SIGN_IN = SystemActor("sign_in")
FORGET_ENDED_AFTER = timedelta(days=7)


@dataclass(frozen=True)
class Browser:
    """What a browser says of itself; kept with its session so that a person can recognise it."""

    user_agent: str
    address: str


@dataclass(frozen=True)
class Callback:
    """What came back from Discord's consent page, with the verifier that this browser kept."""

    code: str
    code_verifier: str
    redirect_uri: str


@dataclass(frozen=True)
class SignedIn:
    """A fresh session. `granted_guild_id` is the guild that an install chose, in Discord's own words."""

    user_id: int
    session_id: int
    ends_at: datetime
    granted_guild_id: int | None


@system_only
def begin_sign_in(
    _system: SystemActor, redirect_uri: str, *, install_permissions: int | None = None, guild_id: int | None = None
) -> AuthorizationRequest:
    """Where to send the browser; an install asks for the bot's permissions too."""
    return clients().discord_oauth.begin(redirect_uri, install_permissions=install_permissions, guild_id=guild_id)


@system_only
def sign_in(_system: SystemActor, callback: Callback, browser: Browser) -> SignedIn:
    """Exchange the code, learn who it is, open a session.

    Raises `DomainError` (400) where Discord refuses the code (used, foreign, too old), `Unavailable` where Discord is away.
    """
    oauth = clients().discord_oauth
    try:
        token = oauth.exchange(callback.code, callback.code_verifier, callback.redirect_uri)
        person = oauth.user(token.access_token)
    except outside.Refused as error:
        raise DomainError(_("Discord did not accept this sign-in. Start again."), code=error.code) from error
    except outside.Unavailable as error:
        raise Unavailable(
            _("Discord cannot be reached right now."), code=error.code, retry_after=error.retry_after
        ) from error
    session = _open_session(person, token, browser)
    return SignedIn(person.id, session.id, sessions.ends_at(session), token.guild_id)


@retriable
def _open_session(person: OAuthUser, token: OAuthToken, browser: Browser) -> LoginSession:
    with transaction():
        user = db.session.get(User, person.id, with_for_update=True)
        if user is None:
            user = User(id=person.id, username=person.username, display_name=person.display_name)
            db.session.add(user)
        user.username, user.display_name = person.username[:32], person.display_name[:64]
        user.avatar_hash, user.locale = person.avatar_hash, person.locale
        user.keep_tokens(token.access_token, token.refresh_token, token.expires_in)
        db.session.flush()
        now = utcnow()
        session = LoginSession(
            user_id=user.id,
            created_at=now,
            seen_at=now,
            expires_at=sessions.next_expiry(now, now),
            user_agent=browser.user_agent[:255],
            address=browser.address[:45],
        )
        db.session.add(session)
    return session


@system_only
def keep_session(_system: SystemActor, session_id: int) -> datetime | None:
    """Slide an open session on by its idle time. Answers its new end, None where it has ended meanwhile."""
    with transaction():
        session = db.session.get(LoginSession, session_id, with_for_update=True)
        if session is None or not sessions.is_open(session):
            return None
        session.seen_at = utcnow()
        session.expires_at = sessions.next_expiry(session.created_at, session.seen_at)
        return sessions.ends_at(session)


@signed_in
def sign_out(user_id: int, session_id: int) -> None:
    """End one session of this person. Raises `NotFound` for a session that is not theirs."""
    with transaction():
        session = db.session.get(LoginSession, session_id)
        if session is None or session.user_id != user_id:
            raise NotFound(_("There is no such session."))
        session.ended_at = session.ended_at or utcnow()


@signed_in
def sign_out_everywhere(user_id: int) -> None:
    """End every session of this person."""
    with transaction():
        db.session.execute(
            update(LoginSession)
            .where(LoginSession.user_id == user_id, LoginSession.ended_at.is_(None))
            .values(ended_at=utcnow())
            .execution_options(synchronize_session=False)
        )


@system_only
def expire_sessions(_system: SystemActor) -> int:
    """Delete sessions that ended over a week ago. Answers how many."""
    before = utcnow() - FORGET_ENDED_AFTER
    with transaction():
        old = list(db.session.scalars(select(LoginSession.id).where(LoginSession.expires_at < before).limit(5000)))
        db.session.execute(
            delete(LoginSession).where(LoginSession.id.in_(old)).execution_options(synchronize_session=False)
        )
    return len(old)
