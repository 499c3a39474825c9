"""Signing in with Discord: authorization code with PKCE."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class AuthorizationRequest:
    """Where to send the browser, and what must come back with it."""

    url: str
    state: str
    code_verifier: str


@dataclass(frozen=True)
class OAuthToken:
    """Discord's answer to the code. `guild_id` is set by an install alone, and is Discord's own word."""

    access_token: str
    refresh_token: str | None
    expires_in: int
    scopes: frozenset[str]
    guild_id: int | None = None
    guild_name: str | None = None


@dataclass(frozen=True)
class OAuthUser:
    id: int
    username: str
    display_name: str
    avatar_hash: str | None
    locale: str | None


@dataclass(frozen=True)
class OAuthGuild:
    """A guild of the signed-in person, with their permissions there."""

    id: int
    name: str
    icon_hash: str | None
    is_owner: bool
    permissions: int


class DiscordOAuth(Protocol):
    """Every method may raise `clients.errors.Refused` or `Unavailable`."""

    def begin(
        self, redirect_uri: str, *, install_permissions: int | None = None, guild_id: int | None = None
    ) -> AuthorizationRequest:
        """Scopes `identify guilds`; with `install_permissions` also `bot applications.commands`."""

    def exchange(self, code: str, code_verifier: str, redirect_uri: str) -> OAuthToken: ...

    def refresh(self, refresh_token: str) -> OAuthToken:
        """New tokens for the old; `Refused` once the person has taken the permission back."""

    def user(self, access_token: str) -> OAuthUser: ...

    def guilds(self, access_token: str) -> list[OAuthGuild]: ...
