"""A Discord whose people and guilds a test sets."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from app.clients.discord_oauth.port import AuthorizationRequest, OAuthGuild, OAuthToken, OAuthUser
from app.clients.errors import Refused


@dataclass
class FakeDiscordOAuth:
    """`approve(user, guild_id)` makes a code that can be exchanged once."""

    people: dict[str, OAuthUser] = field(default_factory=dict)
    guilds_of: dict[int, list[OAuthGuild]] = field(default_factory=dict)
    codes: dict[str, tuple[OAuthUser, int | None]] = field(default_factory=dict)

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
        if code not in self.codes:
            raise Refused("oauth_code_refused", "invalid_grant")
        user, guild_id = self.codes.pop(code)
        token = secrets.token_hex(8)
        self.people[token] = user
        scopes = {"identify", "guilds"} | ({"bot"} if guild_id else set())
        return OAuthToken(token, secrets.token_hex(8), 604800, frozenset(scopes), guild_id, None)

    def user(self, access_token: str) -> OAuthUser:
        if access_token not in self.people:
            raise Refused("oauth_token_refused")
        return self.people[access_token]

    def guilds(self, access_token: str) -> list[OAuthGuild]:
        return self.guilds_of.get(self.user(access_token).id, [])
