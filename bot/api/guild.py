"""`GET /guild /channels /roles /permissions`: the server as Discord has it now; `POST /guild/copy`: copy it anew."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Any

import hikari
from aiohttp import web
from flask_babel import gettext as _

from app.domain.access import Actor, Permission, Role, SystemActor
from app.domain.errors import Forbidden
from app.domain.messages.reader import Reader, reader_for
from bot.api.door import answer, in_domain, require
from bot.api.keys import CALLER, PARTS
from bot.budget import CallClass

COPY_WAIT_SECONDS = 2.0
"""Callers hang up after three."""
NEEDED_PERMISSIONS = (
    hikari.Permissions.VIEW_CHANNEL
    | hikari.Permissions.READ_MESSAGE_HISTORY
    | hikari.Permissions.VIEW_AUDIT_LOG
    | hikari.Permissions.BAN_MEMBERS
    | hikari.Permissions.KICK_MEMBERS
    | hikari.Permissions.MODERATE_MEMBERS
    | hikari.Permissions.MANAGE_WEBHOOKS
)
"""What the features use."""


def register(app: web.Application) -> None:
    app.router.add_get("/guild", guild)
    app.router.add_get("/channels", channels)
    app.router.add_get("/roles", roles)
    app.router.add_get("/permissions", permissions)
    app.router.add_post("/guild/copy", copy)


async def guild(request: web.Request) -> web.StreamResponse:
    """Name, icon, owner, how many members."""
    require(request, Permission.VIEW_PANEL)
    parts, guild_id = request.app[PARTS], request[CALLER].guild_id
    known = parts.hikari.cache.get_guild(guild_id)
    if known is None:
        raw = (await parts.guild.snapshot_on_loop(guild_id, CallClass.PEOPLE))["guild"]
        name, icon, owner, system = raw["name"], raw.get("icon"), raw["owner_id"], raw.get("system_channel_id")
    else:
        name, icon, owner = known.name, known.icon_hash, str(known.owner_id)
        system = str(known.system_channel_id) if known.system_channel_id else None
    members = parts.hikari.cache.get_members_view_for_guild(guild_id)
    return answer(
        {
            "id": str(guild_id),
            "name": name,
            "icon": icon,
            "owner_id": owner,
            "system_channel_id": system,
            "members": len(members),
        }
    )


async def channels(request: web.Request) -> web.StreamResponse:
    """The channels that the caller may see on Discord, threads too; the machinery sees all."""
    require(request, Permission.VIEW_PANEL)
    parts, guild_id = request.app[PARTS], request[CALLER].guild_id
    cache = parts.hikari.cache
    found = [_channel(each) for each in cache.get_guild_channels_view_for_guild(guild_id).values()]
    found += [_channel(each) for each in cache.get_threads_view_for_guild(guild_id).values()]
    if not found:
        raw = await parts.guild.snapshot_on_loop(guild_id, CallClass.PEOPLE)
        found = [_raw_channel(each) for each in (*raw["channels"], *raw["threads"])]
    if isinstance(request[CALLER].actor, Actor):
        reader = await in_domain(request, _reader)
        found = [one for one in found if reader.sees(int(one["id"]))]
    found.sort(key=lambda one: (one["position"], one["id"]))
    return answer({"channels": found})


async def roles(request: web.Request) -> web.StreamResponse:
    """The roles, highest first."""
    require(request, Permission.VIEW_PANEL)
    parts, guild_id = request.app[PARTS], request[CALLER].guild_id
    found: list[dict[str, Any]] = [
        {
            "id": str(each.id),
            "name": each.name,
            "color": int(each.color),
            "position": each.position,
            "permissions": str(int(each.permissions)),
            "managed": each.is_managed,
        }
        for each in parts.hikari.cache.get_roles_view_for_guild(guild_id).values()
    ]
    if not found:
        raw = (await parts.guild.snapshot_on_loop(guild_id, CallClass.PEOPLE))["roles"]
        found = [
            {key: each.get(key) for key in ("id", "name", "color", "position", "permissions", "managed")}
            for each in raw
        ]
    found.sort(key=lambda one: (-int(one["position"]), one["id"]))
    return answer({"roles": found})


async def permissions(request: web.Request) -> web.StreamResponse:
    """Who the bot is, what it may do in the server, and which rights that the features use it lacks."""
    require(request, Permission.VIEW_PANEL)
    parts, guild_id = request.app[PARTS], request[CALLER].guild_id
    me = parts.hikari.get_me()
    own = parts.hikari.cache.get_member(guild_id, me.id) if me is not None else None
    held = hikari.Permissions.NONE
    if own is not None:
        held_roles = {*own.role_ids, guild_id}
        for role_id, role in parts.hikari.cache.get_roles_view_for_guild(guild_id).items():
            if role_id in held_roles:
                held |= role.permissions
    if held & hikari.Permissions.ADMINISTRATOR:
        held = hikari.Permissions.all_permissions()
    missing = NEEDED_PERMISSIONS & ~held
    return answer(
        {
            "bot_id": str(me.id) if me is not None else None,
            "permissions": str(int(held)),
            "missing": [each.name for each in missing if each.name],
        }
    )


async def copy(request: web.Request) -> web.StreamResponse:
    """Copy channels, roles and members into the database now.

    200 with what was found; 202 `{"status": "running"}` where a large server takes longer than two seconds: ask again.
    """
    actor = request[CALLER].actor
    if not isinstance(actor, SystemActor) and actor.role < Role.ADMIN:
        raise Forbidden(_("Only admins may ask for that."), code="panel_role:manage_settings")
    running = request.app[PARTS].copier.copy_now(request[CALLER].guild_id)
    try:
        copied = await asyncio.wait_for(asyncio.shield(running), COPY_WAIT_SECONDS)
    except TimeoutError:
        return answer({"status": "running"}, 202)
    return answer({"status": "done", **asdict(copied)})


def _reader(actor: Actor | SystemActor) -> Reader:
    assert isinstance(actor, Actor)
    return reader_for(actor)


def _channel(each: Any) -> dict[str, Any]:
    parent = getattr(each, "parent_id", None)
    return {
        "id": str(each.id),
        "name": each.name,
        "type": int(each.type),
        "parent_id": str(parent) if parent else None,
        "position": getattr(each, "position", 0),
    }


def _raw_channel(raw: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": raw["id"],
        "name": raw.get("name"),
        "type": raw["type"],
        "parent_id": raw.get("parent_id"),
        "position": raw.get("position", 0),
    }
