"""Where the gateway is found: its websocket, and the REST routes that tell its address."""

from __future__ import annotations

import hmac

from aiohttp import web

from sandbox.discord.gateway.handshake import guild_ids
from sandbox.discord.gateway.hub import Gateway

GATEWAY: web.AppKey[Gateway] = web.AppKey("gateway", Gateway)


def register(app: web.Application, gateway: Gateway) -> None:
    """Adds `/gateway`, `/api/v10/gateway` and `/api/v10/gateway/bot`; sockets are closed with the app."""
    app[GATEWAY] = gateway
    app.router.add_get("/gateway", gateway.serve)
    app.router.add_get("/gateway/", gateway.serve)
    app.router.add_get("/api/v10/gateway", _address)
    app.router.add_get("/api/v10/gateway/bot", _bot_address)
    app.on_shutdown.append(_close)


async def _address(request: web.Request) -> web.Response:
    return web.json_response({"url": _websocket_url(request)})


async def _bot_address(request: web.Request) -> web.Response:
    gateway = request.app[GATEWAY]
    expected = f"Bot {gateway.world.application.bot_token}"
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), expected.encode()):
        return web.json_response({"message": "401: Unauthorized", "code": 0}, status=401)
    shards = -(-len(guild_ids(gateway.world)) // gateway.guilds_a_shard) or 1
    return web.json_response(
        {"url": _websocket_url(request), "shards": shards, "session_start_limit": gateway.starts.payload()}
    )


def _websocket_url(request: web.Request) -> str:
    return f"{'wss' if request.secure else 'ws'}://{request.host}/gateway"


async def _close(app: web.Application) -> None:
    await app[GATEWAY].close()
