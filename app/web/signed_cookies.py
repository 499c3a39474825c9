"""Small signed cookies: HS256 tokens under `SECRET_KEYS`, one audience per cookie so that none opens another's door."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import jwt
from flask import Response, current_app, request

from app.config import Settings, SigningKey
from app.domain.clock import utcnow

ALGORITHM = "HS256"
LONGEST_TOKEN = 4096


def write(
    response: Response,
    cookie: str,
    claims: Mapping[str, Any],
    *,
    expires_at: datetime,
    issued_at: datetime | None = None,
) -> None:
    """Set `cookie`: `__Host-`, Secure, HttpOnly, SameSite=Lax, Path=/, ending with its token."""
    token = encode(cookie, claims, expires_at=expires_at, issued_at=issued_at)
    response.set_cookie(cookie, token, expires=expires_at, path="/", secure=True, httponly=True, samesite="Lax")


def clear(response: Response, cookie: str) -> None:
    """Have the browser forget `cookie`."""
    response.delete_cookie(cookie, path="/", secure=True, httponly=True, samesite="Lax")


def read(cookie: str, *, require: tuple[str, ...] = ()) -> Mapping[str, Any] | None:
    """The claims of this request's cookie; None where it is missing, forged, expired or lacks a claim."""
    token = request.cookies.get(cookie)
    return decode(cookie, token, require=require) if token else None


def encode(audience: str, claims: Mapping[str, Any], *, expires_at: datetime, issued_at: datetime | None = None) -> str:
    """A token signed by the first key."""
    key = _settings().secret_keys[0]
    body = {**claims, "aud": audience, "iss": _settings().origin, "iat": issued_at or utcnow(), "exp": expires_at}
    return jwt.encode(body, key.secret, ALGORITHM, headers={"kid": key.kid})


def decode(audience: str, token: str, *, require: tuple[str, ...] = ()) -> Mapping[str, Any] | None:
    """The claims of a token that one of our keys signed, for this audience, not expired; None otherwise."""
    key = _key_of(token) if len(token) <= LONGEST_TOKEN else None
    if key is None:
        return None
    try:
        claims: Mapping[str, Any] = jwt.decode(
            token,
            key.secret,
            algorithms=[ALGORITHM],
            audience=audience,
            issuer=_settings().origin,
            options={"require": ["exp", "iat", "aud", "iss", *require], "verify_exp": False, "verify_iat": False},
        )
    except jwt.InvalidTokenError:
        return None
    return claims if _is_current(claims) else None


def _is_current(claims: Mapping[str, Any]) -> bool:
    # By our own clock, so that a held clock holds here too.
    now = utcnow().timestamp()
    issued, ends = claims["iat"], claims["exp"]
    return all(isinstance(moment, int | float) for moment in (issued, ends)) and issued <= now + 1 and now < ends


def _key_of(token: str) -> SigningKey | None:
    try:
        kid = jwt.get_unverified_header(token).get("kid")
    except jwt.InvalidTokenError:
        return None
    return next((key for key in _settings().secret_keys if key.kid == kid), None)


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
