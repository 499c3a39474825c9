"""`GET /members?query=` and `GET /members/<id>`: people as Discord has them now."""

from __future__ import annotations

from typing import Any

import hikari
from aiohttp import web
from flask_babel import gettext as _
from hikari.internal import routes

from app.clients.errors import Refused
from app.domain.access import Permission
from app.domain.errors import NotFound
from bot.api.door import answer, require
from bot.api.keys import CALLER, PARTS, ApiParts
from bot.budget import CallClass

MOST_FOUND = 100


def register(app: web.Application) -> None:
    app.router.add_get("/members", members)
    app.router.add_get(r"/members/{user_id:\d{1,20}}", member)


async def members(request: web.Request) -> web.StreamResponse:
    """Up to 100 members whose name, nickname or username contains the query; by name."""
    require(request, Permission.VIEW_MEMBERS)
    query = request.query.get("query", "").casefold().strip()[:100]
    parts, guild_id = request.app[PARTS], request[CALLER].guild_id
    known = [_cached(each) for each in parts.hikari.cache.get_members_view_for_guild(guild_id).values()]
    if not known:
        known = [_raw(each) for each in await _asked(parts, guild_id, query)]
    names = ("display_name", "global_name", "nick", "username")
    found = [one for one in known if not query or any(query in (one[name] or "").casefold() for name in names)]
    found.sort(key=lambda one: (one["display_name"].casefold(), one["id"]))
    return answer({"members": found[:MOST_FOUND], "total": len(found)})


async def member(request: web.Request) -> web.StreamResponse:
    """One member. 404 where the person is not in the server."""
    require(request, Permission.VIEW_MEMBERS)
    parts, guild_id, user_id = request.app[PARTS], request[CALLER].guild_id, int(request.match_info["user_id"])
    known = parts.hikari.cache.get_member(guild_id, user_id)
    if known is not None:
        return answer(_cached(known))
    route = routes.GET_GUILD_MEMBER.compile(guild=guild_id, user=user_id)
    try:
        raw = await parts.guild.call(guild_id, route, CallClass.PEOPLE)
    except Refused as error:
        raise NotFound(_("There is no such member.")) from error
    return answer(_raw(raw))


async def _asked(parts: ApiParts, guild_id: int, query: str) -> list[dict[str, Any]]:
    """While the cache is empty: Discord's own search, which finds beginnings of names alone."""
    limit = {"limit": str(MOST_FOUND)}
    if not query:
        found = await parts.guild.call(
            guild_id, routes.GET_GUILD_MEMBERS.compile(guild=guild_id), CallClass.PEOPLE, query=limit
        )
    else:
        route = routes.GET_GUILD_MEMBERS_SEARCH.compile(guild=guild_id)
        found = await parts.guild.call(guild_id, route, CallClass.PEOPLE, query={"query": query, **limit})
    return list(found)


def _cached(each: hikari.Member) -> dict[str, Any]:
    until = each.communication_disabled_until()
    return {
        "id": str(each.id),
        "username": each.user.username,
        "display_name": each.display_name,
        "global_name": each.user.global_name,
        "nick": each.nickname,
        "avatar": each.user.avatar_hash,
        "bot": each.user.is_bot,
        "roles": [str(role_id) for role_id in each.role_ids if role_id != each.guild_id],
        "joined_at": each.joined_at.isoformat() if each.joined_at else None,
        "timed_out_until": until.isoformat() if until else None,
    }


def _raw(raw: dict[str, Any]) -> dict[str, Any]:
    user = raw["user"]
    return {
        "id": user["id"],
        "username": user["username"],
        "display_name": raw.get("nick") or user.get("global_name") or user["username"],
        "global_name": user.get("global_name"),
        "nick": raw.get("nick"),
        "avatar": user.get("avatar"),
        "bot": bool(user.get("bot")),
        "roles": list(raw.get("roles", ())),
        "joined_at": raw.get("joined_at"),
        "timed_out_until": raw.get("communication_disabled_until"),
    }
