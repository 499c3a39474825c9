"""Discord's OAuth2 through Authlib: authorization code, state, PKCE S256."""

from __future__ import annotations

import secrets
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session

from app.clients.discord_oauth.port import AuthorizationRequest, OAuthGuild, OAuthToken, OAuthUser
from app.clients.errors import Refused, Unavailable
from app.config import Settings
from app.db.transaction import leave_database

SIGN_IN_SCOPES = ("identify", "guilds")
INSTALL_SCOPES = (*SIGN_IN_SCOPES, "bot", "applications.commands")
TIMEOUT = (3, 7)


class HttpDiscordOAuth:
    """One short-lived session per call: Authlib's sessions are not safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def begin(
        self, redirect_uri: str, *, install_permissions: int | None = None, guild_id: int | None = None
    ) -> AuthorizationRequest:
        installs = install_permissions is not None
        scopes = INSTALL_SCOPES if installs else SIGN_IN_SCOPES
        verifier = secrets.token_urlsafe(48)
        extra: dict[str, str] = {"prompt": "consent" if installs else "none"}
        if installs:
            extra["permissions"] = str(install_permissions)
        if guild_id is not None:
            extra |= {"guild_id": str(guild_id), "disable_guild_select": "true"}
        session = self._session(scope=" ".join(scopes), redirect_uri=redirect_uri)
        url, state = session.create_authorization_url(
            self._settings.discord_authorize_url, code_verifier=verifier, **extra
        )
        return AuthorizationRequest(url, state, verifier)

    def exchange(self, code: str, code_verifier: str, redirect_uri: str) -> OAuthToken:
        leave_database("the OAuth token exchange")
        session = self._session(redirect_uri=redirect_uri)
        try:
            token: dict[str, Any] = session.fetch_token(
                f"{self._settings.discord_api_url}/oauth2/token",
                grant_type="authorization_code",
                code=code,
                code_verifier=code_verifier,
                timeout=TIMEOUT,
            )
        except AuthlibBaseError as error:
            raise Refused("oauth_code_refused", str(error.error)) from error
        except (requests.RequestException, ValueError) as error:
            raise Unavailable("discord_unreachable", type(error).__name__) from error
        finally:
            session.close()
        return _token(token)

    def refresh(self, refresh_token: str) -> OAuthToken:
        leave_database("the OAuth token refresh")
        session = self._session()
        try:
            token: dict[str, Any] = session.refresh_token(
                f"{self._settings.discord_api_url}/oauth2/token", refresh_token=refresh_token, timeout=TIMEOUT
            )
        except AuthlibBaseError as error:
            raise Refused("oauth_token_refused", str(error.error)) from error
        except (requests.RequestException, ValueError) as error:
            raise Unavailable("discord_unreachable", type(error).__name__) from error
        finally:
            session.close()
        return _token(token)

    def user(self, access_token: str) -> OAuthUser:
        found = self._get("/users/@me", access_token)
        return OAuthUser(
            id=int(found["id"]),
            username=found["username"],
            display_name=found.get("global_name") or found["username"],
            avatar_hash=found.get("avatar"),
            locale=found.get("locale"),
        )

    def guilds(self, access_token: str) -> list[OAuthGuild]:
        return [
            OAuthGuild(int(g["id"]), g["name"], g.get("icon"), bool(g["owner"]), int(g["permissions"]))
            for g in self._get("/users/@me/guilds", access_token)
        ]

    def _session(self, **options: Any) -> OAuth2Session:
        return OAuth2Session(
            client_id=self._settings.discord_client_id,
            client_secret=self._settings.discord_client_secret,
            token_endpoint_auth_method="client_secret_basic",
            code_challenge_method="S256",
            **options,
        )

    def _get(self, path: str, access_token: str) -> Any:
        leave_database(f"GET {path} of Discord")
        try:
            response = requests.get(
                self._settings.discord_api_url + path,
                headers={"authorization": f"Bearer {access_token}"},
                timeout=TIMEOUT,
                allow_redirects=False,
            )
            if response.status_code == 200:
                return response.json()
        except (requests.RequestException, ValueError) as error:
            raise Unavailable("discord_unreachable", type(error).__name__) from error
        if response.status_code in (401, 403):
            raise Refused("oauth_token_refused")
        wait = response.headers.get("retry-after", "")
        raise Unavailable(
            f"discord_{response.status_code}", retry_after=float(wait) if wait.replace(".", "").isdigit() else None
        )


def _token(answer: dict[str, Any]) -> OAuthToken:
    guild = answer.get("guild") or {}
    return OAuthToken(
        access_token=answer["access_token"],
        refresh_token=answer.get("refresh_token"),
        expires_in=int(answer.get("expires_in", 0)),
        scopes=frozenset(str(answer.get("scope", "")).split()),
        guild_id=int(guild["id"]) if guild.get("id") else None,
        guild_name=guild.get("name"),
    )
