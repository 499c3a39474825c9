"""Application commands: listing, registering, changing, and replacing all at once."""

from __future__ import annotations

from typing import Any

from sandbox.discord.commands import LIMITS, Command, command_payload, commands_of
from sandbox.discord.errors import Code, DiscordError
from sandbox.discord.models import Json
from sandbox.discord.rest.command_forms import read_command
from sandbox.discord.rest.routing import Answer, Call, route
from sandbox.discord.rest.validation import invalid_form, problem

GLOBAL = "/applications/{application_id}/commands"
IN_GUILD = "/applications/{application_id}/guilds/{guild_id}/commands"


@route("GET", GLOBAL)
@route("GET", IN_GUILD)
async def list_commands(call: Call) -> list[Json]:
    """The registered commands, with localizations where the query asks for them."""
    guild_id = _scope(call)
    wanted = call.query.get("with_localizations", "").lower() in ("true", "1")
    return [_payload(call, one, with_localizations=wanted) for one in commands_of(call.world).of(guild_id)]


@route("POST", GLOBAL, limit=(5, 20.0))
@route("POST", IN_GUILD, limit=(5, 20.0))
async def create_command(call: Call) -> Answer:
    """Registers a command: 201 for a new one, 200 where it replaces one of the same kind and name."""
    guild_id = _scope(call)
    book = commands_of(call.world)
    body = read_command(call.fields(), is_global=guild_id is None)
    if book.named(body["type"], body["name"], guild_id) is None:
        _check_room(sum(one.kind == body["type"] for one in book.of(guild_id)) + 1, body["type"])
    command, is_new = book.put(body, guild_id)
    return Answer(201 if is_new else 200, _payload(call, command))


@route("PUT", GLOBAL, limit=(5, 20.0))
@route("PUT", IN_GUILD, limit=(5, 20.0))
async def replace_commands(call: Call) -> list[Json]:
    """Makes the list in the body the only commands there; nothing changes if one of them is wrong."""
    guild_id = _scope(call)
    bodies = _read_all(call, is_global=guild_id is None)
    return [_payload(call, one) for one in commands_of(call.world).replace_all(bodies, guild_id)]


@route("GET", GLOBAL + "/{command_id}")
@route("GET", IN_GUILD + "/{command_id}")
async def get_command(call: Call) -> Json:
    """One command."""
    return _payload(call, _command(call))


@route("PATCH", GLOBAL + "/{command_id}", limit=(5, 20.0))
@route("PATCH", IN_GUILD + "/{command_id}", limit=(5, 20.0))
async def edit_command(call: Call) -> Json:
    """Changes the fields that are given."""
    command = _command(call)
    body = read_command(call.fields(), is_global=command.guild_id is None, former=command.body)
    namesake = commands_of(call.world).named(body["type"], body["name"], command.guild_id)
    if namesake is not None and namesake.id != command.id:
        raise _duplicate("name")
    return _payload(call, commands_of(call.world).change(command, body))


@route("DELETE", GLOBAL + "/{command_id}", limit=(5, 20.0))
@route("DELETE", IN_GUILD + "/{command_id}", limit=(5, 20.0))
async def delete_command(call: Call) -> None:
    """Takes a command away."""
    commands_of(call.world).delete(_command(call))


@route("GET", IN_GUILD + "/permissions")
async def list_command_permissions(call: Call) -> list[Json]:
    """The overrides that a server's admins made; nobody can make any here, so there are none."""
    _scope(call)
    return []


def _scope(call: Call) -> int | None:
    if call.params["application_id"] != call.world.application.id:
        raise DiscordError(Code.UNKNOWN_APPLICATION)
    guild_id = call.params.get("guild_id")
    guild = call.world.guilds.get(guild_id or 0)
    if guild_id is not None and (guild is None or call.world.bot_user.id not in guild.members):
        raise DiscordError(Code.MISSING_ACCESS)
    return guild_id


def _command(call: Call) -> Command:
    command = commands_of(call.world).get(call.params["command_id"], _scope(call))
    if command is None:
        raise DiscordError(Code.UNKNOWN_COMMAND)
    return command


def _payload(call: Call, command: Command, *, with_localizations: bool = True) -> Json:
    return command_payload(command, call.world.application.id, with_localizations=with_localizations)


def _read_all(call: Call, *, is_global: bool) -> list[Json]:
    if not isinstance(call.body, list):
        raise DiscordError(Code.INVALID_JSON)
    bodies: list[Json] = []
    errors: dict[str, Any] = {}
    for index, fields in enumerate(call.body):
        try:
            bodies.append(read_command(fields if isinstance(fields, dict) else {}, is_global=is_global))
        except DiscordError as refused:
            errors[str(index)] = refused.extra["errors"]
    if errors:
        raise invalid_form(errors)
    for kind in LIMITS:
        _check_room(sum(body["type"] == kind for body in bodies), kind)
    names = [(body["type"], body["name"]) for body in bodies]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise _duplicate(f"{index}")
    return bodies


def _check_room(wanted: int, kind: int) -> None:
    if wanted > LIMITS[kind]:
        message = f"Maximum number of application commands reached ({LIMITS[kind]})."
        raise DiscordError(Code.TOO_MANY_COMMANDS, message=message)


def _duplicate(place: str) -> DiscordError:
    return invalid_form(
        {place: problem("APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")}
    )
