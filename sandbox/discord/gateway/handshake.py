"""IDENTIFY and RESUME: what is checked, and what READY tells."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from sandbox.discord import payloads
from sandbox.discord.gateway.intents import is_allowed, is_known
from sandbox.discord.gateway.opcodes import CloseCode, GatewayClosure
from sandbox.discord.gateway.session import Session

if TYPE_CHECKING:
    from sandbox.discord.world import World

GUILDS_A_SHARD = 2500
APPLICATION_FLAGS = 1 << 13 | 1 << 15 | 1 << 19  # privileged intents of an application in few guilds
DEFAULT_LARGE_THRESHOLD = 50


def check_token(world: World, data: dict[str, Any]) -> None:
    """Close with 4004 unless `data` carries the application's bot token."""
    token = data.get("token")
    if not isinstance(token, str):
        raise GatewayClosure(CloseCode.DECODE_ERROR)
    expected = world.application.bot_token.encode()
    if not secrets.compare_digest(token.removeprefix("Bot ").encode(), expected):
        raise GatewayClosure(CloseCode.AUTHENTICATION_FAILED)


def session_for(
    world: World, data: dict[str, Any], *, application_flags: int, guilds_a_shard: int, replay_events: int
) -> Session:
    """A new session as IDENTIFY's `data` asks for; raises GatewayClosure with Discord's code where it may not be."""
    intents = data.get("intents")
    if not isinstance(data.get("properties"), dict) or not isinstance(intents, int):
        raise GatewayClosure(CloseCode.DECODE_ERROR)
    shard = _shard(data.get("shard", [0, 1]))
    if len(guild_ids(world)) > guilds_a_shard * shard[1]:
        raise GatewayClosure(CloseCode.SHARDING_REQUIRED)
    if not is_known(intents):
        raise GatewayClosure(CloseCode.INVALID_INTENTS)
    if not is_allowed(intents, application_flags):
        raise GatewayClosure(CloseCode.DISALLOWED_INTENTS)
    large_threshold = data.get("large_threshold", DEFAULT_LARGE_THRESHOLD)
    if not isinstance(large_threshold, int) or not 50 <= large_threshold <= 250:
        raise GatewayClosure(CloseCode.DECODE_ERROR)
    return Session(secrets.token_hex(16), shard, intents, large_threshold, replay_events)


def ready(world: World, session: Session, gateway_url: str, application_flags: int) -> dict[str, Any]:
    """READY's data: who the bot is and which guilds will follow, unavailable until their GUILD_CREATE."""
    return {
        "v": 10,
        "user": payloads.own_user(world.bot_user),
        "user_settings": {},
        "guilds": [
            {"id": str(guild_id), "unavailable": True} for guild_id in guild_ids(world) if session.serves(guild_id)
        ],
        "session_id": session.id,
        "session_type": "normal",
        "resume_gateway_url": gateway_url,
        "shard": list(session.shard),
        "application": {
            "id": str(world.application.id),
            "flags": application_flags,
            "flags_new": str(application_flags),
        },
        "private_channels": [],
        "presences": [],
        "relationships": [],
        "guild_join_requests": [],
        "geo_ordered_rtc_regions": ["rotterdam"],
        "auth": {},
        "_trace": ["gateway-sandbox"],
    }


def guild_ids(world: World) -> list[int]:
    """The guilds that the bot is in."""
    return [guild.id for guild in world.guilds.values() if world.bot_user.id in guild.members]


def _shard(value: Any) -> tuple[int, int]:
    if not isinstance(value, list) or len(value) != 2 or not all(isinstance(one, int) for one in value):
        raise GatewayClosure(CloseCode.INVALID_SHARD)
    number, count = value
    if not 0 <= number < count:
        raise GatewayClosure(CloseCode.INVALID_SHARD)
    return number, count
