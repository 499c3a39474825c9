"""Which guilds a person has on Discord, asked with their own token and remembered for a minute in this process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from app.clients import clients
from app.clients import errors as outside
from app.clients.discord_oauth.port import OAuthGuild
from app.db.transaction import transaction
from app.domain.access import signed_in
from app.domain.accounts.models import User
from app.domain.clock import utcnow
from app.domain.remembered import Remembered, memory_of
from app.extensions import db

ADMINISTRATOR = 1 << 3
MANAGE_GUILD = 1 << 5
REMEMBERED_FOR = 60.0
MOST_REMEMBERED = 5_000
MEMORY = "guilds_of_people"
REFRESH_BEFORE = timedelta(minutes=5)


class Answered(StrEnum):
    """How fresh a list of guilds is."""

    NOW = "now"
    BEFORE = "before"
    """Discord is away: this is what it said last, perhaps nothing."""
    NOT_ALLOWED = "not_allowed"
    """The person took the permission back on Discord: only signing in again helps."""


@dataclass(frozen=True)
class MyGuilds:
    """A person's guilds, and how far to trust the list."""

    guilds: tuple[OAuthGuild, ...]
    answered: Answered

    def manageable(self) -> tuple[OAuthGuild, ...]:
        """Those where the person may install a bot."""
        return tuple(guild for guild in self.guilds if may_manage(guild))

    def one(self, guild_id: int) -> OAuthGuild | None:
        return next((guild for guild in self.guilds if guild.id == guild_id), None)


def may_manage(guild: OAuthGuild) -> bool:
    """True with Manage Server, Administrator, or as owner."""
    return guild.is_owner or bool(guild.permissions & (ADMINISTRATOR | MANAGE_GUILD))


@signed_in
def my_guilds(user_id: int, *, fresh: bool = False) -> MyGuilds:
    """Ask Discord which guilds this person has; `fresh` asks even where the answer is remembered.

    Never raises for Discord's sake: `answered` says how fresh the list is.
    """
    memory = _memory()
    remembered = None if fresh else memory.get(user_id)
    if remembered is not None:
        return MyGuilds(remembered, Answered.NOW)
    try:
        guilds = tuple(clients().discord_oauth.guilds(_access_token(user_id)))
    except outside.Refused:
        return MyGuilds((), Answered.NOT_ALLOWED)
    except outside.Unavailable:
        return MyGuilds(memory.last(user_id) or (), Answered.BEFORE)
    memory.put(user_id, guilds)
    return MyGuilds(guilds, Answered.NOW)


def _access_token(user_id: int) -> str:
    user = db.session.get(User, user_id, populate_existing=True)
    if user is None or user.access_token is None:
        raise outside.Refused("oauth_token_refused")
    if _is_current(user):
        return user.access_token
    if user.refresh_token is None:
        raise outside.Refused("oauth_token_refused")
    try:
        return _refreshed(user_id, user.refresh_token)
    except outside.Refused:
        # Another tab may have used the refresh token a moment ago; its tokens are as good.
        user = db.session.get_one(User, user_id, populate_existing=True)
        if user.access_token is None or not _is_current(user):
            raise
        return user.access_token


def _is_current(user: User) -> bool:
    return user.token_expires_at is not None and utcnow() < user.token_expires_at - REFRESH_BEFORE


def _refreshed(user_id: int, refresh_token: str) -> str:
    token = clients().discord_oauth.refresh(refresh_token)
    with transaction():
        user = db.session.get_one(User, user_id, with_for_update=True)
        user.keep_tokens(token.access_token, token.refresh_token, token.expires_in)
    return token.access_token


@signed_in
def remembered_guild_ids(user_id: int) -> frozenset[int]:
    """The guilds that Discord named last for this person, without asking again; empty where it was not asked yet."""
    return frozenset(guild.id for guild in _memory().last(user_id) or ())


def _memory() -> Remembered[int, tuple[OAuthGuild, ...]]:
    return memory_of(clients().discord_oauth, MEMORY, REMEMBERED_FOR, MOST_REMEMBERED)
