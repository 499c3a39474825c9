"""Roles of a guild."""

from typing import Any

from sandbox.discord import payloads, permissions
from sandbox.discord.errors import Code, DiscordError
from sandbox.discord.models import Json
from sandbox.discord.rest import access
from sandbox.discord.rest.routing import Call, route
from sandbox.discord.rest.validation import Form

MOST_ROLES = 250


@route("GET", "/guilds/{guild_id}/roles")
async def list_roles(call: Call) -> list[Json]:
    """All roles with @everyone."""
    guild, _ = access.guild_of(call)
    return [payloads.role(one) for one in sorted(guild.roles.values(), key=lambda one: (one.position, one.id))]


@route("GET", "/guilds/{guild_id}/roles/member-counts")
async def count_role_members(call: Call) -> dict[str, int]:
    """How many members have each role."""
    guild, _ = access.guild_of(call)
    counts = {str(role_id): 0 for role_id in guild.roles if role_id != guild.id}
    for membership in guild.members.values():
        for role_id in membership.role_ids:
            counts[str(role_id)] = counts.get(str(role_id), 0) + 1
    return counts


@route("GET", "/guilds/{guild_id}/roles/{role_id}")
async def get_role(call: Call) -> Json:
    """One role."""
    guild, _ = access.guild_of(call)
    return payloads.role(access.role_of(guild, call.params["role_id"]))


@route("POST", "/guilds/{guild_id}/roles", limit=(10, 10.0))
async def create_role(call: Call) -> Json:
    """Adds a role with no more permissions than the caller has; needs Manage Roles."""
    guild, membership = access.guild_of(call, permissions.MANAGE_ROLES)
    if len(guild.roles) >= MOST_ROLES:
        raise DiscordError(Code.TOO_MANY_ROLES)
    form = Form(call.fields())
    new = _read(form)
    form.check()
    name = new.pop("name", None) or "new role"
    granted = new.pop("permissions", guild.roles[guild.id].permissions)
    access.must_hold(call, guild, membership, granted)
    return payloads.role(call.world.create_role(guild, name, granted, call.actor.id, reason=call.reason, **new))


@route("PATCH", "/guilds/{guild_id}/roles")
async def move_roles(call: Call) -> list[Json]:
    """Puts roles in other places, below the caller's own highest."""
    guild, membership = access.guild_of(call, permissions.MANAGE_ROLES)
    places: dict[int, int] = {}
    for one in call.body if isinstance(call.body, list) else []:
        form = Form(one if isinstance(one, dict) else {})
        role_id = form.snowflake("id", required=True)
        position = form.integer("position")
        form.check()
        role = access.role_of(guild, role_id or 0)
        access.must_outrank_role(guild, membership, role)
        if position is not None:
            is_owner = membership.user.id == guild.owner_id
            if not is_owner and position >= permissions.top_position(guild, membership)[0]:
                raise DiscordError(Code.MISSING_PERMISSIONS)
            places[role.id] = position
    call.world.move_roles(guild, places)
    return [payloads.role(one) for one in guild.roles.values()]


@route("PATCH", "/guilds/{guild_id}/roles/{role_id}", limit=(10, 10.0))
async def edit_role(call: Call) -> Json:
    """Changes a role below the caller's highest."""
    guild, membership = access.guild_of(call, permissions.MANAGE_ROLES)
    role = access.role_of(guild, call.params["role_id"])
    if role.id != guild.id:
        access.must_outrank_role(guild, membership, role)
    form = Form(call.fields())
    new = _read(form)
    form.check()
    access.must_hold(call, guild, membership, new.get("permissions", 0) & ~role.permissions)
    return payloads.role(call.world.edit_role(guild, role, call.actor.id, reason=call.reason, **new))


@route("DELETE", "/guilds/{guild_id}/roles/{role_id}", limit=(10, 10.0))
async def delete_role(call: Call) -> None:
    """Deletes a role; not @everyone, and not a bot's own."""
    guild, membership = access.guild_of(call, permissions.MANAGE_ROLES)
    role = access.role_of(guild, call.params["role_id"])
    if role.id == guild.id or role.managed:
        raise DiscordError(Code.INVALID_ROLE)
    access.must_outrank_role(guild, membership, role)
    call.world.delete_role(guild, role, call.actor.id, reason=call.reason)


def _read(form: Form) -> dict[str, Any]:
    new: dict[str, Any] = {
        "name": form.text("name", longest=100),
        "permissions": form.integer("permissions", most=permissions.ALL),
        "color": form.integer("color", most=0xFFFFFF),
        "hoist": form.boolean("hoist"),
        "mentionable": form.boolean("mentionable"),
    }
    return {key: value for key, value in new.items() if value is not None}
