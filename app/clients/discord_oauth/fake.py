"""A Discord whose people and guilds a test sets."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from app.clients.discord_oauth.port import AuthorizationRequest, OAuthGuild, OAuthToken, OAuthUser
from app.clients.errors import Refused, Unavailable
from app.db.transaction import leave_database


@dataclass
class FakeDiscordOAuth:
    """`approve(user, guild_id)` makes a code that can be exchanged once."""

    people: dict[str, OAuthUser] = field(default_factory=dict)
    guilds_of: dict[int, list[OAuthGuild]] = field(default_factory=dict)
    codes: dict[str, tuple[OAuthUser, int | None]] = field(default_factory=dict)
    refresh_tokens: dict[str, OAuthUser] = field(default_factory=dict)
    away: bool = False

    def approve(self, user: OAuthUser, guild_id: int | None = None) -> str:
        code = secrets.token_hex(8)
        self.codes[code] = (user, guild_id)
        return code

    def begin(
        self, redirect_uri: str, *, install_permissions: int | None = None, guild_id: int | None = None
    ) -> AuthorizationRequest:
        state = secrets.token_hex(8)
        return AuthorizationRequest(f"https://discord.test/authorize?state={state}", state, secrets.token_hex(32))

    def exchange(self, code: str, code_verifier: str, redirect_uri: str) -> OAuthToken:
        self._answer()
        if code not in self.codes:
            raise Refused("oauth_code_refused", "invalid_grant")
        user, guild_id = self.codes.pop(code)
        scopes = {"identify", "guilds"} | ({"bot"} if guild_id else set())
        return self._tokens(user, frozenset(scopes), guild_id)

    def refresh(self, refresh_token: str) -> OAuthToken:
        self._answer()
        if refresh_token not in self.refresh_tokens:
            raise Refused("oauth_token_refused", "invalid_grant")
        return self._tokens(self.refresh_tokens.pop(refresh_token), frozenset({"identify", "guilds"}), None)

    def user(self, access_token: str) -> OAuthUser:
        self._answer()
        if access_token not in self.people:
            raise Refused("oauth_token_refused")
        return self.people[access_token]

    def guilds(self, access_token: str) -> list[OAuthGuild]:
        return self.guilds_of.get(self.user(access_token).id, [])

    def _tokens(self, user: OAuthUser, scopes: frozenset[str], guild_id: int | None) -> OAuthToken:
        access, refresh = secrets.token_hex(8), secrets.token_hex(8)
        self.people[access] = self.refresh_tokens[refresh] = user
        return OAuthToken(access, refresh, 604800, scopes, guild_id, None)

    def _answer(self) -> None:
        leave_database("a call of Discord's OAuth")
        if self.away:
            raise Unavailable("discord_unreachable")
