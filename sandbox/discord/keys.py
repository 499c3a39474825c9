"""Where the aiohttp application keeps what its handlers need."""

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from sandbox.discord.world import World

WORLD: web.AppKey["World"] = web.AppKey("world")
