"""Authorization codes and tokens: what was granted to whom, until when."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sandbox.discord.attached import Attached
from sandbox.discord.models import AccessToken

if TYPE_CHECKING:
    from sandbox.discord.world import World

CODE_SECONDS = 60
TOKEN_SECONDS = 604_800


class GrantRefused(Exception):
    """A token request that is answered with an OAuth error instead of a token."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status


@dataclass(frozen=True, slots=True)
class AuthorizationCode:
    """What a person agreed to on the consent page; good once, for a minute."""

    user_id: int
    scopes: tuple[str, ...]
    redirect_uri: str
    challenge: str | None
    challenge_method: str
    guild_id: int | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TokenPair:
    """An access token and the refresh token that replaces it."""

    access: AccessToken
    refresh_token: str
    guild_id: int | None = None


class Grants:
    """All codes and tokens of the application. Times are the world's."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._codes: dict[str, AuthorizationCode] = {}
        self._refresh: dict[str, AccessToken] = {}
        self._consents: dict[int, frozenset[str]] = {}

    def issue_code(
        self,
        user_id: int,
        scopes: tuple[str, ...],
        redirect_uri: str,
        *,
        challenge: str | None,
        challenge_method: str,
        guild_id: int | None,
    ) -> str:
        """A code that `redeem` takes once within a minute, with the same `redirect_uri`."""
        code = secrets.token_urlsafe(22)
        expires_at = self._world.clock.now() + timedelta(seconds=CODE_SECONDS)
        self._codes[code] = AuthorizationCode(
            user_id, scopes, redirect_uri, challenge, challenge_method, guild_id, expires_at
        )
        self._consents[user_id] = self._consents.get(user_id, frozenset()) | frozenset(scopes)
        return code

    def has_consented(self, user_id: int, scopes: tuple[str, ...]) -> bool:
        """True if this person agreed to all of `scopes` before (what `prompt=none` asks)."""
        return frozenset(scopes) <= self._consents.get(user_id, frozenset())

    def redeem(self, code: str, redirect_uri: str, verifier: str | None) -> TokenPair:
        """Tokens for a code; raises GrantRefused(`invalid_grant`) for one that is spent, late, or not proven."""
        granted = self._codes.pop(code, None)
        if granted is None or granted.expires_at < self._world.clock.now():
            raise GrantRefused("invalid_grant", 'Invalid "code" in request.')
        if granted.redirect_uri != redirect_uri:
            raise GrantRefused("invalid_grant", 'Invalid "redirect_uri" in request.')
        if granted.challenge is not None and not _proves(verifier, granted.challenge, granted.challenge_method):
            raise GrantRefused("invalid_grant", 'Invalid "code_verifier" in request.')
        return self._issue(granted.user_id, frozenset(granted.scopes), granted.guild_id)

    def refresh(self, refresh_token: str) -> TokenPair:
        """New tokens; the old pair stops working."""
        former = self._refresh.pop(refresh_token, None)
        if former is None:
            raise GrantRefused("invalid_grant", 'Invalid "refresh_token" in request.')
        self._world.access_tokens.pop(former.token, None)
        return self._issue(former.user_id, former.scopes, None)

    def revoke(self, token: str) -> None:
        """End an access or refresh token and its counterpart; unknown ones are no error."""
        former = self._refresh.get(token) or self._world.access_tokens.get(token)
        if former is None:
            return
        self._world.access_tokens.pop(former.token, None)
        self._consents.pop(former.user_id, None)
        for refresh_token, access in list(self._refresh.items()):
            if access.token == former.token:
                del self._refresh[refresh_token]

    def _issue(self, user_id: int, scopes: frozenset[str], guild_id: int | None) -> TokenPair:
        expires_at = self._world.clock.now() + timedelta(seconds=TOKEN_SECONDS)
        access = AccessToken(secrets.token_urlsafe(22), user_id, scopes, expires_at)
        refresh_token = secrets.token_urlsafe(22)
        self._world.access_tokens[access.token] = access
        self._refresh[refresh_token] = access
        return TokenPair(access, refresh_token, guild_id)


def _proves(verifier: str | None, challenge: str, method: str) -> bool:
    if not verifier or not 43 <= len(verifier) <= 128:
        return False
    if method == "plain":
        answer = verifier
    else:
        digest = hashlib.sha256(verifier.encode()).digest()
        answer = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return hmac.compare_digest(answer.encode(), challenge.encode())


grants_of = Attached(Grants)
