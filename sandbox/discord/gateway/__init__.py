"""Gateway v10: the websocket on which a bot hears what happens."""

from sandbox.discord.gateway.hub import Gateway

__all__ = ["Gateway"]
