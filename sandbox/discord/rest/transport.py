"""REST over HTTP: token, faults, limits, body, answer."""

import asyncio
from typing import Any
from urllib.parse import unquote

import orjson
from aiohttp import web

from sandbox.discord.errors import Code, DiscordError, unauthorized
from sandbox.discord.faults import Fault, Faults
from sandbox.discord.models import AccessToken, User
from sandbox.discord.rate_limits import RateLimits, limited, refusal_headers
from sandbox.discord.rest import routing
from sandbox.discord.rest.ledger import Ledger
from sandbox.discord.rest.routing import Answer, Call, Route, UploadedFile
from sandbox.discord.rest.validation import invalid_form, problem
from sandbox.discord.world import World

LONGEST_REASON = 512
LARGEST_BODY = 25 * 1024 * 1024
REST: web.AppKey["RestApi"] = web.AppKey("rest")
NOBODY = User(0, "nobody")


class RestApi:
    """Serves `/api/v10/…` of one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.faults = Faults()
        self.limits = RateLimits()
        self.ledger = Ledger()

    def register(self, app: web.Application) -> None:
        """Adds the routes below `/api/`."""
        app[REST] = self
        app.router.add_route("*", "/api/v{version:\\d+}/{path:.*}", self.serve)
        app.router.add_route("*", "/api/{path:.*}", self.serve)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answers one request, and writes it into the ledger."""
        path = "/" + unquote(request.rel_url.raw_path.split("/api", 1)[1].lstrip("/"))
        path = "/" + path.split("/", 2)[2] if "version" in request.match_info else path
        caller: dict[str, Any] = {"user": None, "reason": None}
        fault = self.faults.take(request.method, path)
        if fault is not None and fault.delay:
            await asyncio.sleep(fault.delay)
        if fault is not None and fault.status is not None and fault.when == "before":
            answer = _broken(fault)
        else:
            answer = await self._answer(request, path, caller)
            if fault is not None and fault.status is not None:
                caller["lost"] = True
                answer = _broken(fault)
        at = self.world.clock.now().isoformat()
        self.ledger.add(at=at, method=request.method, path=path, status=answer.status, **caller)
        return self._response(request, answer)

    async def _answer(self, request: web.Request, path: str, caller: dict[str, Any]) -> Answer:
        headers: dict[str, str] = {}
        try:
            matching = routing.candidates(request.method, path)
            route, found = min(_sharing_a_path(matching), key=_strictness)
            actor, bearer = self._authenticated(request, route)
            caller["user"] = str(actor.id) if actor.id else None
            headers = self._limited(request, route, found, actor)
            call = Call(self.world, request.method, path, actor, bearer=bearer, query=request.query)
            call.headers = request.headers
            call.reason = caller["reason"] = _reason(request)
            await _read_body(request, call)
            answer = await routing.perform(call)
        except DiscordError as refusal:
            answer = Answer(refusal.status, refusal.payload())
            if refusal.status == 429:
                headers |= refusal_headers(float(str(refusal.extra.get("retry_after", 1))), "user")
        except _Limited as limited_by:
            return limited_by.answer
        answer.headers = headers | answer.headers
        return answer

    def _authenticated(self, request: web.Request, route: Route) -> tuple[User, AccessToken | None]:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if not route.auth:
            return NOBODY, None
        if kind == "Bot" and "bot" in route.auth and token == self.world.application.bot_token:
            return self.world.bot_user, None
        if kind == "Bearer" and "bearer" in route.auth:
            grant = self.world.access_tokens.get(token)
            if grant is not None and grant.expires_at > self.world.clock.now():
                return self.world.users[grant.user_id], grant
        raise unauthorized()

    def _limited(self, request: web.Request, route: Route, found: dict[str, str], actor: User) -> dict[str, str]:
        if route.limit is None:
            return {}
        caller = request.headers.get("Authorization") or str(actor.id)
        verdict = self.limits.take(
            route.bucket, route.limit, routing.major_of(found), caller, counts_globally="bot" in route.auth
        )
        if verdict.retry_after is not None:
            raise _Limited(Answer(429, verdict.payload(), verdict.headers))
        return verdict.headers

    def _response(self, request: web.Request, answer: Answer) -> web.StreamResponse:
        if answer.status == 0:
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=502)
        if answer.payload is None:
            return web.Response(status=answer.status, headers=answer.headers)
        return web.Response(
            status=answer.status,
            body=orjson.dumps(answer.payload),
            headers={"Content-Type": "application/json"} | answer.headers,
        )


def _sharing_a_path(matching: list[tuple[Route, dict[str, str]]]) -> list[tuple[Route, dict[str, str]]]:
    """The most literal of the routes that match, and those that have parameters in the same places.

    `/users/@me` is not held to what `/users/{user_id}` asks for.
    """
    shapes = [[segment.startswith("{") for segment in route.segments] for route, _ in matching]
    return [one for one, shape in zip(matching, shapes, strict=True) if shape == shapes[0]]


def _strictness(match: tuple[Route, dict[str, str]]) -> float:
    """Of several routes that share a path the one with the least allowance counts."""
    limit = match[0].limit
    return limit[0] / limit[1] if limit else float("inf")


class _Limited(Exception):  # noqa: N818
    def __init__(self, answer: Answer) -> None:
        self.answer = answer


def _broken(fault: Fault) -> Answer:
    if fault.status == 429:
        body = limited(fault.retry_after, is_global=fault.scope == "global")
        return Answer(429, body, refusal_headers(fault.retry_after, fault.scope))
    status = fault.status or 0
    if fault.code or status < 500:
        return Answer(status, {"message": fault.message or f"{status}: Injected", "code": fault.code})
    return Answer(status, {"message": fault.message or f"{status}: Server Error", "code": 0})


def _reason(request: web.Request) -> str | None:
    written = request.headers.get("X-Audit-Log-Reason")
    if written is None:
        return None
    reason = unquote(written).strip()
    if len(reason) > LONGEST_REASON:
        message = f"Must be {LONGEST_REASON} or fewer in length."
        raise invalid_form({"X-Audit-Log-Reason": problem("BASE_TYPE_MAX_LENGTH", message)})
    return reason or None


async def _read_body(request: web.Request, call: Call) -> None:
    if not request.can_read_body:
        return
    try:
        if request.content_type == "application/x-www-form-urlencoded":
            call.form = {key: str(value) for key, value in (await request.post()).items()}
        elif request.content_type == "multipart/form-data":
            await _read_multipart(request, call)
        else:
            raw = await request.read()
            call.body = orjson.loads(raw) if raw else None
    except orjson.JSONDecodeError as error:
        raise DiscordError(Code.INVALID_JSON) from error
    except web.HTTPRequestEntityTooLarge as error:
        raise DiscordError(Code.BODY_TOO_LARGE) from error


async def _read_multipart(request: web.Request, call: Call) -> None:
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            index = name.removeprefix("files[").removesuffix("]")
            number = int(index) if index.isdecimal() else len(call.files)
            call.files.append(UploadedFile(number, value.filename, value.content_type, value.file.read()))
        elif name == "payload_json":
            call.body = orjson.loads(value if isinstance(value, str | bytes) else bytes(value))
        elif call.body is None or isinstance(call.body, dict):
            call.body = (call.body or {}) | {name: value}
