"""The bot's routes that a browser may reach, each with the right it takes. Whatever is not here does not exist."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.contracts.bot_api import Act
from app.domain.access import Permission


@dataclass(frozen=True)
class ProxiedRoute:
    """One route. `path` matches whole paths; `query` names the parameters that are passed on."""

    method: str
    path: re.Pattern[str]
    permission: Permission
    query: frozenset[str] = frozenset()


def _read(path: str, permission: Permission, *query: str) -> ProxiedRoute:
    return ProxiedRoute("GET", re.compile(path, re.ASCII), permission, frozenset(query))


def _act(act: Act, permission: Permission) -> ProxiedRoute:
    return ProxiedRoute("POST", re.compile(f"/moderation/{act.value}"), permission)


ROUTES = (
    _read("/guild", Permission.VIEW_PANEL),
    _read("/channels", Permission.VIEW_PANEL),
    _read("/roles", Permission.VIEW_PANEL),
    _read("/permissions", Permission.VIEW_PANEL),
    _read("/members", Permission.VIEW_MEMBERS, "query"),
    _read(r"/members/\d{1,20}", Permission.VIEW_MEMBERS),
    _act(Act.TIMEOUT, Permission.TIMEOUT_MEMBERS),
    _act(Act.UNTIMEOUT, Permission.TIMEOUT_MEMBERS),
    _act(Act.KICK, Permission.KICK_MEMBERS),
    _act(Act.BAN, Permission.BAN_MEMBERS),
    _act(Act.UNBAN, Permission.BAN_MEMBERS),
)


def routes_at(path: str) -> tuple[ProxiedRoute, ...]:
    """The routes of this path, one a method; none where it does not exist."""
    return tuple(route for route in ROUTES if route.path.fullmatch(path))
