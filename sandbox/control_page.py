"""The page at `/sandbox/`: doing by hand what tests do by the controls."""

from __future__ import annotations

from aiohttp import web

from sandbox import pages
from sandbox.discord.commands import command_payload, commands_of
from sandbox.discord.gateway.refusals import KINDS
from sandbox.discord.keys import WORLD
from sandbox.discord.oauth import people

CUTS = {
    "tcp": "Lose the connection",
    "op7": "Ask to reconnect (op 7)",
    "op9_resumable": "Invalid session, resumable",
    "op9": "Invalid session",
    "4009": "Session timed out (4009)",
    "4004": "Token refused (4004)",
    "expire": "Lose it and forget the session",
}
TIMEOUTS = {60: "a minute", 600: "ten minutes", 86_400: "a day", 604_800: "a week"}


def register(app: web.Application) -> None:
    """Adds the page, and what only it asks for."""
    app.router.add_get("/sandbox", _to_the_page)
    app.router.add_get("/sandbox/", _page)
    app.router.add_get("/sandbox/people", _people)
    app.router.add_get("/sandbox/commands/{guild_id:\\d+}", _commands)


async def _to_the_page(_: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": "/sandbox/"})


async def _page(request: web.Request) -> web.Response:
    context = {"cuts": CUTS, "timeouts": TIMEOUTS, "refusals": sorted(KINDS)}
    return pages.render(request, "control.html", context)


async def _people(request: web.Request) -> web.Response:
    """Whom one can act as: the cast first."""
    world = request.app[WORLD]
    named = [
        {"id": str(one.id), "name": one.global_name or one.username, "username": one.username}
        for one in people.everyone(world)
    ]
    return web.json_response(named)


async def _commands(request: web.Request) -> web.Response:
    """The commands that members of a server find."""
    world = request.app[WORLD]
    usable = commands_of(world).usable_in(int(request.match_info["guild_id"]))
    return web.json_response([command_payload(one, world.application.id) for one in usable])
