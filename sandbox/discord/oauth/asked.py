"""What an application asks of a person: the query of the authorize page, checked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from sandbox.discord.oauth.wording import PERMISSIONS, SCOPES

if TYPE_CHECKING:
    from sandbox.discord.world import World

LOOPBACK = r"http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?/.*"
ALL_PERMISSIONS = sum(1 << place for place in PERMISSIONS)


class AskedWrongly(Exception):
    """The request is so wrong that the person is told, not the application (never redirect to a stranger)."""


class AnswerWithError(Exception):
    """The request is answered at its redirect address with an OAuth error."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


@dataclass(frozen=True, slots=True)
class Asked:
    """A checked authorization request; `as_user` skips the choice of a person."""

    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None
    challenge: str | None
    challenge_method: str
    permissions: int
    guild_id: int | None
    is_guild_fixed: bool
    prompt: str
    as_user: str | None

    @property
    def wants_bot(self) -> bool:
        return "bot" in self.scopes

    @property
    def origin(self) -> str:
        """The redirect address's origin, for the page's form-action."""
        parts = urlsplit(self.redirect_uri)
        return f"{parts.scheme}://{parts.netloc}"

    def answer(self, **parameters: str) -> str:
        """The redirect address with `parameters` and the state."""
        if self.state is not None:
            parameters["state"] = self.state
        return with_query(self.redirect_uri, parameters)


def read(query: Mapping[str, str], world: World, redirect_patterns: Sequence[str]) -> Asked:
    """Check the authorize page's query.

    Raises AskedWrongly where the application or its address is unknown, AnswerWithError for all else.
    """
    if query.get("client_id") != str(world.application.client_id):
        raise AskedWrongly("Unknown application: the client_id belongs to nobody here.")
    redirect_uri = query.get("redirect_uri", "")
    if not any(re.fullmatch(pattern, redirect_uri) for pattern in redirect_patterns):
        raise AskedWrongly("Invalid OAuth2 redirect_uri: it is not registered for this application.")
    asked = Asked(
        redirect_uri=redirect_uri,
        scopes=tuple(dict.fromkeys(query.get("scope", "").split())),
        state=query.get("state"),
        challenge=query.get("code_challenge"),
        challenge_method=query.get("code_challenge_method", "plain"),
        permissions=_number(query.get("permissions")) & ALL_PERMISSIONS,
        guild_id=_number(query.get("guild_id")) or None,
        is_guild_fixed=query.get("disable_guild_select") == "true",
        prompt=query.get("prompt", "consent"),
        as_user=query.get("as") or query.get("login_hint"),
    )
    _check(asked, query)
    return asked


def with_query(address: str, parameters: Mapping[str, str]) -> str:
    """`address` with `parameters` added to its query."""
    parts = urlsplit(address)
    pairs = parse_qsl(parts.query, keep_blank_values=True) + list(parameters.items())
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(pairs), ""))


def _check(asked: Asked, query: Mapping[str, str]) -> None:
    if query.get("response_type") != "code":
        _refuse(asked, "unsupported_response_type", "The authorization server does not support this response type.")
    unknown = [scope for scope in asked.scopes if scope not in SCOPES]
    if unknown or not asked.scopes:
        _refuse(asked, "invalid_scope", "The requested scope is invalid, unknown, or malformed.")
    if asked.challenge is not None and asked.challenge_method not in ("S256", "plain"):
        _refuse(asked, "invalid_request", "The code challenge method is not supported.")
    if asked.challenge is not None and not re.fullmatch(r"[A-Za-z0-9\-._~]{43,128}", asked.challenge):
        _refuse(asked, "invalid_request", "The code challenge is malformed.")


def _refuse(asked: Asked, error: str, description: str) -> None:
    raise AnswerWithError(asked.answer(error=error, error_description=description))


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) <= 20 else 0
