"""A scoped call of a browser's to the bot: its secret is added here and never seen there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.clients import clients
from app.clients.bot_api.port import Caller
from app.clients.errors import Unavailable
from app.contracts.bot_api import Code
from app.domain.access import Actor, Permission, check, requires
from app.domain.bot_proxy.routes import routes_at
from app.domain.errors import DomainError, NotFound

STATUS_OF: dict[str, int] = {
    Code.BOT_UNREACHABLE: 502,
    Code.BOT_NOT_READY: 503,
    Code.BOT_CIRCUIT_OPEN: 503,
    Code.BOT_TIMEOUT: 504,
}


class MethodNotAllowed(DomainError):
    """The path exists, with another method."""

    status = 405
    code = "method_not_allowed"


@dataclass(frozen=True)
class Forwarded:
    """What the bot answered, or why it could not be asked."""

    status: int
    body: Mapping[str, Any]
    retry_after: float | None = None


@requires(Permission.VIEW_PANEL)
def forward(
    actor: Actor, method: str, path: str, *, query: Mapping[str, str], body: Any = None, request_id: str = ""
) -> Forwarded:
    """Ask the bot as this person, in this community alone.

    Raises `NotFound` for a path that is not on the list, `MethodNotAllowed`, and `Forbidden` without the route's right.
    A bot that is away is an answer too: 502, 503 or 504 with its code.
    """
    found = routes_at(path)
    if not found:
        raise NotFound(_("The bot has no such address."))
    route = next((route for route in found if route.method == method), None)
    if route is None:
        raise MethodNotAllowed(_("This address does not take that kind of request."))
    check(actor, route.permission)
    passed = {name: value for name, value in query.items() if name in route.query}
    caller = Caller(actor.tenant_id, actor.guild_id, str(actor.user_id), request_id)
    try:
        answer = clients().bot_api.call(caller, method, path, query=passed or None, body=body)
    except Unavailable as error:
        away = {"code": error.code, "message": _("The bot is away for a moment. Try again shortly.")}
        return Forwarded(STATUS_OF.get(error.code, 502), away, error.retry_after)
    return Forwarded(answer.status, answer.body)
