"""Gateway v10: the websocket on which a bot hears what happens."""

from aiohttp import web

from sandbox.discord.attached import Attached
from sandbox.discord.gateway.hub import Gateway
from sandbox.discord.world import World

__all__ = ["Gateway", "gateway_of", "register"]

gateway_of: Attached[Gateway] = Attached(Gateway)


def register(app: web.Application, world: World) -> None:
    """Serves `/gateway`; its sockets are closed with the app."""
    gateway = gateway_of(world)
    app.router.add_get("/gateway", gateway.serve)
    app.router.add_get("/gateway/", gateway.serve)

    async def close(_: web.Application) -> None:
        await gateway.close()

    app.on_shutdown.append(close)
