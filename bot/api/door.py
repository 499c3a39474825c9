"""The door of the bot's API: who calls, for which community, as whom; and how refusals look."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

import orjson
from aiohttp import web
from flask_babel import gettext as _

from app.clients.errors import ClientError
from app.clients.errors import Unavailable as ClientUnavailable
from app.contracts.bot_api import MAXIMUM_ANSWER_BYTES, NO_TENANT, Accepted, Code, Direction, Rejection, verify
from app.domain.access import Actor, Permission, SystemActor, check
from app.domain.errors import DomainError, Forbidden, Invalid, Unavailable
from app.domain.staff.queries import actor_for
from app.domain.tenants.models import Tenant
from app.extensions import db
from bot.api.keys import CALLER, PARTS, ApiCaller
from bot.budget import CallClass, calling_as
from bot.database import DATABASE_AWAY

P = ParamSpec("P")
R = TypeVar("R")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = logging.getLogger(__name__)

UNSIGNED_PATHS = frozenset({"/health", "/ws"})


class WrongPair(DomainError):
    """The tenant and the guild of a call do not belong together."""

    status = 403
    code = Code.WRONG_PAIR


def answer(body: dict[str, Any], status: int = 200) -> web.Response:
    """A JSON answer of at most 1 MiB."""
    raw = orjson.dumps(body)
    if len(raw) > MAXIMUM_ANSWER_BYTES:
        raw, status = orjson.dumps({"code": "too_large", "message": _("The answer is over 1 MiB; ask for less.")}), 507
    return web.Response(body=raw, status=status, content_type="application/json")


async def json_body(request: web.Request) -> dict[str, Any]:
    """The request's JSON object. Raises `Invalid` for anything else."""
    try:
        body = orjson.loads(await request.read() or b"{}")
    except ValueError as error:
        raise Invalid(_("The body is not JSON."), code="not_json") from error
    if not isinstance(body, dict):
        raise Invalid(_("The body is not a JSON object."), code="not_json")
    return body


async def in_domain(
    request: web.Request, verb: Callable[Concatenate[Actor | SystemActor, P], R], *args: P.args, **kwargs: P.kwargs
) -> R:
    """Call a domain verb as the caller, in the caller's community; a person's calls to Discord go first."""
    caller = request[CALLER]
    kind = CallClass.PEOPLE if isinstance(caller.actor, Actor) else CallClass.RECONCILE
    with calling_as(kind):
        return await request.app[PARTS].domain.run_for(caller.tenant_id, verb, caller.actor, *args, **kwargs)


def require(request: web.Request, permission: Permission) -> None:
    """Refuse a person without `permission`; the machinery may read."""
    caller = request[CALLER]
    if isinstance(caller.actor, Actor):
        check(caller.actor, permission)


@web.middleware
async def errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every refusal is `{"code": …, "message": …}` with the status of its kind."""
    try:
        return await handler(request)
    except DomainError as error:
        return _refusal(error)
    except ClientUnavailable as error:
        return _refusal(
            Unavailable(_("Discord cannot be reached now."), code=error.code, retry_after=error.retry_after)
        )
    except ClientError as error:
        return answer({"code": error.code, "message": _("Discord refused.")}, 409)
    except DATABASE_AWAY:
        log.exception("bot_api.database_away", extra={"path": request.path})
        return answer({"code": "database_unavailable", "message": _("The database cannot be reached now.")}, 503)
    except web.HTTPException as error:
        return answer({"code": f"http_{error.status}", "message": error.reason}, error.status)
    except Exception:
        log.exception("bot_api.failed", extra={"path": request.path})
        return answer({"code": "internal", "message": _("Something went wrong in the bot.")}, 500)


@web.middleware
async def signed_calls_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Check the signature, the (tenant, guild) pair and the actor's role before anything else runs."""
    is_signed = any(name.lower().replace("_", "-") == "x-signature" for name in request.headers)
    if request.path in UNSIGNED_PATHS and not is_signed:
        return await handler(request)
    accepted = verify(
        direction=Direction.TO_BOT,
        method=request.method,
        target=request.raw_path,
        body=await request.read(),
        headers=list(request.headers.items()),
        secrets=request.app[PARTS].settings.bot_api_secrets,
        now=int(time.time()),
    )
    if isinstance(accepted, Rejection):
        return answer({"code": accepted.code, "message": _("The call was not accepted.")}, accepted.status)
    caller = request[CALLER] = await request.app[PARTS].domain.run(_caller, accepted)
    if caller.tenant_id == NO_TENANT and request.path not in UNSIGNED_PATHS:
        raise WrongPair(_("This call needs a community."))
    return await handler(request)


def _caller(accepted: Accepted) -> ApiCaller:
    """Who calls, by the database. Raises `WrongPair`, or `Forbidden` for a person who is not staff there."""
    is_system = accepted.actor.startswith("system:")
    if accepted.tenant_id == NO_TENANT and accepted.guild_id == NO_TENANT and is_system:
        return ApiCaller(NO_TENANT, NO_TENANT, SystemActor(accepted.actor.partition(":")[2]), accepted.request_id)
    tenant = db.session.get(Tenant, accepted.tenant_id)
    if tenant is None or tenant.guild_id != accepted.guild_id:
        raise WrongPair(_("This community is not that server."))
    actor: Actor | SystemActor | None
    if is_system:
        actor = SystemActor(accepted.actor.partition(":")[2])
    else:
        actor = actor_for(tenant, int(accepted.actor))
    if actor is None:
        raise Forbidden(_("You are not on the staff of this community."), code="not_staff")
    return ApiCaller(tenant.id, tenant.guild_id, actor, accepted.request_id)


def _refusal(error: DomainError) -> web.Response:
    body: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.fields:
        body["fields"] = error.fields
    response = answer(body, error.status)
    retry_after = getattr(error, "retry_after", None)
    if retry_after is not None:
        response.headers["Retry-After"] = str(int(retry_after) + 1)
    return response
