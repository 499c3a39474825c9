"""Guilds themselves."""

from typing import Any

from sandbox.discord import cdn, payloads, permissions
from sandbox.discord.models import Guild, Json
from sandbox.discord.rest import access
from sandbox.discord.rest.routing import Call, route
from sandbox.discord.rest.validation import Form


@route("GET", "/guilds/{guild_id}")
async def get_guild(call: Call) -> Json:
    """The guild; `with_counts=true` adds how many members it has."""
    guild, _ = access.guild_of(call)
    return payloads.guild(guild) | (_counts(guild) if call.query.get("with_counts") == "true" else {})


@route("PATCH", "/guilds/{guild_id}", limit=(5, 10.0))
async def edit_guild(call: Call) -> Json:
    """Changes name, description, language or the system channel; needs Manage Server."""
    guild, _ = access.guild_of(call, permissions.MANAGE_GUILD)
    form = Form(call.fields())
    new: dict[str, Any] = {}
    if form.given("name"):
        new["name"] = form.text("name", shortest=2, longest=100, required=True)
    if form.given("description"):
        new["description"] = form.text("description", longest=300)
    if form.given("preferred_locale"):
        new["preferred_locale"] = form.text("preferred_locale", longest=10) or "en-US"
    if form.given("system_channel_id"):
        new["system_channel_id"] = form.snowflake("system_channel_id")
    form.check()
    call.world.edit_guild(guild, call.actor.id, reason=call.reason, **new)
    return payloads.guild(guild)


@route("GET", "/guilds/{guild_id}/preview")
async def get_preview(call: Call) -> Json:
    """What a stranger sees of a guild."""
    guild, _ = access.guild_of(call)
    return _counts(guild) | {
        "id": str(guild.id),
        "name": guild.name,
        "icon": cdn.icon_hash(guild),
        "description": guild.description,
        "home_header": None,
        "splash": None,
        "discovery_splash": None,
        "features": ["COMMUNITY", "NEWS"],
        "emojis": [],
        "stickers": [],
    }


@route("GET", "/guilds/{guild_id}/emojis")
@route("GET", "/guilds/{guild_id}/stickers")
async def list_none(call: Call) -> list[Json]:
    """Emojis and stickers of a guild's own: the sandbox has none."""
    access.guild_of(call)
    return []


def _counts(guild: Guild) -> Json:
    return {"approximate_member_count": len(guild.members), "approximate_presence_count": len(guild.members) // 5}
