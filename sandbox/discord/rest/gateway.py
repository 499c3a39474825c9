"""Where the gateway is, and how many sessions may still begin."""

from sandbox.discord.gateway import gateway_of
from sandbox.discord.gateway.handshake import guild_ids
from sandbox.discord.models import Json
from sandbox.discord.rest.routing import Call, route
from sandbox.discord.world import World


@route("GET", "/gateway", auth=())
async def get_gateway(call: Call) -> Json:
    """The gateway's address."""
    return {"url": _address(call.world)}


@route("GET", "/gateway/bot", limit=(10, 5.0))
async def get_bot_gateway(call: Call) -> Json:
    """The address with the number of shards to use and the session start limit."""
    gateway = gateway_of(call.world)
    shards = -(-len(guild_ids(call.world)) // gateway.guilds_a_shard) or 1
    return {"url": _address(call.world), "shards": shards, "session_start_limit": gateway.starts.payload()}


def _address(world: World) -> str:
    return f"ws{world.public_url.removeprefix('http')}/gateway"
