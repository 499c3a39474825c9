"""How a request finds its handler, and what the handler is given."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.discord.errors import Code, DiscordError
from sandbox.discord.models import AccessToken, Json, User
from sandbox.discord.rest.validation import invalid_form, problem
from sandbox.discord.world import World

MAJOR_PARAMETERS = ("channel_id", "guild_id", "webhook_id")


@dataclass(slots=True)
class UploadedFile:
    """One file of a multipart request; `index` is the number in `files[index]`."""

    index: int
    filename: str
    content_type: str
    content: bytes


@dataclass(slots=True)
class Call:
    """One request, authenticated and parsed. `actor` is the bot, or the person behind a bearer token or control."""

    world: World
    method: str
    path: str
    actor: User
    params: dict[str, int] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    form: Mapping[str, str] = field(default_factory=dict)
    files: list[UploadedFile] = field(default_factory=list)
    headers: Mapping[str, str] = field(default_factory=dict)
    reason: str | None = None
    bearer: AccessToken | None = None

    def fields(self) -> Json:
        """The JSON body, which has to be an object; none counts as an empty one."""
        if self.body is None:
            return {}
        if not isinstance(self.body, dict):
            raise DiscordError(Code.INVALID_JSON)
        return self.body


@dataclass(slots=True)
class Answer:
    """What a handler says: JSON with a status. `None` has no body."""

    status: int
    payload: Any = None
    headers: dict[str, str] = field(default_factory=dict)


Handler = Callable[[Call], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path. Requests of a `bucket` share the limit of so many in so many seconds; None has no limit.

    `auth` lists who may call: `bot`, `bearer`; empty means that no token is asked for.
    """

    method: str
    template: str
    handler: Handler
    bucket: str
    limit: tuple[int, float] | None
    auth: frozenset[str]
    segments: tuple[str, ...]

    def matches(self, segments: list[str]) -> dict[str, str] | None:
        """The path's parameters, if it is this route's."""
        if len(segments) != len(self.segments):
            return None
        found: dict[str, str] = {}
        for wanted, given in zip(self.segments, segments, strict=True):
            if wanted.startswith("{"):
                found[wanted[1:-1]] = given
            elif wanted != given:
                return None
        return found


class NotMine(Exception):  # noqa: N818 - a handler's way of passing on, not an error
    """Raised by a handler to leave the request to the next route that matches the same path."""


_routes: list[Route] = []


def route(
    method: str,
    template: str,
    *,
    limit: tuple[int, float] | None = (50, 1.0),
    bucket: str | None = None,
    auth: tuple[str, ...] = ("bot",),
) -> Callable[[Handler], Handler]:
    """Serves a path below `/api/v10`. `{…_id}` are snowflakes in `call.params`, other names are in `call.words`."""

    def add(handler: Handler) -> Handler:
        segments = tuple(template.strip("/").split("/"))
        name = bucket or f"{method} {template}"
        _routes.append(Route(method, template, handler, name, limit, frozenset(auth), segments))
        _routes.sort(key=lambda one: [segment.startswith("{") for segment in one.segments])
        return handler

    return add


def candidates(method: str, path: str) -> list[tuple[Route, dict[str, str]]]:
    """The routes that match, most literal first. Raises Discord's 404 and 405."""
    segments = path.strip("/").split("/")
    matching = [(one, found) for one in _routes if (found := one.matches(segments)) is not None]
    if not matching:
        raise DiscordError(Code.GENERAL)
    allowed = [(one, found) for one, found in matching if one.method == method]
    if not allowed:
        raise DiscordError(Code.GENERAL, status=405, message="405: Method Not Allowed")
    return allowed


def all_routes() -> list[Route]:
    """Every route there is."""
    return list(_routes)


def bind(call: Call, found: dict[str, str]) -> None:
    """Puts a path's parameters into the call; a snowflake has to be a number."""
    for name, value in found.items():
        if not name.endswith("_id"):
            call.words[name] = value
        elif re.fullmatch(r"\d{1,20}", value):
            call.params[name] = int(value)
        else:
            raise invalid_form({name: problem("NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')})


def major_of(found: dict[str, str]) -> str:
    """The part of a path that gives each channel, guild or webhook a bucket of its own."""
    return next((f"{name}:{found[name]}" for name in MAJOR_PARAMETERS if name in found), "")


async def perform(call: Call) -> Answer:
    """Runs the handler of a call, whoever makes it. Raises DiscordError."""
    for one, found in candidates(call.method, call.path):
        bind(call, found)
        try:
            result = await one.handler(call)
        except NotMine:
            continue
        if isinstance(result, Answer):
            return result
        return Answer(204) if result is None else Answer(200, result)
    raise DiscordError(Code.GENERAL)
