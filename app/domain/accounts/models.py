"""People who sign in, and their sessions. Global: a person is one person in every community."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Model, Snowflake, UtcDateTime
from app.db.encrypted import Encrypted
from app.db.ids import new_id
from app.db.personal import Erase, about_person, names_person
from app.domain.clock import utcnow


class User(Model):
    """A Discord account that has signed in at least once, or is known as staff."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(
        Snowflake, primary_key=True, autoincrement=False, info=names_person(Erase.BY_RULE, _l("Who signed in"))
    )
    username: Mapped[str] = mapped_column(
        String(32), info=about_person(_l("Name, picture and language, as Discord told when they signed in"))
    )
    display_name: Mapped[str] = mapped_column(
        String(64), info=about_person(_l("Name, picture and language, as Discord told when they signed in"))
    )
    avatar_hash: Mapped[str | None] = mapped_column(
        String(64),
        default=None,
        info=about_person(_l("Name, picture and language, as Discord told when they signed in")),
    )
    locale: Mapped[str | None] = mapped_column(
        String(16),
        default=None,
        info=about_person(_l("Name, picture and language, as Discord told when they signed in")),
    )
    access_token: Mapped[str | None] = mapped_column(
        Encrypted("accounts"),
        default=None,
        info=about_person(_l("What lets us ask Discord which servers are theirs, encrypted")),
    )
    refresh_token: Mapped[str | None] = mapped_column(
        Encrypted("accounts"),
        default=None,
        info=about_person(_l("What lets us ask Discord which servers are theirs, encrypted")),
    )
    token_expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)

    def keep_tokens(self, access_token: str, refresh_token: str | None, expires_in: int) -> None:
        """Keep what lets us ask Discord on this person's behalf for `expires_in` seconds more."""
        self.access_token = access_token
        self.refresh_token = refresh_token or self.refresh_token
        self.token_expires_at = utcnow() + timedelta(seconds=expires_in)


class LoginSession(Model):
    """One browser signed in. The cookie names it; ending the row ends the session everywhere."""

    __tablename__ = "sessions"
    __table_args__ = (Index(None, "user_id"), Index(None, "expires_at"))

    id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False, default=new_id)
    user_id: Mapped[int] = mapped_column(
        Snowflake,
        ForeignKey("users.id", ondelete="CASCADE"),
        info=names_person(Erase.ROW, _l("Whose browser is signed in")),
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    user_agent: Mapped[str] = mapped_column(
        String(255), default="", info=about_person(_l("The browser and the address it came from"))
    )
    address: Mapped[str] = mapped_column(
        String(45), default="", info=about_person(_l("The browser and the address it came from"))
    )
